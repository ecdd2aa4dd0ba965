"""What lies behind the words of a card: the ground, the coastline, and veils where something must be read."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

from bankside.rewards.art import svg
from bankside.rewards.art.sheet import BLEED, TRIM, Box
from bankside.rewards.art.themes import Stop, Theme
from bankside.rewards.art.voices import UNITS_PER_MM, Coast, coast

COASTS_KEPT_MAX: Final = 64  # both sides and several kinds of a card are drawn one after the other
_DOT_MM: Final = 0.62
_TONES: Final = ((9.0, 42.0), (82.0, 8.0))


@lru_cache(maxsize=COASTS_KEPT_MAX)
def coast_of(voices: tuple[bytes, ...]) -> Coast:
    """The coastline of these voices, remembered for a while."""
    return coast(voices)


def prefix_of(voices: tuple[bytes, ...]) -> str:
    """Eight letters that keep the names in one drawing apart from those in another on the same page."""
    digest = hashlib.sha256(b"bankside card names" + b"".join(sorted(voices))).digest()
    return "".join(chr(97 + byte % 26) for byte in digest[:8])


def paints(theme: Theme, prefix: str) -> list[str]:
    """The gradients of a theme."""
    start, end = ((x * UNITS_PER_MM, y * UNITS_PER_MM) for x, y in _TONES)
    return [
        svg.linear(f"{prefix}-g", (BLEED.x, BLEED.y), (BLEED.right, BLEED.bottom), theme.ground),
        svg.linear(f"{prefix}-t", start, end, theme.tones),
        svg.radial(f"{prefix}-l", _veil(theme, theme.ground[0][1])),
        svg.radial(f"{prefix}-r", _veil(theme, theme.ground[-2][1])),
    ]


def _veil(theme: Theme, colour: str) -> list[Stop]:
    return [(0.0, colour, theme.veil), (0.45, colour, theme.veil * 0.8), (1.0, colour, 0.0)]


def ground(theme: Theme, prefix: str, *, flat: bool = False) -> str:
    """The plane over trim and bleed; in one colour where a gradient is not allowed."""
    return svg.rect(BLEED, theme.ground[0][1] if flat else f"url(#{prefix}-g)")


def lines(drawn: Coast, prefix: str, *, strength: float = 1.0, mirrored: bool = False) -> str:
    """The coastline; mirrored and weaker on the back, as if it shone through."""
    flip = f"translate({svg.number(TRIM.width)} 0) scale(-1 1) " if mirrored else ""
    paths = [
        f'<path d="{band.path}" stroke-width="{svg.number(band.width_mm * UNITS_PER_MM)}" '
        f'stroke-opacity="{svg.number(band.opacity * strength)}"/>'
        for band in drawn.bands
    ]
    place = f'transform="{flip}scale({1 / UNITS_PER_MM:g})"'
    return f'<g {place} fill="none" stroke="url(#{prefix}-t)" stroke-linejoin="round">{"".join(paths)}</g>'


def dots(drawn: Coast, theme: Theme) -> str:
    """One dot in the middle of every ripple."""
    return "".join(
        f'<circle cx="{svg.number(x)}" cy="{svg.number(y)}" r="{_DOT_MM}" fill="{theme.centre}"/>'
        for x, y in drawn.centres
    )


def veil(prefix: str, box: Box, around_mm: float = 4.0) -> str:
    """The ground let through over a box, fading out around it."""
    middle = (box.x + box.width / 2, box.y + box.height / 2)
    half = "l" if middle[0] < TRIM.width / 2 else "r"  # the ground has another colour on the right
    return svg.cloud(
        f"{prefix}-{half}", middle, (box.width * 0.62 + around_mm, box.height * 0.62 + around_mm)
    )
