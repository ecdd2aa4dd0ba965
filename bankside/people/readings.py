"""Who read what in a month, counted for each person, the unusual first; and whoever says that she looked.

The rules for what is unusual are plain, and each row says which of them it met. They are no judgement: they
say where to look first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from bankside.people import policy, teams
from bankside.people.models import Reading, Review, Staff
from bankside.people.projections import READINGS
from bankside.people.staff import named
from bankside.record import clock, projection
from bankside.record.append import append
from bankside.record.facts.reading import ReadingsReviewed
from bankside.record.identifiers import kept
from bankside.said import Said

SEE, REVIEW = "readings.see", "readings.review"
NOTE_CHARACTERS_MAX: Final = 2_000
PEOPLE_MAX: Final = 1_000
EXPORTS_MAX: Final = 200
OBJECTS_MAX: Final = 50
MONTHS_BACK_MAX: Final = 24
QUARTER_MS: Final = 15 * 60_000
# The rules of what is unusual, in the numbers that the page says.
NIGHT_FROM_HOUR, NIGHT_TO_HOUR = 22, 6
NIGHT_MIN: Final = 5
ELSEWHERE_MIN: Final = 20
AHEAD_MIN, AHEAD_TIMES = 50, 4
READERS_MIN: Final = 5
KINDS: Final = (Reading.OPENED, Reading.AHEAD, Reading.SEARCHED, Reading.WORDS, Reading.EXPORTED)
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")

# Quarters of an hour, because no zone's nights begin between them.
_COUNTED = """
select actor, kind, at / 900000, count(*), sum(case when elsewhere then 1 else 0 end)
from people_reading where at >= %s and at < %s group by actor, kind, at / 900000
"""
_BY_MANY = """
select obj, count(distinct actor), count(*) from people_reading
where at >= %s and at < %s and kind = 'opened' group by obj having count(distinct actor) >= %s
order by 2 desc, 3 desc, obj limit %s
"""


class NoMonth(LookupError):
    """This is no month that the desk can show."""


class NotReviewed(ValueError):
    """The month cannot be signed off as it was asked; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One person's month. `night`, `elsewhere`: how many of the openings; `rules`: those that were met.

    `own`: it is the reader of the page. `actor` may be the operator at the machine.
    """

    actor: str
    name: str
    opened: int = 0
    elsewhere: int = 0
    night: int = 0
    ahead: int = 0
    searched: int = 0
    words: int = 0
    exported: int = 0
    rules: tuple[str, ...] = ()
    own: bool = False

    @property
    def readings(self) -> int:
        """Everything that was shown to her or left with her; what was only sent ahead is not in it."""
        return self.opened + self.searched + self.words + self.exported


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMany:
    """A conversation that many people opened: its obj, how many people, how often."""

    obj: str
    readers: int
    openings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file that was taken away: when (ms), by whom, which fact tells of it, why, and how many rows."""

    n: int
    at: int
    actor: str
    name: str
    fact: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A review that was given: by whom, when (ms), of how many readings, and the note."""

    actor: str
    name: str
    at: int
    readings: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The readings of a month (YYYY-MM) in a zone. `over`: it has ended, and can be signed off."""

    month: str
    zone: str
    begins: int
    ends: int
    over: bool
    readers: tuple[Reader, ...]
    by_many: tuple[ByMany, ...]
    exports: tuple[Export, ...]
    reviews: tuple[Reviewed, ...]

    @property
    def readings(self) -> int:
        """Of everybody together."""
        return sum(one.readings for one in self.readers)

    @property
    def unusual(self) -> int:
        """How many people or conversations met a rule."""
        return sum(bool(one.rules) for one in self.readers) + len(self.by_many)


def month(staff: Staff, wanted: str = "") -> Month:
    """A month, "" for this one, in the zone of her team or her own. Raises NotYours, NoMonth."""
    policy.require(staff, SEE)
    return of_month(wanted, zone_of(staff), me=staff.actor)


def of_month(wanted: str, zone: str, *, me: str = "") -> Month:
    """The same for whoever runs the desk; the caller has decided who that is."""
    now = clock.now_ms()
    wanted = wanted or month_of(now, zone)
    begins, ends = bounds(wanted, zone)
    return Month(
        month=wanted, zone=zone, begins=begins, ends=ends, over=now >= ends,
        readers=_readers(begins, ends, zone, me), by_many=_by_many(begins, ends),
        exports=_exports(begins, ends), reviews=_reviews(wanted),
    )  # fmt: skip


def review(staff: Staff, wanted: str, note: str) -> Month:
    """She has gone through the month, and says what she found. Raises NotYours, NoMonth, NotReviewed."""
    policy.require(staff, REVIEW)
    with transaction.atomic():
        projection.see(READINGS, 0)
        seen = of_month(wanted, zone_of(staff), me=staff.actor)
        note = kept(note.strip())
        if why := why_not(staff, seen, note):
            raise NotReviewed(why)
        own = sum(one.readings for one in seen.readers if one.own)
        fact = ReadingsReviewed(
            month=seen.month, zone=seen.zone, readings=seen.readings, people=len(seen.readers), own=own,
            unusual=seen.unusual, note=note,
        )  # fmt: skip
        key = f"people.readings-reviewed:{seen.month}:{staff.uid}"
        append(fact, key, actor=staff.actor, obj=staff.uid)
        projection.see(READINGS, 0)
    return replace(seen, reviews=_reviews(seen.month))


