"""A report as one long table: a figure in each row, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from bankside.measures.study.change import PLACES
from bankside.measures.study.counting import Share
from bankside.measures.study.definition import asked_as, named
from bankside.measures.study.report import Figures, Report
from bankside.measures.study.spread import Spread
from bankside.measures.study.writing import neutral

HEAD: Final = (
    "question", "text", "figure", "option", "option_text", "sector", "wave", "base", "count", "percent",
    "low", "high", "rank", "value", "p", "p_holm",
)  # fmt: skip
SPREAD: Final = ("mean", "least", "lower", "median", "upper", "most")


def as_csv(report: Report, language: str) -> str:
    """CSV with a row for every figure; a hidden cell has the figure `suppressed` and no count."""
    file = io.StringIO()
    out = csv.DictWriter(file, HEAD, restval="")
    out.writeheader()
    for figures in report.questions:
        for row in _rows(figures, report, language):
            whole = {"question": figures.question.id, "text": asked_as(figures.question, language), **row}
            out.writerow({key: neutral(str(value)) for key, value in whole.items() if value is not None})
    return file.getvalue()


Row = dict[str, str | int | float | Decimal | None]


def _rows(figures: Figures, report: Report, language: str) -> Iterator[Row]:
    ranks = {place.option.id: place.rank for place in figures.ranking}
    for one in figures.options:
        if one.option:
            names: Row = {"option": one.option.id, "option_text": named(one.option, language)}
            yield {"figure": "share", **names, **_share(one), "rank": ranks.get(one.option.id)}
    if figures.use:
        yield {"figure": "at_least_one", **_share(figures.use.at_least_one)}
        yield {"figure": "several", **_share(figures.use.several)}
        yield {"figure": "mean", "base": figures.base, "value": figures.use.mean}
    if figures.spread:
        yield from _spread(figures.spread, {"base": figures.base})
    yield from _by_sector(figures, language)
    yield from _change(figures, report, language)


def _share(share: Share) -> Row:
    return {
        "base": share.base, "count": share.count, "percent": share.percent,
        "low": share.low, "high": share.high,
    }  # fmt: skip


def _spread(spread: Spread, also: Row) -> Iterator[Row]:
    for name in SPREAD:
        yield {"figure": name, **also, "count": spread.count, "value": getattr(spread, name)}


def _by_sector(figures: Figures, language: str) -> Iterator[Row]:
    table = figures.by_sector
    if table is None:
        return
    for row in table.rows:
        for sector, base, cell in zip(table.sectors, table.bases, row.cells, strict=True):
            yield {
                "figure": "suppressed" if cell.count is None else "by_sector",
                "option": row.option.id if row.option else "-",
                "option_text": named(row.option, language) if row.option else "",
                "sector": sector, "base": base, "count": cell.count, "percent": cell.percent,
            }  # fmt: skip
    for sector, base, spread in zip(table.sectors, table.bases, table.spreads, strict=False):
        if spread is None:
            yield {"figure": "suppressed", "sector": sector, "base": base}
        else:
            yield from _spread(spread, {"sector": sector, "base": base})


def _change(figures: Figures, report: Report, language: str) -> Iterator[Row]:
    change = figures.change
    if change is None:
        return
    for row in change.rows:
        names: Row = {"figure": change.method}
        if row.option:
            names |= {"option": row.option.id, "option_text": named(row.option, language)}
        chances: Row = {"p": round(row.p, PLACES), "p_holm": round(row.adjusted, PLACES)}
        if row.before and row.after:
            yield {**names, "wave": report.before, **_share(row.before)}
            yield {**names, "wave": report.wave, **_share(row.after), **chances, "value": row.difference}
        else:
            yield {**names, "wave": report.wave, **chances}
