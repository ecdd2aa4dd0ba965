"""The inbox for pages and API: the list, its counts, and a conversation from its newest lines back.

The list is the page that is open all day: hand-written SQL, one statement, an index that holds its order,
and keyset paging, so that the last page costs what the first one does. All values are plain.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import msgspec
from django.db import connection

from bankside.approvals import policy as consent_policy
from bankside.approvals import requests
from bankside.channels import channel as channels
from bankside.channels.models import Delivery
from bankside.inbox.conversation import NoConversation
from bankside.inbox.models import Conversation, Event, Message, Reply
from bankside.people import policy
from bankside.people.models import Staff
from bankside.people.staff import named
from bankside.record import clock
from bankside.said import Said

ROWS_MAX = 200
LINES_MAX = 200
CHANNELS_MAX = 500
SOON_MINUTES = 15
WAITING_MAX = 200
COUNT_MAX = 1_000

VIEWS = {
    "mine": "c.state = 'open' and c.assignee = %s",
    "nobody": "c.state = 'open' and c.assignee = ''",
    "all": "c.state = 'open'",
    "hidden": "c.state = 'open' and c.hidden > ''",
    "closed": "c.state = 'closed'",
}
GROUPS = ("late", "soon", "later", "none")

# The inner select walks the index and stops after a page; only those rows are joined.
_LIST = """
select c.id, c.obj, c.name, c.handle, c.url, c.network, c.channel, ch.name, c.private, c.lang, c.state,
    case when c.private then '' else c.excerpt end,
    c.assignee, coalesce(s.name, ''), c.messages, c.first_at, c.last_at, c.waiting_since,
    c.due_at, c.version, c.turn, c.hidden
from (select * from "inbox_conversation" c where {where} order by c.turn, c.id limit %s) c
join "channels_channel" ch on ch.obj = c.channel
left join "people_staff" s on s.uid = c.assignee
order by c.turn, c.id
"""

# Each count walks an index and stops at COUNT_MAX: nobody reads the digits of a number that long.
_COUNT = """(select count(*) from (select 1 from "inbox_conversation" c
    where c.state = 'open' and {where} limit %s) counted)"""


class NoView(LookupError):
    """The list has no such view."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in the list. Times are UTC ms, 0 for none; `assignee` is a uid, "" for nobody.

    `excerpt` is the beginning of what was said last in public; of a private exchange a list shows no words,
    because whoever reads those opens it, and that is recorded.
    """

    id: int
    obj: str
    name: str
    handle: str
    url: str
    network: str
    channel: str
    channel_name: str
    private: bool
    lang: str
    state: str
    excerpt: str
    assignee: str
    assignee_name: str
    messages: int
    first_at: int
    last_at: int
    waiting_since: int
    due_at: int
    version: int
    turn: int


class Listed(Row, frozen=True, kw_only=True):
    """A row with the classes of numbers that were `hidden` in what waits, a space between them."""

    hidden: str = ""


class Page(msgspec.Struct, frozen=True):
    """Rows, and what to give as `before` for the next page; "" at the end."""

    rows: tuple[Listed, ...]
    next: str


class Group(msgspec.Struct, frozen=True):
    """Rows under one heading: late, soon (within 15 minutes), later, none (no clock)."""

    name: str
    rows: tuple[Listed, ...]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many open conversations each view holds, and how many of them are late.

    A count stops at COUNT_MAX: that is "at least so many".
    """

    mine: int
    nobody: int
    all: int
    late: int
    hidden: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A message, answer or note (kind message), or something that happened (kind event), in a thread.

    An event has `what` (assigned, closed, reopened, approved) and `detail`; `detail_name` is the name of
    whoever the detail is. `state` and `note` tell how an answer fares, and why.
    """

    kind: str
    id: int
    at: int
    actor: str = ""
    actor_name: str = ""
    what: str = ""
    detail: str = ""
    detail_name: str = ""
    way: str = ""
    entry: str = ""
    reply: str = ""
    delivery: str = ""
    subj: str = ""
    name: str = ""
    handle: str = ""
    text: str = ""
    title: str = ""
    lang: str = ""
    remote_id: str = ""
    url: str = ""
    private: bool = False
    outside: bool = False
    held: bool = False
    erased: bool = False
    state: str = ""
    note: str = ""
    red: tuple[str, ...] = ()
    attachments: tuple[dict[str, str], ...] = ()
    edited_at: int = 0
    removed_at: int = 0
    undo_until: int = 0


class Thread(msgspec.Struct, frozen=True):
    """Lines, the oldest first. `earlier`: give it as `before` for what was before; 0 when that is all."""

    lines: tuple[Line, ...]
    earlier: int


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that waits for her consent."""

    reply: str
    request: str
    conversation: int
    conversation_name: str
    channel: str
    digest: str
    text: str
    lang: str
    author: str
    author_name: str
    written_at: int