def why_not(staff: Staff, seen: Month, note: str | None = None) -> Said | None:
    """Why she cannot sign the month off; None when she can. `note` None leaves the note aside."""
    if not seen.over:
        return Said("This month is not over yet.")
    if any(one.actor == staff.actor for one in seen.reviews):
        return Said("You have signed this month off already.")
    if seen.readers and all(one.own for one in seen.readers):
        return Said("All readings of this month are your own. Somebody else signs it off.")
    if note is not None and not 0 < len(note) <= NOTE_CHARACTERS_MAX:
        return Said("Say what you found, in 1 to %(number)s characters.", number=NOTE_CHARACTERS_MAX)
    return None


def rules_met(one: Reader) -> tuple[str, ...]:
    """The rules that a person's month meets, by name: elsewhere, night, ahead."""
    met = {
        "elsewhere": one.elsewhere >= ELSEWHERE_MIN and 2 * one.elsewhere > one.opened,
        "night": one.night >= NIGHT_MIN,
        "ahead": one.ahead >= AHEAD_MIN and one.ahead > AHEAD_TIMES * one.opened,
    }
    return tuple(name for name, yes in met.items() if yes)


def is_night(at_ms: int, zone: ZoneInfo) -> bool:
    """Whether a moment is between 22 and 6 o'clock there."""
    hour = datetime.fromtimestamp(at_ms / 1000, zone).hour
    return hour >= NIGHT_FROM_HOUR or hour < NIGHT_TO_HOUR


def bounds(wanted: str, zone: str) -> tuple[int, int]:
    """Where a month begins and ends in a zone, in UTC ms; raises NoMonth."""
    found = _MONTH.fullmatch(wanted)
    if found is None:
        raise NoMonth(Said("'%(month)s' is no month. Write one such as 2026-11.", month=wanted))
    year, number = int(found[1]), int(found[2])
    after = (year + 1, 1) if number == 12 else (year, number + 1)
    there = ZoneInfo(zone)
    begins, ends = (datetime(*first, 1, tzinfo=there).timestamp() for first in ((year, number), after))
    return int(begins) * 1000, int(ends) * 1000


def month_of(at_ms: int, zone: str) -> str:
    """The month of a moment in a zone, as YYYY-MM."""
    return f"{datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)):%Y-%m}"


def months(zone: str) -> list[str]:
    """The months to choose from, the newest first: from this one back to the first reading, at most 24."""
    first = Reading.objects.order_by("at").values_list("at", flat=True).first()
    now = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).astimezone(ZoneInfo(zone))
    oldest = month_of(first, zone) if first else f"{now:%Y-%m}"
    ago = (divmod(now.year * 12 + now.month - 1 - back, 12) for back in range(MONTHS_BACK_MAX))
    return [text for year, number in ago if (text := f"{year}-{number + 1:02}") >= oldest]


def zone_of(staff: Staff) -> str:
    """In which zone her months begin: her team's if she has one, else her own."""
    hers = teams.of(staff)
    return hers[0].zone if len(hers) == 1 else staff.zone


# --- counting --------------------------------------------------------------------------------------------
def _readers(begins: int, ends: int, zone: str, me: str) -> tuple[Reader, ...]:
    """Everybody with a reading, those that meet most rules first, then by how much they read."""
    there, counted = ZoneInfo(zone), dict[str, dict[str, Any]]()
    for actor, kind, quarter, times, elsewhere in _select(_COUNTED, [begins, ends]):
        sums = counted.setdefault(actor, dict.fromkeys(("night", "elsewhere", *KINDS), 0))
        sums[kind] += times
        if kind == Reading.OPENED:
            sums["elsewhere"] += elsewhere
        if kind != Reading.AHEAD and is_night(quarter * QUARTER_MS, there):
            sums["night"] += times
    names = _names(counted)
    found = [
        Reader(actor=actor, name=names.get(actor, ""), own=actor == me, **sums)
        for actor, sums in counted.items()
    ]
    marked = [replace(one, rules=rules_met(one)) for one in found]
    marked.sort(key=lambda one: (-len(one.rules), -one.readings, one.name, one.actor))
    return tuple(marked[:PEOPLE_MAX])


def _by_many(begins: int, ends: int) -> tuple[ByMany, ...]:
    rows = _select(_BY_MANY, [begins, ends, READERS_MIN, OBJECTS_MAX])
    return tuple(ByMany(obj=obj, readers=readers, openings=times) for obj, readers, times in rows)


def _exports(begins: int, ends: int) -> tuple[Export, ...]:
    rows = list(
        Reading.objects.filter(at__gte=begins, at__lt=ends, kind=Reading.EXPORTED).order_by("-at", "-id")[
            :EXPORTS_MAX
        ]
    )
    names = _names(row.actor for row in rows)
    return tuple(
        Export(
            n=row.pk, at=row.at, actor=row.actor, name=names.get(row.actor, ""), fact=row.fact,
            reason=row.reason, rows=row.things,
        )
        for row in rows
    )  # fmt: skip


def _reviews(wanted: str) -> tuple[Reviewed, ...]:
    rows = list(Review.objects.filter(month=wanted).order_by("at", "id"))
    names = _names(row.actor for row in rows)
    return tuple(
        Reviewed(
            actor=row.actor, name=names.get(row.actor, ""), at=row.at, readings=row.readings, note=row.note
        )
        for row in rows
    )


def _names(actors: Any) -> dict[str, str]:
    known = named(actor.removeprefix("u:") for actor in actors)
    return {f"u:{uid}": one.name for uid, one in known.items()}


def _select(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
