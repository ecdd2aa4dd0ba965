"""Followers of the record: projections (tables that can be computed again) and reactions (facts added).

A follower has one cursor per lane and moves it in the transaction of its effects: a kill rolls back
both, and the next worker does the same entries again. An entry that a follower cannot take is set
aside in `Quarantined` and the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, ClassVar

from django.db import models, transaction

from bankside.record import announced, clock, subjects
from bankside.record import fact as facts
from bankside.record.append import Draft, Entry, append_many, entries_where, entry_of
from bankside.record.away import AWAY
from bankside.record.forgetting import covered, retelling
from bankside.record.forgetting.restricted import Hidden
from bankside.record.lane import lane_count
from bankside.record.models import Cursor, Head, Payload, Quarantined
from bankside.record.models import Entry as Row
from bankside.record.payload import decrypt

BATCH_MAX = 500
log = logging.getLogger(__name__)


class Follower:
    """Somebody who reads the record in order. `facts` = () wants every fact."""

    name: ClassVar[str]
    facts: ClassVar[tuple[type, ...]] = ()

    def batch(self, told: Sequence[tuple[Entry, Any]]) -> AbstractContextManager[None]:
        """Entered around the entries of a batch, for what is better written once for all of them."""
        return nullcontext()

    def take(self, entry: Entry, fact: Any) -> Iterable[Draft]:
        """One entry with its fact; None when its words were erased. Gives what is to be appended for it."""
        raise TypeError(f"{type(self).__name__} is neither a Projection nor a Reaction")


class Projection(Follower):
    """Writes its own `tables` and nothing else, from facts and nothing else: no clock, setting or model.

    The id of a row is the arrival number `n` of the first entry that made it.
    """

    tables: ClassVar[tuple[type[models.Model], ...]]

    def apply(self, entry: Entry, fact: Any) -> None:
        """Changes the tables for one entry."""
        raise TypeError(f"{type(self).__name__} has no apply")

    def take(self, entry: Entry, fact: Any) -> Iterable[Draft]:
        """What a follower does with an entry: apply it."""
        self.apply(entry, fact)
        return ()


class Reaction(Follower):
    """Adds facts because it saw a fact, under keys derived from what it saw."""

    def react(self, entry: Entry, fact: Any) -> Iterable[Draft]:
        """Decides what to add; it is appended for the whole batch. Twice is once because of the keys."""
        raise TypeError(f"{type(self).__name__} has no react")

    def take(self, entry: Entry, fact: Any) -> Iterable[Draft]:
        """What a follower does with an entry: react to it. Erased words say nothing any more."""
        return self.react(entry, fact) if fact is not None else ()


_followers: dict[str, Follower] = {}


def register(follower: Follower) -> None:
    """A room makes its follower known (see `announced`); a second one of the same name replaces nothing."""
    known = _followers.setdefault(follower.name, follower)
    if type(known) is not type(follower):
        raise ValueError(f"two followers are called {follower.name}")


def followers() -> list[Follower]:
    """All followers: projections first, so that a reaction finds tables as new as its own entry."""
    announced.bring()
    return sorted(_followers.values(), key=lambda f: (isinstance(f, Reaction), f.name))


def follower_of(name: str) -> Follower:
    """The follower of that name; raises KeyError with the names there are."""
    announced.bring()
    try:
        return _followers[name]
    except KeyError:
        raise KeyError(f"no follower is called {name!r}; there are {', '.join(sorted(_followers))}") from None


def run_once() -> int:
    """Every follower, every lane, one batch each; how many entries were taken."""
    return sum(catch_up(f, lane) for f in followers() for lane in range(lane_count()))


def behind() -> list[tuple[Follower, int]]:
    """Followers and lanes where the record is ahead, projections first; reads only, two statements."""
    heads = {head.lane: (head.year, head.size - 1) for head in Head.objects.all()}
    rows = Cursor.objects.values_list("follower", "lane", "year", "seq")
    places = {(follower, lane): (year, seq) for follower, lane, year, seq in rows}
    return [
        (follower, lane)
        for follower in followers()
        for lane, end in heads.items()
        if end[1] >= 0 and places.get((follower.name, lane), (0, -1)) < end
    ]


def catch_up(follower: Follower, lane: int, limit: int = BATCH_MAX) -> int:
    """One batch in a transaction of its own; 0 when nothing is new or somebody else is at it."""
    with transaction.atomic():
        cursor = _cursor(follower, lane, wait=False)
        return 0 if cursor is None else _take_batch(follower, cursor, limit, strict=False)


def see(follower: Follower, lane: int) -> bool:
    """Lets a command see its own act: catches up in the command's transaction, at most 500 entries.

    False when the follower is further behind than that; the worker will bring the rest. An entry that
    cannot be taken raises, so that the command fails as a whole.
    """
    cursor = _cursor(follower, lane, wait=True)
    return cursor is not None and _take_batch(follower, cursor, BATCH_MAX, strict=True) < BATCH_MAX


def payload_of(n: int) -> Any:
    """The fact of entry `n`, decrypted; None when it was erased."""
    row = Row.objects.filter(n=n).first()
    return None if row is None else facts_of([entry_of(row)]).get(n)


def entries_after(lane: int, year: int, seq: int, limit: int) -> list[Entry]:
    """The next entries of a lane in order, across the turn of the year."""
    place = [lane, year, seq]
    same = entries_where("lane = %s and year = %s and seq > %s order by seq limit %s", [*place, limit])
    if len(same) == limit:
        return same
    later = "lane = %s and year > %s order by year, seq limit %s"
    return same + entries_where(later, [lane, year, limit - len(same)])


def deliver(follower: Follower, entries: Iterable[Entry]) -> None:
    """Hands entries to a follower in order, with their facts; what it does not want is passed over.

    Where words were erased or hidden, a projection is told anew of what they were about.
    """
    before: list[Entry] = []
    for entry in entries:
        before.append(entry)
        if entry.fact in covered.TURNS and isinstance(follower, Projection):
            _hand(follower, before)
            wanted, tell = facts.names_of(follower.facts), partial(_hand, follower)
            retelling.retell(follower.name, follower.tables, wanted, entry, payload_of(entry.n), tell)
            before = []
    _hand(follower, before)


def _hand(
    follower: Follower, entries: Sequence[Entry], hidden: Callable[[Entry], bool] | None = None
) -> None:
    wanted = facts.names_of(follower.facts)
    chosen = [entry for entry in entries if not wanted or entry.fact in wanted]
    said = facts_of([entry for entry in chosen if hidden is None or not hidden(entry)])
    told = [(entry, said.get(entry.n)) for entry in chosen]
    with follower.batch(told):
        drafts = [draft for entry, fact in told for draft in follower.take(entry, fact)]
    if drafts:
        append_many(drafts)


def _take_batch(follower: Follower, cursor: Cursor, limit: int, strict: bool) -> int:
    rows = entries_after(cursor.lane, cursor.year, cursor.seq, limit)
    if not rows:
        return 0
    if strict:
        deliver(follower, rows)
    else:
        _deliver_or_set_aside(follower, rows)
    cursor.year, cursor.seq = rows[-1].year, rows[-1].seq
    cursor.save(update_fields=["year", "seq"])
    return len(rows)


def _deliver_or_set_aside(follower: Follower, rows: list[Entry]) -> None:
    """The whole batch at once; if that fails, one by one, and the one that fails is set aside."""
    try:
        with transaction.atomic():
            deliver(follower, rows)
    except AWAY:
        raise  # the database is busy or gone: nothing is wrong with the entry
    except Exception as error:
        if len(rows) == 1:
            _set_aside(follower, rows[0], error)
            return
        for row in rows:
            _deliver_or_set_aside(follower, [row])


def _set_aside(follower: Follower, row: Entry, error: Exception) -> None:
    log.error("%s could not take entry %s: %s", follower.name, row.n, type(error).__name__)
    Quarantined.objects.get_or_create(
        follower=follower.name, n=row.n, defaults={"error": type(error).__name__, "at": clock.now_ms()}
    )


def _cursor(follower: Follower, lane: int, *, wait: bool) -> Cursor | None:
    Cursor.objects.get_or_create(follower=follower.name, lane=lane)
    query = Cursor.objects.select_for_update(skip_locked=not wait and _can_skip())
    return query.filter(follower=follower.name, lane=lane).first()


def _can_skip() -> bool:
    return bool(transaction.get_connection().features.has_select_for_update_skip_locked)


def facts_of(entries: list[Entry]) -> dict[int, Any]:
    """The decrypted facts by arrival number; erased and restricted ones are absent."""
    hidden = Hidden()
    entries = [row for row in entries if not hidden.holds(row)]
    subjects.load(row.subj for row in entries if row.subj)
    numbers = [row.n for row in entries]
    words = [
        one
        for start in range(0, len(numbers), BATCH_MAX)
        for one in Payload.objects.filter(n__in=numbers[start : start + BATCH_MAX]).values_list()
    ]
    payloads = {n: (bytes(salt), bytes(body)) for n, salt, body in words}
    opened = ((row, payloads.get(row.n)) for row in entries)
    return {row.n: fact for row, found in opened if found and (fact := _open(row, *found)) is not None}


def _open(entry: Entry, salt: bytes, body: bytes) -> Any:
    try:
        key = subjects.key_of(entry.subj)
    except subjects.Forgotten:
        return None
    return facts.decode(decrypt(key, entry.id, salt, body))
