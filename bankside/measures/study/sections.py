"""A report as sections of sentences and tables in the reader's words, for paper, pages and terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from bankside.measures.study.answers import same
from bankside.measures.study.change import Change, Moved
from bankside.measures.study.counting import Share, Use
from bankside.measures.study.crosstab import Cell, CrossTable
from bankside.measures.study.definition import Option, asked_as, named, words
from bankside.measures.study.findings import chance, finding, points, worded
from bankside.measures.study.report import Figures, Report
from bankside.measures.study.spread import Spread
from bankside.measures.study.tongue import Say, number
from bankside.said import Said

HIDDEN: Final = "·"
SECTOR_WORDS: Final = {
    "bank": Said("bank"), "investment": Said("investment"), "insurance": Said("insurance"),
    "": Said("no sector given"),
}  # fmt: skip
SPREAD_WORDS: Final = (
    ("mean", Said("mean")), ("least", Said("smallest")), ("lower", Said("lower quarter")),
    ("median", Said("middle")), ("upper", Said("upper quarter")), ("most", Said("largest")),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of words under a head; the first column is words, the others are figures."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One question: its heading, who was asked, what was found, and the tables."""

    figures: Figures
    heading: str
    asked: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Reader:
    """A language, and what turns our words into it."""

    language: str
    say: Say

    def decimal(self, value: Decimal | None) -> str:
        """A decimal in the reader's format; "" for none."""
        return points(value, self.language)

    def whole(self, value: int) -> str:
        """A whole number in the reader's format."""
        return number(value, self.language)


def title_of(report: Report, reader: Reader) -> str:
    """The title with its year, or wave."""
    parts = (words(report.definition.title, reader.language), report.wave or report.definition.year)
    return ", ".join(part for part in parts if part)


def sections(report: Report, reader: Reader) -> tuple[Section, ...]:
    """Every question in its order."""
    return tuple(_section(figures, report, reader) for figures in report.questions)


def sector_words(sector: str, reader: Reader) -> str:
    """The name of a sector: ours in the reader's language, others as they were written."""
    known = SECTOR_WORDS.get(same(sector))
    return reader.say(known) if known else sector


def _section(figures: Figures, report: Report, reader: Reader) -> Section:
    question = figures.question
    tables = [_shares(figures, reader)] if figures.options else []
    if figures.use:
        tables.append(_used(figures.use, reader))
    if figures.spread and figures.spread.count:
        tables.append(_spread(figures, figures.spread, reader))
    if figures.by_sector and figures.base:
        tables.append(_by_sector(figures.by_sector, report, reader))
    if figures.change:
        tables.append(_change(figures.change, report, reader))
    if question.base_text:
        asked = Said(
            "Asked where %(base)s: %(count)s; outside: %(outside)s.",
            base=question.base_text, count=figures.base, outside=figures.outside,
        )  # fmt: skip
    else:
        asked = Said("Asked: %(count)s; no answer: %(outside)s.", count=figures.base, outside=figures.outside)
    return Section(
        figures=figures,
        heading=asked_as(question, reader.language),
        asked=reader.say(asked),
        sentences=tuple(reader.say(one) for one in finding(figures, report, reader.language)),
        tables=tuple(tables),
    )


def _shares(figures: Figures, reader: Reader) -> Table:
    say = reader.say
    ranks = {place.option.id: _rank(place.rank, place.joint) for place in figures.ranking}
    head: tuple[str, ...] = (
        say(Said("Option")),
        say(Said("institutions")),
        say(Said("per cent")),
        say(Said("interval of 95%")),
    )
    rows = [_share(named(one.option, reader.language), one, reader) for one in figures.options if one.option]
    if ranks:
        head = (*head, say(Said("rank")))
        rows = [
            (*row, ranks[one.option.id])
            for row, one in zip(rows, figures.options, strict=True)
            if one.option
        ]  # fmt: skip
    if figures.none:
        rows.append((say(Said("none of these")), reader.whole(figures.none), *[""] * (len(head) - 2)))
    return Table(caption=say(Said("Answers")), head=head, rows=tuple(rows))


def _rank(rank: int, joint: bool) -> str:
    """A place; with = when it is shared."""
    return f"{rank}=" if joint else str(rank)


def _share(name: str, share: Share, reader: Reader) -> tuple[str, ...]:
    between = f"{reader.decimal(share.low)} – {reader.decimal(share.high)}" if share.low is not None else ""
    return (name, reader.whole(share.count), reader.decimal(share.percent), between)


