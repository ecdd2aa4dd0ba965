"""You among your peers: rings, yours filled, a bar at the middle peer and a band for the middle half."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bankside.measures.charts.chart import Chart, Key, NothingToDraw, plain
from bankside.measures.charts.marks import Dot, Line, Mark, Rect
from bankside.measures.charts.scale import Scale, known

HEIGHT_PX, MIDDLE_PX = 22.0, 11.0
MARGIN_PX, INSET_SHARE = 8.0, 0.05
RING_PX, YOU_PX, APART_PX = 4.2, 6.2, 11.0
BAND_PX = 3.0


@dataclass(frozen=True, slots=True)
class Strip:
    """Your value (None: not known) and those of peers, by name. `quick_right`: small ones to the right.

    `half`: the lower and the upper quarter of the peers; None: no band is drawn.
    """

    you: float | None
    peers: tuple[tuple[str, float], ...]
    quick_right: bool = False
    half: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the legend and the table, in the reader's language."""

    you: str = "You"
    peer: str = "a peer"
    middle: str = "middle peer"
    half: str = "the middle half"
    lower: str = "lower quarter"
    upper: str = "upper quarter"
    institution: str = "Institution"
    value: str = "Value"


@dataclass(frozen=True, slots=True)
class Rank:
    """`place` of `of`; `joint` when somebody shares it."""

    place: int
    joint: bool
    of: int


def rank(value: float, others: Sequence[float], *, lowest_first: bool = False) -> Rank:
    """The place of a value among others. Equal ones share a place, and the next one counts them: 1 2 2 4."""
    ahead = sum(other < value if lowest_first else other > value for other in others)
    return Rank(ahead + 1, value in others, len(others) + 1)


def middle(values: Sequence[float]) -> float:
    """The middle peer: the median of the peers, you not among them."""
    return float(statistics.median(values))


def draw(
    strip: Strip,
    *,
    label: str,
    words: Words | None = None,
    number: Callable[[float], str] = plain,
    width: float = 790,
) -> Chart:
    """The strip; NothingToDraw when there is no peer."""
    said = words or Words()
    peers = known(value for _, value in strip.peers)
    if not peers:
        raise NothingToDraw("there is no peer")
    scale = _scale(peers, strip, width)
    end = width - MARGIN_PX
    marks: list[Mark] = [*_band(strip, scale), Line(MARGIN_PX, MIDDLE_PX, end, MIDDLE_PX, "line-2")]
    places = _apart([scale.at(value) for value in sorted(peers)], end)
    marks += [Dot(x, MIDDLE_PX, RING_PX, "sheet", "peer", 1.4) for x in places]
    bar = scale.at(middle(peers))
    marks.append(Line(bar, 1, bar, HEIGHT_PX - 1, "ink", 1.6))
    if strip.you is not None:
        x = _free(scale.at(strip.you), places, end)
        marks.append(Dot(x, MIDDLE_PX, YOU_PX, "you", "sheet", 2, "you"))
    yours = ((said.you, strip.you),) if strip.you is not None else ()
    quarters = ((said.lower, strip.half[0]), (said.upper, strip.half[1])) if strip.half else ()
    keys = (Key("round", "you", said.you), Key("ring", "peer", said.peer), Key("bar", "ink", said.middle))
    return Chart(
        label=label, width=width, height=HEIGHT_PX, marks=tuple(marks),
        keys=(*keys, Key("band", "band", said.half)) if strip.half else keys,
        head=(said.institution, said.value),
        rows=(*yours, *strip.peers, (said.middle, middle(peers)), *quarters),
    )  # fmt: skip


def _band(strip: Strip, scale: Scale) -> tuple[Mark, ...]:
    """Behind everything else; where both quarters are one value it is as wide as the bar at least."""
    if strip.half is None:
        return ()
    left, right = sorted(scale.at(value) for value in strip.half)
    return (Rect(left, BAND_PX, max(right - left, 2.0), HEIGHT_PX - 2 * BAND_PX, "band", 3.0, "edge"),)


def _scale(peers: list[float], strip: Strip, width: float) -> Scale:
    """From the smallest to the largest, a little away from the ends; one value alone lies in the middle."""
    values = [*peers, *known([strip.you])]
    low, high = min(values), max(values)
    inset = width * INSET_SHARE
    left, right = inset + MARGIN_PX, width - inset - MARGIN_PX
    if low == high:
        low, high = low - 1, high + 1
    return Scale(low, high, right, left) if strip.quick_right else Scale(low, high, left, right)


def _apart(places: list[float], end: float) -> list[float]:
    """Rings that would hide each other stand side by side, to the right of where they are."""
    moved: list[float] = []
    for x in sorted(places):
        moved.append(max(x, moved[-1] + APART_PX) if moved else x)
    over = max(0.0, moved[-1] + RING_PX - end)
    if over:  # the last ones move back to the left
        for place in range(len(moved) - 1, -1, -1):
            limit = end - RING_PX if place == len(moved) - 1 else moved[place + 1] - APART_PX
            moved[place] = min(moved[place], limit)
    return moved


def _free(x: float, taken: list[float], end: float) -> float:
    """Yours stands behind the rings that have the same place."""
    for ring in sorted(taken):
        if abs(ring - x) < APART_PX - 1:
            x = ring + APART_PX
    return min(x, end)
