"""Legal holds: nothing of a subject, an object or a channel is erased until another person has released it.

A hold comes before everything: before a wish to be forgotten, before an order, before the end of a term.
Placing one and deciding an erasure hold the same lock, so that of the two the first one counts, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.db import connection, transaction

from bankside.record import announced, clock, subjects, two_people
from bankside.record.append import append, lock
from bankside.record.facts.keeping import HoldPlaced, HoldReleased
from bankside.record.forgetting import covered
from bankside.record.forgetting.covered import Scope
from bankside.record.ids import new_id
from bankside.record.lane import lane_count
from bankside.record.models import Entry, Hold
from bankside.record.reasons import reason_of
from bankside.said import Said

KINDS = (Hold.SUBJECT, Hold.OBJECT, Hold.CHANNEL)
LISTED_MAX = 500
ChannelsOf = Callable[[Sequence[str]], dict[str, set[str]]]
_channels_of: list[ChannelsOf] = []


class AlreadyErased(LookupError):
    """The hold comes too late: the erasure was decided before."""


def contribute(channels_of: ChannelsOf) -> None:
    """The room of channels says on which channels (by obj) things were said: {obj of a thing: channels}."""
    _channels_of.append(channels_of)


def place(actor: str, kind: str, target: str, reason: str) -> Hold:
    """Keeps everything of the target. Raises ReasonMissing, NoSuchThing, and AlreadyErased when nothing is
    left."""
    if kind not in KINDS:
        raise two_people.NoSuchThing(Said("A hold is on a subject, an object or a channel."))
    why, target, by = reason_of(reason), two_people.name(target), two_people.person(actor)
    with transaction.atomic():
        lock(range(lane_count()))
        _refuse_unknown(kind, target)
        row = Hold.objects.create(
            obj=new_id(), kind=kind, target=target, reason=why, placed_by=by, placed_at=clock.now_ms()
        )
        said = HoldPlaced(hold=row.obj, kind=kind, target=target, reason=why)
        append(said, f"record.hold-placed:{row.obj}", actor=by, obj=target)
    return row


def release(actor: str, hold: str, reason: str) -> Hold:
    """Ends a hold. Raises SamePerson for whoever placed it, ReasonMissing, NoSuchThing, NotNow."""
    why, by = reason_of(reason), two_people.person(actor)
    with transaction.atomic():
        row = get(hold, lock=True)
        if row.released_at:
            raise two_people.NotNow(Said("This hold was released before."))
        if row.placed_by == by:
            raise two_people.SamePerson(Said("Another person has to release what you hold."))
        row.released_by, row.released_at, row.why = by, clock.now_ms(), why
        row.save()
        said = HoldReleased(hold=row.obj, kind=row.kind, target=row.target, reason=why)
        append(said, f"record.hold-released:{row.obj}", actor=by, obj=row.target)
    return row


def get(hold: str, *, lock: bool = False) -> Hold:
    """A hold by its obj; raises NoSuchThing."""
    rows = Hold.objects.select_for_update() if lock else Hold.objects
    row = rows.filter(obj=two_people.name(hold)).first()
    if row is None:
        raise two_people.NoSuchThing(Said("There is no such hold."))
    return row


def in_force() -> list[Hold]:
    """All holds that were not released, newest first, at most 500."""
    return list(Hold.objects.filter(released_at=0).order_by("-id")[:LISTED_MAX])


def on(scope: Scope) -> list[Hold]:
    """The holds that keep words of this scope from being erased."""
    rows = list(Hold.objects.filter(released_at=0))
    if not rows:
        return []
    objs = [scope.about] if scope.about else covered.objs_of(scope)
    held = Held(rows, objs)
    people = {scope.subj} | (_people_in(scope.about) if scope.about else set())
    return [row for row in rows if held.by(row, people, objs)]


class Held:
    """Holds in force, asked of many entries: the channels of things are looked up once."""

    def __init__(self, rows: Sequence[Hold], objs: Iterable[str]) -> None:
        self._rows = rows
        self._channels: dict[str, set[str]] = {}
        if any(row.kind == Hold.CHANNEL for row in rows):
            self._channels = channels_of(sorted(set(objs)))

    def by(self, row: Hold, people: set[str], objs: Iterable[str]) -> bool:
        """Whether this hold is on one of these people or things."""
        if row.kind == Hold.SUBJECT:
            return row.target in people
        if row.kind == Hold.OBJECT:
            return row.target in set(objs)
        return any(row.target == obj or row.target in self._channels.get(obj, ()) for obj in objs)

    def holds(self, subj: str, obj: str) -> bool:
        """Whether any of them is on an entry of this subject about this thing."""
        return any(self.by(row, {subj}, (obj,)) for row in self._rows)


def channels_of(objs: Sequence[str]) -> dict[str, set[str]]:
    """On which channels these things were said, as far as any room knows."""
    announced.bring()
    found: dict[str, set[str]] = {}
    for one in _channels_of:
        for obj, channels in one(objs).items():
            found.setdefault(obj, set()).update(channels)
    return found


def _people_in(obj: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select distinct subj from record_entry where obj = %s", [obj])
        return {subj for (subj,) in cursor.fetchall()} - {subjects.desk()}


def _refuse_unknown(kind: str, target: str) -> None:
    if kind != Hold.SUBJECT:
        if not Entry.objects.filter(obj=target).exists():
            raise two_people.NoSuchThing(Said("The record tells of nothing with this id."))
        return
    if subjects.is_known(target):
        return
    if Entry.objects.filter(subj=target, fact=covered.ERASED).exists():
        raise AlreadyErased(
            Said("This person's words are erased already; nothing is left that could be held.")
        )
    raise two_people.NoSuchThing(Said("The desk knows no such subject."))
