"""Twice is once for programs: the same request under the same key is done once and answered alike.

A program that heard no answer sends its request again. Within a day the desk knows the key: it gives the
old answer, or says that the request is under way, or that nobody knows how it ended.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from bankside.people.models import Repeat, Staff
from bankside.record import clock, sealed
from bankside.said import Said

KEY_CHARACTERS_MAX = 200
KEPT_MS = 24 * 3_600_000
RUNNING_SECONDS_MAX = 60


class BadKey(ValueError):
    """The key cannot be one."""


class OtherRequest(ValueError):
    """The key stands for another request of hers."""


class StillRunning(ValueError):
    """The first request has not been answered; the message says whether to wait or to look."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered: HTTP status, content type, exact bytes."""

    status: int
    kind: str
    body: bytes


def require(key: str | None) -> None:
    """For what must not be done without a key. Raises BadKey when there is none."""
    if not key:
        raise BadKey(
            Said(
                "This needs an Idempotency-Key: 1 to %(number)s printable ASCII characters, new for each wish"
                " and the same when it is sent again. Without it nobody could tell the two apart.",
                number=KEY_CHARACTERS_MAX,
            )
        )


def begin(staff: Staff, key: str, digest: str) -> Answer | None:
    """Remembers that a request begins; the old answer when it was answered before.

    `digest` names what is asked for: method, address and body. Raises BadKey, OtherRequest, StillRunning.
    """
    _refuse_bad(key)
    now = clock.now_ms()
    with transaction.atomic():
        Repeat.objects.filter(at__lt=now - KEPT_MS).delete()
        row, fresh = Repeat.objects.get_or_create(
            staff=staff, key=key, defaults={"digest": digest, "at": now}
        )
    if fresh:
        return None
    if row.digest != digest:
        raise OtherRequest(Said("This Idempotency-Key was used for another request. Use a new key."))
    if not row.status:
        raise StillRunning(_unanswered(now - row.at))
    return Answer(row.status, row.kind, sealed.unseal("answer", bytes(row.body), _context(staff, key)))


def finish(staff: Staff, key: str, answer: Answer) -> None:
    """Keeps the answer for whoever asks again."""
    body = sealed.seal("answer", answer.body, _context(staff, key))
    Repeat.objects.filter(staff=staff, key=key, status=0).update(
        status=answer.status, kind=answer.kind, body=body
    )


def give_up(staff: Staff, key: str) -> None:
    """Nothing was done: the key is free again."""
    Repeat.objects.filter(staff=staff, key=key, status=0).delete()


def _refuse_bad(key: str) -> None:
    if not 0 < len(key) <= KEY_CHARACTERS_MAX or not (key.isascii() and key.isprintable()):
        raise BadKey(
            Said(
                "Idempotency-Key: 1 to %(number)s printable ASCII characters, new each time.",
                number=KEY_CHARACTERS_MAX,
            )
        )


def _unanswered(age_ms: int) -> Said:
    if age_ms < RUNNING_SECONDS_MAX * 1000:
        return Said("This request is being done. Ask again in some seconds.")
    return Said("This request began and was never answered. Look whether it was done, then use a new key.")


def _context(staff: Staff, key: str) -> str:
    return f"{staff.uid}|{key}"
