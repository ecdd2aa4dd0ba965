"""The statements that frames are made of: by hand, for both databases, with the filters of the question."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from bankside.measures.period import Period
from bankside.measures.question import Question

QUARTER_HOUR_MS: Final = 900_000

TALKS = "select packed from measures_talk where opened_at >= %s and opened_at < %s"
STILL_OPEN = "select packed from measures_talk where closed_at = 0 and opened_at < %s"
CLOSED_SINCE = "select packed from measures_talk where closed_at >= %s and opened_at < %s"
POSTS = "select packed from measures_outgoing o where o.at >= %s and o.at < %s"
# The desk's own words come back from the network: that is the same thing once more.
AGAIN = """select o.id from measures_outgoing o where o.at >= %s and o.at < %s and o.purpose = 'outside'
    and exists (select 1 from measures_outgoing d where d.channel = o.channel and d.remote_id = o.remote_id
        and d.purpose <> 'outside')"""
COUNTED = """select o.id, c.reach, c.likes, c.shares, c.comments from measures_count c
    join measures_outgoing o on o.channel = c.channel and o.remote_id = c.remote_id
    where o.at >= %s and o.at < %s and o.remote_id <> ''"""
SEEN = """select o.id, i.verb, count(*) from measures_outgoing o
    join measures_incoming i on i.channel = o.channel and i.about = o.remote_id
    where o.at >= %s and o.at < %s and not o.answers and o.remote_id <> ''"""
ACTS = """select channel, lang, verb, (at + {shift}) / 86400000 as day, count(*) from measures_incoming
    where at >= %s and at < %s"""
SINGLE_ACTS = """select id, channel, lang, verb, at from measures_incoming where at >= %s and at < %s"""
STEPS = "select id, what, network, amount, at from measures_step where at >= %s and at < %s order by id"
EPOCH = datetime.date(1970, 1, 1).toordinal()


def shift(period: Period) -> tuple[str, list[int]]:
    """How far the zone's clocks are from UTC at `at`, as SQL, and its values: what changes between the days
    of both spans changes at a whole quarter of an hour."""
    zone = ZoneInfo(period.zone)
    starts = (*period.before().starts[:-1], *period.starts)
    offsets = [(0, _offset_ms(starts[0], zone))]
    for begin, end in pairwise(starts):
        if _offset_ms(end, zone) != offsets[-1][1]:
            quarters = range(begin, end + 1, QUARTER_HOUR_MS)
            moment = next(at for at in quarters if _offset_ms(at, zone) != offsets[-1][1])
            offsets.append((moment, _offset_ms(moment, zone)))
    if len(offsets) == 1:
        return "%s", [offsets[0][1]]
    late = reversed(offsets[1:])
    said = "".join(" when at >= %s then %s" for _ in offsets[1:])
    return f"case{said} else %s end", [*(n for one in late for n in one), offsets[0][1]]


def _offset_ms(at: int, zone: ZoneInfo) -> int:
    offset = datetime.datetime.fromtimestamp(at / 1000, zone).utcoffset()
    return int(offset.total_seconds() * 1000) if offset else 0


def packed(asked: Question, sql: str, values: Sequence[int]) -> list[bytes]:
    """The packed values of the rows of a statement."""
    return [packed for (packed,) in rows_of(asked, sql, values)]


def rows(asked: Question, sql: str, values: Sequence[int], width: int, end: str = "") -> list[Any]:
    """The columns of a statement."""
    return columns(rows_of(asked, sql, values, end), width)


def rows_of(asked: Question, sql: str, values: Sequence[int], end: str = "") -> list[tuple[Any, ...]]:
    """The rows of a statement, with the filters of the question added."""
    conditions, more = _conditions(asked, "o." if " o " in sql or " o\n" in sql else "")
    with connection.cursor() as cursor:
        cursor.execute(f"{sql}{conditions}{end}", [*values, *more])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _conditions(asked: Question, row: str) -> tuple[str, list[Any]]:
    filters = asked.filters
    objs = [place.obj for place in asked.places]
    said = [f" and {row}channel in ({_marks(objs)})"] if objs else [" and 1 = 0"]
    values: list[Any] = [*objs]
    if filters.langs:
        said.append(f" and {row}lang in ({_marks(filters.langs)})")
        values += filters.langs
    if filters.private is not None:
        said.append(f" and {row}private = %s")
        values.append(filters.private)
    return "".join(said), values


def _marks(values: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(values))


def columns(found: list[tuple[Any, ...]], width: int) -> list[Any]:
    """Rows as columns; so many empty ones when there is no row."""
    return list(zip(*found, strict=True)) if found else [()] * width
