"""What changed between two waves of a study, and whether chance would explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from bankside.measures.study import exact_tests
from bankside.measures.study.answers import Answer, same
from bankside.measures.study.counting import Share, numbers, shares
from bankside.measures.study.definition import Option, Question
from bankside.measures.study.proportion import rounded
from bankside.measures.study.responses import Response
from bankside.measures.study.spread import Spread, spread_of
from bankside.said import Said

Method = Literal["mcnemar", "fisher", "sign", "ranks"]
Asked = Sequence[tuple[Response, Answer]]
CHANCE: Final = 0.05  # a p below it, corrected for asking about several options, counts as a change
PLACES: Final = 4  # of a p that is printed

TESTS: Final = {
    "mcnemar": Said("exact McNemar test on institutions in both waves"),
    "fisher": Said("Fisher's exact test"),
    "sign": Said("exact sign test on institutions in both waves"),
    "ranks": Said("rank sum test of Wilcoxon, Mann and Whitney"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An option then and now: `difference` in points of a hundred, `adjusted` p after Holm's correction.

    `up`, `down`: how many institutions in both waves went one way and the other; 0 when they are not paired.
    """

    option: Option | None = None
    before: Share | None = None
    after: Share | None = None
    difference: Decimal | None = None
    p: float
    adjusted: float
    up: int = 0
    down: int = 0

    @property
    def changed(self) -> bool:
        """True when chance alone would seldom do this."""
        return self.adjusted < CHANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A question in two waves. With `pairs` the shares and spreads are those of institutions in both.

    Options have a row each; a scale or a number has one row, and its spreads.
    """

    method: Method
    pairs: int
    overlap: int  # institutions in both waves, whether or not the test pairs them
    rows: tuple[Moved, ...]
    before: Spread | None = None
    after: Spread | None = None

    @property
    def test(self) -> Said:
        """The test that was used, by name."""
        return TESTS[self.method]


def change(before: Question, then: Asked, question: Question, now: Asked) -> Change | None:
    """Compares two waves of a question; None when one of them has no answers or asked something else.

    Institutions are paired by name when at least half of the smaller wave is in both. Otherwise the waves are
    taken as independent, which is cautious where a few are in both.
    """
    if not then or not now or before.kind != question.kind:
        return None
    earlier = {same(response.institution): (response, answer) for response, answer in then}
    pairs = [(earlier[key], one) for one in now if (key := same(one[0].institution)) in earlier]
    paired = 2 * len(pairs) >= min(len(then), len(now))
    if paired:
        then, now = [a for a, _ in pairs], [b for _, b in pairs]
    if question.kind in ("scale", "number"):
        return _shift(before, then, question, now, len(pairs), paired)
    return _options(before, then, question, now, len(pairs), paired)


def _options(
    before: Question, then: Asked, question: Question, now: Asked, overlap: int, paired: bool
) -> Change | None:
    kept = [option for option in question.options if before.option(option.id)]
    if not kept:
        return None
    earlier = {one.option.id: one for one in shares(before, _said(then), None) if one.option}
    later = {one.option.id: one for one in shares(question, _said(now), None) if one.option}
    chances, moves = [], []
    for id in (option.id for option in kept):
        both = [(id in a.chosen, id in b.chosen) for a, b in zip(_said(then), _said(now), strict=paired)]
        moves.append((both.count((False, True)), both.count((True, False))) if paired else (0, 0))
        if paired:
            p = exact_tests.mcnemar(*moves[-1])
        else:
            p = exact_tests.fisher(earlier[id].count, len(then), later[id].count, len(now))
        chances.append(float(p))
    rows = (
        Moved(
            option=option, before=earlier[option.id], after=later[option.id], p=p, adjusted=adjusted,
            difference=_points(earlier[option.id], later[option.id]), up=up, down=down,
        )
        for option, p, adjusted, (up, down) in zip(
            kept, chances, exact_tests.holm(chances), moves, strict=True
        )
    )  # fmt: skip
    return Change(
        method="mcnemar" if paired else "fisher", pairs=len(then) if paired else 0, overlap=overlap,
        rows=tuple(rows),
    )  # fmt: skip


def _shift(
    before: Question, then: Asked, question: Question, now: Asked, overlap: int, paired: bool
) -> Change | None:
    """Whether numbers went up or down, all in all."""
    if before.kind == "scale" and [o.id for o in before.options] != [o.id for o in question.options]:
        return None  # a place on another scale is another place
    if paired:
        both = [
            (first[0], second[0])
            for a, b in zip(_said(then), _said(now), strict=True)
            if (first := numbers(before, [a])) and (second := numbers(question, [b]))
        ]
        earlier, later = [a for a, _ in both], [b for _, b in both]
        up, down = sum(b > a for a, b in both), sum(b < a for a, b in both)
        p = float(exact_tests.mcnemar(up, down))
    else:
        earlier, later = numbers(before, _said(then)), numbers(question, _said(now))
        p, up, down = exact_tests.ranks(earlier, later) if earlier and later else 1.0, 0, 0
    if not earlier or not later:
        return None
    return Change(
        method="sign" if paired else "ranks", pairs=len(earlier) if paired else 0, overlap=overlap,
        rows=(Moved(p=p, adjusted=p, up=up, down=down),), before=spread_of(earlier), after=spread_of(later),
    )  # fmt: skip


def _said(asked: Asked) -> list[Answer]:
    return [answer for _, answer in asked]


def _points(before: Share, after: Share) -> Decimal:
    return rounded(100 * (Fraction(after.count, after.base) - Fraction(before.count, before.base)))
