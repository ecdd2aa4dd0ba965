"""What is past its term is deleted, every night: words alone, never leaves, and never what is held.

A thousand entries a transaction: their words go, and a fact in the same lane says which. So whoever derives
something from them learns of it in order, and the audit knows why words are missing. Classes that last for
ever, and classes that nobody knows any more, are left alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from bankside.record import clock, jobs
from bankside.record.append import Draft, append_many, lock
from bankside.record.facts.keeping import WordsExpired
from bankside.record.forgetting import covered, duties, erasing, retention, shredding
from bankside.record.forgetting.holding import Held
from bankside.record.ids import new_id
from bankside.record.lane import lane_count
from bankside.record.models import Hold, Job

JOB = "record.expire"
ACTOR = "s:keeping"
DAY_MS = 86_400_000
BATCH = 1000
KEPT = (covered.EXPIRED, "record.retention-decided")
"""Facts whose words say why others have none: they never expire, whatever a class says."""
SECONDS_MAX = 1.0
"""So long at once, so that others get their turn."""


class Old(NamedTuple):
    """An entry that may be past its term."""

    n: int
    lane: int
    year: int
    seq: int
    t: int
    subj: str
    obj: str
    ret: str


def plan() -> None:
    """Has the job done every night, after midnight UTC; called by the worker now and then."""
    jobs.enqueue(JOB, JOB, due_ms=_tonight(), data={})


@jobs.handler(JOB, standing=True)
def _expire(job: Job) -> int | None:
    """Until there is no more; then again after midnight, UTC. What waited for a term or a hold may go."""
    duties.decide()
    if not _pass(job):
        return clock.now_ms()
    erasing.reconsider()
    if job.data.pop("deleted", 0):
        shredding.tidy()
    job.data = {}
    job.save(update_fields=["data"])
    return _tonight()


def expire(lane: int, after: tuple[int, int], limit: int = BATCH) -> tuple[int, tuple[int, int] | None]:
    """Deletes words past their term among the next `limit` entries of a lane; how many, and where to go on.

    `after` is the last place (year, seq) looked at; the place is None when the lane is done.
    """
    ends = cutoffs(clock.now_ms())
    found = _old(lane, after, max(ends.values(), default=0), limit)
    if not found:
        return 0, None
    with transaction.atomic():
        lock(range(lane_count()))
        chosen = _free(one for one in found if one.t < ends.get(one.ret, 0))
        _delete([one.n for one in chosen])
        append_many(list(_facts(lane, chosen)))
    last = found[-1]
    return len(chosen), ((last.year, last.seq) if len(found) == limit else None)


def cutoffs(now: int) -> dict[str, int]:
    """Before which moment (ms) entries of a class are past their term; classes for ever are left out."""
    return {name: retention.past_before_ms(now, months) for name, months in duties.terms().items() if months}


def past(limit: int = BATCH) -> int:
    """How many entries have words that are past their term now, at most `limit`, held ones among them."""
    ends, count = cutoffs(clock.now_ms()), 0
    for lane in range(lane_count()):
        found = _old(lane, (0, -1), max(ends.values(), default=0), limit)
        count += sum(1 for one in found if one.t < ends.get(one.ret, 0))
    return min(count, limit)


def _tonight() -> int:
    return (clock.now_ms() // DAY_MS + 1) * DAY_MS


def _pass(job: Job) -> bool:
    """Goes on where it was, for a second; True when every lane is done."""
    ends = time.monotonic() + SECONDS_MAX
    lane, place = job.data.get("lane", 0), tuple(job.data.get("after", (0, -1)))
    while lane < lane_count():
        count, next_place = expire(lane, (place[0], place[1]))
        lane, place = (lane, next_place) if next_place else (lane + 1, (0, -1))
        job.data |= {"lane": lane, "after": list(place), "deleted": job.data.get("deleted", 0) + count}
        job.save(update_fields=["data"])
        if time.monotonic() > ends and lane < lane_count():
            return False
    return True


def _old(lane: int, after: tuple[int, int], before_ms: int, limit: int) -> list[Old]:
    kept = ", ".join(f"'{name}'" for name in KEPT)
    sql = f"""select e.n, e.lane, e.year, e.seq, e.t, e.subj, e.obj, e.leaf from record_entry e
        join record_payload p on p.n = e.n
        where e.lane = %s and (e.year > %s or (e.year = %s and e.seq > %s)) and e.t < %s
        and e.type not in ('erase', 'hold', 'release', 'restrict') and e.fact not in ({kept})
        order by e.year, e.seq limit %s"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [lane, after[0], after[0], after[1], before_ms, limit])
        return [Old._make([*row[:7], duties.ret_of(bytes(row[7]))]) for row in cursor.fetchall()]


def _free(found: Iterable[Old]) -> list[Old]:
    """Those that no hold is on."""
    old = list(found)
    rows = list(Hold.objects.filter(released_at=0))
    if not rows:
        return old
    held = Held(rows, {one.obj for one in old})
    return [one for one in old if not held.holds(one.subj, one.obj)]


def _delete(numbers: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        for some in covered.slices(numbers):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"delete from record_payload where n in ({marks})", list(some))  # noqa: S608


def _facts(lane: int, chosen: Sequence[Old]) -> Iterator[Draft]:
    """A fact for each class and year among them, with the runs of their places."""
    by: dict[tuple[str, int], list[int]] = {}
    for one in chosen:
        by.setdefault((one.ret, one.year), []).append(one.seq)
    for (ret, year), places in sorted(by.items()):
        firsts, lasts = runs(places)
        said = WordsExpired(ret=ret, year=year, firsts=firsts, lasts=lasts)
        key = f"record.words-expired:{lane}:{year}:{firsts[0]}:{new_id()}"
        yield Draft(fact=said, key=key, actor=ACTOR, obj=new_id(), lane=lane)


def runs(places: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Rising numbers as runs: the first of each, and the last of each."""
    firsts = [n for at, n in enumerate(places) if not at or places[at - 1] != n - 1]
    lasts = [n for at, n in enumerate(places) if at + 1 == len(places) or places[at + 1] != n + 1]
    return tuple(firsts), tuple(lasts)


def unknown_default() -> bool:
    """Whether BANKSIDE_RETENTION_DEFAULT names a class that the file lacks: nothing of it expires then."""
    return settings.RETENTION_DEFAULT not in retention.classes()
