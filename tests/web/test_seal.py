"""The drawing of a fingerprint: the same for the same words, another for others, and inside its frame."""

from __future__ import annotations

import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from bankside.web.seal import SIDE, combined, seal, short

WORDS = ("Ons jaarverslag", "연차보고서를 공개합니다", "年报今天发布", "Our annual report")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_same_words_same_drawing_and_other_words_another() -> None:
    drawings = {seal(digest(text)) for text in WORDS}
    assert len(drawings) == len(WORDS)
    seal.cache_clear()
    assert {seal(digest(text)) for text in WORDS} == drawings


@given(st.text(alphabet="0123456789abcdef", max_size=64))
def test_every_line_stays_inside_the_frame(fingerprint: str) -> None:
    numbers = [float(n) for n in re.findall(r"-?\d+\.\d+(?=[ ,\"])", seal(fingerprint)) if n]
    assert all(0 <= n <= SIDE for n in numbers)


def test_it_brings_no_colour_and_no_style_attribute() -> None:
    drawing = seal(digest("x"))
    assert "style=" not in drawing and "#" not in drawing and 'stroke="currentColor"' in drawing


def test_short_keeps_both_ends() -> None:
    assert short(digest("x")) == f"{digest('x')[:4]}…{digest('x')[-4:]}"
    assert short("abc") == "abc"


def test_several_fingerprints_make_one_whatever_their_order() -> None:
    assert combined(["b", "a"]) == combined(["a", "b"]) != combined(["a"])
