"""Advertising says so at its start, in its own language; slogans, later words, other languages do not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.rewards import disclosure
from bankside.rewards.rules import programme as rules
from tests.rewards.living import SMALL

RULE = next(rule for rule in rules.load(SMALL).earn if rule.cls == "B")


def at(text: str, lang: str = "") -> Any:
    found = disclosure.found(RULE, text, lang)
    return None if found is None else (found.word, found.at, found.lang)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ad: the festival of the bank is on again, and you can still join", ("Ad", 0, "en")),
        ("#ad The festival of the bank is on again", ("Ad", 1, "en")),
        ("[AD] The festival of the bank is on again", ("Ad", 1, "en")),
        ("광고) 한울은행 축제에 다녀왔어요. 아직 신청할 수 있어요.", ("광고", 0, "ko")),
        ("[광고] 한울은행 축제에 다녀왔어요.", ("광고", 1, "ko")),
        ("【广告】韩宇银行的节日又开始了，大家还可以报名", ("广告", 1, "zh")),
        ("#广告 韩宇银行的节日又开始了，大家还可以报名", ("广告", 1, "zh")),
        ("Advertentie: het festival van de bank is weer begonnen", ("Advertentie", 0, "nl")),
        ("🎉 Ad 🎉 the festival of the bank is on again", ("Ad", 2, "en")),
        ("Ａｄ: the festival of the bank is on again", ("Ad", 0, "en")),
    ],
)
def test_a_disclosure_at_the_start_is_found(text: str, found: tuple[str, int, str]) -> None:
    assert at(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "The festival of the bank is on again, and you can still join (Ad)",
        "한울은행 축제에 다녀왔어요. 정말 볼 것이 많았고 아직 신청할 수 있어요. 광고",
        "#AdmireHanul the festival of the bank is on again",
        "Add this festival to your calendar, it is on again",
        "Hanul_ad the festival of the bank is on again",
        "광고주가 초대한 한울은행 축제에 다녀왔어요.",
        "广告商邀请我参加了韩宇银行的节日，大家还可以报名",
        "Ad: 한울은행 축제에 다녀왔어요. 아직 신청할 수 있어요.",
        "광고 The festival of the bank is on again, and you can still join",
        "#HanulRocks The festival of the bank is on again",
        "Sponsored: the festival of the bank is on again",
        "Ad: het festival van de bank is weer begonnen en je kunt nog mee",
        "",
        "広告 このお祭りはとても楽しかったです",
    ],
)
def test_elsewhere_otherwise_or_in_another_language_it_is_none(text: str) -> None:
    assert at(text) is None


def test_the_word_must_end_within_the_first_characters_as_readers_see_them() -> None:
    family = "👩‍👩‍👧‍👦"
    rest = " the festival of the bank is on again"
    assert at(f"{family * 17} Ad{rest}") == ("Ad", 18, "en")
    assert at(f"{family * 18} Ad{rest}") is None


@pytest.mark.parametrize(
    ("text", "claimed", "language"),
    [
        ("한울은행 card 앱", "en", "ko"),
        ("韩宇银行的新卡 app", "en", "zh"),
        ("Het is niet dat ik de bank niet wil", "en", "nl"),
        ("It is not that they have the bank", "nl", "en"),
        ("Festival!", "nl-NL", "nl"),
        ("Festival!", "", "en"),
        ("12345", "ko", "ko"),
        ("お祭りに行きました楽", "ja", ""),
    ],
)
def test_the_language_is_that_of_the_script_whatever_is_claimed(
    text: str, claimed: str, language: str
) -> None:
    assert disclosure.language(text, claimed) == language


@given(st.text(max_size=60), st.sampled_from(["", "en", "ko", "zh-Hans", "nl", "xx"]))
def test_any_text_is_looked_at_without_trouble(text: str, lang: str) -> None:
    found = disclosure.found(RULE, text, lang)
    assert found is None or 0 <= found.at < RULE.within
