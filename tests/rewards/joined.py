"""Members as tests need them: of age, agreed, with a profile whose proof is taken as given."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from bankside.channels.looked_up import Profile
from bankside.rewards import consent, link
from bankside.rewards import member as members
from bankside.rewards.models import Link, Member

NETWORK = "examplenet"
ALL = dict.fromkeys(consent.PURPOSES, "")
_numbers = count(1)


def member(**how: Any) -> Member:
    """Somebody new, who agreed to everything unless told otherwise."""
    number = next(_numbers)
    given: dict[str, Any] = {
        "customer_ref": f"hanul:{number:08}", "born": date(1990, 2, 28), "consents": ALL,
        "name": "박민지", "language": "ko",
    }  # fmt: skip
    return members.enrol(**{**given, **how})


def profile(subject: str = "", **how: Any) -> Profile:
    """What a proof has shown."""
    subject = subject or f"id-{next(_numbers)}"
    given: dict[str, Any] = {
        "network": NETWORK, "subject": subject, "handle": f"@{subject}",
        "url": f"https://social.example/@{subject}", "account_since_ms": 1_600_000_000_000,
    }  # fmt: skip
    return Profile(**{**given, **how})


def linked(who: Member, subject: str = "", *, proof: str = "oauth", **how: Any) -> Link:
    """A profile linked to her, as after a proof."""
    return link.take(who, profile(subject, **how), proof)