def page(staff: Staff, *, view: str = "all", before: str = "", limit: int = 50) -> Page:
    """A page of the list: who has a clock first, soonest first; then the others, newest first.

    `before` is the `next` of an earlier page. Raises NoView.
    """
    if view not in VIEWS:
        raise NoView(
            Said("There is no view '%(view)s'; there are: %(there)s.", view=view, there=", ".join(VIEWS))
        )
    where, values = _where(staff)
    where.append(VIEWS[view])
    if view == "mine":
        values.append(staff.uid)
    if place := _place(before):
        where.append("(c.turn, c.id) > (%s, %s)")
        values += place
    limit = max(1, min(limit, ROWS_MAX))
    rows = tuple(_row(row) for row in _select(_LIST.format(where=" and ".join(where)), [*values, limit]))
    return Page(rows=rows, next=f"{rows[-1].turn}.{rows[-1].id}" if len(rows) == limit else "")


def row(staff: Staff, number: int) -> Listed:
    """One row of the list, whatever its state, for swapping it alone; raises NoConversation."""
    where, values = _where(staff)
    where.append("c.id = %s")
    rows = _select(_LIST.format(where=" and ".join(where)), [*values, number, 1])
    if not rows:
        raise NoConversation(Said("There is no such conversation among those that you see."))
    return _row(rows[0])


def counts(staff: Staff, *, now_ms: int | None = None) -> Counts:
    """How many conversations there are in each view, in one statement."""
    seen, values = _where(staff)
    now = clock.now_ms() if now_ms is None else now_ms
    # The turn of what has a clock is the time by which an answer is due.
    asked: list[tuple[str, list[Any]]] = [
        ("c.assignee = %s", [staff.uid]), ("c.assignee = ''", []), ("1 = 1", []),
        ("c.turn <= %s and c.due_at > 0", [now]), ("c.hidden > ''", []),
    ]  # fmt: skip
    sql = ", ".join(_COUNT.format(where=" and ".join([*seen, narrowed])) for narrowed, _ in asked)
    ((mine, nobody, everyones, late, hidden),) = _select(
        f"select {sql}", [one for _, own in asked for one in (*values, *own, COUNT_MAX)]
    )
    return Counts(mine=mine, nobody=nobody, all=everyones, late=late, hidden=hidden)


def group_of(due_at: int, now_ms: int) -> str:
    """The heading that a conversation stands under."""
    if not due_at:
        return "none"
    if due_at <= now_ms:
        return "late"
    return "soon" if due_at <= now_ms + SOON_MINUTES * 60_000 else "later"


def groups(rows: Iterable[Listed], now_ms: int) -> list[Group]:
    """The rows of a page under their headings; headings without rows are left out."""
    placed = sorted(rows, key=lambda r: GROUPS.index(group_of(r.due_at, now_ms)))
    return [
        Group(name, tuple(run)) for name, run in groupby(placed, key=lambda r: group_of(r.due_at, now_ms))
    ]


def thread(conversation: Conversation, *, before: int = 0, limit: int = LINES_MAX) -> Thread:
    """The newest lines, or those before the line `before`: at most `limit` messages and what lies between."""
    limit = max(1, min(limit, LINES_MAX))
    messages = Message.objects.filter(conversation=conversation.pk)
    if before:
        messages = messages.filter(id__lt=before)
    said = list(messages.order_by("-id")[: limit + 1])
    earlier = said[limit - 1].pk if len(said) > limit else 0
    said = said[:limit]
    events = Event.objects.filter(conversation=conversation.pk, id__gte=earlier)
    happened = list((events.filter(id__lt=before) if before else events).order_by("-id")[:limit])
    lines = [*_messages(conversation, said), *map(_event, happened)]
    lines.sort(key=lambda line: (line.at, line.id))
    return Thread(lines=_with_names(lines), earlier=earlier)


