"""Forgetting a person, or one thing that she said: decided by two people, then driven to its end.

The decision is one transaction: it looks for holds and duties, writes an `erase` leaf in every lane that it
concerns and destroys the person's key. From its commit on nobody can read a word. What is left to delete
(shredding.py) is done after that, and again until nothing is left, whatever dies meanwhile. If a hold or a
duty to keep is in force the words are restricted instead, and erased when it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.db import transaction

from bankside.record import clock, jobs, subjects, two_people
from bankside.record.append import Draft, append, append_many, entries_where, lock
from bankside.record.facts.keeping import Erased, ErasureAsked, ErasureDeclined, ErasureWaits
from bankside.record.forgetting import covered, duties, forgetters, holding, shredding
from bankside.record.forgetting.basis import is_over_duty
from bankside.record.forgetting.covered import ERASED, Scope
from bankside.record.forgetting.restricted import hide
from bankside.record.identifiers import kept
from bankside.record.ids import new_id
from bankside.record.lane import lane_count
from bankside.record.log.leaf import LeafWrong, parse
from bankside.record.models import Erasure, Restriction
from bankside.record.reasons import REASON_CHARACTERS_MAX, reason_of
from bankside.said import Said

LISTED_MAX = 500
_CODE = re.compile("[A-Za-z0-9.:/-]{1,64}")


class BasisWrong(ValueError):
    """The code for why words are erased is none."""


def ask(actor: str, scope: Scope, basis: str, reason: str = "") -> Erasure:
    """Somebody asks that words be forgotten; nothing happens until another person agrees.

    The same wish again, while it waits, is the same request. Raises BasisWrong, NoSuchThing, NotAPerson.
    """
    by, why = two_people.person(actor), kept(" ".join(reason.split()))[:REASON_CHARACTERS_MAX]
    if not _CODE.fullmatch(basis):
        raise BasisWrong(Said("A basis is a code of letters, digits and . : / - such as GDPR-17."))
    with transaction.atomic():
        _refuse_unknown(scope)
        there = Erasure.objects.filter(subj=scope.subj, about=scope.about, state__in=OPEN)
        if row := there.first():
            return row
        row = Erasure.objects.create(
            obj=new_id(), subj=scope.subj, about=scope.about, basis=basis, reason=why, asked_by=by,
            asked_at=clock.now_ms(),
        )  # fmt: skip
        said = ErasureAsked(request=row.obj, subject=scope.subj, about=scope.about, basis=basis, reason=why)
        append(said, f"record.erasure-asked:{row.obj}", actor=by, obj=row.obj)
    return row


def agree(actor: str, request: str) -> Erasure:
    """The second person agrees: the words are erased, or restricted while something comes first.

    What is left to delete is done by the next worker, or by `shredding.drive` at once. Raises SamePerson,
    NoSuchThing, NotNow.
    """
    row = get(request)
    two_people.other(row.asked_by, actor)
    if row.state == Erasure.ASKED:
        _leave(row, actor)
    with transaction.atomic():
        lock(range(lane_count()))
        row = get(request, for_change=True)
        if row.state != Erasure.ASKED:
            raise two_people.NotNow(Said("This request was decided before."))
        row.agreed_by, row.agreed_at = actor, clock.now_ms()
        return _decide(row)


def decline(actor: str, request: str, reason: str) -> Erasure:
    """Somebody does not agree, or takes back her wish. Raises ReasonMissing, NoSuchThing, NotNow."""
    by, why = two_people.person(actor), reason_of(reason)
    with transaction.atomic():
        lock(range(lane_count()))  # before the row, as whoever agrees does
        row = get(request, for_change=True)
        if row.state != Erasure.ASKED:
            raise two_people.NotNow(Said("This request was decided before."))
        row.state, row.agreed_by, row.why, row.ended_at = Erasure.DECLINED, by, why, clock.now_ms()
        row.save()
        said = ErasureDeclined(request=row.obj, reason=why)
        append(said, f"record.erasure-declined:{row.obj}", actor=by, obj=row.obj)
    return row


def reconsider() -> int:
    """Erases what two people agreed to and what waited for a hold or a duty that is over now; how many."""
    done = 0
    for request in list(Erasure.objects.filter(state=Erasure.WAITING).values_list("obj", flat=True)):
        row = get(request)
        _leave(row, row.agreed_by)
        with transaction.atomic():
            lock(range(lane_count()))
            row = get(request, for_change=True)
            if row.state == Erasure.WAITING and not _in_the_way(row):
                _decide(row)
                done += 1
    return done


def get(request: str, *, for_change: bool = False) -> Erasure:
    """A request by its obj. Raises NoSuchThing."""
    rows = Erasure.objects.select_for_update() if for_change else Erasure.objects
    row = rows.filter(obj=two_people.name(request)).first()
    if row is None:
        raise two_people.NoSuchThing(Said("There is no such request."))
    return row


def all_of(*states: str) -> list[Erasure]:
    """Requests, newest first, at most 500; of these states, or all."""
    rows = Erasure.objects.filter(state__in=states) if states else Erasure.objects.all()
    return list(rows.order_by("-id")[:LISTED_MAX])


def replay(further: Iterable[bytes] = ()) -> int:
    """Drives every erasure of the record to its end again, and of `further` leaves; how many there were.

    To be called before a restored desk serves anybody. `further`: leaves (canonical bytes) that the published
    logs have and the restored rows have not; those that are no erasure are passed over. Derived tables are
    left to whoever computes them again. Twice is once.
    """
    subjects.forget()
    done = 0
    for entry in entries_where("fact = %s order by n", [ERASED]):
        scope = covered.scope_of(entry.leaf)
        forgetters.last_look(scope)
        shredding.destroy(scope)
        shredding.drop_covered(entry)
        forgetters.forget(scope)
        done += 1
    for scope in _scopes(further):
        forgetters.last_look(scope)
        shredding.destroy(scope)
        shredding.drop_all(scope)
        forgetters.forget(scope)
        done += 1
    go_on()
    if done:
        forgetters.restored()
        shredding.tidy()
    return done


def go_on() -> None:
    """What was decided and is not done is due now: called at the start of a worker and each hour."""
    for obj in Erasure.objects.filter(state=Erasure.ERASING).values_list("obj", flat=True):
        key, data = shredding.job_key(obj), {"erasure": obj}
        if not jobs.enqueue(shredding.JOB, key, due_ms=clock.now_ms(), data=data):
            jobs.wake(key, clock.now_ms())


OPEN = (Erasure.ASKED, Erasure.WAITING, Erasure.ERASING)


def _leave(row: Erasure, actor: str) -> None:
    """What goes on with the person ends first, in transactions of its own: it appends, and takes locks."""
    if not row.about and not _in_the_way(row):
        for subj in forgetters.same_person(row.subj):
            forgetters.leave(subj, actor)


# --- deciding ------------------------------------------------------------------------------------------
def _decide(row: Erasure) -> Erasure:
    """In a transaction that holds all lanes: erased, or restricted and to wait."""
    pair, scope = two_people.other(row.asked_by, row.agreed_by), Scope(row.subj, row.about)
    if reason := _in_the_way(row):
        return _wait(row, scope, reason)
    scopes = list(_scopes_of(scope))
    free = [one for one in scopes if one.about == scope.about or not _stopped(one, row.basis)]
    for one in scopes:
        if one not in free:
            hide(row.agreed_by, one, str(Said("A duty to keep comes first.")))
    drafts = [draft for one in free for draft in _drafts(row, one, pair)]
    entries = append_many(sorted(drafts, key=lambda draft: draft.lane))
    for one in free:
        if not one.about:
            subjects.erase(one.subj)
        Restriction.objects.filter(subj=one.subj, **({"about": one.about} if one.about else {})).delete()
    row.state, row.entry = Erasure.ERASING, entries[0].n
    row.save()
    jobs.enqueue(shredding.JOB, shredding.job_key(row.obj), due_ms=clock.now_ms(), data={"erasure": row.obj})
    return row


def _wait(row: Erasure, scope: Scope, reason: str) -> Erasure:
    row.state, row.why = Erasure.WAITING, str(reason)[:REASON_CHARACTERS_MAX]
    row.save()
    for one in _scopes_of(scope):
        if covered.words_left(one):
            hide(row.agreed_by, one, row.why)
    said = ErasureWaits(request=row.obj, reason=row.why, until_ms=duties.until_ms(scope))
    append(said, f"record.erasure-waits:{row.obj}", actor=row.agreed_by, obj=row.obj)
    return row


def _drafts(row: Erasure, scope: Scope, pair: tuple[str, str]) -> Iterator[Draft]:
    """One leaf in each lane that has such words, or had some; `count` is how many entries it covers."""
    for lane, count in (covered.lanes_of(scope) or {0: 0}).items():
        yield Draft(
            fact=Erased(), key=f"erase:{row.obj}:{lane}:{scope.subj}:{scope.about}", actor=row.agreed_by,
            obj=scope.about, lane=lane, subj=scope.subj, basis=row.basis, count=count, by=pair,
        )  # fmt: skip


def _scopes_of(scope: Scope) -> Iterator[Scope]:
    """The person under all her subjects, and the desk's words in exchanges with nobody but her."""
    if scope.about:
        yield scope
        return
    everybody = forgetters.same_person(scope.subj)
    yield from map(Scope, everybody)
    for obj in covered.between(everybody, subjects.desk()):
        yield Scope(subjects.desk(), obj)


