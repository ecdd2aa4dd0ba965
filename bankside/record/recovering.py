"""Leaving recovery mode: what is known of each log that was refused, and how the record goes on.

Nothing lost: files or rows were put back, or the signer; then the logs are published on. Entries lost: the
lane opens another log whose first leaf names the head that was signed last. The log that is left stays as it
was published. What was recorded meanwhile and never signed stays too, bound by its root in the fact that
tells of all.
"""

from __future__ import annotations

import shutil
from typing import Final, NamedTuple

from django.db import transaction

from bankside.record import append, clock, left, recovery, seal, shards, signing
from bankside.record.facts.record import DeskRecovered
from bankside.record.ids import new_id
from bankside.record.log.merkle import root_of
from bankside.record.log.proofs import head_of
from bankside.record.models import Checkpoint, Entry, Head, Standstill
from bankside.record.shards import Tied
from bankside.said import Said

WHOLE: Final = "whole"
LOST: Final = "lost"
BEHIND: Final = "behind"
AWAY: Final = "away"


class NotStanding(ValueError):
    """The desk is not in recovery mode."""


class EntriesLost(ValueError):
    """Entries that were signed are not here: somebody has to say that the desk goes on without them."""


class SignerBehind(ValueError):
    """The signer remembers less than this desk has published, or does not answer."""


class Found(NamedTuple):
    """A log that was refused: how many entries are here, were published from here, and were signed.

    `state`: WHOLE, all that was signed is here; LOST, it is not; BEHIND, the signer remembers less than was
    published; AWAY, it does not answer. `signed` is the last signed head as a note, empty when there is none.
    """

    lane: int
    number: int
    origin: str
    here: int
    published: int
    signed_size: int
    state: str
    reason: str
    signed: str = ""


class Left(NamedTuple):
    """How recovery mode ended: the logs that were opened because entries are lost, if any."""

    opened: tuple[str, ...]


def look() -> list[Found]:
    """Every log that was refused, as it stands now; reads only."""
    rows = Checkpoint.objects.exclude(refused="").order_by("lane", "year")
    return [_found(row) for row in rows]


def leave(*, by: str, second: str, reason: str, without: bool = False) -> Left:
    """Ends recovery mode in the name of two actors. With `without`, lost entries are left behind.

    First everything is tried again. Raises NotStanding, EntriesLost, SignerBehind, ReadOnly (a full disk).
    """
    recovery.require_room()
    seal.seal_all(again=True, asks=True)
    with transaction.atomic():
        standing = _require_standing()
        found = look()
        _refuse(found, without)
        lost = sorted({one.lane for one in found})
        append.lock({0, *lost})
        Standstill.objects.all().delete()
        told = [_go_on(lane, [one for one in found if one.lane == lane]) for lane in lost]
        Checkpoint.objects.filter(lane__in=lost).update(refused="")
        fact = DeskRecovered(
            second=second, reason=reason, why=standing.reason, since=standing.since,
            left=tuple(note for note, _, _ in told), opened=tuple(origin for _, origin, _ in told),
            unsigned=tuple(line for _, _, lines in told for line in lines),
        )  # fmt: skip
        append.append(fact, f"record.desk-recovered:{new_id()}", actor=by, obj=new_id())
    _forget_files([one for one in found if not one.published])
    seal.seal_all()
    return Left(fact.opened)


def _forget_files(found: list[Found]) -> None:
    """Of a log that was left before anything of it was published: no head will ever promise them."""
    for one in found:
        shutil.rmtree(seal.folder_of(one.lane, one.number).path, ignore_errors=True)


def _require_standing() -> Standstill:
    """Why the desk stands still; nobody else ends it meanwhile."""
    row = Standstill.objects.select_for_update().first()
    if row is None:
        raise NotStanding(Said("The desk is not in recovery mode."))
    return row


def _refuse(found: list[Found], without: bool) -> None:
    """Why recovery mode cannot end like this."""
    for one in found:
        if one.state in (BEHIND, AWAY):
            raise SignerBehind(_what_to_do(one))
        if not without:
            raise EntriesLost(_what_to_do(one))


def _what_to_do(one: Found) -> Said:
    """What a person does about a log, in a sentence or two."""
    if one.state == AWAY:
        return Said("The signer does not answer. Start it, and try again.")
    if one.state == BEHIND:
        return Said(
            "The signer remembers %(signed)s entries of %(log)s, and %(published)s were published: put its"
            " folder back, or have it go on from the published head: bankside signer --adopt.",
            signed=one.signed_size, published=one.published, log=one.origin,
        )  # fmt: skip
    return Said(
        "%(signed)s entries of %(log)s were signed, and this desk has %(here)s, or others. First look for a"
        " newer backup. If there is none, say that the desk goes on without what is lost.",
        signed=one.signed_size, here=one.here, log=one.origin,
    )  # fmt: skip


def _found(row: Checkpoint) -> Found:
    origin = shards.origin_of(row.lane, row.year)
    here = Entry.objects.filter(lane=row.lane, year=row.year).count()
    try:
        note = signing.last_signed(origin) or row.note
    except (signing.NotSigned, RuntimeError):
        return Found(row.lane, row.year, origin, here, row.size, 0, AWAY, row.refused)
    size = head_of(note.encode()).size if note else 0
    known = Found(row.lane, row.year, origin, here, row.size, size, LOST, row.refused, note)
    return known._replace(state=_state(known))


def _state(one: Found) -> str:
    """Decided by the root that the rows here give at the size that was signed."""
    if one.signed_size < one.published or not one.signed:
        return BEHIND
    if one.signed_size > one.here:
        return LOST
    root = _root(one.lane, one.number, 0, one.signed_size)
    return WHOLE if root == head_of(one.signed.encode()).root.hex() else LOST


def _root(lane: int, number: int, first: int, stop: int) -> str:
    rows = Entry.objects.filter(lane=lane, year=number, seq__gte=first, seq__lt=stop).order_by("seq")
    return root_of(bytes(one) for one in rows.values_list("hash", flat=True).iterator()).hex()


# --- another log -----------------------------------------------------------------------------------------
def _go_on(lane: int, found: list[Found]) -> tuple[str, str, list[str]]:
    """Opens another log of the lane: the head signed last as a note, the new log, what was never signed."""
    head, now = Head.objects.get(lane=lane), clock.now_ms()
    number, note = _next(head, found, clock.year_of(now))
    unsigned = left.unsigned(lane, before=number)
    last = head_of(note.encode())
    shards.open_again(head, number, Tied(last.origin, last.size, last.root.hex()), now)
    Head.objects.filter(lane=lane).update(year=head.year, size=head.size)
    return note, shards.origin_of(lane, number), unsigned


def _next(head: Head, found: list[Found], year: int) -> tuple[int, str]:
    """The first number whose log was never signed, and the last head that was signed before it.

    A desk that was put back to before an earlier recovery finds the logs of that one signed.
    """
    note = max(found, key=lambda one: one.number).signed
    for number in shards.following(head.year, year):
        signed = signing.last_signed(shards.origin_of(head.lane, number))
        if not signed and shards.is_again(number) and shards.year_of(number) >= year:
            return number, note
        note = signed or note
    raise SignerBehind(Said("This lane has opened nine further logs this year, and no more are possible."))
