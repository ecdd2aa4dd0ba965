"""What this room keeps of a person besides the record, and how it forgets it.

Words on their way out, pictures that she showed, items that no connector could read. The network's ids of
things stay: without them the next polling would bring back, as new, what was erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models

from bankside.channels import delivery, kept, media, pictures, wordless
from bankside.channels import delivery_states as states
from bankside.channels.models import Attempt, Channel, Delivery, Item, Thread
from bankside.record import clock, jobs, sealed, subjects
from bankside.record.append import entries_where
from bankside.record.facts.channels import ActivityChanged, ActivityReceived, OlderVersionFound
from bankside.record.forgetting import covered
from bankside.record.forgetting.covered import Scope
from bankside.record.projection import facts_of
from bankside.said import Said

LOOKED_AT_MAX = 200
ITEMS_MAX = 10_000
SEEN = (ActivityReceived, ActivityChanged, OlderVersionFound)


def channels_of(objs: Sequence[str]) -> dict[str, set[str]]:
    """On which channels conversations and posts were said, by their objs."""
    found: dict[str, set[str]] = {}
    for some in covered.slices(objs):
        threads = Thread.objects.filter(obj__in=some).values_list("obj", "channel__obj")
        sent = Delivery.objects.filter(about__in=some).values_list("about", "channel__obj")
        for obj, channel in [*threads, *sent]:
            found.setdefault(obj, set()).add(channel)
    return found


def leave(subj: str, actor: str) -> None:
    """Before a person is erased: answers to her are taken back, what could not be read of hers is emptied."""
    for row in _outgoing(covered.objs_of(Scope(subj))):
        delivery.withdraw(row, by_actor=actor, reason=Said("The person asked to be forgotten."))
    _empty_unread(_accounts(subj))


def forget(scope: Scope) -> None:
    """Takes the words from deliveries, wherever these are on their way, and drops pictures that nobody can
    open. Of a person: from answers to her that have not left."""
    if not scope.about:
        _empty(Delivery.objects.filter(pk__in=[row.pk for row in _unsent(scope)]))
    elif scope.subj == subjects.desk():
        _empty(_asked_for_before(scope, Delivery.objects.filter(about=scope.about)))
    pictures.forget_erased()


def last_look(scope: Scope) -> None:
    """While her words can still be read, after a restore: what was kept of hers and not read is emptied."""
    if not scope.about:
        _empty_unread(_accounts(scope.subj))


def restored() -> None:
    """After a restore that replayed erasures: of unread items nobody can tell any more whose they are."""
    Item.objects.filter(state__in=(Item.UNKNOWN, Item.POISONED)).exclude(body=b"").update(body=b"")


def _empty(rows: models.QuerySet[Delivery]) -> None:
    """What is over loses all that may quote the words; what is under way keeps what it is found by, and the
    jobs of what has not begun take it off the way. Nothing is appended here."""
    media.drop(rows.filter(state=states.SENT).exclude(handle="").values_list("handle", flat=True))
    Attempt.objects.filter(delivery__in=rows).exclude(detail="").update(detail="")
    under_way = rows.exclude(state__in=states.FINAL)
    under_way.update(words=b"", note=str(wordless.ERASED), fallback="")
    # After those: what ends meanwhile is met here.
    rows.filter(state__in=states.FINAL).update(words=b"", note="", fallback="", handle="", url="")
    for row in rows.filter(state__in=delivery.TAKEABLE):
        key, now = delivery.job_key(row), clock.now_ms()
        if not jobs.again(key, now):
            jobs.enqueue(delivery.JOB, key, due_ms=now, data={"delivery": row.obj})


def _unsent(scope: Scope) -> list[Delivery]:
    """Answers to her that were asked for before she was erased, and that nobody has begun to send."""
    before = covered.erased_at(scope)
    rows = _outgoing(covered.objs_of(scope))
    return [row for row in rows if row.state in delivery.TAKEABLE and row.requested_at <= before]


def _asked_for_before(scope: Scope, rows: models.QuerySet[Delivery]) -> models.QuerySet[Delivery]:
    """Those that the erasure means; what was asked for after it is something new."""
    before = covered.erased_at(scope)
    return rows.filter(requested_at__lte=before) if before >= 0 else rows


def _outgoing(objs: Sequence[str]) -> list[Delivery]:
    rows: list[Delivery] = []
    for some in covered.slices(objs):
        rows += Delivery.objects.filter(about__in=some, purpose="reply").exclude(state__in=states.FINAL)
    return rows


def _accounts(subj: str) -> set[str]:
    """The network's own ids of the person, as far as her words say them."""
    marks = ", ".join(["%s"] * len(NAMES))
    newest = entries_where(
        f"subj = %s and fact in ({marks}) order by n desc limit %s", [subj, *NAMES, LOOKED_AT_MAX]
    )
    told = [fact.seen.actor for fact in facts_of(newest).values()]
    return {account for one in told for account in (one.remote_id, one.handle.lstrip("@")) if account}


NAMES = ("channels.activity-received", "channels.activity-changed", "channels.older-version-found")


def _empty_unread(accounts: set[str]) -> None:
    """Items that are not read yet, of kinds that are not known, or that could not be read, and that name one
    of these accounts."""
    if not accounts:
        return
    waiting = Item.objects.exclude(state=Item.READ).exclude(body=b"")
    owners: dict[int, Channel] = Channel.objects.in_bulk()
    hers = [row.pk for row in _with(waiting, owners) if _names_one(row, accounts)]
    for some in covered.slices(hers):
        Item.objects.filter(pk__in=some).update(body=b"", state=Item.READ)


def _with(rows: models.QuerySet[Item], owners: dict[int, Channel]) -> list[Item]:
    found = list(rows.order_by("id")[:ITEMS_MAX])
    for row in found:
        row.channel = owners[row.channel_id]
    return found


def _names_one(row: Item, accounts: set[str]) -> bool:
    try:
        return bool(_strings(kept.opened(row)) & accounts)
    except (sealed.Unreadable, ValueError):
        return False


def _strings(value: Any) -> set[str]:
    match value:
        case str():
            return {value, value.lstrip("@")}
        case int() if not isinstance(value, bool):
            return {str(value)}
        case dict():
            return set[str]().union(*map(_strings, value.values()))
        case list():
            return set[str]().union(*map(_strings, value))
        case _:
            return set()
