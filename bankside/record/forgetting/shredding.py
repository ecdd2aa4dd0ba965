"""What follows from a decided erasure: words deleted, rooms and derived tables told, files overwritten.

Each step finds out by itself what is left of it, so that a kill at any moment loses nothing: the job comes
again, and after the last step once more, for what somebody wrote under the old key while the decision was
made.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import OperationalError, connection, transaction

from bankside.record import clock, jobs, projection, subjects
from bankside.record.append import Draft, Entry, append_many, entries_where, lock
from bankside.record.facts.keeping import Erased
from bankside.record.forgetting import covered, forgetters
from bankside.record.forgetting.covered import Scope
from bankside.record.lane import lane_count
from bankside.record.models import Cursor, Erasure, Job

JOB = "record.forget"
AGAIN_MS = 1000
LATE_MS = 90_000
"""So long after an erasure it is looked whether somebody wrote under the old key meanwhile (subjects.py)."""
WORDS = 1000
FOLLOWED_SECONDS_MAX = 50.0
log = logging.getLogger(__name__)


def job_key(erasure: str) -> str:
    """The key of the job that drives an erasure."""
    return f"{JOB}:{erasure}"


def drive(erasure: str) -> bool:
    """Does all that follows from the erasure with this obj; False when something has to wait for its turn."""
    entries = entries_of(erasure)
    return all(step(entries) for step in STEPS) and _ended(erasure)


def entries_of(erasure: str) -> list[Entry]:
    """The erase entries of a request, in order of arrival."""
    return entries_where("fact = %s and key like %s order by n", [covered.ERASED, f"erase:{erasure}:%"])


# --- steps, each complete by itself ---------------------------------------------------------------------
def keys_gone(entries: list[Entry]) -> bool:
    """The wrapped key and who it was: gone with the decision, and again after a restore."""
    for entry in entries:
        destroy(covered.scope_of(entry.leaf))
    return True


def words_gone(entries: list[Entry]) -> bool:
    """Salts and ciphertext."""
    for entry in entries:
        drop_covered(entry)
    return True


def rooms_told(entries: list[Entry]) -> bool:
    """Rows of rooms, files, jobs."""
    for entry in entries:
        forgetters.forget(covered.scope_of(entry.leaf))
    return True


def tables_told(entries: list[Entry]) -> bool:
    """Derived tables and the index: every projection has followed to the erasure."""
    ends = time.monotonic() + FOLLOWED_SECONDS_MAX
    lanes = {entry.lane: (entry.year, entry.seq) for entry in entries}
    followers = [one for one in projection.followers() if isinstance(one, projection.Projection)]
    return all(_follow(one, lane, end, ends) for one in followers for lane, end in lanes.items())


def files_overwritten(entries: list[Entry]) -> bool:
    """Nothing is left in the files of the database either."""
    return tidy()


STEPS: tuple[Callable[[list[Entry]], bool], ...] = (
    keys_gone, words_gone, rooms_told, tables_told, files_overwritten,
)  # fmt: skip


def destroy(scope: Scope) -> None:
    """The key of a person who is forgotten as a whole."""
    if not scope.about:
        subjects.erase(scope.subj)


def drop_covered(entry: Entry) -> None:
    """The words that an erase entry covers, a thousand in a transaction."""
    scope = covered.scope_of(entry.leaf)
    while _dropped(scope, entry) == WORDS:
        pass


def drop_all(scope: Scope) -> None:
    """All words of a scope, for an erasure whose own entry is not among these rows."""
    while _dropped(scope, None) == WORDS:
        pass


def tidy() -> bool:
    """Indexes merged, and SQLite's log of writes emptied into the file, where what is deleted is overwritten.

    False when somebody is still reading an older state. On PostgreSQL vacuum does it
    (docs/operate/forgetting.md).
    """
    forgetters.tidy()
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return True
    try:
        with connection.cursor() as cursor:
            cursor.execute("pragma wal_checkpoint(truncate)")
            return not cursor.fetchone()[0]
    except OperationalError:  # locked: somebody writes
        return False


@jobs.handler(JOB, standing=True)
def _forget(job: Job) -> int | None:
    erasure = job.data["erasure"]
    row = Erasure.objects.get(obj=erasure)
    looked = row.state == Erasure.ERASED
    if late(row):
        looked = False
    if not drive(erasure):
        return clock.now_ms() + AGAIN_MS
    return None if looked else clock.now_ms() + LATE_MS


def late(row: Erasure) -> int:
    """Covers what was recorded under the old key after the decision, by further leaves; how many entries.

    On PostgreSQL somebody may have had the key in hand while it was destroyed: nobody can read what she
    wrote.
    """
    scopes = {covered.scope_of(entry.leaf) for entry in entries_of(row.obj)}
    whole = [scope for scope in scopes if not scope.about and covered.words_left(scope)]
    if not whole:
        return 0
    with transaction.atomic():
        lock(range(lane_count()))
        drafts = [
            _late(row, scope, lane, count)
            for scope in whole
            for lane, count in covered.words_left(scope).items()
        ]
        append_many(sorted(drafts, key=lambda draft: draft.lane))
    return sum(draft.count for draft in drafts)


def _late(row: Erasure, scope: Scope, lane: int, count: int) -> Draft:
    return Draft(
        fact=Erased(), key=f"erase:{row.obj}:{lane}:{scope.subj}:late:{clock.now_ms()}", actor=row.agreed_by,
        obj="", lane=lane, subj=scope.subj, basis=row.basis, count=count, by=(row.asked_by, row.agreed_by),
    )  # fmt: skip


def _ended(erasure: str) -> bool:
    rows = Erasure.objects.filter(obj=erasure, state=Erasure.ERASING)
    rows.update(state=Erasure.ERASED, ended_at=clock.now_ms())
    return True


def _dropped(scope: Scope, before: Entry | None) -> int:
    with transaction.atomic():
        return covered.drop_words(scope, before, WORDS)


def _follow(one: projection.Projection, lane: int, end: tuple[int, int], ends: float) -> bool:
    """Brings a projection to this place of a lane; False when another worker is at it, or it takes long."""
    while not _is_there(one, lane, end):
        if not projection.catch_up(one, lane) or time.monotonic() > ends:
            return _is_there(one, lane, end)
    return True


def _is_there(one: projection.Projection, lane: int, end: tuple[int, int]) -> bool:
    place = Cursor.objects.filter(follower=one.name, lane=lane).values_list("year", "seq").first()
    return place is not None and place >= end
