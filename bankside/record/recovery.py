"""Whether anything may be added to the record now, decided in one place.

Two things make the desk read-only. *Recovery mode*: the signer refused what this desk asks it to sign, or
neither files nor rows give the root that was signed; it lasts over every start, until two people end it
(`recovering`). *A full disk*: it ends by itself when there is room again. Meanwhile people sign in, read,
check and export, and each of these is recorded as ever; nothing else is appended, nothing goes out, and
networks are told to send again later.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection

from bankside.record import clock
from bankside.record.models import Standstill
from bankside.said import Said

RECOVERY: Final = "recovery"
DISK: Final = "disk"
KINDS: Final = (RECOVERY, DISK)
# Types of leaves that tell of reading: without them nobody could look, which is what the mode is for.
ALWAYS: Final = frozenset({"login", "read", "export", "verify"})
# Read-only until there is a tenth more room than is wanted: else a desk at the edge would go on and stop.
ROOM_AGAIN_PERCENT: Final = 110
REASON_CHARACTERS_MAX: Final = 400
RETRY_SECONDS: Final = 60

log = logging.getLogger(__name__)
_disk_low = False


class ReadOnly(RuntimeError):
    """Nothing may be added to the record now; `kind` is RECOVERY or DISK, the message says what to do."""

    def __init__(self, mode: Mode) -> None:
        self.kind = mode.kind
        super().__init__(mode.said)


class Mode(NamedTuple):
    """Why the desk is read-only: RECOVERY or DISK, what to do about it, since when (ms; 0: not known)."""

    kind: str
    said: Said
    reason: str
    since: int


def mode() -> Mode | None:
    """Why nothing may be added now; None when all is well. One short statement."""
    return _recovery() or low_disk()


def is_reading(types: Iterable[str]) -> bool:
    """Whether entries with leaves of these types may be appended also while nothing else may."""
    return ALWAYS.issuperset(types)


def require_room() -> None:
    """Raises ReadOnly when the disk is almost full."""
    if (why := low_disk()) is not None:
        raise ReadOnly(why)


def require_open() -> None:
    """Raises ReadOnly when the desk is read-only for whatever reason."""
    if (why := mode()) is not None:
        raise ReadOnly(why)


def begin(reason: str) -> None:
    """Recovery mode from now on; the first reason stays. Durable when the caller's transaction is."""
    reason = reason[:REASON_CHARACTERS_MAX]
    _, made = Standstill.objects.get_or_create(id=1, defaults={"reason": reason, "since": clock.now_ms()})
    if made:
        log.error("recovery mode, nothing is appended any more: %s", reason)


def _recovery() -> Mode | None:
    """By the plainest of statements, as long as there is nothing."""
    with connection.cursor() as cursor:
        cursor.execute("select reason, since from record_standstill")
        row = cursor.fetchone()
    if row is None:
        return None
    said = Said(
        "The desk is in recovery mode: what it has does not go on from what was signed. Nothing is added to"
        " the record until two people have looked. Start with the page Recovery."
    )
    return Mode(RECOVERY, said, *row)


def low_disk() -> Mode | None:
    """Why nothing more is kept, when there is less room than BANKSIDE_DISK_FREE_MB_MIN."""
    global _disk_low
    free, wanted = free_bytes(), settings.DISK_FREE_MB_MIN * 1_000_000
    low = free < wanted * (ROOM_AGAIN_PERCENT if _disk_low else 100) // 100
    if low != _disk_low:
        _disk_low = low
        log.error(
            "the disk has %d MB left: %s", free // 1_000_000, "read-only" if low else "the desk goes on"
        )
    if not low:
        return None
    said = Said(
        "The disk is almost full, and nothing more is kept until there is room. Tell whoever runs this desk;"
        " it goes on by itself then."
    )
    return Mode(DISK, said, f"{free // 1_000_000} MB are left, {settings.DISK_FREE_MB_MIN} are wanted", 0)


def free_bytes() -> int:
    """How much may still be written where the desk's data lies: on the disk with the least room."""
    places = [str(settings.DATA), str(settings.LOG_FOLDER)]
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not name.startswith("file:"):
        places.append(name)
    return min(map(_free, places))


def _free(place: str) -> int:
    """On the disk of the nearest folder that is there; quick, as it is asked before each append."""
    while True:
        try:
            found = os.statvfs(place)
        except FileNotFoundError:
            place = os.path.dirname(place) or "."  # noqa: PTH120 # ends at the root, which is there
            continue
        except OSError as refused:  # nothing is written to a disk that does not even say how full it is
            log.error("the disk of %s does not say how much room is left: %s", place, refused.strerror)
            return 0
        return found.f_bavail * found.f_frsize
