"""Things on a card that are not words: the bank's mark, the contactless mark, and the chip of the preview."""

from __future__ import annotations

from typing import Final

from bankside.rewards.art import svg
from bankside.rewards.art.sheet import CHIP

MARK_MM: Final = 4.9
_MARK_UNIT_MM: Final = 0.229
_GOLD: Final = ((0.0, "#f1dfae", 1.0), (0.45, "#c9ac67", 1.0), (1.0, "#e6d08f", 1.0))
_ETCHED: Final = "#806a33"


def mark(at: tuple[float, float], colour: str) -> str:
    """Our own neutral mark, three rings that meet; `at` is its upper left corner in mm."""
    rings = "".join(
        f'<circle cx="{x}" cy="{y}" r="5.6"/>' for x, y in ((10.7, 6.7), (6.7, 13.7), (14.7, 13.7))
    )
    place = f"translate({svg.number(at[0])} {svg.number(at[1])}) scale({_MARK_UNIT_MM})"
    return f'<g transform="{place}" fill="none" stroke="{colour}" stroke-width="2.2">{rings}</g>'


def contactless(colour: str) -> str:
    """Four arcs, 3 mm right of the chip and at half its height."""
    x, y = CHIP.right + 3.4, CHIP.y + CHIP.height / 2
    arcs = []
    for n in range(4):
        half, bulge = 0.85 + 0.5 * n, 0.36 + 0.12 * n
        left = x + 0.74 * n - 0.12 * n
        curve = (bulge * 1.3, half * 0.6, bulge * 1.3, half * 1.4, 0.0, half * 2)
        arcs.append(f"M{svg.number(left)} {svg.number(y - half)}c{' '.join(svg.number(c) for c in curve)}")
    look = 'fill="none" stroke-width=".4" stroke-linecap="round"'
    return f'<path d="{"".join(arcs)}" stroke="{colour}" {look}/>'


def chip_paint(prefix: str) -> str:
    """The gradient of the chip."""
    return svg.linear(f"{prefix}-c", (CHIP.x, CHIP.y), (CHIP.right, CHIP.bottom), _GOLD)


def chip(prefix: str) -> str:
    """A chip for the eye, in previews alone: in print its field stays empty."""
    x, y, w, h = CHIP
    mid_x, mid_y = x + w / 2, y + h / 2
    pad_w, pad_h = 4.4, 5.4
    left, right, top, low = mid_x - pad_w / 2, mid_x + pad_w / 2, mid_y - pad_h / 2, mid_y + pad_h / 2
    side_top, side_low = mid_y - 1.9, mid_y + 1.9
    wire, bend = left - x - 0.8, 0.8
    etched = "".join(
        [
            f"M{mid_x:.2f} {y:.2f}l0 {top - y:.2f}M{mid_x:.2f} {low:.2f}l0 {y + h - low:.2f}",
            f"M{x:.2f} {mid_y:.2f}l{left - x:.2f} 0M{right:.2f} {mid_y:.2f}l{left - x:.2f} 0",
            f"M{x:.2f} {side_top:.2f}l{wire:.2f} 0q{bend} 0 {bend} {bend}",
            f"M{x:.2f} {side_low:.2f}l{wire:.2f} 0q{bend} 0 {bend} -{bend}",
            f"M{x + w:.2f} {side_top:.2f}l-{wire:.2f} 0q-{bend} 0 -{bend} {bend}",
            f"M{x + w:.2f} {side_low:.2f}l-{wire:.2f} 0q-{bend} 0 -{bend} -{bend}",
        ]
    )
    pad = f'<rect x="{left:.2f}" y="{top:.2f}" width="{pad_w}" height="{pad_h}" rx="1.3"/>'
    body = svg.rect(CHIP, f"url(#{prefix}-c)", corner_mm=1.7)
    return f'{body}<g fill="none" stroke="{_ETCHED}" stroke-width=".16"><path d="{etched}"/>{pad}</g>'
