"""Measures at the machine: the figures of a period, and the report for a board."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

if TYPE_CHECKING:
    from bankside.measures.figures import Figures
    from bankside.measures.period import Period

LANGUAGES = ("en", "ko", "zh-hans", "nl")
PERIODS = ("week", "four-weeks", "quarter")


def declare(commands: Commands) -> None:
    """measures show, measures report."""
    measures = group(commands, "measures", "What is counted from the record.")
    period = flag(
        "--period", default="week", metavar="PERIOD",
        help="week, four-weeks, quarter, or two days such as 2026-11-01:2026-11-15",
    )  # fmt: skip
    zone = flag("--zone", default="UTC", help="where days begin, for example Asia/Seoul")
    add(measures, "show", show, period, zone, AS_JSON)
    language = flag("--lang", choices=LANGUAGES, default="en", help="the language of the report")
    out = flag("--out", required=True, metavar="FILE", help="the PDF to write")
    add(measures, "report", report, period, zone, language, out)


def show(parsed: argparse.Namespace) -> int | None:
    """Prints every figure of a period over the whole desk, beside that of the days before.

    What is not known is left out.
    """
    found = _figures(parsed)
    from bankside.measures.definitions import MEASURES

    lines = [line for one in MEASURES if (line := _line(found, one))]
    say(parsed, lines, _told)
    return None


def report(parsed: argparse.Namespace) -> int | None:
    """Writes the report of a period as PDF: pictures, figures, how they are counted and what is assumed."""
    found = _figures(parsed)
    from bankside.web.measured import document

    paper = document.composed(found, parsed.lang)
    Path(parsed.out).write_bytes(paper.pdf())
    print(f"{parsed.out}: {paper.pages} pages")
    return None


def _figures(parsed: argparse.Namespace) -> Figures:
    ready()
    from bankside.measures import figures, places

    return figures.counted(_period(parsed.period, parsed.zone), figures.Filters(), places.every())


def _period(given: str, zone: str) -> Period:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from bankside.measures import period as periods
    from bankside.record.clock import now_ms

    try:
        ZoneInfo(zone)
        if given in PERIODS:
            return periods.named(given, zone, now_ms())
        first, _, last = given.partition(":")
        return periods.chosen(date.fromisoformat(first), date.fromisoformat(last), zone)
    except periods.BadPeriod:
        raise
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise CommandRefused(
            f"{given} in {zone} is no period; write week, four-weeks, quarter or 2026-11-01:2026-11-15, "
            "and a zone such as Asia/Seoul"
        ) from error


def _line(found: Figures, measure: str) -> dict[str, Any] | None:
    from bankside.measures.definitions import get

    now, then = found.one(measure), found.one(measure, before=True)
    if now is None:
        return None
    names = ("value", "base", "part", "low", "middle", "high", "currency")
    unit = get(measure).unit
    line: dict[str, Any] = {"measure": measure, "unit": unit, "first": found.period.first.isoformat()}
    line["last"] = found.period.last.isoformat()
    known: dict[str, Any] = {
        name: getattr(now, name) for name in names if getattr(now, name) not in (None, "")
    }
    return {**line, **known, "before": then.value if then is not None else None}


def _told(line: dict[str, Any]) -> str:
    before = "" if line["before"] is None else f", before {line['before']}"
    return f"{line['measure']}: {line['value']} {line['unit']} of {line['base']}{before}"
