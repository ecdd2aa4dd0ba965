"""Asking a second person to agree to exact words, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from bankside.approvals import policy as consent_policy
from bankside.approvals.models import Part, Request
from bankside.people import policy
from bankside.people.models import Staff, Team
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.approvals import ApprovalAsked, ExactWords
from bankside.said import Said

HOUR_MS = 3_600_000
TITLE_CHARACTERS_MAX = 200
CHANNELS_MAX = 100

_WAITING = """
select count(*) from "approvals_request"
where kind = %s and state = %s and expires_at > %s and author_id <> %s and editor_id <> %s and {within}
"""

# A channel's obj and the digest of the exact words for it.
Digests = Sequence[tuple[str, str]]


class NoSuchRequest(LookupError):
    """There is no such request, or she may not see it."""


class OtherWords(ValueError):
    """The same version was put before a person with other words."""


class NothingToAsk(ValueError):
    """A request needs the words of at least one channel, each once."""


def ask(
    *,
    kind: str,
    thing: str,
    version: str,
    author: Staff,
    editor: Staff,
    words: Digests,
    title: str = "",
    team: Team | None = None,
    about: str = "",
    lane: int = 0,
    due_ms: int = 0,
    expires_ms: int | None = None,
) -> Request:
    """Puts words before a second person; asking again for the same version gives the old request.

    `about` is the obj under which the record tells of it (a conversation for a reply; `thing` if not given).
    Without `expires_ms` the request, and a consent to it, count for APPROVAL_HOURS from now or from `due_ms`,
    whichever is later. Raises OtherWords, NothingToAsk.
    """
    _refuse_bad(words)
    with transaction.atomic():
        known = Request.objects.filter(version=version).first()
        if known is not None:
            return _same(known, words)
        request = Request.objects.create(
            kind=kind, thing=thing, version=version, about=about or thing, lane=lane, team=team,
            author=author, editor=editor, title=title[:TITLE_CHARACTERS_MAX], asked_at=clock.now_ms(),
            due_at=due_ms, expires_at=expires_after(due_ms) if expires_ms is None else expires_ms,
        )  # fmt: skip
        Part.objects.bulk_create(Part(request=request, channel=c, digest=d) for c, d in words)
        _append_asked(request, words)
    return request


def waiting_for(staff: Staff) -> models.QuerySet[Request]:
    """Requests that wait for somebody like her: she may decide them and did not write them. Urgent first."""
    reach = _where(staff, consent_policy.APPROVE_ACTS)
    waiting = Request.objects.filter(reach, state=Request.WAITING, expires_at__gt=clock.now_ms())
    others = waiting.exclude(author=staff).exclude(editor=staff)
    soonest = models.Case(models.When(due_at=0, then=models.F("expires_at")), default=models.F("due_at"))
    return others.select_related("author", "editor", "team").order_by(soonest, "pk")


def waiting(staff: Staff, kind: str) -> int:
    """How many requests of a kind `waiting_for` gives her, by one plain statement: every page asks."""
    teams = policy.teams_with(staff, consent_policy.APPROVE_ACTS[kind])
    if not teams:
        return 0
    ids = sorted(teams.ids) or [0]
    within = "1 = 1" if teams.all else f"team_id in ({', '.join(['%s'] * len(ids))})"
    values: list[Any] = [kind, Request.WAITING, clock.now_ms(), staff.pk, staff.pk]
    with connection.cursor() as cursor:
        cursor.execute(_WAITING.format(within=within), values + ([] if teams.all else ids))
        return int(cursor.fetchone()[0])


def visible_to(staff: Staff) -> models.QuerySet[Request]:
    """Requests about things that she may see, newest first."""
    rows = Request.objects.filter(_where(staff, consent_policy.SEE_ACTS))
    return rows.select_related("author", "editor", "team", "decided_by").order_by("-pk")


def get_visible(staff: Staff, obj: str) -> Request:
    """One of them by its obj; raises NoSuchRequest."""
    found = visible_to(staff).filter(obj=obj).first()
    if found is None:
        raise NoSuchRequest(Said("There is no such request among those that you see."))
    return found


def parts_of(request: Request) -> list[tuple[str, str]]:
    """The channels and digests that were asked for, sorted."""
    return sorted(request.parts.values_list("channel", "digest"))


def expires_after(due_ms: int) -> int:
    """When consent to words that are due then (0: at once) ends, in UTC ms."""
    return max(clock.now_ms(), due_ms) + settings.APPROVAL_HOURS * HOUR_MS


def exact(words: Iterable[tuple[str, str]]) -> tuple[ExactWords, ...]:
    """Words as facts name them, in one order."""
    return tuple(ExactWords(channel=channel, digest=digest) for channel, digest in sorted(words))


def _where(staff: Staff, acts: dict[str, str]) -> models.Q:
    """Each kind of request in the teams where she has the act of that kind."""
    reach = models.Q(pk__in=[])
    for kind, act in acts.items():
        if teams := policy.teams_with(staff, act):
            reach |= models.Q(kind=kind) & teams.where()
    return reach


def _append_asked(request: Request, words: Digests) -> None:
    fact = ApprovalAsked(
        request=request.obj, kind=request.kind, thing=request.thing, version=request.version,
        author=request.author.uid, editor=request.editor.uid, words=exact(words),
        expires_ms=request.expires_at,
    )  # fmt: skip
    key = f"approvals.approval-asked:{request.obj}"
    append(fact, key, actor=request.editor.actor, obj=request.about, lane=request.lane)


def _same(known: Request, words: Digests) -> Request:
    if parts_of(known) != sorted(words):
        raise OtherWords(Said("This version was submitted with other words. Submit a new version."))
    return known


def _refuse_bad(words: Digests) -> None:
    channels = [channel for channel, _ in words]
    if not channels or len(channels) > CHANNELS_MAX or len(set(channels)) != len(channels):
        raise NothingToAsk(Said("Submit words for 1 to %(number)s networks, each once.", number=CHANNELS_MAX))