def _in_the_way(row: Erasure) -> str:
    """Why the words may not be erased now; empty when they may."""
    scope = Scope(row.subj, row.about)
    people = [scope] if scope.about else map(Scope, forgetters.same_person(scope.subj))
    return next((reason for one in people if (reason := _stopped(one, row.basis))), "")


def _stopped(scope: Scope, basis: str) -> str:
    if holding.on(scope):
        return Said("A legal hold comes first.")
    if not is_over_duty(basis) and duties.until_ms(scope):
        return Said("A duty to keep comes first.")
    return ""


def _refuse_unknown(scope: Scope) -> None:
    if scope.about:
        if not covered.words_left(scope):
            raise two_people.NoSuchThing(Said("The record has no words of this subject about this."))
        return
    if scope.subj == subjects.desk():
        raise two_people.NoSuchThing(
            Said("These are the desk's own words: name the one object that is to be forgotten.")
        )
    if not subjects.is_known(scope.subj):
        raise two_people.NoSuchThing(Said("The desk knows no such subject, or has forgotten it already."))


def _scopes(leaves: Iterable[bytes]) -> Iterator[Scope]:
    for leaf in leaves:
        try:
            said = parse(leaf)
        except LeafWrong:
            continue
        if said["type"] == "erase":
            yield Scope(said["subj"], said.get("obj", ""))
