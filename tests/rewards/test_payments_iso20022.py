"""Statements and card messages of ISO 20022: what is read, what is left out, and that no card number is."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.payments import iso20022, iso20022_elements
from bankside.rewards.payments.finding import Feed, FeedRefused
from bankside.rewards.payments.transaction import CardTransaction

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
ENTRY = """<Ntry>
 <Amt Ccy="EUR">12.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
 <BookgDt><Dt>2026-03-02</Dt></BookgDt>
 <NtryDtls><TxDtls>
  <Refs><AcctSvcrRef>S-1</AcctSvcrRef><ClrSysRef>A-1</ClrSysRef></Refs>
  <RltdPties><Cdtr><Pty><Nm>카페 소리</Nm></Pty></Cdtr></RltdPties>
  <CardTx>
   <Card><PlainCardData><PAN>4242424242424242</PAN><XpryDt>2029-12</XpryDt></PlainCardData>
    <AddtlCardData>tok_7Q2</AddtlCardData></Card>
   <POI><Id><Id>M-77</Id></Id></POI>
   <Tx><Indv><TxCtgy>5814</TxCtgy><TxId><TxDtTm>2026-03-01T09:30:00+09:00</TxDtTm><TxRef>T-1</TxRef></TxId></Indv></Tx>
   </CardTx> </TxDtls></NtryDtls> </Ntry>"""
MESSAGE = """<Hdr><MsgFctn>{function}</MsgFctn></Hdr><Body>
 <Envt><Acqrr><Id>123456</Id></Acqrr><Accptr><Id>M-77</Id><ShrtNm>Bakkerij Zon</ShrtNm></Accptr>
  <Card><PAN>4242424242424242</PAN><XpryDt>2912</XpryDt><PmtAcctRef>Q1HJZ28RKA1EBL470G9XYG90R5D3E</PmtAcctRef></Card>
  <Tkn><PmtTkn>4242424242424242</PmtTkn></Tkn></Envt>
  <Cntxt><TxCntxt><MrchntCtgyCd>5462</MrchntCtgyCd></TxCntxt></Cntxt>
  <Tx><TxTp>{type}</TxTp><TxId><SysTracAudtNb>000123</SysTracAudtNb><TrnsmssnDtTm>2026-03-01T00:30:00Z</TrnsmssnDtTm>
  <RtrvlRefNb>606000000001</RtrvlRefNb></TxId><TxAmts><TxAmt><Amt>4.2</Amt><Ccy>978</Ccy></TxAmt></TxAmts></Tx>
  {result} </Body>"""
APPROVED = "<PrcgRslt><RsltData><RsltDtls>0000</RsltDtls></RsltData></PrcgRslt>"
DECLINED = APPROVED.replace("0000", "0005")
NAMES = {"001": "AuthstnInitn", "002": "AuthstnRspn", "003": "FinInitn", "005": "RvslInitn"}


def camt(entries: str, message: str = "camt.054.001.08") -> str:
    return (
        f'<Document xmlns="{NAMESPACE}{message}"><BkToCstmrDbtCdtNtfctn><Ntfctn>{entries}'
        "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )


def cain(
    message: str, *, function: str = "ADVC", type_: str = "00", result: str = "", version: str = "03"
) -> str:
    inside = MESSAGE.replace("{function}", function).replace("{type}", type_).replace("{result}", result)
    name = NAMES.get(message, "Other")
    return f'<Document xmlns="{NAMESPACE}cain.{message}.001.{version}"><{name}>{inside}</{name}></Document>'


def read(text: str | bytes, **more: int) -> Feed:
    content = text.encode() if isinstance(text, str) else text
    return iso20022.read_all(io.BytesIO(content), file="hanul.xml", **more)


def test_an_entry_of_a_statement_becomes_a_clearing() -> None:
    feed = read(camt(ENTRY))
    assert feed.findings == []
    assert feed.transactions == [
        CardTransaction(
            ref="S-1", kind="clearing", token_ref="tok_7Q2", amount=1250, currency="EUR", mcc=5814,
            merchant="카페 소리", at_ms=1_772_325_000_000, original_ref="A-1", merchant_id="M-77",
        )
    ]  # fmt: skip


def test_a_credit_is_a_refund_and_an_undone_refund_is_told() -> None:
    credit = ENTRY.replace("DBIT", "CRDT")
    undone = ENTRY.replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")
    feed = read(camt(credit + undone))
    assert [made.kind for made in feed.transactions] == ["refund"]
    assert [(found.row, found.column) for found in feed.findings] == [(2, "CdtDbtInd")]


@pytest.mark.parametrize(
    ("old", "new"), [("BOOK", "PDNG"), ("CardTx>", "Else>"), ("Indv>", "Aggtd>"), ("<Sts>", "<X>")][:3]
)
def test_pending_aggregated_and_other_entries_are_skipped(old: str, new: str) -> None:
    feed = read(camt(ENTRY.replace(old, new) + ENTRY))
    assert (len(feed.transactions), feed.skipped, feed.refused) == (1, 1, 0)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("tok_7Q2", "4242 4242 4242 4242", "token_ref"),
        ("<AddtlCardData>tok_7Q2</AddtlCardData>", "", "token_ref"),
        ("12.50", "12,50", "Amt"),
        ("EUR", "XXX", "Amt"),
        ("2026-03-01T09:30:00+09:00", "yesterday", "at"),
        ("<AcctSvcrRef>S-1</AcctSvcrRef>", "<AcctSvcrRef>4242424242424242</AcctSvcrRef>", "ref"),
        ("tok_7Q2", "x" * 600, "AddtlCardData"),
    ],
)
def test_a_wrong_entry_is_told_and_the_others_stay(old: str, new: str, column: str) -> None:
    feed = read(camt(ENTRY + ENTRY.replace(old, new) + ENTRY))
    assert len(feed.transactions) == 2
    assert [(found.file, found.row, found.column) for found in feed.findings] == [("hanul.xml", 2, column)]
    assert "4242" not in repr(feed) + feed.findings[0].said


def test_times_without_their_offset_are_of_the_given_zone() -> None:
    plain = ENTRY.replace("+09:00", "")
    assert read(camt(plain), zone_minutes=540).transactions[0].at_ms == 1_772_325_000_000
    assert read(camt(plain)).transactions[0].at_ms == 1_772_357_400_000
    by_day = ENTRY.replace("<TxDtTm>2026-03-01T09:30:00+09:00</TxDtTm>", "")
    assert read(camt(by_day)).transactions[0].at_ms == 1_772_409_600_000


@pytest.mark.parametrize(
    ("message", "type_", "kind"),
    [("001", "00", "auth"), ("003", "00", "clearing"), ("003", "20", "refund"), ("005", "00", "refund")],
)
def test_a_message_between_acquirer_and_issuer(message: str, type_: str, kind: str) -> None:
    feed = read(cain(message, type_=type_))
    assert feed.findings == []
    [made] = feed.transactions
    assert (made.kind, made.amount, made.currency, made.mcc) == (kind, 420, "EUR", 5462)
    assert (made.token_ref, made.merchant, made.merchant_id) == (
        "Q1HJZ28RKA1EBL470G9XYG90R5D3E",
        "Bakkerij Zon",
        "M-77",
    )
    named = "a123456r606000000001"
    assert (made.ref, made.original_ref) == ((named, "") if kind == "auth" else (f"{named}s000123", named))
    assert "4242" not in repr(feed)


def test_only_what_was_approved_is_taken() -> None:
    for message in ("001", "002", "003"):
        assert len(read(cain(message, function="REQU", result=APPROVED)).transactions) == 1
        assert read(cain(message, function="REQU", result=DECLINED)).skipped == 1
        assert read(cain(message, function="REQU")).skipped == 1
    assert read(cain("001", result=DECLINED)).skipped == 1


def test_the_original_is_the_one_that_is_named() -> None:
    named = "<OrgnlDataElmts><AcqrrId>99</AcqrrId><RtrvlRefNb>515</RtrvlRefNb></OrgnlDataElmts><RtrvlRefNb>"
    [made] = read(cain("005").replace("<RtrvlRefNb>", named, 1)).transactions
    assert made.original_ref == "a99r515"


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "<a/>", camt(ENTRY, "camt.053.001.02"), camt(ENTRY, "pain.001.001.03"), cain("009"),
        cain("001", version="01"), cain("001", version="05"), camt(ENTRY)[:-9],
        camt("<a>" * 80 + "</a>" * 80),
        '<!DOCTYPE a SYSTEM "http://bank.example/a.dtd">' + camt(ENTRY),
        '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>' + camt(ENTRY.replace("S-1", "&c;")),
        '<?xml version="1.0" encoding="utf-99"?>' + camt(ENTRY),
    ],
)  # fmt: skip
def test_what_is_no_such_document_is_refused(text: str) -> None:
    with pytest.raises(FeedRefused) as told:
        read(text)
    assert "4242" not in str(told.value)


@pytest.mark.parametrize("document", [camt(ENTRY), cain("001")])
def test_what_holds_a_card_is_emptied_before_anybody_sees_the_entry(document: str) -> None:
    for entry in iso20022_elements.entries(io.BytesIO(document.encode()), "f", lambda _: True):
        assert "4242" not in "".join(entry.element.itertext())
        assert "29" + "12" not in "".join(entry.element.itertext())


def test_sizes_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FeedRefused, match="more than 2 rows"):
        read(camt(ENTRY * 3), entries_max=2)
    with pytest.raises(FeedRefused, match="too large"):
        read(camt(f"<Ntry>{'<a/>' * 60_000}</Ntry>"))
    monkeypatch.setattr(iso20022_elements, "BYTES_MAX", 5_000)
    with pytest.raises(FeedRefused, match="bytes"):
        read(camt(ENTRY * 20))


@settings(max_examples=150)
@given(st.data())
def test_any_damage_is_taken_told_or_refused(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([camt(ENTRY * 2), cain("003"), cain("002", result=APPROVED)])).encode()
    place = data.draw(st.integers(0, len(whole)))
    damage, cut = data.draw(st.binary(max_size=20)), data.draw(st.integers(0, 40))
    try:
        feed = read(whole[:place] + damage + whole[place + cut :])
    except FeedRefused as told:
        assert "4242" not in str(told)
    else:
        assert "42424242" not in repr(feed)