def replies_waiting(staff: Staff) -> tuple[Waiting, ...]:
    """Answers that wait for somebody like her, urgent first; her own are not among them."""
    asked = requests.waiting_for(staff).filter(kind=consent_policy.REPLY)[:WAITING_MAX]
    order = {request.thing: place for place, request in enumerate(asked)}
    rows = Reply.objects.filter(obj__in=order, state=Reply.APPROVAL).select_related("author")
    ours = {c.obj: c for c in Conversation.objects.filter(obj__in={row.conversation for row in rows})}
    shown = sorted((row for row in rows if row.conversation in ours), key=lambda row: order[row.obj])
    return tuple(_waiting(row, ours[row.conversation]) for row in shown)


# --- the list ------------------------------------------------------------------------------------------
def _where(staff: Staff) -> tuple[list[str], list[Any]]:
    """The condition for what she may see: one of the channels of `conversation.visible_to`.

    Whoever sees the whole desk needs none, and no statement for it: this is asked with every page.
    """
    if policy.teams_with(staff, "conversation.see").all:
        return ["1 = 1"], []
    seen = channels.visible_to(staff, "conversation.see", with_removed=True).order_by()
    objs = list(seen.values_list("obj", flat=True)[:CHANNELS_MAX])
    if not objs:
        return ["1 = 0"], []
    return [f"c.channel in ({', '.join(['%s'] * len(objs))})"], list(objs)


def _place(before: str) -> list[int]:
    """Where an earlier page ended; an address that was typed wrongly begins at the top."""
    turn, _, number = before.partition(".")
    return [int(turn), int(number)] if turn.isdigit() and number.isdigit() else []


def _select(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _row(found: tuple[Any, ...]) -> Listed:
    values = dict(zip(Listed.__struct_fields__, found, strict=True))
    values["private"] = bool(values["private"])
    return Listed(**values)


# --- the thread ----------------------------------------------------------------------------------------
def _messages(conversation: Conversation, said: list[Message]) -> list[Line]:
    ours = _sent_from_here(conversation, said)
    undo = _undo_times(said)
    return [_line(message, message.remote_id in ours, undo.get(message.reply, 0)) for message in said]


def _line(m: Message, ours: bool, undo_until: int) -> Line:
    return Line(
        kind="message", id=m.pk, at=m.at, actor=m.actor, way=m.way, entry=m.entry, reply=m.reply,
        delivery=m.delivery, subj=m.subj, name=m.name, handle=m.handle, text=m.text, title=m.title,
        lang=m.lang, remote_id=m.remote_id, url=m.url, private=m.private, outside=m.outside and not ours,
        held=m.held, erased=m.erased, state=m.state, note=m.note, red=tuple(m.red),
        attachments=tuple(m.attachments), edited_at=m.edited_at, removed_at=m.removed_at,
        undo_until=undo_until if m.state == "planned" else 0,
    )  # fmt: skip


def _event(event: Event) -> Line:
    return Line(
        kind="event", id=event.pk, at=event.at, actor=event.actor, what=event.what, detail=event.detail
    )


def _sent_from_here(conversation: Conversation, said: list[Message]) -> set[str]:
    """Of what our account said, what a post of this desk said: that is told in another lane of the record."""
    remote = [m.remote_id for m in said if m.outside and m.remote_id]
    if not remote:
        return set()
    sent = Delivery.objects.filter(channel__obj=conversation.channel, remote_id__in=remote)
    return set(sent.values_list("remote_id", flat=True))


def _undo_times(said: list[Message]) -> dict[str, int]:
    waiting = [m.reply for m in said if m.state == "planned"]
    return dict(Reply.objects.filter(obj__in=waiting).values_list("obj", "due_at")) if waiting else {}


def _with_names(lines: list[Line]) -> tuple[Line, ...]:
    """Fills in the names of staff, all in one statement."""
    uids = {line.actor.removeprefix("u:") for line in lines if line.actor.startswith("u:")}
    uids |= {line.detail for line in lines if line.what == "assigned" and line.detail}
    names = {uid: known.name for uid, known in named(uids).items()}
    return tuple(
        msgspec.structs.replace(
            line,
            actor_name=names.get(line.actor.removeprefix("u:"), ""),
            detail_name=names.get(line.detail, "") if line.what == "assigned" else "",
        )
        for line in lines
    )


def _waiting(row: Reply, conversation: Conversation) -> Waiting:
    return Waiting(
        reply=row.obj, request=row.request, conversation=conversation.pk,
        conversation_name=conversation.name or conversation.handle, channel=row.channel, digest=row.digest,
        text=row.words["text"], lang=row.words["lang"], author=row.author.uid, author_name=row.author.name,
        written_at=row.written_at,
    )  # fmt: skip
