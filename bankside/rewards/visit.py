"""How a member comes in: by a ticket that the bank's own app asks for, good once and for ten minutes.

The desk has no password of hers. The app has signed her in already, asks for a ticket with its token, and
opens the address; what the desk keeps of a ticket is a digest.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import MutableMapping
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.rewards import taking_part
from bankside.rewards.models import Member, Ticket
from bankside.said import Said

TICKET_BYTES: Final = 32
TICKET_MINUTES: Final = 10
TICKET_CHARACTERS_MAX: Final = 100
PATH: Final = "/m/visit/"
SESSION_KEY: Final = "member"
IDLE_MINUTES: Final = 30
RENEWED_SECONDS: Final = 60
"""A visit's clock is set on this seldom, so that not every page writes a session."""


class TicketGone(ValueError):
    """The ticket was used, is too old, or never was one: nobody learns which."""


def ticket(member: Member, *, by: Staff | None = None) -> str:
    """A ticket for a member who takes part, also one who paused. Raises NotTakingPart, NotYours."""
    if by is not None:
        policy.require(by, taking_part.ACT)
    if member.status == Member.LEFT:
        taking_part.refuse_unless_active(member)
    made, now = secrets.token_urlsafe(TICKET_BYTES), clock.now_ms()
    with transaction.atomic():
        Ticket.objects.filter(member=member, expires_at__lt=now).delete()
        Ticket.objects.create(digest=_digest(made), member=member, expires_at=now + TICKET_MINUTES * 60_000)
    return made


def address_of(made: str) -> str:
    """Where the bank's app opens the ticket."""
    return f"{settings.PUBLIC_URL}{PATH}{made}/"


def enter(made: str) -> Member:
    """The member whose ticket it is; it is used up by it. Raises TicketGone."""
    now = clock.now_ms()
    digest = _digest(made[:TICKET_CHARACTERS_MAX])
    unused = Ticket.objects.filter(digest=digest, used_at=0, expires_at__gt=now)
    if unused.update(used_at=now) == 1:  # one statement: of two at the same time one gets in
        row = Ticket.objects.select_related("member").get(digest=digest)
        if row.member.status != Member.LEFT:
            return row.member
    raise TicketGone(Said("This way in is used up or too old. Open the page from the bank's app again."))


# --- while she is in ----------------------------------------------------------------------------------------
def keep(session: MutableMapping[str, Any], member: Member) -> None:
    """Remembers in a browser's session who is in. The caller gives the session a fresh key first."""
    session[SESSION_KEY] = {"obj": member.obj, "at": clock.now_ms()}


def of(session: MutableMapping[str, Any]) -> Member | None:
    """Who is in; None when nobody is, she left, or nothing was done for half an hour."""
    kept = session.get(SESSION_KEY)
    if not isinstance(kept, dict):
        return None
    now, at = clock.now_ms(), int(kept.get("at", 0))
    found = Member.objects.filter(obj=str(kept.get("obj", ""))).exclude(status=Member.LEFT).first()
    if found is None or now - at >= IDLE_MINUTES * 60_000:
        end(session)
        return None
    if now - at >= RENEWED_SECONDS * 1000:
        keep(session, found)
    return found


def end(session: MutableMapping[str, Any]) -> None:
    """Nobody is in any more."""
    session.pop(SESSION_KEY, None)


def _digest(made: str) -> str:
    return hashlib.sha256(made.encode()).hexdigest()
