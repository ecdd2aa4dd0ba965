"""When acts of a linked profile count: spans of time, so that what it earns never hangs on when it is read.

An act counts under the span that holds the moment at which it was recorded, `since <= at < until`. A span
closes at the very moment of unlinking, and so on; an act recorded at that moment or after it earns nothing,
also when the unlinking is seen before the act, and also when the act waited. Who posts points takes hold of
the spans first: then an unlinking waits until the posting is through, and reads the clock after it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from django.db import connection

from bankside.record import clock
from bankside.rewards.models import Consent, Counting, Link, Member

NEEDED: Final = frozenset({"programme", "profile"})
"""The purposes that a member must have agreed to for anything to count."""
SELECT: Final = (
    "select c.subj, c.link_id, l.obj, c.member, m.obj, l.network, c.since, c.until, l.account_since,"
    " m.language from rewards_counting c join rewards_link l on l.id = c.link_id"
    " join rewards_member m on m.id = c.member where {} order by c.subj, c.since"
)


class Span(msgspec.Struct, frozen=True, gc=False):
    """A profile that counts for a member from `since` until before `until` (UTC ms; 0: it still does)."""

    link: int
    link_obj: str
    member: int
    member_obj: str
    network: str
    since: int
    until: int
    account_since: int
    language: str


def spans_of(subjs: Iterable[str], *, hold: bool = False) -> dict[str, tuple[Span, ...]]:
    """All spans of these subjects, oldest first, by one statement; subjects that nobody linked are absent.

    `hold`: nobody ends them before the transaction of the caller does.
    """
    postgresql = connection.vendor == "postgresql"
    wanted = sorted(set(subjs))
    which = "c.subj = any(%s)" if postgresql else "c.subj in (select value from json_each(%s))"
    statement = SELECT.format(which) + (" for share of c" if hold and postgresql else "")
    found: dict[str, list[Span]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [wanted if postgresql else json.dumps(wanted)])
        for subj, *columns in cursor.fetchall():
            found.setdefault(subj, []).append(Span(*columns))
    return {subj: tuple(spans) for subj, spans in found.items()}


def at(spans: Sequence[Span], at_ms: int) -> Span | None:
    """The span under which an act recorded at this moment counts; None when it counts for nobody."""
    for span in reversed(spans):
        if span.since <= at_ms and (not span.until or at_ms < span.until):
            return span
    return None


def settle(member: Member, given: Iterable[str] | None = None) -> int:
    """Opens and closes the spans of a member as her links, consents and state now ask for; the moment of it.

    In the caller's transaction, with her row locked. `given`: the purposes she agrees to now, when known.
    """
    spans = list(Counting.objects.select_for_update().filter(member=member.pk, until=0).order_by("pk"))
    now = clock.now_ms()  # after the lock: whoever held the spans has posted nothing from later on
    wanted = _wanted(member, _in_force(member) if given is None else given)
    over = [span.pk for span in spans if span.link_id not in wanted]
    Counting.objects.filter(pk__in=over).update(until=now)
    there = {span.link_id for span in spans}
    Counting.objects.bulk_create(
        Counting(link_id=pk, member=member.pk, subj=subj, since=now)
        for pk, subj in wanted.items()
        if pk not in there
    )
    return now


def _wanted(member: Member, given: Iterable[str]) -> Mapping[int, str]:
    """Links whose acts count now, with their subjects."""
    if member.status != Member.ACTIVE or member.employee or not NEEDED.issubset(given):
        return {}
    live = Link.objects.filter(member=member, unlinked_at=0, counts=True)
    return dict(live.order_by("pk").values_list("pk", "subj"))


def _in_force(member: Member) -> list[str]:
    return list(Consent.objects.filter(member=member, withdrawn_at=0).values_list("purpose", flat=True))
