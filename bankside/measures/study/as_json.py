"""A report for programs: plain numbers, texts in all their languages, None where there is nothing to say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bankside.measures.study.change import PLACES, Change, Moved
from bankside.measures.study.counting import Share, Use
from bankside.measures.study.crosstab import CrossTable
from bankside.measures.study.definition import Option
from bankside.measures.study.report import Figures, Report
from bankside.measures.study.spread import Spread


def as_json(report: Report) -> dict[str, Any]:
    """The whole report; `questions` has one object per question."""
    definition = report.definition
    return {
        "title": dict(definition.title),
        "year": definition.year,
        "unit": dict(definition.unit),
        "population": definition.population,
        "institutions": report.institutions,
        "wave": report.wave,
        "before": report.before,
        "questions": [_question(figures) for figures in report.questions],
        "warnings": [warning.line for warning in report.warnings],
    }


def _question(figures: Figures) -> dict[str, Any]:
    question = figures.question
    found: dict[str, Any] = {
        "id": question.id,
        "base": figures.base,
        "options": [{"option": _written(one.option), **_share(one)} for one in figures.options],
        "kind": question.kind,
        "text": dict(question.texts),
        "asked": question.base_text,
        "none": figures.none,
        "outside": figures.outside,
        "ranking": [
            {"rank": place.rank, "joint": place.joint, "option": place.option.written, "count": place.count}
            for place in figures.ranking
        ],
    }
    if figures.use:
        found["used"] = _use(figures.use)
    if figures.spread:
        found["spread"] = _spread(figures.spread)
    found["by_sector"] = _table(figures.by_sector) if figures.by_sector else None
    found["change"] = _change(figures.change) if figures.change else None
    return found


def _written(option: Option | None) -> str | int | None:
    return option.written if option else None


def _share(share: Share) -> dict[str, Any]:
    return {
        "count": share.count,
        "percent": _number(share.percent),
        "low": _number(share.low),
        "high": _number(share.high),
    }


def _use(use: Use) -> dict[str, Any]:
    return {
        "at_least_one": _share(use.at_least_one),
        "several": _share(use.several),
        "mean": _number(use.mean),
    }


def _spread(spread: Spread) -> dict[str, Any]:
    names = ("mean", "least", "lower", "median", "upper", "most")
    return {"count": spread.count, **{name: _number(getattr(spread, name)) for name in names}}


def _table(table: CrossTable) -> dict[str, Any]:
    return {
        "sectors": list(table.sectors),
        "bases": list(table.bases),
        "rows": [
            {
                "option": _written(row.option),
                "cells": [{"count": cell.count, "percent": _number(cell.percent)} for cell in row.cells],
            }
            for row in table.rows
        ],
        "spreads": [_spread(spread) if spread else None for spread in table.spreads],
        "suppressed": table.suppressed,
        "withheld": str(table.withheld),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "test": str(change.test),
        "method": change.method,
        "pairs": change.pairs,
        "in_both": change.overlap,
        "before": _spread(change.before) if change.before else None,
        "after": _spread(change.after) if change.after else None,
        "rows": [_moved(row) for row in change.rows],
    }


def _moved(row: Moved) -> dict[str, Any]:
    return {
        "option": _written(row.option),
        "before": _share(row.before) if row.before else None,
        "after": _share(row.after) if row.after else None,
        "difference": _number(row.difference),
        "p": round(row.p, PLACES),
        "adjusted": round(row.adjusted, PLACES),
        "changed": row.changed,
        "up": row.up,
        "down": row.down,
    }


def _number(number: Decimal | None) -> float | None:
    return None if number is None else float(number)
