"""The code on the back: level Q, large modules, and readable after a bad print."""

from __future__ import annotations

import pytest
import zxingcpp

from bankside.rewards.art import names, qr
from tests.rewards import pictured

pytestmark = pictured.drawn

PRINTER_DPI = 300
BLUR_PIXELS = 2.0
COASTS = 12  # so many drawings lie behind the codes; each code is another one
BLUR_PIXELS_HOPED = 2.6


def read(link: str, number: int, blur: float) -> str:
    """What a phone reads from the back of a card of any theme, printed at 300 DPI and out of focus."""
    theme = ("ink", "paper", "forest")[number % 3]
    art = pictured.sample(f"reader {number % COASTS}", 1 + number % 6, theme=theme, qr_text=link)
    image = pictured.blurred(pictured.picture(art, "back", PRINTER_DPI).convert("L"), blur)
    return "".join(found.text for found in zxingcpp.read_barcodes(image))


def link_of(number: int) -> str:
    """A short link as the desk makes them."""
    letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
    token = "".join(
        letters[(number * 7919 + place * 104729 + number**2 * place) % len(letters)] for place in range(10)
    )
    return f"https://hanul.example/c/{token}"


def test_forty_cards_are_read() -> None:
    wanted = [link_of(number) for number in range(40)]
    assert [read(link, n, BLUR_PIXELS) for n, link in enumerate(wanted)] == wanted


def test_a_worse_blur_is_read_too() -> None:
    wanted = [link_of(number) for number in range(6)]
    assert [read(link, n, BLUR_PIXELS_HOPED) for n, link in enumerate(wanted)] == wanted


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_thousand_cards_are_read() -> None:
    wanted = [link_of(number) for number in range(1000)]
    assert [read(link, n, BLUR_PIXELS_HOPED) for n, link in enumerate(wanted)] == wanted


def test_too_much_blur_is_not_read() -> None:
    """The reader really depends on what was printed."""
    assert read(link_of(1), 1, 7.0) == ""


def test_the_longest_link_still_has_large_modules() -> None:
    longest = qr.code("https://hanul.example/" + "x" * 38)
    assert longest.modules == 37
    assert longest.side_mm == pytest.approx(45 * qr.MODULE_MM)
    with pytest.raises(names.TooLong):
        qr.code("https://hanul.example/" + "x" * 60)
    with pytest.raises(names.TooLong):
        qr.code("x" * 3000)


def test_a_link_that_holds_a_number_is_refused() -> None:
    with pytest.raises(names.LooksLikeANumber):
        qr.code("https://hanul.example/4111111111111111")


def test_modules_and_error_correction_are_as_promised() -> None:
    assert qr.MODULE_MM >= 0.57
    image = pictured.picture(pictured.sample(), "back", PRINTER_DPI)
    (found,) = zxingcpp.read_barcodes(image)
    assert found.ec_level == "Q"
