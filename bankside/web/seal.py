"""The seal: contour lines drawn from a fingerprint, so that the same words always have the same drawing.

Pure: the hex text of a digest goes in, an SVG comes out. It has no colour of its own (currentColor).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from math import cos, pi, sin

from markupsafe import Markup

SIDE = 40
RINGS = 6
POINTS = 64
WAVES = (2, 3, 4, 5)
INNER_RADIUS, RING_STEP = 2.8, 2.6
WOBBLE_MAX = 0.5
"""Share of the radius by which all waves together may bend a line; keeps the lines from crossing."""


@lru_cache(maxsize=512)
def seal(fingerprint: str) -> Markup:
    """The drawing of a fingerprint (hex text of any length). The same text gives the same bytes."""
    seed = hashlib.sha256(fingerprint.encode()).digest()
    rings = "".join(_ring(seed, ring) for ring in range(RINGS))
    drawing = (
        f'<svg class="contours" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}" fill="none" '
        f'stroke="currentColor" stroke-width="1.15" aria-hidden="true">{rings}</svg>'
    )
    return Markup(drawing)  # noqa: S704  numbers only, nothing that somebody wrote


def short(fingerprint: str) -> str:
    """`b41f…7e20`: enough to compare two of them by eye."""
    return f"{fingerprint[:4]}…{fingerprint[-4:]}" if len(fingerprint) > 9 else fingerprint


def combined(fingerprints: Iterable[str]) -> str:
    """One fingerprint (hex) for several, whatever their order: the seal of a post on all its channels."""
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()


def _ring(seed: bytes, ring: int) -> str:
    radius = INNER_RADIUS + RING_STEP * ring
    points = " ".join(_point(seed, ring, radius, 2 * pi * step / POINTS) for step in range(POINTS))
    return f'<polygon points="{points}" opacity="{1 - ring * 0.1:.1f}"/>'


def _point(seed: bytes, ring: int, radius: float, angle: float) -> str:
    bent = radius * (1 + _wobble(seed, ring, angle))
    return f"{SIDE / 2 + bent * cos(angle):.1f},{SIDE / 2 + bent * sin(angle):.1f}"


def _wobble(seed: bytes, ring: int, angle: float) -> float:
    """Four waves; the bytes of the seed give each its height, its turn, and how it turns outwards."""
    total = 0.0
    for number, wave in enumerate(WAVES):
        height, turn, drift = seed[3 * number], seed[3 * number + 1], seed[3 * number + 2]
        phase = 2 * pi * turn / 256 + ring * (drift - 128) / 700
        total += (0.15 + 0.85 * height / 255) / len(WAVES) / wave**0.5 * cos(wave * angle + phase)
    return WOBBLE_MAX * total
