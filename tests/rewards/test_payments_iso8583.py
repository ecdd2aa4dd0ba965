"""Messages of ISO 8583: what was answered, cleared, reversed; with a card in it none is ever decoded."""

from __future__ import annotations

import io
import sys
import time
from typing import Any

import iso8583
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.payments import iso8583 as reading
from bankside.rewards.payments.finding import Feed, FeedRefused, Finding, Skipped
from bankside.rewards.payments.iso8583 import Dialect
from bankside.rewards.payments.transaction import CardTransaction

RECEIVED_MS = 1_772_409_600_000  # 2 March 2026
AUTH = {
    "t": "0110", "3": "000000", "4": "000000004500", "7": "0301003000", "11": "000123", "18": "5814",
    "32": "123456", "37": "606000000001", "39": "00", "42": "M-77".ljust(15), "49": "410", "63": "tok_7Q2",
    "43": "Cafe Sori  Seoul      KR".ljust(40),
}  # fmt: skip
CLEARED = {**AUTH, "t": "0220"}
PRESENTED = {
    "t": "1240", "3": "000000", "4": "000000001250", "11": "000124", "12": "260301093000", "24": "200",
    "26": "5462", "32": "123456", "37": "606000000002", "49": "978", "63": "tok_7Q2",
    "43": "Bakkerij Zon Utrecht",
}  # fmt: skip


def message(fields: dict[str, str], dialect: Dialect | None = None) -> bytes:
    """A message with its length before it."""
    spec: dict[str, Any] = reading._spec(fields["t"][0], dialect or Dialect())
    raw, _ = iso8583.encode(dict(fields), spec)
    return len(raw).to_bytes(2, "big") + bytes(raw)


def read(*contents: bytes, dialect: Dialect | None = None) -> Feed:
    return reading.read_all(
        io.BytesIO(b"".join(contents)), file="c.dat", received_ms=RECEIVED_MS, dialect=dialect
    )


def test_an_answered_authorisation_and_its_clearing() -> None:
    feed = read(message(AUTH), message(CLEARED))
    assert feed.findings == []
    auth, clearing = feed.transactions
    assert auth == CardTransaction(
        ref="a123456r606000000001", kind="auth", token_ref="tok_7Q2", amount=4500, currency="KRW", mcc=5814,
        merchant="Cafe Sori Seoul KR", at_ms=1_772_325_000_000, merchant_id="M-77",
    )  # fmt: skip
    assert (clearing.kind, clearing.original_ref) == ("clearing", auth.ref)
    assert clearing.ref == f"{auth.ref}s000123t0301003000"


def test_a_presentment_of_the_second_edition() -> None:
    [made] = read(message(PRESENTED), dialect=Dialect(zone_minutes=540)).transactions
    assert (made.kind, made.amount, made.currency, made.mcc) == ("clearing", 1250, "EUR", 5462)
    assert (made.at_ms, made.merchant) == (1_772_325_000_000, "Bakkerij Zon Utrecht")


@pytest.mark.parametrize(
    "fields",
    [{**AUTH, "t": "0420"}, {**CLEARED, "3": "200000"}, {**PRESENTED, "3": "200030"}, {**AUTH, "t": "0400"}],
)
def test_reversals_and_returns_are_refunds(fields: dict[str, str]) -> None:
    [made] = read(message(fields)).transactions
    assert made.kind == "refund"
    assert made.original_ref == made.ref.partition("s0")[0]


def test_what_was_declined_or_only_asked_is_skipped() -> None:
    asked = {name: value for name, value in AUTH.items() if name != "39"} | {"t": "0100"}
    feed = read(
        message(asked), message({**AUTH, "39": "05"}), message({"t": "0800", "11": "000001", "37": "1" * 12})
    )
    assert (feed.transactions, feed.skipped, feed.refused) == ([], 3, 0)


def test_an_answer_must_say_that_it_was_approved_and_an_advice_need_not() -> None:
    silent = {name: value for name, value in AUTH.items() if name != "39"}
    assert read(message(silent)).skipped == 1
    kinds = [
        made.kind
        for made in read(message({**silent, "t": "0120"}), message({**silent, "t": "0220"})).transactions
    ]
    assert kinds == ["auth", "clearing"]


def test_an_answer_takes_place_and_category_from_its_request() -> None:
    asked = {name: value for name, value in AUTH.items() if name != "39"} | {"t": "0100"}
    bare = {name: value for name, value in AUTH.items() if name not in ("18", "42", "43")}
    [made] = read(message(asked), message(bare)).transactions
    assert (made.mcc, made.merchant, made.merchant_id) == (5814, "Cafe Sori Seoul KR", "M-77")
    assert read(message(bare)).transactions[0].mcc == 0


def test_requests_that_wait_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "REQUESTS_MAX", 2)
    reader = reading._Reader(Dialect(), RECEIVED_MS)
    for number in range(5):
        reader.taken(message({**AUTH, "t": "0100", "37": f"{number:012}"})[2:])
    assert len(reader._requests) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("2", "4242424242424242"),
        ("34", "4242424242424242"),
        ("35", "4242424242424242=29121010000"),
        ("36", "4242424242424242=29121010000"),
        ("45", "B4242424242424242^KIM/SORI^29121010000"),
        ("52", "4242424242424242"),
    ],
)
@pytest.mark.parametrize("fields", [AUTH, PRESENTED], ids=["first", "second"])
def test_a_message_with_a_card_in_it_is_never_decoded(
    monkeypatch: pytest.MonkeyPatch, field: str, value: str, fields: dict[str, str]
) -> None:
    content = message({**fields, field: value})
    decoded: list[bytes] = []
    whole = iso8583.decode
    monkeypatch.setattr(reading.iso8583, "decode", lambda s, spec: (decoded.append(s), whole(s, spec))[1])
    feed = read(content, message(AUTH))
    assert (feed.card_numbers, feed.refused, len(feed.transactions)) == (1, 1, 1)
    assert (feed.findings[0].row, feed.findings[0].column) == (1, f"field {field}")
    assert len(decoded) == 1
    assert "4242" not in repr(feed) + feed.findings[0].said


