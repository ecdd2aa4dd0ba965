"""How all evidence stands now, as one page shows it: heads, witnesses, time-stamps, copies, days, gaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bankside.channels import alarms, day_end, notary
from bankside.channels.alarms import Alarm, Covered
from bankside.channels.models import Channel, Notarised
from bankside.record import clock, day_ties, evidence, reading
from bankside.record.append import entries_where
from bankside.record.facts.evidence import DayReconciled, EvidenceMissed
from bankside.record.models import Witnessed
from bankside.record.projection import facts_of
from bankside.record.shards import name_of

LOGS_MAX, DAYS_MAX, GAPS_MAX = 64, 14, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A log: entries in the record, those under its head, when that was made, since when more wait (ms)."""

    name: str
    entries: int
    size: int
    at: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A witness, an authority or a copy. `at`: what it did last (ms), 0 for never; `since`: the oldest entry
    that waits for it; `logs`: how many logs wait; `files`: how many files wait for a copy; `late`: too long.
    """

    name: str
    at: int
    since: int
    logs: int
    trouble: str
    late: bool
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """A day: its name, the number of its entry (0: there is none), logs and rows tied, what came in."""

    day: str
    n: int
    at: int = 0
    logs: int = 0
    rows: int = 0
    by_hook: int = 0
    by_poll: int = 0
    repaired: int = 0
    missing: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An absence that is over: who, of which log, between which sizes, from when until when (ms)."""

    name: str
    log: str
    before: int
    size: int
    since: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All of it."""

    alarms: list[Alarm]
    logs: list[LogLine]
    witnesses: list[Party]
    stamps: list[Party]
    copies: list[Party]
    days: list[DayLine]
    gaps: list[Gap]


def now() -> Standing:
    """As it stands at this moment."""
    told = alarms.alarms()
    heads = reading.checkpoint()
    sizes = {(head.lane, head.year): head.entries for head in heads}
    names = alarms.witness_names()
    return Standing(
        alarms=told, logs=_logs(heads[-LOGS_MAX:]),
        witnesses=[_witness(name, sizes, told) for name in names],
        stamps=[_notarised(Notarised.STAMP, name, sizes, told) for name in notary.names(Notarised.STAMP)],
        copies=[_notarised(Notarised.COPY, name, sizes, told) for name in notary.names(Notarised.COPY)],
        days=_days(), gaps=_gaps(),
    )  # fmt: skip


def _logs(heads: list[reading.LogHead]) -> list[LogLine]:
    behind = {(head.lane, head.year): head.size for head in heads if head.size < head.entries}
    waits = alarms.waiting_since(behind)
    return [
        LogLine(
            name=f"{head.lane}/{name_of(head.year)}", entries=head.entries, size=head.size, at=head.at,
            since=waits.get((head.lane, head.year), 0),
        )
        for head in heads
    ]  # fmt: skip


def _witness(name: str, sizes: Covered, told: Iterable[Alarm]) -> Party:
    rows = list(Witnessed.objects.filter(name=name))
    return _party(name, alarms.of_witness(name), sizes, rows, told)


def _notarised(kind: str, name: str, sizes: Covered, told: Iterable[Alarm]) -> Party:
    rows = list(Notarised.objects.filter(kind=kind, name=name))
    files = evidence.waiting(name) if kind == Notarised.COPY else 0
    return _party(name, alarms.of_notarised(kind, name), sizes, rows, told, files)


def _party(
    name: str, covered: Covered, sizes: Covered, rows: list[Witnessed] | list[Notarised],
    told: Iterable[Alarm], files: int = 0,
) -> Party:  # fmt: skip
    behind = {log: covered.get(log, 0) for log, size in sizes.items() if covered.get(log, 0) < size}
    waits = alarms.waiting_since(behind)
    return Party(
        name=name, at=max((row.at for row in rows), default=0), since=min(waits.values(), default=0),
        logs=len(behind), trouble=next((row.trouble for row in rows if row.trouble), ""),
        late=any(name in one.words for one in told if one.kind != alarms.SETTING), files=files,
    )  # fmt: skip


def _days() -> list[DayLine]:
    """The last days, newest first; one of which there is no entry stands between the others."""
    shown = [_day(one.n, one.t, one.fact) for one in day_ties.days(DAYS_MAX) if one.fact is not None]
    missing = [DayLine(day=day, n=0) for day in day_end.missing(clock.now_ms())]
    return sorted([*shown, *missing], key=lambda line: line.day, reverse=True)[:DAYS_MAX]


def _day(n: int, at: int, fact: DayReconciled) -> DayLine:
    channels = fact.channels
    return DayLine(
        day=fact.day, n=n, at=at, logs=len(fact.logs), rows=sum(log.rows for log in fact.logs),
        by_hook=sum(one.by_hook for one in channels), by_poll=sum(one.by_poll for one in channels),
        repaired=sum(one.repaired for one in channels), missing=sum(one.missing for one in channels),
        open=sum(one.state not in (Channel.OPEN, Channel.REMOVED) for one in channels),
    )  # fmt: skip


def _gaps() -> list[Gap]:
    rows = entries_where("fact = %s order by n desc limit %s", ["record.evidence-missed", GAPS_MAX])
    told = facts_of(rows)
    found: list[EvidenceMissed] = [told[row.n] for row in rows if told.get(row.n) is not None]
    return [
        Gap(
            name=one.name, log=f"{one.lane}/{name_of(one.year)}", before=one.size_before, size=one.size,
            since=one.from_ms, until=one.until_ms,
        )
        for one in found
    ]  # fmt: skip
