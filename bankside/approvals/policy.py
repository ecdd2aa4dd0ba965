"""When nobody needs to be asked. Everything else takes a second person."""

from __future__ import annotations

from django.conf import settings

from bankside.people import policy
from bankside.people.models import Staff, Team
from bankside.record import rules_in_force

POST, REPLY, PROGRAMME = "post", "reply", "programme"

# Who may agree to what.
APPROVE_ACTS = {POST: "post.approve", REPLY: "reply.approve", PROGRAMME: "programme.approve"}
SEE_ACTS = {POST: "post.see", REPLY: "conversation.see", PROGRAMME: "offer.see"}

REPLY_DIRECT = "reply-direct@1"
REPLY_CHOICES = frozenset({"never", "always"})


def asks_nobody(kind: str, *, author: Staff, team: Team | None) -> str:
    """The policy's name and version by which nobody is asked, or "" when a person must agree."""
    if kind == REPLY and settings.REPLY_APPROVAL == "never":
        return REPLY_DIRECT if policy.may(author, "conversation.reply", team) else ""
    return ""


def contribute() -> None:
    """Names this choice among the rules in force; raises ValueError for a setting that is no choice."""
    if settings.REPLY_APPROVAL not in REPLY_CHOICES:
        raise ValueError(f"BANKSIDE_REPLY_APPROVAL: {settings.REPLY_APPROVAL!r} is not never or always")
    rules_in_force.contribute("approvals.policy", f"{REPLY_DIRECT}: {settings.REPLY_APPROVAL}")
