"""Posts for pages and API: the board, what became of each, its story, and what an approver looks at.

The board is hand-written SQL and one statement however many posts there are. All values are plain.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import connection

from bankside.channels import preview
from bankside.channels import words as exact
from bankside.channels.models import Channel
from bankside.people import policy
from bankside.people.models import Staff
from bankside.people.staff import named
from bankside.publish import schedule
from bankside.publish.changes import Change, changes
from bankside.publish.models import Happening, Outcome, Post, Version
from bankside.said import Said

LIMIT_MAX = 200
STORY_LINES_MAX = 500
EXCERPT_CHARACTERS = 200

VIEWS = {
    "": "p.state <> 'discarded'",
    "draft": "p.state in ('draft', 'sent-back')",
    "waiting": "p.state = 'waiting'",
    "approved": "p.state = 'approved'",
    "scheduled": "p.state = 'scheduled' and exists ({open})",
    "sent": "p.state = 'scheduled' and exists ({sent}) and not exists ({open}) and not exists ({trouble})",
    "trouble": "p.state = 'scheduled' and exists ({trouble})",
    "discarded": "p.state = 'discarded'",
}
"""What each view of the board shows. `trouble` is what waits for a person: uncertain, refused, held, or to
be posted by hand."""

_FATE = """select 1 from "publish_outcome" o where o.post = p.obj and o.state in ({})"""
_FATES = {
    "open": _FATE.format("'planned', 'sending', 'delayed', 'looking'"),
    "sent": _FATE.format("'sent'"),
    "trouble": _FATE.format("'uncertain', 'refused', 'held', 'by-hand'"),
}

_BOARD = """
with page as (
    select p.* from "publish_post" p where {where} order by p.edited_at desc, p.id desc limit %s
), fate as (
    select o.post,
        sum(case when o.state = 'sent' then 1 else 0 end) as sent,
        sum(case when o.state = 'refused' then 1 else 0 end) as refused,
        sum(case when o.state = 'uncertain' then 1 else 0 end) as uncertain,
        sum(case when o.state = 'held' then 1 else 0 end) as held,
        sum(case when o.state = 'by-hand' then 1 else 0 end) as by_hand,
        sum(case when o.state in ('planned', 'sending', 'delayed', 'looking') then 1 else 0 end) as planned
    from "publish_outcome" o join page on page.obj = o.post where o.state <> 'withdrawn' group by o.post
)
select page.id, page.obj, page.title, t.name, a.uid, a.name, e.name, page.state, page.base, page.words,
    page.edition, page.due_at, page.created_at, page.edited_at,
    fate.sent, fate.refused, fate.uncertain, fate.held, fate.by_hand, fate.planned
from page
left join "people_team" t on t.id = page.team_id
join "people_staff" a on a.id = page.author_id
join "people_staff" e on e.id = page.editor_id
left join fate on fate.post = page.obj
order by page.edited_at desc, page.id desc
"""


class NoView(LookupError):
    """The board has no such view."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A post on the board. `standing` is its state, or, once it was scheduled, what became of it."""

    id: int
    obj: str
    title: str
    team: str
    author: str
    author_name: str
    editor_name: str
    state: str
    standing: str
    excerpt: str
    lang: str
    channels: tuple[str, ...]
    edition: int
    due_at: int
    created_at: int
    edited_at: int
    sent: int
    refused: int
    uncertain: int
    held: int
    by_hand: int
    planned: int


