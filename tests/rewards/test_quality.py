"""How much there is in a text: the same for praise and blame, and little where nothing is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.rewards import quality

USEFUL = [
    "How long does it take until the new card arrives by post? I asked on Monday and heard nothing since.",
    "앱에서 한도를 올리려고 하는데 메뉴를 찾을 수가 없어요. 어디에 있나요?",
    "请问信用卡账单可以改成每月十五号出吗？在手机银行里没有找到这个选项。",
    "De app is traag sinds de update, vooral bij het overboeken naar een andere bank.",
]
NOTHING = [
    "Thanks!", "Good morning", "감사합니다", "네 안녕하세요", "谢谢", "您好", "Bedankt", "Goedemorgen", "ok",
    "https://hanul.example/a https://hanul.example/b", "@hanulbank #card #hanul", "ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ",
    "hahahahahahahahahahahahahahahaha", "好的好的好的好的好的好的好的", "!!!!!!!!!!", "👍👍👍👍👍",
    "great great great great great great great great great great great great", "",
]  # fmt: skip
PAIRS = [
    ("The new app is wonderful and quick on my phone", "The new app is terrible and slow on my phone"),
    ("새로운 앱은 정말 훌륭하고 빨라요 아주 좋아요", "새로운 앱은 정말 끔찍하고 느려요 아주 싫어요"),
    ("新版手机银行非常好用速度很快我喜欢", "新版手机银行非常难用速度很慢我讨厌"),
    ("De nieuwe app werkt fijn en snel op mijn toestel", "De nieuwe app werkt slap en stug op mijn toestel"),
]  # fmt: skip


@pytest.mark.parametrize("text", USEFUL)
def test_what_says_something_is_worth_much(text: str) -> None:
    assert quality.measure(text) >= 80


@pytest.mark.parametrize("text", NOTHING)
def test_what_says_nothing_is_worth_little(text: str) -> None:
    assert quality.measure(text) <= quality.POOR_MAX


@pytest.mark.parametrize(("praise", "blame"), PAIRS)
def test_praise_and_blame_are_worth_the_same(praise: str, blame: str) -> None:
    assert abs(quality.measure(praise) - quality.measure(blame)) <= 5


@given(st.text(max_size=300))
def test_any_text_has_a_measure_that_its_parts_explain(text: str) -> None:
    measured = quality.measure(text)
    assert 0 <= measured <= 100
    assert sum(points for _, points in quality.explain(text)) == measured
    assert quality.length(text) <= len(text)


@pytest.mark.parametrize(
    ("text", "characters"),
    [("abc", 3), ("한국어", 3), ("汉字，好", 4), ("é", 1), ("👩‍👩‍👧‍👦!", 2), ("각", 1), ("🇳🇱", 1)],
)
def test_characters_are_counted_as_readers_see_them(text: str, characters: int) -> None:
    assert quality.length(text) == characters


def test_names_links_and_hashtags_add_nothing() -> None:
    plain = "How long until the new card arrives"
    assert quality.measure(f"{plain} @hanulbank https://hanul.example/cards #card") == quality.measure(plain)


def test_saying_it_again_and_again_adds_nothing() -> None:
    assert quality.measure("카드 언제 와요? " * 20) <= quality.POOR_MAX
    assert quality.measured("kaart " * 40).poor == "repeated"
