"""The real server takes a text at our limit and refuses it one above: characters of readers, and bytes."""

from __future__ import annotations

import random

import httpx
import pytest

from bankside.networks.bluesky.record import POST
from bankside.networks.counters import graphemes_and_bytes
from tests.servers.bluesky import Bluesky, Person, moment

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.timeout(300)]
PER_CALL = 100
PIECES = (
    "a", "Z", "é", "e\u0301", "ö", "가", "힣", "각", "汉", "銀", "。", "!", " ", "\n", "😀", "👍🏽", "👨‍👩‍👧",
    "🏦", "กำ", "नि", "क्षि", "ẍ̧", "ㄱ", "\u200d", "日", "ー", "ا", "لا", "1️⃣", "‍", "🇳🇱", "🇰🇷",
)  # fmt: skip
"""Emoji of one and of many parts, Hangul whole and in letters, Han, combining marks, joiners, flags."""


def text_of(chance: random.Random, graphemes: int, bytes_most: int) -> str:
    """A random text of so many characters as readers see them, and of no more bytes."""
    while True:
        text = "a"
        while (used := graphemes_and_bytes(text))[0].used < graphemes:
            many = max(1, (graphemes - used[0].used) // 8)
            text += "".join(chance.choice(PIECES) for _ in range(many))
        characters, size = graphemes_and_bytes(text)
        if characters.used == graphemes and size.used <= bytes_most and text == text.strip():
            return text


@pytest.fixture
def kim(bluesky: Bluesky) -> Person:
    return bluesky.account("kim")


def taken(kim: Person, text: str) -> bool:
    try:
        kim.create(POST, {"text": text})
    except httpx.HTTPStatusError as refused:
        assert "too big" in str(refused) or "too long" in str(refused), refused
        return False
    return True


@pytest.mark.parametrize("number", [100, pytest.param(500, marks=pytest.mark.long)])
def test_random_texts_fit_at_the_limit_and_not_one_above(kim: Person, number: int) -> None:
    chance = random.Random(20261128)
    texts = [text_of(chance, 300, 2990) for _ in range(number)]
    for start in range(0, number, PER_CALL):
        part = texts[start : start + PER_CALL]
        kim.create_many(POST, [{"$type": POST, "text": text, "createdAt": moment()} for text in part])
    assert len(kim.records()) == number
    above = [text + "가" for text in texts]
    assert [text for text in above if graphemes_and_bytes(text)[0].used != 301] == []
    assert [text for text in above if taken(kim, text)] == []


def test_bytes_end_a_text_of_few_characters(kim: Person) -> None:
    family = "👨‍👩‍👧"  # 18 bytes
    fits = family * 166 + "a" * 12
    assert [c.used for c in graphemes_and_bytes(fits)] == [178, 3000]
    assert taken(kim, fits) and not taken(kim, fits + "a")
