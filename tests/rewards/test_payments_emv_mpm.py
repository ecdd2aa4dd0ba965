"""Merchant codes: published examples are read as they were made, made again the same, and nothing else is
read."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.payments import emv_mpm
from bankside.rewards.payments.emv_mpm import (
    Field,
    MerchantCode,
    NotAMerchantCode,
    crc,
    generate,
    merchant_code,
    parse,
)

# Annex B of the EMV QR Code Specification for Payment Systems, Merchant-Presented Mode.
EMVCO = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D1560000000103081234567852"
    "0441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.72530315"
    "65502016233030412340603***0708A60086670902ME91320016A011223344998877070812345678"
    "6304A13A"
)
# Of the package emv-qr-code (phannaly), in tag 15 an account of UnionPay.
UNIONPAY = (
    "00020101021252044131153137210116372101160123456789ABCDE6010Phnom Penh5913Merchant Shop5802KH540510.00"
    "5303840622501081234567802090124444446304A0BA"
)
# Of the package ts-khqr (ishinvin).
KHQR = (
    "00020101021229420013ishinvin@devb01090123456780208Dev Bank5204599953031165405100005802KH5909Ishin Vin"
    "6010Phnom Penh62680114INV-2022-12-250211855123456780310Ishin Shop07060123450807Payment64180002ZH0102文山"
    "0202金边9917001316935559673876304AE27"
)
# Of packages for PromptPay and PayNow.
PROMPTPAY = [
    "00020101021129370016A000000677010111011300660000000005802TH530376463048956",
    "00020101021129370016A000000677010111011300668999999995802TH53037646304FE29",
    "00020101021229370016A000000677010111011300668123456785802TH53037645406100.006304BB8A",
]
PAYNOW = (
    "00020101021126490009SG.PAYNOW010120210201403121W030110408203012315204000053037025802SG5913ACME Pte Ltd."
    "6009Singapore6304B69E"
)
PUBLISHED = [EMVCO, UNIONPAY, KHQR, *PROMPTPAY, PAYNOW]


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_codes_are_read_and_made_again(text: str) -> None:
    assert generate(parse(text)) == text


def test_the_check_sum_is_the_known_one() -> None:
    assert crc("123456789") == "29B1"
    assert crc("") == "FFFF"


def test_the_example_of_the_specification_says_what_it_says() -> None:
    code = parse(EMVCO)
    assert (code.mcc, code.currency, code.amount, code.country) == (4111, "CNY", 2372, "CN")
    assert (code.name, code.city, code.is_dynamic, code.missing) == ("BEST TRANSPORT", "BEIJING", True, ())
    assert code.name_in("zh-Hans") == "最佳运输"
    assert code.name_in("ko") == "BEST TRANSPORT"
    assert code.merchant_ids == {"A93FO3230Q", "12345678"}


def test_what_schemes_leave_out_is_named() -> None:
    assert parse(PROMPTPAY[0]).missing == ("52", "59", "60")
    assert parse(PROMPTPAY[0]).amount is None
    assert parse(PROMPTPAY[2]).amount == 10_000
    assert parse(PAYNOW).mcc == 0
    assert parse(KHQR).amount == 1_000_000  # riel have two decimals in ISO 4217
    assert parse(KHQR).name_in("zh") == "文山"


def made(**other: object) -> MerchantCode:
    plain = {
        "accounts": [Field.of("26", Field("00", "bank.example"), Field("01", "M-77"))],
        "mcc": 5814, "currency": "KRW", "country": "KR", "name": "카페 소리", "city": "서울",
    }  # fmt: skip
    return merchant_code(**{**plain, **other})  # type: ignore[arg-type]


def test_a_code_of_our_own() -> None:
    code = made(amount=4500, additional=[Field("01", "B-1")], language=("EN", "Café Sori", "Seoul"))
    again = parse(generate(code))
    assert again == code
    assert (again.amount, again.is_dynamic, again.name_in("en"), again.missing) == (
        4500,
        True,
        "Café Sori",
        (),
    )
    assert made().amount is None
    assert not made().is_dynamic


def damaged(text: str) -> str:
    return text[:-4] + crc(text[:-4])


WRONG = [
    ("", "00", 0),
    ("000201", "63", 6),
    ("0002016304B9BE"[:-4] + "0000", "63", 10),
    (damaged("0002020000006304XXXX"), "00", 4),
    (damaged("010211000201" + "6304XXXX"), "00", 0),
    (damaged("000201" + "5203123" + "6304XXXX"), "52", 10),
    (damaged("000201" + "5303999" + "6304XXXX"), "53", 6),
    (damaged("000201" + "530341054051.501" + "6304XXXX"), "54", 13),
    (damaged("000201" + "54011" + "6304XXXX"), "54", 6),
    (damaged("000201" + "5802kr" + "6304XXXX"), "58", 10),
    (damaged("000201" + "5901\x07" + "6304XXXX"), "59", 10),
    (damaged("000201" + "5901\u2028" + "6304XXXX"), "59", 10),
    (damaged("000201" + "5926" + "x" * 26 + "6304XXXX"), "59", 10),
    (damaged("000201" + "5802KR5802KR" + "6304XXXX"), "58", 12),
    (damaged("000201" + "5802KR" + "5502025303410" + "6304XXXX"), "56", 25),
    (damaged("000201" + "2609" + "0002xx01x" + "6304XXXX"), "26/01", 16),
    (damaged("000201" + "6210" + "5006000599" + "6304XXXX"), "62/50/00", 14),
    (damaged("000201" + "64060002ZZ" + "6304XXXX"), "64", 6),
    (damaged("000201" + "5900" + "6304XXXX"), "59", 6),
    (damaged("000201" + "59xx" + "6304XXXX"), "59", 6),
    (damaged("000201" + "５９02ab" + "6304XXXX"), "-", 6),
    ("9" * 513, "-", 0),
]


@pytest.mark.parametrize(("text", "tag", "offset"), WRONG)
def test_what_is_wrong_is_told_by_tag_and_offset(text: str, tag: str, offset: int) -> None:
    with pytest.raises(NotAMerchantCode) as told:
        parse(text)
    assert (told.value.tag or "-", told.value.offset) == (tag, offset)
    assert str(told.value).startswith(f"Tag {tag} at {offset}: ")


@pytest.mark.parametrize("text", PUBLISHED)
def test_a_single_changed_character_is_found(text: str) -> None:
    for place in range(len(text)):
        other = "1" if text[place] != "1" else "2"
        changed = text[:place] + other + text[place + 1 :]
        if changed.upper() != text.upper():
            with pytest.raises(NotAMerchantCode):
                parse(changed)


def test_a_code_that_could_not_be_read_is_not_made() -> None:
    for other in ({"name": ""}, {"name": "x" * 26}, {"country": "kr"}, {"currency": "WON"}, {"mcc": 99999}):
        with pytest.raises(NotAMerchantCode):
            made(**other)
    with pytest.raises(NotAMerchantCode):
        generate(MerchantCode((*made().fields, Field("26", "x" * 100))))
    with pytest.raises(NotAMerchantCode):
        generate(replace(made(), fields=made().fields[1:]))


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1)
CODES = st.builds(
    lambda mcc, currency, amount, names, more: made(
        accounts=[
            Field.of("26", Field("00", names[0][:20]), Field("05", names[1][:20])),
            Field("02", names[1][:20]),
        ],
        mcc=mcc,
        currency=currency,
        amount=amount,
        name=names[2][:25],
        city=names[3][:15],
        additional=[Field("05", more[:20]), Field.of("50", Field("00", names[0][:20]))] if more else [],
    ),
    st.integers(0, 9999),
    st.sampled_from(["KRW", "EUR", "KWD", "CNY"]),
    st.none() | st.integers(0, 999_999_999),
    st.tuples(NAMES, NAMES, NAMES, NAMES),
    st.just("") | NAMES,
)


@settings(max_examples=100)
@given(CODES)
def test_there_and_back(code: MerchantCode) -> None:
    assert parse(generate(code)) == code


@settings(max_examples=300)
@given(st.data())
def test_any_text_is_read_or_refused(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(PUBLISHED))
    place, cut = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 9))
    text = whole[:place] + data.draw(st.text(max_size=9)) + whole[place + cut :]
    for attempt in (text, damaged(text) if len(text) > 4 else text, data.draw(st.text(max_size=600))):
        try:
            code = parse(attempt)
        except NotAMerchantCode:
            continue
        assert parse(generate(code)) == code
        assert isinstance(code.amount, int | None)
        assert code.missing is not None
        assert code.merchant_ids is not None


def test_what_a_shop_is_called_does_not_stand_in_logs() -> None:
    assert "0066899999999" not in repr(parse(PROMPTPAY[1]))


def test_its_speed_is_printed() -> None:
    begun = time.process_time()
    for _ in range(2_000):
        parse(EMVCO)
    sys.stderr.write(f"merchant codes: {2_000 / (time.process_time() - begun):,.0f}/s\n")
    assert emv_mpm.CHARACTERS_MAX == 512
