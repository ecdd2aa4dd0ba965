"""Each class of number by itself: what it looks like, what speaks for it and against it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bankside.record import clock, identifiers
from bankside.record.identifiers import CLASSES, IBAN, find, kept, mask

TODAY = clock.from_iso("2026-11-29T00:00:00Z")

CODES = {
    "my cvv is 123": "my cvv is •••",
    "cvc code: 4321 and more": "cvc code: ••• and more",
    "123 is my CVC": "••• is my CVC",
    "보안코드 123 입니다": "보안코드 ••• 입니다",
    "카드 뒷면 세자리 숫자는 123": "카드 뒷면 세자리 숫자는 •••",
    "安全码是１２３": "安全码是•••",
    "de beveiligingscode 123": "de beveiligingscode •••",
    "4242 4242 4242 4242 12/27 123": "•••• •••• •••• 4242 12/27 •••",
    "CVV 1 2 3": "CVV •••",
}
NOT_CODES = [
    "CVV? Bel 0900-1234", "cvv 123 euro", "the cvc has 3 digits", "verification code 123456",
    "CVC in 2026-11",
    "I live at 123 Main Street", "방문번호 123", "our cvc team of 1200 people, cvc 12.50",
]  # fmt: skip
CHINESE = {
    "身份证 11010519491231002X": "身份证 •••••• •••••••• ••••",
    "11010519491231002x": "•••••• •••••••• ••••",
    "110105 19491231 002 X 谢谢": "•••••• •••••••• •••• 谢谢",
    "１１０１０５１９４９１２３１００２Ｘ": "•••••• •••••••• ••••",
    "一一零一零五一九四九一二三一零零二X": "•••••• •••••••• ••••",
    "身份证 110105491231002": "身份证 •••••• •••••••• ••••",
}
NOT_CHINESE = ["110105194912310021", "11010519491331002X", "订单 110105491231002", "身份证要带吗 2026年"]
DUTCH = {
    "Mijn BSN is 111222333": "Mijn BSN is •••••••••",
    "bsn 1112.22.333": "bsn •••••••••",
    "111 222 333 is mijn burgerservicenummer": "••••••••• is mijn burgerservicenummer",
    "b.s.n. 123456782": "b.s.n. •••••••••",
}
NOT_DUTCH = ["bestelling 111222333", "BSN 111222334", "BSN is kwijt, bel 0612345678", "111222333"]
ACCOUNTS = {
    "IBAN NL91 ABNA 0417 1643 00 graag": "IBAN •••• •••• 4300 graag",
    "nl91abna0417164300": "•••• •••• 4300",
    "ＮＬ９１ＡＢＮＡ０４１７１６４３００": "•••• •••• 4300",
    "naar DE89-3704-0044-0532-0130-00.": "naar •••• •••• 3000.",
}
NOT_ACCOUNTS = [
    "NL91 ABNA 0417 1643 01",
    "NL91ABNA04171643001",
    "ZZ91ABNA0417164300",
    "RR470942870NL zending",
]
HIDDEN = "•••• •••• •••• 4242"
CARDS = {
    "4242 4242<br>4242 4242": "•••• •••• •••• 4242",
    "<p>4242</p><p>4242 4242 4242</p>": "<p>•••• •••• •••• 4242</p>",
    "4242&nbsp;4242&#160;4242&#x20;4242": "•••• •••• •••• 4242",
    "four two four two four two four two four two four two four two four two": "•••• •••• •••• 4242",
    "사이사이 사이사이 사이사이 사이사이": "•••• •••• •••• 4242",
    "四二四二四二四二四二四二四二四二": "•••• •••• •••• 4242",
    "vier twee vier twee, vier twee vier twee, vier twee vier twee, vier twee vier twee": HIDDEN,
    "order 7 4242 4242 4242 4242": "order 7 •••• •••• •••• 4242",
    "https://pay.example/?card=4242424242424242": "https://pay.example/?card=•••• •••• •••• 4242",
}
NOT_CARDS = [
    "order 4242424242424242", "주문번호 4242-4242-4242-4242", "订单号4242424242424242",
    "https://social.example/status/4242424242424242", "1Z4242424242424242",
    "10:42, 42:42, 42:42, 42:42, 42:42",
    "one two three four five six seven eight nine ten, here we go again and again",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.frozen(TODAY):
        yield


@pytest.mark.parametrize(
    ("said", "left"), [*CODES.items(), *CHINESE.items(), *DUTCH.items(), *ACCOUNTS.items()]
)
def test_it_is_hidden(said: str, left: str) -> None:
    assert mask(said).text == left


@pytest.mark.parametrize(("said", "left"), CARDS.items())
def test_cards_however_they_are_written(said: str, left: str) -> None:
    assert mask(said) == (left, ("PAN",))


@pytest.mark.parametrize("said", [*NOT_CODES, *NOT_CHINESE, *NOT_DUTCH, *NOT_ACCOUNTS, *NOT_CARDS])
def test_it_is_left(said: str) -> None:
    assert mask(said) == (said, ())


def test_places_are_of_the_text_as_it_was_given() -> None:
    said = "\u200b카드 ４\u200b２４２ 4242 4242 4242! &#52; BSN 111222333"
    assert [(one.kind, said[one.start : one.end]) for one in find(said)] == [
        ("PAN", "４\u200b２４２ 4242 4242 4242"), ("BSN", "111222333"),
    ]  # fmt: skip


def test_a_desk_says_what_it_keeps() -> None:
    before = identifiers.in_force()
    try:
        identifiers.keep({IBAN})
        assert kept("NL91ABNA0417164300 en 4242424242424242") == "NL91ABNA0417164300 en •••• •••• •••• 4242"
        assert mask("NL91ABNA0417164300", CLASSES).red == ("IBAN",)
        with pytest.raises(ValueError, match="'PAN' is not one of BSN, CNID, IBAN"):
            identifiers.keep({"PAN"})
    finally:
        identifiers.keep(CLASSES - before)
    assert kept("NL91ABNA0417164300") == "•••• •••• 4300"


def test_what_is_kept_changes_the_rules_in_force() -> None:
    from bankside.record import rules_in_force

    before = rules_in_force.fingerprint()
    identifiers.keep({IBAN})
    try:
        assert rules_in_force.fingerprint() != before
    finally:
        identifiers.keep(())
    assert rules_in_force.fingerprint() == before


def test_the_memory_of_characters_is_bounded() -> None:
    from bankside.record.numbers import digit_runs

    for start in range(0x20000, 0x2A000, 0x800):
        find("".join(map(chr, range(start, start + 0x800))) + "123")
    assert len(digit_runs._FOLDING) <= digit_runs.REMEMBERED_CHARACTERS_MAX