@pytest.mark.parametrize("field", ["63", "37", "43", "42"])
def test_a_card_number_elsewhere_does_not_come_out(field: str) -> None:
    value = {
        "63": "4242424242424242",
        "37": "424242424242",
        "43": "4242424242424242".ljust(40),
        "42": "378282246310005",
    }
    feed = read(message({**AUTH, field: value[field]}))
    assert "42424242424242" not in repr(feed)
    assert "378282" not in repr(feed)
    assert feed.card_numbers == (field in ("63", "42"))


def test_expiry_and_chip_data_are_left_where_they_are() -> None:
    feed = read(message({**AUTH, "14": "2912", "55": "5A084242424242424242"}))
    assert len(feed.transactions) == 1
    assert "2912" not in repr(feed)


@pytest.mark.parametrize(
    ("field", "value", "column"),
    [
        ("49", "999", "field 49"),
        ("7", "1301003000", "field 7"),
        ("4", "00000000x500", "field 4"),
        ("4", "000000000000", "amount"),
        ("18", "58x4", "mcc"),
        ("63", "   ", "token_ref"),
    ],
)
def test_what_is_wrong_is_told_by_message_and_field(field: str, value: str, column: str) -> None:
    feed = read(message(AUTH), message({**AUTH, field: value}), message(AUTH))
    assert [(found.row, found.column) for found in feed.findings] == [(2, column)]
    assert len(feed.transactions) == 2


@pytest.mark.parametrize("dialect", [Dialect(text="cp500"), Dialect(bitmap="hex"), Dialect(token_field=126)])
def test_dialects(dialect: Dialect) -> None:
    fields = {name: value for name, value in AUTH.items() if name != "63"}
    feed = read(message({**fields, str(dialect.token_field): "tok_7Q2"}, dialect), dialect=dialect)
    assert feed.findings == []
    assert feed.transactions[0].token_ref == "tok_7Q2"


@pytest.mark.parametrize("token_field", [0, 2, 35, 45, 52, 55, 64, 128])
def test_a_reference_stands_in_a_private_field_alone(token_field: int) -> None:
    with pytest.raises(ValueError, match="private"):
        Dialect(token_field=token_field)


@pytest.mark.parametrize(
    ("sent", "received_ms", "year"),
    [
        ("1231235959", 1_767_225_600_000, 2025),  # received on New Year's Day 2026
        ("0101000000", 1_767_225_599_000, 2026),  # sent a second later than our clock says
        ("0229120000", 1_772_409_600_000, 2024),
        ("0301003000", RECEIVED_MS, 2026),
    ],
)
def test_the_year_is_the_one_that_fits(sent: str, received_ms: int, year: int) -> None:
    content = io.BytesIO(message({**AUTH, "7": sent}))
    feed = reading.read_all(content, file="c.dat", received_ms=received_ms)
    if year == 2024:  # two years back is too far to be guessed
        assert feed.findings[0].column == "field 7"
    else:
        assert time.gmtime(feed.transactions[0].at_ms // 1000).tm_year == year


def test_messages_cut_short_too_long_or_unknown() -> None:
    long = (5_000).to_bytes(2, "big") + b"0110" + b"x" * 4_996
    feed = read(b"\x00\x00", long, b"\x00\x04ABCD", message(AUTH), b"\x00\x0a0110", b"")
    assert [found.row for found in feed.findings] == [1, 2, 3, 5]
    assert len(feed.transactions) == 1
    bits = b"0110" + (1 << 63).to_bytes(8, "big") + (1 << 63).to_bytes(8, "big") + b"x" * 20  # a third bitmap
    assert read(len(bits).to_bytes(2, "big") + bits).findings[0].column == "field 65"


def test_messages_have_a_limit() -> None:
    with pytest.raises(FeedRefused, match="more than 2 rows"):
        list(reading.read(io.BytesIO(message(AUTH) * 3), file="f", received_ms=RECEIVED_MS, messages_max=2))


@settings(max_examples=200)
@given(st.data())
def test_any_bytes_are_taken_told_or_skipped(data: st.DataObject) -> None:
    whole = message(data.draw(st.sampled_from([AUTH, CLEARED, PRESENTED])))[2:]
    place, cut = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 20))
    body = whole[:place] + data.draw(st.binary(max_size=20)) + whole[place + cut :]
    for dialect in (Dialect(), Dialect(text="cp500"), Dialect(bitmap="hex")):
        stream = io.BytesIO(len(body).to_bytes(2, "big") + body)
        for item in reading.read(stream, file="f", received_ms=RECEIVED_MS, dialect=dialect):
            assert isinstance(item, CardTransaction | Finding | Skipped)


def test_its_speed_is_printed() -> None:
    content = message(AUTH) * 10_000
    begun = time.process_time()
    feed = read(content)
    sys.stderr.write(f"ISO 8583: {10_000 / (time.process_time() - begun):,.0f} messages/s\n")
    assert len(feed.transactions) == 10_000
