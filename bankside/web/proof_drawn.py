"""The path of a proof as a small drawing: the entry below, the root above, what is given beside each step."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, ngettext
from markupsafe import Markup

STEP: Final = 13  # in units of the drawing, which are CSS pixels
ROUND: Final = 3
EDGE: Final = 6


def sides(index: int, size: int, steps: int) -> list[bool]:
    """For each hash of the path whether it lies to the left (RFC 6962, section 2.1.1)."""
    fn, sn, found = index, size - 1, []
    for _ in range(steps):
        left = bool(fn & 1) or fn == sn
        while left and fn & 1 == 0 and fn != 0:
            fn, sn = fn >> 1, sn >> 1
        found.append(left)
        fn, sn = fn >> 1, sn >> 1
    return found


def drawn(index: int, size: int, steps: int) -> Markup:
    """The drawing as inline SVG with its sentence; ours are dots, what the proof gives are rings."""
    said = ngettext(
        "From the entry to the root of %(size)s entries: %(num)s step.",
        "From the entry to the root of %(size)s entries: %(num)s steps.", steps,
    ) % {"num": steps, "size": size}  # fmt: skip
    x, y, parts, low, high = 0.0, 0.0, [_dot(0, 0)], 0.0, 0.0
    for left in sides(index, size, steps):
        beside = x - STEP if left else x + STEP
        above = (x + beside) / 2, y - STEP
        parts += [_line(x, y, *above), _line(beside, y, *above), _ring(beside, y), _dot(*above)]
        low, high = min(low, x, beside), max(high, x, beside)
        x, y = above
    box = f"{low - EDGE:g} {y - EDGE:g} {high - low + 2 * EDGE:g} {-y + 2 * EDGE:g}"
    words = "".join(sorted(parts, key=lambda part: not part.startswith("<path")))
    svg = '<svg class="path" viewBox="{}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>'
    return Markup(svg).format(box, f"{high - low + 2 * EDGE:g}", f"{-y + 2 * EDGE:g}", said, Markup(words))  # noqa: S704


def meaning() -> str:
    """What the drawing means, in a sentence for those who read it."""
    return gettext("Dots are computed from the entry; rings are given with the proof. The last is the root.")


def _dot(x: float, y: float) -> str:
    return f'<circle class="own" cx="{x:g}" cy="{y:g}" r="{ROUND}"/>'


def _ring(x: float, y: float) -> str:
    return f'<circle class="given" cx="{x:g}" cy="{y:g}" r="{ROUND}"/>'


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<path d="M{x:g} {y:g}L{to_x:g} {to_y:g}"/>'
