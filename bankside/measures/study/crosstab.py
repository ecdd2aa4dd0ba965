"""A question by sector, with small cells hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bankside.measures.study.answers import Answer, same
from bankside.measures.study.condition import questions_of
from bankside.measures.study.counting import numbers
from bankside.measures.study.definition import Option, Question
from bankside.measures.study.proportion import percent
from bankside.measures.study.responses import Response, Study
from bankside.measures.study.spread import Spread, spread_of
from bankside.measures.study.suppression import TableTooLarge, hidden
from bankside.measures.study.trouble import NOTHING
from bankside.said import Said

SECTORS: Final = ("bank", "investment", "insurance")  # these stand first; others are taken as they are
SECTORS_MAX: Final = 12
Asked = Sequence[tuple[Response, Answer]]

TOO_MANY: Final = Said("There are more sectors than a table can show.")
TOO_FEW: Final = Said(
    "Not shown by sector: so few institutions were asked that single answers could be guessed."
)
LINKED: Final = Said("Not shown by sector: who was asked follows from answers that are too few to be shown.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How many of a sector, and their share of those of it who were asked; both None when hidden."""

    count: int | None
    percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One option by sector; no option: none was chosen."""

    option: Option | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossTable:
    """A question by sector. `withheld` says why there are no rows; `suppressed` counts the hidden cells.

    `spreads`, for numbers, has mean and median of each sector, None where it is hidden.
    """

    sectors: tuple[str, ...]
    bases: tuple[int, ...] = ()
    rows: tuple[Row, ...] = ()
    spreads: tuple[Spread | None, ...] = ()
    suppressed: int = 0
    withheld: Said = NOTHING


def sectors_of(study: Study) -> tuple[str, ...]:
    """The sectors as first written: the three of SECTORS, the others by name, and "" for none last."""
    first: dict[str, str] = {}
    for response in study.responses:
        first.setdefault(same(response.sector), response.sector)
    places = {name: place for place, name in enumerate(SECTORS)}
    order = sorted(first, key=lambda key: (not key, places.get(key, len(places)), key))
    return tuple(first[key] for key in order)


def by_sector(
    study: Study, question: Question, asked: Asked, before: Mapping[str, CrossTable | None]
) -> CrossTable | None:
    """The cross-table; None when those who were asked are all of one sector.

    `before`: the tables of earlier questions. Where those that a base asks about hide anything, or too few of
    a sector were asked, or were not, nothing is shown: the number of those asked is an answer in itself.
    """
    sectors = sectors_of(study)
    if len(sectors) < 2 or not asked:
        return None
    if len(sectors) > SECTORS_MAX:
        return CrossTable(sectors=sectors, withheld=TOO_MANY)
    least = study.definition.suppress
    parts = [[(r, a) for r, a in asked if same(r.sector) == same(sector)] for sector in sectors]
    bases = tuple(len(part) for part in parts)
    if sum(base > 0 for base in bases) < 2:
        return None
    if question.base is not None:
        if any(_hides(before.get(id)) for id in questions_of(question.base)):
            return CrossTable(sectors=sectors, withheld=LINKED)
        sizes = [sum(same(r.sector) == same(sector) for r in study.responses) for sector in sectors]
        outside = [size - base for size, base in zip(sizes, bases, strict=True)]
        if any(0 < count < least for count in (*bases, *outside)):
            return CrossTable(sectors=sectors, withheld=TOO_FEW)
    answers = [[answer for _, answer in part] for part in parts]
    if question.kind == "number":
        return _numbers(question, answers, sectors, bases, least)
    try:
        return _table(question, answers, sectors, bases, least)
    except TableTooLarge:
        return CrossTable(sectors=sectors, withheld=TOO_MANY)


def _hides(table: CrossTable | None) -> bool:
    return table is not None and (bool(table.withheld) or table.suppressed > 0)


def _table(
    question: Question, answers: Sequence[Sequence[Answer]], sectors: tuple[str, ...], bases: tuple[int, ...],
    least: int,
) -> CrossTable:  # fmt: skip
    counts = [[sum(o.id in a.chosen for a in part) for part in answers] for o in question.options]
    none = [sum(not answer.chosen for answer in part) for part in answers]
    options: list[Option | None] = list(question.options)
    if any(none):
        options, counts = [*options, None], [*counts, none]
    if question.kind == "multi":  # options do not add up: each is a table of its own, chosen or not
        secret = {
            (row, column)
            for row, line in enumerate(counts)
            for _, column in hidden([line, [b - c for b, c in zip(bases, line, strict=True)]], least)
        }
    else:
        secret = set(hidden(counts, least))
    rows = tuple(
        Row(
            option=option,
            cells=tuple(
                Cell(count=None, percent=None)
                if (row, column) in secret
                else Cell(count=count, percent=percent(count, bases[column]))
                for column, count in enumerate(counts[row])
            ),
        )
        for row, option in enumerate(options)
    )
    return CrossTable(sectors=sectors, bases=bases, rows=rows, suppressed=len(secret))


def _numbers(
    question: Question, answers: Sequence[Sequence[Answer]], sectors: tuple[str, ...], bases: tuple[int, ...],
    least: int,
) -> CrossTable:  # fmt: skip
    """Sectors with too few numbers are hidden; a lone one takes the next smallest with it."""
    found = [numbers(question, part) for part in answers]
    order = sorted((place for place, part in enumerate(found) if part), key=lambda place: len(found[place]))
    secret: set[int] = set()
    for place in order:
        together = sum(len(found[one]) for one in secret)
        if len(found[place]) < least or 0 < together < least:
            secret.add(place)
    spreads = tuple(None if place in secret else _middle(spread_of(part)) for place, part in enumerate(found))
    return CrossTable(sectors=sectors, bases=bases, spreads=spreads, suppressed=len(secret))


def _middle(spread: Spread) -> Spread:
    """Mean and median alone: the least and the most are what one institution said."""
    return Spread(count=spread.count, mean=spread.mean, median=spread.median)
