"""Who may decide what is kept and what is forgotten: the acts of the record, asked of the table of acts.

Whoever asks for an erasure, and whoever agrees, are two people; so are those who place a hold and release it,
and those who show restricted words again. The record refuses one person in both places by itself.
"""

from __future__ import annotations

import time

from django.db import transaction

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import two_people
from bankside.record.forgetting import erasing, holding, restricted, shredding
from bankside.record.forgetting.covered import Scope
from bankside.record.models import Erasure, Hold, Restriction

SEE, ASK, AGREE = "keeping.see", "erasure.ask", "erasure.agree"
PLACE, RELEASE = "hold.place", "hold.release"
# Others read and write meanwhile; what is not done then is done by the worker.
TRIES_MAX, TRY_SECONDS = 40, 0.5


def ask(staff: Staff, subj: str, about: str, basis: str, reason: str) -> Erasure:
    """She asks that words be forgotten. Raises NotYours and what `erasing.ask` raises."""
    policy.require(staff, ASK)
    return erasing.ask(staff.actor, scope(subj, about), basis, reason)


def agree(staff: Staff, request: str) -> Erasure:
    """She agrees. Raises NotYours and what `erasing.agree` raises."""
    policy.require(staff, AGREE)
    return erasing.agree(staff.actor, request)


def decline(staff: Staff, request: str, reason: str) -> Erasure:
    """She does not agree, or takes back what she asked for. Raises NotYours and what `decline` raises."""
    if not policy.may(staff, ASK):
        policy.require(staff, AGREE)
    return erasing.decline(staff.actor, request, reason)


def erase(first: Staff, second: Staff, subj: str, about: str, basis: str, reason: str) -> Erasure:
    """Both at once, as on the command line, driven to its end as far as nothing else is in the way."""
    two_people.other(first.actor, second.actor)
    policy.require(second, AGREE)
    row = ask(first, subj, about, basis, reason)
    if row.state == Erasure.ASKED:
        row = agree(second, row.obj)
    for _ in range(TRIES_MAX if row.state == Erasure.ERASING else 0):
        if shredding.drive(row.obj):
            break
        time.sleep(TRY_SECONDS)
    row.refresh_from_db()
    return row


def place(staff: Staff, kind: str, target: str, reason: str) -> Hold:
    """She places a hold. Raises NotYours and what `holding.place` raises."""
    policy.require(staff, PLACE)
    return holding.place(staff.actor, kind, target, reason)


def release(staff: Staff, hold: str, reason: str) -> Hold:
    """She releases another person's hold; what waited for it goes on. Raises NotYours, and as `release`."""
    policy.require(staff, RELEASE)
    row = holding.release(staff.actor, hold, reason)
    erasing.reconsider()
    return row


def restrict(staff: Staff, subj: str, about: str, reason: str) -> Restriction:
    """She has words hidden. Raises NotYours and what `restricted.place` raises."""
    policy.require(staff, ASK)
    return restricted.place(staff.actor, scope(subj, about), reason)


def ask_to_lift(staff: Staff, subj: str, about: str, reason: str) -> Restriction:
    """She asks that hidden words be shown again. Raises NotYours and what `ask_to_lift` raises."""
    policy.require(staff, ASK)
    return restricted.ask_to_lift(staff.actor, scope(subj, about), reason)


def lift(staff: Staff, subj: str, about: str) -> None:
    """She agrees to that. Raises NotYours and what `restricted.lift` raises."""
    policy.require(staff, AGREE)
    restricted.lift(staff.actor, scope(subj, about))


def show_again(first: Staff, second: Staff, subj: str, about: str, reason: str) -> None:
    """Both at once, as on the command line, or nothing. Raises what `ask_to_lift` and `lift` raise."""
    two_people.other(first.actor, second.actor)
    policy.require(second, AGREE)
    with transaction.atomic():
        ask_to_lift(first, subj, about, reason)
        lift(second, subj, about)


def scope(subj: str, about: str) -> Scope:
    """The words that two ids name. Raises NoSuchThing."""
    return Scope(two_people.name(subj), two_people.name(about, empty=True))
