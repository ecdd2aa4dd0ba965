"""Lettering: outlines of the right width, from the right font, in three scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bankside.rewards.art import lettering
from tests.rewards import pictured

pytestmark = pictured.drawn


def test_a_line_is_as_wide_as_its_font_says() -> None:
    """DM Mono has one advance for every letter."""
    one, ten = (lettering.outline("m" * n, lettering.MONO, 2.0).width_mm for n in (1, 10))
    assert ten == pytest.approx(10 * one)
    assert lettering.outline("i", lettering.MONO, 2.0).width_mm == pytest.approx(one)


def test_size_and_tracking_scale_the_line() -> None:
    small, large = (lettering.outline("Hanul Bank", lettering.STRONG, mm).width_mm for mm in (2.0, 4.0))
    assert large == pytest.approx(2 * small)
    wide = lettering.outline("Hanul", lettering.STRONG, 2.0, tracking=0.1).width_mm
    assert wide == pytest.approx(
        lettering.outline("Hanul", lettering.STRONG, 2.0).width_mm + 4 * 0.2, abs=0.02
    )


@pytest.mark.parametrize(
    ("text", "lang", "fonts"),
    [
        ("Minji", "en", ["instrument-sans-400.ttf"]),
        ("박민지", "en", ["noto-sans-kr-500.otf"]),
        ("李晓明", "zh-Hans", ["noto-sans-hans-500.otf"]),
        ("李明博", "ko", ["noto-sans-kr-500.otf"]),
        ("李明博", "nl", ["noto-sans-hans-500.otf"]),
        ("@민지 Park 李", "en", ["instrument-sans-400.ttf", "noto-sans-kr-500.otf", "instrument-sans-400.ttf",
                         "noto-sans-hans-500.otf"]),
    ],
)  # fmt: skip
def test_every_script_has_its_font(text: str, lang: str, fonts: list[str]) -> None:
    assert [run.font for run in lettering._runs(text, lettering.SANS, lang)] == fonts
    assert lettering.outline(text, lettering.SANS, 2.0).path.startswith("M")


def test_every_letter_is_drawn() -> None:
    """Each adds contours; none is the empty box of a font that lacks it."""
    for text in ("ABCéñøßŁ", "한울은행뷁", "韩宇银行堃喆"):
        paths = [lettering.outline(letter, lettering.SANS, 2.0).path for letter in text]
        assert len(set(paths)) == len(text)


def test_a_letter_that_no_font_has_is_named() -> None:
    assert lettering.missing("Min🎉ji", lettering.SANS) == "🎉"
    with pytest.raises(lettering.NoLetter, match="🎉"):
        lettering.outline("🎉", lettering.SANS, 2.0)


def test_a_missing_font_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lettering, "FONTS", tmp_path)
    with pytest.raises(lettering.FontMissing, match=r"bin/front_end\.py"):
        lettering._Font("instrument-sans-400.ttf")


def test_a_line_is_made_to_fit() -> None:
    size = lettering.fitting("@a-very-long-handle.on.a.small", lettering.MEDIUM, 5.6, 30.0)
    assert lettering.outline("@a-very-long-handle.on.a.small", lettering.MEDIUM, size).width_mm <= 30.01
    assert lettering.fitting("@yuna", lettering.MEDIUM, 5.6, 55.0) == 5.6