class Page(msgspec.Struct, frozen=True):
    """Rows, and what to give as `before` for the next page; "" at the end."""

    rows: tuple[Row, ...]
    next: str


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """How a post fares on one channel."""

    delivery: str
    version: str
    channel: str
    channel_name: str
    network: str
    state: str
    due_at: int
    at: int
    remote_id: str
    url: str
    note: str
    fallback: str
    picture: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a post; `what` is the name of the fact without its room."""

    id: int
    what: str
    actor: str
    actor_name: str
    version: str
    channel: str
    channel_name: str
    at: int
    note: str
    due_at: int


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The exact words for one channel, as an approver sees them, and what changed since the last version."""

    channel: str
    channel_name: str
    network: str
    digest: str
    words: dict[str, Any]
    counts: tuple[Any, ...]
    findings: tuple[str, ...]
    before: int
    changes: tuple[Change, ...]
    title_changes: tuple[Change, ...]
    fields_changed: tuple[str, ...]


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A version before its approver. `before` of a part is the number of the version it is compared with."""

    version: str
    number: int
    title: str
    request: str
    author_name: str
    editor_name: str
    submitted_by_name: str
    submitted_at: int
    due_at: int
    parts: tuple[Part, ...]


def board(staff: Staff, *, view: str = "", before: str = "", limit: int = 50) -> Page:
    """Posts that she sees, last written first. `before` is the `next` of an earlier page. Raises NoView."""
    if view not in VIEWS:
        raise NoView(
            Said(
                "There is no view '%(view)s'; there are: %(there)s.",
                view=view,
                there=", ".join(filter(None, VIEWS)),
            )
        )
    where, values = _where(staff)
    where.append(VIEWS[view].format(**_FATES))
    if place := _place(before):
        where.append("(p.edited_at, p.id) < (%s, %s)")
        values += place
    limit = max(1, min(limit, LIMIT_MAX))
    rows = _select(_BOARD.format(where=" and ".join(where)), [*values, limit])
    shown = tuple(_row(row) for row in rows)
    more = len(shown) == limit
    return Page(rows=shown, next=f"{shown[-1].edited_at}.{shown[-1].id}" if more else "")


def counts(staff: Staff) -> dict[str, int]:
    """How many posts each view of the board holds, in one statement."""
    where, values = _where(staff)
    names = [name for name in VIEWS if name]
    cases = [f"sum(case when {VIEWS[name].format(**_FATES)} then 1 else 0 end)" for name in names]
    # Nothing in the statement comes from a person: the texts are constants of this file.
    sql = f'select {", ".join(cases)} from "publish_post" p where {" and ".join(where)}'  # noqa: S608
    (row,) = _select(sql, values)
    return {name: int(count or 0) for name, count in zip(names, row, strict=True)}


def standing_of(
    state: str, *, sent: int, refused: int, uncertain: int, held: int, planned: int, by_hand: int = 0
) -> str:
    """What a post is called on the board. What a person has to look at goes before everything else."""
    if state != Post.SCHEDULED:
        return state
    if uncertain:
        return "uncertain"
    if refused:
        return "refused"
    if by_hand:
        return "by-hand"
    if held:
        return "held"
    if sent:
        return "partly" if planned else "sent"
    return "scheduled" if planned else "withdrawn"


def outcomes(post: Post) -> tuple[Fate, ...]:
    """How the post fares on each channel; what was taken back with an earlier version is left out."""
    rows = list(Outcome.objects.filter(post=post.obj).order_by("id"))
    newest = rows[-1].version if rows else ""
    shown = [row for row in rows if row.version == newest or row.state != "withdrawn"]
    known = _channels(row.channel for row in shown)
    return tuple(
        Fate(
            delivery=row.delivery, version=row.version, channel=row.channel,
            channel_name=known[row.channel].name if row.channel in known else "",
            network=known[row.channel].network if row.channel in known else "",
            state=row.state, due_at=row.due_at, at=row.at, remote_id=row.remote_id, url=row.url,
            note=row.note, fallback=row.fallback, picture=row.picture,
        )
        for row in shown
    )  # fmt: skip


def story(post: Post, *, limit: int = 200) -> tuple[Line, ...]:
    """The last things that happened to the post, the oldest first."""
    newest = Happening.objects.filter(post=post.obj).order_by("-id")[: min(limit, STORY_LINES_MAX)]
    rows = list(newest)[::-1]
    names = named(row.actor.removeprefix("u:") for row in rows)
    known = _channels(row.channel for row in rows)
    return tuple(
        Line(
            id=row.pk, what=row.what, actor=row.actor,
            actor_name=names[uid].name if (uid := row.actor.removeprefix("u:")) in names else "",
            version=row.version, channel=row.channel,
            channel_name=known[row.channel].name if row.channel in known else "",
            at=row.at, note=row.note, due_at=row.due_at,
        )
        for row in rows
    )  # fmt: skip


def review(post: Post) -> Review:
    """The version that was submitted last, for whoever decides about it. Raises schedule.NotNow."""
    version = schedule.latest(post)
    earlier = post.versions.filter(number__lt=version.number).order_by("-number")
    parts = tuple(_part(part, list(earlier)) for part in version.words)
    return Review(
        version=version.obj, number=version.number, title=version.title, request=version.request,
        author_name=post.author.name, editor_name=post.editor.name,
        submitted_by_name=version.submitted_by.name, submitted_at=version.submitted_at, due_at=post.due_at,
        parts=parts,
    )  # fmt: skip


# --- the board -----------------------------------------------------------------------------------------
def _where(staff: Staff) -> tuple[list[str], list[Any]]:
    """The condition for what she may see, as `post.visible_to` has it."""
    teams = policy.teams_with(staff, "post.see")
    if teams.all:
        return ["1 = 1"], []
    if not teams.ids:
        return ["1 = 0"], []
    return [f"p.team_id in ({', '.join(['%s'] * len(teams.ids))})"], sorted(teams.ids)


def _place(before: str) -> list[int]:
    """Where an earlier page ended; an address that was typed wrongly begins at the top."""
    edited_at, _, number = before.partition(".")
    return [int(edited_at), int(number)] if edited_at.isdigit() and number.isdigit() else []


def _select(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _row(row: tuple[Any, ...]) -> Row:
    words = msgspec.json.decode(row[9]) if isinstance(row[9], str) else row[9]
    fates = ("sent", "refused", "uncertain", "held", "by_hand", "planned")
    fate = {name: int(count or 0) for name, count in zip(fates, row[14:20], strict=True)}
    own = [said.get("text", "") for said in words.values()]
    return Row(
        id=row[0], obj=row[1], title=row[2], team=row[3] or "", author=row[4], author_name=row[5],
        editor_name=row[6], state=row[7], standing=standing_of(row[7], **fate),
        excerpt=" ".join((row[8] or next(filter(None, own), "")).split())[:EXCERPT_CHARACTERS],
        lang=next((said["lang"] for said in words.values() if said.get("lang")), ""),
        channels=tuple(words), edition=row[10], due_at=row[11], created_at=row[12], edited_at=row[13], **fate,
    )  # fmt: skip


# --- one post ------------------------------------------------------------------------------------------
def _channels(objs: Iterable[str]) -> dict[str, Channel]:
    return {row.obj: row for row in Channel.objects.filter(obj__in={obj for obj in objs if obj})}


def _part(part: dict[str, Any], earlier: list[Version]) -> Part:
    channel = Channel.objects.get(obj=part["channel"])
    shown = preview.preview(channel, exact.from_dict(part["words"]))
    number, old = _before(part["channel"], earlier)
    new = part["words"]
    others = sorted(new.keys() - {"text", "title"})
    return Part(
        channel=channel.obj, channel_name=channel.name, network=channel.network, digest=part["digest"],
        words=new, counts=shown.counts, findings=shown.findings, before=number,
        changes=tuple(changes(old["text"], new["text"])) if old else (),
        title_changes=tuple(changes(old["title"], new["title"])) if old else (),
        fields_changed=tuple(name for name in others if old and old[name] != new[name]),
    )  # fmt: skip


def _before(channel: str, earlier: list[Version]) -> tuple[int, dict[str, Any]]:
    """The words of the newest earlier version that spoke on the channel, and its number; 0 for none."""
    for version in earlier:
        for part in version.words:
            if part["channel"] == channel:
                return version.number, part["words"]
    return 0, {}
