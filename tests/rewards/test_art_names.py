"""What may stand on a card: names of many scripts, nothing that hides, and no number of a card."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.art import lettering, names
from bankside.said import Said
from tests.rewards import pictured

pytestmark = pictured.drawn

CARD = "4111111111111111"  # the well-known test number


@pytest.mark.parametrize(
    "name",
    [
        "Park Minji", "박민지", "남궁 선우", "李晓明", "王喆堃", "欧阳娜娜", "さくら", "Zoë Li",
        "Tomás Ferreira",
        "Sanne van ’t Hoff", "Żółć Łęcka", "Nguyễn Ánh", "O'Neill-García", "김 Minji", "J. Öztürk",
    ],
)  # fmt: skip
def test_names_of_people_are_accepted(name: str) -> None:
    assert names.card_name(name) == unicodedata.normalize("NFKC", name)


def test_a_name_is_normalised() -> None:
    assert names.card_name("  Ｐａｒｋ　Ｍｉｎｊｉ ") == "Park Minji"
    assert names.card_name("Zoe\u0308") == "Zoë"
    assert names.card_name("\u1107\u1161\u11a8") == "박"


def test_twenty_six_letters_and_not_one_more() -> None:
    assert names.card_name("A" * 26) == "A" * 26
    with pytest.raises(names.TooLong):
        names.card_name("A" * 27)


@pytest.mark.parametrize(
    "name",
    ["", "   ", "Park\u202eMinji", "Park\u200bMinji", "Park\nMinji", "Minji\u0007", "Park 🎉", "<script>",
     'Min"ji', "Min&ji", "Минжи", "Μιντζι", "Min\u0301\u0301\u0301ji", "Minji 3", "\ue000", "شهرزاد"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(names.CannotBeRead):
        names.card_name(name)


@pytest.mark.parametrize(
    "name", ["Pаrk Minji", "Ρark", "Minjі", "Park Минжи", "paypаl", "ﾐんＭинji", "박Мин"]
)
def test_letters_that_look_alike_are_refused(name: str) -> None:
    with pytest.raises(names.MixedScripts):
        names.card_name(name)


@pytest.mark.parametrize(
    "line",
    [
        CARD, "@4111 1111 1111 1111", "@4111-1111-1111-1111", "@4111.1111.1111.1111",
        "@４１１１１１１１１１１１１１１１",
        "@4111/1111/1111/1111", "@4111_1111_1111_1111",
        "@٤١١١١١١١١١١١١١١١",
        "@④①①①①①①①①①①①①①①①", "@123456789012",
        "@x" + "1" * 19, "@4111\u200b1111\u200b1111\u200b1111", "@1234567890123456789",
    ],
)  # fmt: skip
def test_whatever_could_be_the_number_of_a_card_is_refused(line: str) -> None:
    for refused in (
        lambda: names.personalisation(line, ""),
        lambda: names.personalisation("@minji", line),
        lambda: names.card_name(line),
        lambda: names.plain_text(line),
    ):
        with pytest.raises((names.LooksLikeANumber, names.CannotBeRead)):
            refused()


def test_eleven_digits_are_a_telephone_number() -> None:
    assert names.personalisation("@minji.01012345678", "").handle == "@minji.01012345678"
    with pytest.raises(names.LooksLikeANumber):
        names.personalisation("@minji.010123456789", "")


def test_an_address_that_is_too_long_leaves_the_handle_alone() -> None:
    line = names.personalisation("@minji", "social.example/@" + "m" * 30)
    assert line == names.Line("@minji", "")
    assert names.personalisation("@minji", "social.example/@minji").address == "social.example/@minji"


def test_a_line_of_forty_letters_is_refused() -> None:
    assert names.printed_line("a" * 39) == "a" * 39
    with pytest.raises(names.TooLong):
        names.printed_line("a" * 40)
    with pytest.raises(names.TooLong):
        names.personalisation("@" + "a" * 40, "")


def test_wide_letters_that_would_be_too_small_are_refused() -> None:
    with pytest.raises(names.TooLong):
        names.personalisation("@" + "한" * 38, "")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("abcwm.@/-_ij1박민李晓"), min_size=1, max_size=45))
def test_what_is_printed_can_be_read(line: str) -> None:
    try:
        shown = names.personalisation(line, line)
    except names.Unprintable:
        return
    assert names.size(shown.handle, lettering.MEDIUM, names.HANDLE_MM) >= names.HANDLE_MM_MIN
    if shown.address:
        assert names.size(shown.address, lettering.MONO, names.ADDRESS_MM) >= names.TYPE_MM_MIN


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_printed_or_refused_with_a_sentence(line: str) -> None:
    for accepted in (names.card_name, names.printed_line, names.plain_text):
        try:
            printed = accepted(line)
        except names.Unprintable as refused:
            assert isinstance(refused.args[0], Said)
        else:
            assert not any(unicodedata.category(c) in {"Cc", "Cf", "Co", "Cn", "Cs"} for c in printed)
            assert lettering.missing(printed, lettering.SANS) == ""


@pytest.mark.parametrize(
    "handle", ["<script>alert(1)</script>", '"onload="x', "a&b", "@\u202eijnim", "a b", "%3C"]
)
def test_hostile_handles_are_refused(handle: str) -> None:
    with pytest.raises(names.Unprintable):
        names.personalisation(handle, "")
