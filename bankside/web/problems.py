"""What the situations that rooms name are called on the outside: a status, a title and what to do.

One place for pages and API. What is not here is a mistake of ours and stays one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.utils import DataError

from bankside.approvals import consent
from bankside.channels import connect, delivery, picture
from bankside.inbox import conversation, reply
from bankside.people import repeats, staff
from bankside.people.policy import NotYours
from bankside.publish import post
from bankside.record.away import AWAY
from bankside.record.reading import NoSuchEntry

NOTHING = "Nothing was changed."
# Rooms whose errors are written for people; those of the record tell of damage, except one.
ROOMS = ("people", "approvals", "channels", "publish", "inbox")

# The thing is not where the reader thought: she looks again, and decides again.
CONFLICTS = (
    consent.Changed, consent.AlreadyDecided, consent.Expired, post.Changed, post.NotNow, post.AlreadyOut,
    conversation.Changed, reply.TooLate, delivery.TooLate, delivery.NoConsent, connect.NameTaken,
    connect.NotNow, staff.AlreadyHere, repeats.StillRunning,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """A situation as HTTP and people see it; `undone` says what was not done, or was kept."""

    status: int
    title: str
    detail: str
    undone: str = NOTHING


def problem_of(trouble: Exception) -> Problem | None:
    """The problem that an exception of a room is; None for a mistake of ours, which must not be hidden."""
    # SQLite calls a table or column that is missing by the same name; that is no matter of waiting.
    if isinstance(trouble, AWAY) and "no such" not in str(trouble):
        return Problem(503, "The desk is busy.", "The database is busy or away. Try again in some seconds.")
    if isinstance(trouble, DataError) and "NUL" in str(trouble):
        return Problem(
            422, "This cannot be kept.", "A text holds a NUL, which is no character. Leave it out."
        )
    if not _written_for_people(trouble):
        return None
    said = str(trouble)
    match trouble:
        case NotYours():
            return Problem(403, "This is not yours to do.", said)
        case conversation.Changed(note=note) if note:
            kept = f"The answer was not sent. Its words are kept as note {note}."
            return Problem(409, "Somebody was quicker.", said, kept)
        case _ if isinstance(trouble, CONFLICTS):
            return Problem(409, "It is not as you saw it.", said)
        case PermissionError():
            return Problem(403, "Somebody else has to do this.", said)
        case LookupError():
            return Problem(404, "It is not here.", said)
        case picture.TooLarge():
            return Problem(413, "The picture is too large.", said)
        case ValueError():
            return Problem(422, "This cannot be done.", said)
    return None


def _written_for_people(trouble: Exception) -> bool:
    house, _, rest = type(trouble).__module__.partition(".")
    room = rest.split(".")[0]
    unknown_network = room == "networks" and isinstance(trouble, LookupError)
    return house == "bankside" and (room in ROOMS or unknown_network or isinstance(trouble, NoSuchEntry))
