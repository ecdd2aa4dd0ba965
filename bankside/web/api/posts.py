"""Posts: written, previewed, submitted, approved or sent back, scheduled, and how they fare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import StringConstraints

from bankside.channels import channel as channels
from bankside.channels import meter
from bankside.channels import preview as previews
from bankside.channels.models import Channel
from bankside.people import teams
from bankside.people.models import Staff
from bankside.publish import cautions, reading, schedule
from bankside.publish import post as posts
from bankside.publish.models import Post, Version
from bankside.record import clock
from bankside.record.facts.channels import Words
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Id, operation
from bankside.web.api.paging import Cursor, Limit
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.channels import ReasonIn
from bankside.web.api.shapes.posts import (
    ApprovalIn,
    DraftIn,
    EditionIn,
    Outcomes,
    PostIn,
    PostOut,
    PostRow,
    Posts,
    Previews,
    ReviewOut,
    ScheduleIn,
    VersionOut,
    Versions,
    WordsIn,
)
from bankside.web.spoken import spoken

router = Router(tags=["posts"])

View = Literal["", "draft", "waiting", "approved", "scheduled", "sent", "trouble", "discarded"]
Reason = Annotated[str, StringConstraints(max_length=300)]


@operation(router, "GET", "/posts", "post.see", says=Posts)
def post_list(request: HttpRequest, view: View = "", cursor: Cursor = "", limit: Limit = 50) -> Any:
    """The posts that she sees, last written first."""
    page = reading.board(staff_of(request), view=view, before=cursor, limit=limit)
    return {"items": [_row(row) for row in page.rows], "next": page.next or None}


@operation(router, "POST", "/posts", "post.write", says=PostOut, status=201)
def post_start(request: HttpRequest, said: PostIn) -> Any:
    """A new draft."""
    team = teams.get(said.team) if said.team else None
    words = _draft(said.words)
    row = posts.start_with(
        staff_of(request), title=said.title, team=team, base=said.base, words=words, market=said.market
    )
    return _shown(row)


@operation(router, "GET", "/posts/{post}", "post.see", says=PostOut)
def post_show(request: HttpRequest, post: Id) -> Any:
    """One post."""
    return _shown(posts.get_visible(staff_of(request), post))


@operation(router, "PATCH", "/posts/{post}", "post.write", says=PostOut)
def post_write(request: HttpRequest, post: Id, said: DraftIn) -> Any:
    """Writes what is given and leaves the rest. Words that were submitted or approved lose their consent."""
    staff, words = staff_of(request), _draft(said.words)
    row = posts.get_visible(staff, post)
    given = {"title": said.title, "base": said.base, "market": said.market}
    return _shown(posts.write(staff, row, edition=said.edition, words=words, **given))


@operation(router, "DELETE", "/posts/{post}", "post.write", says=None, status=204)
def post_discard(request: HttpRequest, post: Id) -> Any:
    """Throws the post away; what was submitted stays in the record."""
    staff = staff_of(request)
    posts.discard(staff, posts.get_visible(staff, post))


@operation(router, "GET", "/posts/{post}/preview", "post.see", says=Previews)
def post_preview(request: HttpRequest, post: Id) -> Any:
    """The draft as each network would show and count it, and what keeps it from being submitted."""
    row = posts.get_visible(staff_of(request), post)
    found = [{"where": one.channel, "text": spoken(one.text)} for one in posts.findings(row)]
    return {"items": _previews(staff_of(request), row), "findings": found}


@operation(router, "POST", "/posts/{post}/submission", "post.submit", says=VersionOut, status=201)
def post_submit(request: HttpRequest, post: Id, said: EditionIn) -> Any:
    """Freezes the words as a version and puts it before a second person."""
    staff = staff_of(request)
    return _version(posts.submit(staff, posts.get_visible(staff, post), edition=said.edition))


@operation(router, "GET", "/posts/{post}/versions", "post.see", says=Versions)
def post_versions(request: HttpRequest, post: Id) -> Any:
    """Everything that was submitted, word for word, newest first."""
    row = posts.get_visible(staff_of(request), post)
    versions = row.versions.select_related("submitted_by").order_by("-number")
    return {"items": [_version(version) for version in versions]}


@operation(router, "GET", "/posts/{post}/approval", "post.see", says=ReviewOut)
def post_review(request: HttpRequest, post: Id) -> Any:
    """The version that was submitted last, as a second person has to see it."""
    return _review(reading.review(posts.get_visible(staff_of(request), post)))


@operation(router, "POST", "/posts/{post}/approval", "post.approve", says=PostOut)
def post_approve(request: HttpRequest, post: Id, said: ApprovalIn) -> Any:
    """Agrees to the words of exactly these digests."""
    staff = staff_of(request)
    seen = [(part.channel, part.digest) for part in said.words]
    return _shown(posts.approve(staff, posts.get_visible(staff, post), words=seen))


@operation(router, "POST", "/posts/{post}/return", "post.approve", says=PostOut)
def post_send_back(request: HttpRequest, post: Id, said: ReasonIn) -> Any:
    """Does not agree, and says why."""
    staff = staff_of(request)
    return _shown(posts.send_back(staff, posts.get_visible(staff, post), reason=said.reason))


@operation(router, "POST", "/posts/{post}/schedule", "post.schedule", says=PostOut)
def post_schedule(request: HttpRequest, post: Id, said: ScheduleIn) -> Any:
    """Says when it goes out: at a time, or at once. Before approval this is remembered."""
    staff = staff_of(request)
    due_ms = None if said.due_at is None else max(1, clock.from_iso(said.due_at.isoformat()))
    return _shown(schedule.schedule(staff, posts.get_visible(staff, post), due_ms=due_ms))


@operation(router, "DELETE", "/posts/{post}/schedule", "post.schedule", says=PostOut)
def post_unschedule(request: HttpRequest, post: Id, reason: Reason = "") -> Any:
    """Takes back what was submitted, approved or scheduled; it is a draft again."""
    staff = staff_of(request)
    return _shown(schedule.unschedule(staff, posts.get_visible(staff, post), reason=reason))


@operation(router, "GET", "/posts/{post}/deliveries", "post.see", says=Outcomes)
def post_deliveries(request: HttpRequest, post: Id) -> Any:
    """How the post fares on each network."""
    found = reading.outcomes(posts.get_visible(staff_of(request), post))
    return {"items": [_outcome(one) for one in found]}


# --- as JSON ---------------------------------------------------------------------------------------------
def _draft(words: Mapping[str, WordsIn] | None) -> dict[str, dict[str, Any]] | None:
    return None if words is None else {obj: said.model_dump(exclude_none=True) for obj, said in words.items()}


def _shown(row: Post) -> dict[str, Any]:
    return {
        "id": str(row.pk), "obj": row.obj, "title": row.title, "team": row.team.obj if row.team else None,
        "author": row.author.uid, "editor": row.editor.uid, "state": row.state, "base": row.base,
        "market": row.market, "words": row.words, "edition": row.edition, "due_at": moment(row.due_at),
        "created_at": moment(row.created_at), "edited_at": moment(row.edited_at),
    }  # fmt: skip


def _row(row: reading.Row) -> PostRow:
    return PostRow(
        id=str(row.id), obj=row.obj, title=row.title, state=row.state, standing=row.standing,
        author=row.author, excerpt=row.excerpt, channels=list(row.channels), edition=row.edition,
        due_at=moment(row.due_at), edited_at=moment(row.edited_at),
    )  # fmt: skip


def _version(version: Version) -> dict[str, Any]:
    return {
        "obj": version.obj, "number": version.number, "title": version.title,
        "submitted_by": version.submitted_by.uid, "submitted_at": moment(version.submitted_at),
        "words": version.words,
    }  # fmt: skip


def _previews(staff: Staff, row: Post) -> list[dict[str, Any]]:
    words = posts.words_of(row)
    seen = {channel.obj: channel for channel in channels.visible_to(staff, "post.see")}
    return [
        {
            "channel": obj, "channel_name": seen[obj].name, "network": seen[obj].network,
            "title": shown.title, "text": shown.text, "findings": [spoken(found) for found in shown.findings],
            "counts": [asdict(count) for count in shown.counts],
            "warnings": [spoken(one) for one in cautions.of(seen[obj], row.market)],
            "cost": _cost(seen[obj], said),
        }
        for obj, said in words.items()
        if obj in seen and (shown := previews.preview(seen[obj], said))
    ]  # fmt: skip


def _cost(channel: Channel, words: Words) -> dict[str, str] | None:
    cost = meter.cost(channel, words)
    return {"amount": cost.amount, "currency": cost.currency} if cost else None


def _review(review: reading.Review) -> dict[str, Any]:
    return {
        "version": review.version, "number": review.number, "title": review.title,
        "author_name": review.author_name, "editor_name": review.editor_name,
        "submitted_at": moment(review.submitted_at), "due_at": moment(review.due_at),
        "parts": [
            {
                "channel": part.channel, "channel_name": part.channel_name, "network": part.network,
                "digest": part.digest, "words": part.words,
                "findings": [spoken(found) for found in part.findings], "before": part.before,
                "changes": [list(change) for change in part.changes],
            }
            for part in review.parts
        ],
    }  # fmt: skip


def _outcome(one: reading.Fate) -> dict[str, Any]:
    names = ("delivery", "version", "channel", "channel_name", "network", "state", "remote_id", "url")
    said = {name: getattr(one, name) for name in names}
    return said | {
        "note": spoken(one.note),
        "fallback": one.fallback,
        "due_at": moment(one.due_at),
        "at": moment(one.at),
    }
