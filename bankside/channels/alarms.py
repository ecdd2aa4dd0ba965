"""What is too old of what others keep for us, and what does not agree: for operators and the page Evidence.

Ages are of what waits, not of what is there: a log to which nothing was added is as well covered as ever. The
limits are those of facts/record.md, target 5.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db import connection

from bankside.channels import day_end, notary, timestamps
from bankside.channels.models import Notarised
from bankside.record import clock, cosigning, evidence
from bankside.record.log.note import NoteWrong, parse_note
from bankside.record.log.tiles import HeadWrong, parse_head
from bankside.record.models import Checkpoint, Witnessed
from bankside.record.shards import Log, logs, name_of
from bankside.said import Said

CHECKPOINT, COSIGNED, STAMP, COPY, DAY, DIFFERS, SETTING = (
    "checkpoint", "cosignature", "timestamp", "copy", "reconciliation", "difference", "setting",
)  # fmt: skip
KINDS = (CHECKPOINT, COSIGNED, STAMP, COPY, DAY, DIFFERS, SETTING)
AUTHORITIES_MIN = 2
LIMITS_MS = {CHECKPOINT: 5_000, COSIGNED: 600_000, STAMP: 3_600_000, COPY: 900_000}

OTHER = "Something else is there"  # how evidence.Differs begins, as it stands in a row

Place = tuple[int, int]
Covered = dict[Place, int]


class Alarm(NamedTuple):
    """Something that somebody must look at: its kind, words for people, and since when it waits (ms)."""

    kind: str
    words: str
    since: int


def alarms() -> list[Alarm]:
    """All there are now; empty on a desk where everything is as it should be."""
    return [*_of_ages(), *_of_days(), *_of_differences(), *_of_settings()]


def counted() -> dict[str, int]:
    """How many there are of each kind."""
    found = [one.kind for one in alarms()]
    return {kind: found.count(kind) for kind in KINDS}


def waiting_since(places: Covered) -> dict[Place, int]:
    """When the first entry behind so many of each log was written (ms); logs where none waits are left out.

    One statement for many logs.
    """
    if not places:
        return {}
    wanted = json.dumps([[*list(place), size] for place, size in places.items()])
    with connection.cursor() as cursor:
        cursor.execute(_FIRST[str(connection.vendor)], [wanted])
        return {(lane, year): t for lane, year, t in cursor.fetchall()}


def of_heads() -> Covered:
    """How far each log is published."""
    return {(head.lane, head.year): head.size for head in Checkpoint.objects.all()}


def of_witness(name: str) -> Covered:
    """How far a witness has signed each log."""
    return {(row.lane, row.year): row.size for row in Witnessed.objects.filter(name=name)}


def of_notarised(kind: str, name: str) -> Covered:
    """How far an authority or a copy has got with each log."""
    return {(row.lane, row.year): row.size for row in Notarised.objects.filter(kind=kind, name=name)}


def witness_names() -> list[str]:
    """The witnesses that are asked; none when the settings are wrong."""
    try:
        return [one.name for one in cosigning.witnesses()]
    except (OSError, ValueError):
        return []


def _of_ages() -> Iterator[Alarm]:
    """Each log that waits too long for its head, for a witness, an authority or a copy."""
    there, heads = logs(), of_heads()
    for place, since in _late(there, heads, CHECKPOINT):
        yield Alarm(
            CHECKPOINT, Said("The head of log %(log)s is behind what was written.", log=_name(place)), since
        )
    for name in witness_names():
        for place, since in _late(there, of_witness(name), COSIGNED):
            words = Said("%(name)s has not signed the newest of log %(log)s.", name=name, log=_name(place))
            yield Alarm(COSIGNED, words, since)
    for name in notary.names(Notarised.STAMP):
        for place, since in _late(there, of_notarised(Notarised.STAMP, name), STAMP):
            words = Said("%(name)s has not stamped the newest of log %(log)s.", name=name, log=_name(place))
            yield Alarm(STAMP, words, since)
    for name in notary.names(Notarised.COPY):
        for place, since in _late(there, of_notarised(Notarised.COPY, name), COPY):
            words = Said("%(name)s has no copy of the newest of log %(log)s.", name=name, log=_name(place))
            yield Alarm(COPY, words, since)


def _late(there: Iterable[Log], covered: Covered, kind: str) -> list[tuple[Place, int]]:
    """The logs where something waits for longer than that may, and since when."""
    behind = {
        (one.lane, one.year): covered.get((one.lane, one.year), 0)
        for one in there
        if covered.get((one.lane, one.year), 0) < one.size
    }
    before = clock.now_ms() - LIMITS_MS[kind]
    return [(place, since) for place, since in sorted(waiting_since(behind).items()) if since < before]


def _of_days() -> Iterator[Alarm]:
    now = clock.now_ms()
    for day in day_end.missing(now):
        yield Alarm(DAY, Said("There is no entry that ties the logs together for %(day)s.", day=day), 0)


def _of_differences() -> Iterator[Alarm]:
    """What is kept twice and is not the same: somebody wrote one of the two anew."""
    for head in Checkpoint.objects.filter(size__gt=0).exclude(note=""):
        for one in evidence.of_head(head.lane, head.year, head.size):
            if one.kind != evidence.STAMP and not _agrees(one, head.note):
                words = Said("%(path)s is not the head that the log shows.", path=f"evidence/{one.path}")
                yield Alarm(DIFFERS, words, head.at)
    for row in Notarised.objects.exclude(trouble="").order_by("kind", "name", "lane", "year"):
        if row.trouble.startswith(OTHER):
            yield Alarm(DIFFERS, Said("%(name)s: %(why)s", name=row.name, why=Said(row.trouble)), row.since)


def _agrees(one: evidence.Kept, note: str) -> bool:
    try:
        return evidence.head_in(one) == parse_head(parse_note(note.encode()).text)
    except (HeadWrong, NoteWrong):
        return False


def _of_settings() -> Iterator[Alarm]:
    """Settings that cannot be read, so that nobody is asked by them; one authority where two are wanted."""
    for check in (cosigning.witnesses, evidence.copy_names, timestamps.authorities):
        try:
            check()
        except (OSError, ValueError) as wrong:
            yield Alarm(SETTING, Said("A file of settings cannot be used: %(why)s", why=str(wrong)[:200]), 0)
    if 0 < len(notary.names(Notarised.STAMP)) < AUTHORITIES_MIN:
        yield Alarm(SETTING, Said("Only one time-stamp authority is asked. Name a second: one may end."), 0)


def _name(place: Place) -> str:
    return f"{place[0]}/{name_of(place[1])}"


_FIRST = {
    "sqlite": "select e.lane, e.year, e.t from json_each(%s) w join record_entry e"
    " on e.lane = w.value ->> 0 and e.year = w.value ->> 1 and e.seq = w.value ->> 2",
    "postgresql": "select e.lane, e.year, e.t from jsonb_array_elements(%s::jsonb) w join record_entry e"
    " on e.lane = (w ->> 0)::int and e.year = (w ->> 1)::int and e.seq = (w ->> 2)::bigint",
}
