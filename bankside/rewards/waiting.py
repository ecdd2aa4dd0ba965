"""How much of the card's room waits for somebody: every page asks, so by one plain statement."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

from bankside.people import policy
from bankside.people.models import Staff
from bankside.rewards.models import Card, Flag, Programme

# What waits, for whoever may do something about it. Nobody is asked to agree to her own words or proposal.
_WAITING: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("review.decide", "select count(*) from rewards_flag where state = %s and code = ''", (Flag.OPEN,)),
    (
        "review.second",
        "select count(*) from rewards_flag where state = %s and code <> '' and decided_by <> %s",
        (Flag.OPEN, "uid"),
    ),
    (
        "review.second",
        "select count(*) from rewards_restoration where second_by = %s and proposed_by <> %s",
        ("", "uid"),
    ),
    ("review.decide", "select count(*) from rewards_appeal where answered_at = 0", ()),
    (
        "programme.approve",
        "select count(*) from rewards_programme where state = %s and author_id <> %s and first <> %s",
        (Programme.WAITING, "pk", "uid"),
    ),
    ("card.decide", "select count(*) from rewards_card where state = %s", (Card.ASKED,)),
)


def waiting(staff: Staff) -> int:
    """Flags, appeals, programmes and cards that wait for a decision which is hers to make."""
    hers = [(asked, values) for act, asked, values in _WAITING if policy.may(staff, act)]
    if not hers:
        return 0
    own: dict[str, Any] = {"uid": staff.uid, "pk": staff.pk}
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {' + '.join(f'({asked})' for asked, _ in hers)}",
            [own.get(value, value) for _, values in hers for value in values],
        )
        return int(cursor.fetchone()[0])
