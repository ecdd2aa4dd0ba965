"""The short address in the code on a card: it leads to the profile for as long as its member wants it to.

The code says nothing and is good for nothing else. Which profile it opens is asked each time: unlinking,
renaming and switching off need no new card.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from bankside.record.append import Draft
from bankside.record.facts.rewards import CodeSwitched
from bankside.rewards.models import Card, Consent, Link, Member
from bankside.rewards.taking_part import subj_of

ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without 0, o, 1, i and l, which are taken for each other when somebody types what is printed."""
CODE_CHARACTERS: Final = 10
"""31 to the tenth power: with a million cards, one guess in 800 million finds any."""
PATH: Final = "/c/"
OPENS: Final = frozenset({Card.APPROVED, Card.ORDERED, Card.ACTIVE})
CONSENT: Final = "card"
SCHEMES: Final = frozenset({"https", "http"})


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the code leads now: the address of a profile."""

    url: str


@dataclass(frozen=True, slots=True)
class Off:
    """Leads nowhere: there is no such card, or its member does not want it to. It is not said which."""


def new_code() -> str:
    """A code for a new card; unique by the table."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))


def address_of(card: Card) -> str:
    """What the code on the card holds."""
    return f"{settings.PUBLIC_URL}{PATH}{card.code}"


def open(code: str) -> Opened | Off:
    """Where a code leads. The same one statement is asked whatever the answer, so that time tells little."""
    typed = code.strip().lower()
    if len(typed) != CODE_CHARACTERS or not set(typed) <= set(ALPHABET):
        typed = ""  # asked all the same
    row = Card.objects.filter(code=typed).select_related("link", "member").first()
    agreed = Consent.objects.filter(
        member=row.member_id if row else 0, purpose=CONSENT, withdrawn_at=0
    ).exists()
    return Opened(row.link.url) if row and row.link and agreed and _leads(row, row.link) else Off()


def switched(cards: Iterable[Card], on: bool, *, reason: str, actor: str) -> list[Draft]:
    """Turns the codes of these cards on or off, at once; what is to be appended in the same transaction."""
    drafts = []
    for card in cards:
        if card.qr == on:
            continue
        card.qr, card.version = on, card.version + 1
        card.save(update_fields=["qr", "version"])
        drafts.append(
            Draft(
                fact=CodeSwitched(card=card.obj, on=on, reason=reason),
                key=f"rewards.code-switched:{card.obj}:{card.version}",
                actor=actor,
                obj=card.obj,
                subj=subj_of(card.member),
            )
        )
    return drafts


def lead_to(link: Link) -> None:
    """Her cards with this very profile have its new link from now on. Their code stays off until she switches
    it on."""
    cards = Card.objects.filter(
        member=link.member, link__network=link.network, link__subject=link.subject
    ).exclude(state__in=(Card.ENDED, Card.REFUSED))
    Card.objects.filter(pk__in=list(cards.values_list("pk", flat=True))).update(link=link)


def of(member: Member) -> list[Card]:
    """The cards of a member whose code is on, locked."""
    rows = (
        Card.objects.select_for_update(no_key=True).filter(member=member, qr=True).exclude(state=Card.ENDED)
    )
    return list(rows.order_by("pk"))


def _leads(card: Card, link: Link) -> bool:
    shown = card.qr and card.state in OPENS and card.member.status == Member.ACTIVE
    return shown and not link.unlinked_at and urlsplit(link.url).scheme in SCHEMES