def _used(use: Use, reader: Reader) -> Table:
    say = reader.say
    rows = (
        _share(say(Said("at least one")), use.at_least_one, reader),
        _share(say(Said("several")), use.several, reader),
        (say(Said("on average")), reader.decimal(use.mean), "", ""),
    )
    head = (
        say(Said("How many")),
        say(Said("institutions")),
        say(Said("per cent")),
        say(Said("interval of 95%")),
    )
    return Table(caption=say(Said("How many at once")), head=head, rows=rows)


def _spread(figures: Figures, spread: Spread, reader: Reader) -> Table:
    say = reader.say
    head = ("", *(say(name) for _, name in SPREAD_WORDS))
    row = (say(Said("all institutions")), *_spread_cells(spread, reader))
    notes = []
    if worded(figures.question):
        steps = [named(option, reader.language) for option in figures.question.options]
        step = Said(
            "1 is “%(first)s”, %(count)s is “%(last)s”.", first=steps[0], count=len(steps), last=steps[-1]
        )
        notes.append(say(step))
    return Table(caption=say(Said("How the numbers lie")), head=head, rows=(row,), notes=tuple(notes))


def _spread_cells(spread: Spread, reader: Reader) -> tuple[str, ...]:
    return tuple(reader.decimal(getattr(spread, name)) for name, _ in SPREAD_WORDS)


def _by_sector(table: CrossTable, report: Report, reader: Reader) -> Table:
    say = reader.say
    caption = say(Said("By sector"))
    if table.withheld:
        return Table(caption=caption, head=(), rows=(), notes=(say(table.withheld),))
    notes = []
    if table.suppressed:
        hidden = Said(
            "%(sign)s: fewer than %(least)s institutions, or a figure that would give such a one away.",
            sign=HIDDEN, least=report.definition.suppress,
        )  # fmt: skip
        notes.append(say(hidden))
    names = [sector_words(sector, reader) for sector in table.sectors]
    heads = [f"{name} ({reader.whole(base)})" for name, base in zip(names, table.bases, strict=True)]
    if table.spreads:
        head: tuple[str, ...] = ("", say(Said("middle")), say(Said("mean")))
        rows = [
            (name, reader.decimal(spread.median), reader.decimal(spread.mean))
            if spread
            else (name, HIDDEN, HIDDEN)
            for name, spread in zip(heads, table.spreads, strict=True)
        ]
        return Table(caption=caption, head=head, rows=tuple(rows), notes=tuple(notes))
    lines = [
        (_option(row.option, reader), *(_cell(cell, reader) for cell in row.cells)) for row in table.rows
    ]
    return Table(caption=caption, head=(say(Said("Option")), *heads), rows=tuple(lines), notes=tuple(notes))


def _option(option: Option | None, reader: Reader) -> str:
    return named(option, reader.language) if option else reader.say(Said("none of these"))


def _cell(cell: Cell, reader: Reader) -> str:
    if cell.count is None:
        return HIDDEN
    if cell.percent is None:
        return reader.whole(cell.count)
    return f"{reader.whole(cell.count)} ({reader.decimal(cell.percent)}%)"


def _change(change: Change, report: Report, reader: Reader) -> Table:
    say = reader.say
    notes = [say(Said("Test: %(test)s.", test=change.test))]
    if change.pairs:
        notes.append(say(Said("Institutions in both: %(pairs)s.", pairs=change.pairs)))
    if change.method == "sign":
        up, down = change.rows[0].up, change.rows[0].down
        notes.append(say(Said("More than before: %(up)s; less: %(down)s.", up=up, down=down)))
    if len(change.rows) > 1:
        notes.append(say(Said("p is corrected by Holm's method for asking about several answers.")))
    now = report.wave or report.definition.year
    head = ("", report.before, now, say(Said("difference")), "p")
    rows = [
        (_option(row.option, reader) if row.option else say(Said("mean")), *_moved(change, row, reader))
        for row in change.rows
    ]
    caption = say(Said("Change since %(when)s", when=report.before))
    return Table(caption=caption, head=head, rows=tuple(rows), notes=tuple(notes))


def _moved(change: Change, row: Moved, reader: Reader) -> Iterator[str]:
    if row.before and row.after:
        for one in (row.before, row.after):
            yield f"{reader.whole(one.count)} / {reader.whole(one.base)} ({reader.decimal(one.percent)}%)"
        yield _signed(row.difference, reader)
    elif change.before and change.after:
        before, after = change.before.mean, change.after.mean
        yield from (reader.decimal(before), reader.decimal(after))
        yield _signed(after - before if before is not None and after is not None else None, reader)
    yield chance(row.adjusted, reader.language).removeprefix("p = ").removeprefix("p ")


def _signed(difference: Decimal | None, reader: Reader) -> str:
    if difference is None:
        return ""
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    return f"{sign}{reader.decimal(abs(difference))}"
