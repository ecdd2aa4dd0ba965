"""What the situations that rooms name are called on the outside: a status, a title and what to do.

One place for pages and API. What is not here is a mistake of ours and stays one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.utils import DataError
from django.utils.translation import gettext

from bankside.approvals import consent
from bankside.channels import by_hand, connect, delivery, film, picture
from bankside.inbox import conversation, reply
from bankside.people import repeats, staff
from bankside.people.policy import NotYours
from bankside.publish import post
from bankside.record import recovering, two_people
from bankside.record.away import AWAY
from bankside.record.forgetting import erasing, holding, restricted
from bankside.record.keys import NO_KEY
from bankside.record.package.expression import ExpressionWrong
from bankside.record.package.orders import NoSuchPackage, NotThereYet
from bankside.record.reading import NoSuchEntry
from bankside.record.readings import NotRecorded
from bankside.record.reasons import ReasonMissing
from bankside.record.recovery import ReadOnly
from bankside.web.spoken import why

# Rooms whose errors are written for people; those of the record tell of damage, except one.
ROOMS = ("people", "approvals", "channels", "publish", "inbox", "rewards", "measures")

KEEPING = (
    two_people.SamePerson, ReasonMissing, two_people.NotAPerson, two_people.NoSuchThing,
    two_people.NotNow, erasing.BasisWrong, holding.AlreadyErased, restricted.Restricted,
)  # fmt: skip
PACKAGES = (ExpressionWrong, NoSuchPackage, NotThereYet)

# Files whose errors tell engineers of what must not happen, or operators of what is missing on the machine.
INSIDE = tuple(
    f"bankside.{name}"
    for name in (
        "rewards.firewall", "rewards.art.bureau", "rewards.art.cairo", "rewards.art.lettering",
        "channels.copies", "channels.timestamps",
        "rewards.ledger.journal", "rewards.ledger.post", "rewards.payments.ber_tlv",
        "rewards.payments.emv_cpm", "measures.charts.chart",
    )
)  # fmt: skip

# The thing is not where the reader thought: she looks again, and decides again.
CONFLICTS = (
    by_hand.OtherWords, consent.Changed, consent.AlreadyDecided, consent.Expired, post.Changed, post.NotNow,
    post.AlreadyOut, conversation.Changed, reply.TooLate, delivery.TooLate, delivery.NoConsent,
    two_people.NotNow, holding.AlreadyErased,
    connect.NameTaken, connect.NotNow, staff.AlreadyHere, repeats.StillRunning,
    recovering.EntriesLost, recovering.NotStanding, recovering.SignerBehind,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """A situation as HTTP and people see it, in their language; `undone`: what was not done, or was kept."""

    status: int
    title: str
    detail: str
    undone: str = field(default_factory=lambda: gettext("Nothing was changed."))


def problem_of(trouble: Exception, *, outside: bool = False) -> Problem | None:
    """The problem that an exception of a room is; None for a mistake of ours, which must not be hidden.

    `outside`: it is told to members and institutions, who need not know how the desk is.
    """
    if isinstance(trouble, ReadOnly):
        if outside:
            return Problem(503, gettext("Not possible just now."), gettext("Please try again later."))
        return Problem(503, gettext("The desk is read-only."), why(trouble))
    if isinstance(trouble, NO_KEY):
        detail = gettext(
            "The keys of the desk cannot be had now, so words can neither be read nor recorded. What networks"
            " send is kept. Tell whoever runs the desk; it goes on by itself."
        )
        return Problem(503, gettext("The keys are away."), detail)
    # SQLite calls a table or column that is missing by the same name; that is no matter of waiting.
    if isinstance(trouble, AWAY) and "no such" not in str(trouble):
        detail = gettext("The database is busy or away. Try again in some seconds.")
        return Problem(503, gettext("The desk is busy."), detail)
    if isinstance(trouble, DataError) and "NUL" in str(trouble):
        detail = gettext("A text holds a NUL, which is no character. Leave it out.")
        return Problem(422, gettext("This cannot be kept."), detail)
    if not _written_for_people(trouble):
        return None
    said = why(trouble)
    match trouble:
        case NotRecorded():
            return Problem(503, gettext("It cannot be shown now."), said)
        case NotYours():
            return Problem(403, gettext("This is not yours to do."), said)
        case conversation.Changed(note=note) if note:
            kept = gettext("The answer was not sent. Its words are kept as note %(note)s.") % {"note": note}
            return Problem(409, gettext("Somebody was quicker."), said, kept)
        case _ if isinstance(trouble, CONFLICTS):
            return Problem(409, gettext("It is not as you saw it."), said)
        case PermissionError():
            return Problem(403, gettext("Somebody else has to do this."), said)
        case LookupError():
            return Problem(404, gettext("It is not here."), said)
        case picture.TooLarge():
            return Problem(413, gettext("The picture is too large."), said)
        case film.TooLarge():
            return Problem(413, gettext("The film is too large."), said)
        case ValueError():
            return Problem(422, gettext("This cannot be done."), said)
    return None


def _written_for_people(trouble: Exception) -> bool:
    house, _, rest = type(trouble).__module__.partition(".")
    room = rest.split(".")[0]
    if type(trouble).__module__ in INSIDE:
        return False
    unknown_network = room == "networks" and isinstance(trouble, LookupError)
    of_record = isinstance(trouble, (NoSuchEntry, NotRecorded, *PACKAGES, *KEEPING, *CONFLICTS))
    return house == "bankside" and (room in ROOMS or unknown_network or of_record)
