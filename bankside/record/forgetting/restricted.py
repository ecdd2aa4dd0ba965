"""Words that are stored and shown to nobody: restricted by one person, shown again when two agree.

A restriction hides what is already there and what comes later from the same subject: from lists, from search,
from whoever opens an entry. Nothing is deleted. The rows are the truth; a fact in each lane has the
projections told anew.
"""

from __future__ import annotations

from django.db import transaction

from bankside.record import clock, two_people
from bankside.record.append import Draft, Entry, append_many, lock
from bankside.record.facts.keeping import RestrictionLifted, WordsRestricted
from bankside.record.forgetting import covered
from bankside.record.forgetting.covered import SPARED, Scope
from bankside.record.lane import lane_count
from bankside.record.models import Restriction
from bankside.record.reasons import reason_of
from bankside.said import Said

LISTED_MAX = 500


class Restricted(PermissionError):
    """The words are stored and shown to nobody until two people agree."""


class Hidden:
    """Which entries' words are shown to nobody now; one statement when it is made."""

    def __init__(self) -> None:
        self._scopes = {Scope(*row) for row in Restriction.objects.values_list("subj", "about")}

    def holds(self, entry: Entry) -> bool:
        """Whether an entry is among them."""
        if not self._scopes or entry.type in SPARED:
            return False
        return Scope(entry.subj) in self._scopes or Scope(entry.subj, entry.obj) in self._scopes


def place(actor: str, scope: Scope, reason: str) -> Restriction:
    """Hides the words of a scope. Twice is once. Raises ReasonMissing, NoSuchThing, NotAPerson."""
    why, by = reason_of(reason), two_people.person(actor)
    if not covered.words_left(scope):
        raise two_people.NoSuchThing(Said("The record has no words of this subject."))
    with transaction.atomic():
        lock(range(lane_count()))
        return hide(by, scope, why)


def hide(actor: str, scope: Scope, reason: str) -> Restriction:
    """The same in a transaction that has all lanes already, such as that of an erasure that must wait."""
    row, made = Restriction.objects.get_or_create(
        subj=scope.subj, about=scope.about,
        defaults={"reason": reason, "placed_by": actor, "placed_at": clock.now_ms()},
    )  # fmt: skip
    if made:
        said = WordsRestricted(subject=scope.subj, about=scope.about, reason=reason)
        _tell(row, said, "record.words-restricted", actor)
    return row


def ask_to_lift(actor: str, scope: Scope, reason: str) -> Restriction:
    """Somebody asks that the words be shown again; nothing changes until another person agrees."""
    why, by = reason_of(reason), two_people.person(actor)
    with transaction.atomic():
        row = get(scope, for_change=True)
        row.lift_by, row.lift_why = by, why
        row.save()
    return row


def lift(actor: str, scope: Scope) -> None:
    """The second person agrees: the words are shown again. Raises SamePerson, NotNow, NoSuchThing."""
    by = two_people.person(actor)
    with transaction.atomic():
        lock(range(lane_count()))
        row = get(scope, for_change=True)
        if not row.lift_by:
            raise two_people.NotNow(Said("Nobody has asked that these words be shown again."))
        pair = two_people.other(row.lift_by, by)
        said = RestrictionLifted(subject=scope.subj, about=scope.about, reason=row.lift_why, by=pair)
        _tell(row, said, "record.restriction-lifted", by)
        row.delete()


def get(scope: Scope, *, for_change: bool = False) -> Restriction:
    """The restriction of a scope; raises NoSuchThing."""
    rows = Restriction.objects.select_for_update() if for_change else Restriction.objects
    row = rows.filter(subj=scope.subj, about=scope.about).first()
    if row is None:
        raise two_people.NoSuchThing(Said("These words are not restricted."))
    return row


def all_of() -> list[Restriction]:
    """Every restriction, newest first, at most 500."""
    return list(Restriction.objects.order_by("-id")[:LISTED_MAX])


def _tell(row: Restriction, said: object, name: str, actor: str) -> None:
    """One fact in each lane that has such words, in ascending order, so that each lane is told anew."""
    scope = Scope(row.subj, row.about)
    obj = scope.about or scope.subj
    append_many(
        [
            Draft(fact=said, key=f"{name}:{row.pk}:{row.placed_at}:{lane}", actor=actor, obj=obj, lane=lane)
            for lane in sorted(covered.lanes_of(scope) or {0: 0})
        ]
    )
