"""Publish: the board, the composer, and what became of a post."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.channels import media
from bankside.inbox.triage import language_of
from bankside.people import policy
from bankside.publish import post as posts_of
from bankside.publish import reading, schedule
from bankside.publish.models import Post
from bankside.web import moments, pages
from bankside.web.spoken import why
from bankside.web.staff import composer, reviewed, told, when
from bankside.web.staff.frame import page, staff_of

FILTERS = (
    ("", gettext_lazy("All")),
    ("draft", gettext_lazy("Drafts")),
    ("waiting", gettext_lazy("Waiting")),
    ("approved", gettext_lazy("Approved")),
    ("scheduled", gettext_lazy("Planned")),
    ("sent", gettext_lazy("Sent")),
    ("trouble", gettext_lazy("Needs a person")),
)


@page
@require_safe
def posts(request: HttpRequest) -> HttpResponse:
    """The board: posts by day, each with how it stands."""
    staff, view = staff_of(request), request.GET.get("view", "")
    policy.require_somewhere(staff, "post.see")
    shown = reading.board(staff, view=view, before=request.GET.get("before", ""))
    counts = reading.counts(staff)
    return pages.render(request, "publish/board.html", {
        "days": _by_day(shown.rows, pages.zone_of(request)), "view": view,
        "filters": [(name, words, counts.get(name, 0)) for name, words in FILTERS],
        "older": pages.url("posts", view=view, before=shown.next) if shown.next else "",
        "channels": told.channels_seen(staff), "nothing": _nothing(view),
        "may_write": bool(policy.teams_with(staff, "post.write")), "lang_of": language_of,
        "to_decide": len(reviewed.queue(staff)),
    })  # fmt: skip


@page
@require_http_methods(["GET", "HEAD", "POST"])
def post_new(request: HttpRequest) -> HttpResponse:
    """What to say and where; the versions are written on the next page."""
    staff = staff_of(request)
    offered = told.channels_written(staff)
    policy.require_somewhere(staff, "post.write")
    if request.method != "POST":
        return pages.render(request, "publish/new.html", told.new_post(staff, offered, request.GET))
    given = composer.written(request.POST, offered)
    team = told.team_of(staff, given.words, offered)
    row = posts_of.start(staff, title=given.title, team=team)
    posts_of.write(staff, row, edition=row.edition, base=given.base, words=given.words, market=given.market)
    return pages.go(request, "post-draft", row.pk)


@page
@require_safe
def post(request: HttpRequest, number: str) -> HttpResponse:
    """Words that were submitted, and what became of them; a draft is shown in the composer."""
    staff = staff_of(request)
    row = posts_of.get_visible(staff, number)
    if row.state in {Post.DRAFT, Post.SENT_BACK} and policy.may(staff, "post.write", row.team):
        return _composer(request, row)
    shown = told.post(staff, row, pages.zone_of(request))
    answer = pages.render(request, "publish/post.html", shown, parts={"faring": "publish/faring.html"})
    if not shown["moving"] and request.headers.get("HX-Target") == "faring":
        answer["HX-Refresh"] = "true"  # it has come to rest: what may be done with it has changed too
    return answer


@page
@require_http_methods(["GET", "HEAD", "POST"])
def post_draft(request: HttpRequest, number: str) -> HttpResponse:
    """The composer. A POST saves; htmx gets only the time of saving back, and no field is touched."""
    staff = staff_of(request)
    row = posts_of.get_visible(staff, number)
    policy.require(staff, "post.write", row.team)
    if request.method != "POST":
        return _composer(request, row)
    given = composer.written(request.POST, told.channels_of(staff, row))
    try:
        saved = _write(request, row, given)
    except posts_of.Changed:
        return _conflict(request, row, given)
    if pages.is_fragment(request):
        return pages.render(request, "publish/saved.html", {**told.saved(staff, saved), "answering": True})
    return pages.go(request, "post-draft", row.pk)


@page
@require_POST
def post_preview(request: HttpRequest, number: str) -> HttpResponse:
    """Previews of what is being written, not saved: of one version, or of all that say the base words."""
    staff = staff_of(request)
    row = posts_of.get_visible(staff, number)
    channels = told.channels_of(staff, row)
    draft = composer.as_written(composer.written(request.POST, channels), row)
    shown, only = composer.versions(draft, channels), request.POST.get("only", "")
    chosen = [v for v in shown if only in {"all", v.channel.obj}] if only else [v for v in shown if not v.own]
    return pages.render(request, "publish/preview.html", {"versions": chosen})


@page
@require_POST
def post_submission(request: HttpRequest, number: str) -> HttpResponse:
    """Saves what stands in the form and puts it before a second person."""
    staff = staff_of(request)
    row = posts_of.get_visible(staff, number)
    given = composer.written(request.POST, told.channels_of(staff, row))
    try:
        row = _write(request, row, given)
        posts_of.submit(staff, row, edition=row.edition)
    except posts_of.Changed:
        return _conflict(request, row, given)
    except posts_of.CannotSubmit as refused:
        fresh = posts_of.get_visible(staff, number)
        return _composer(request, fresh, refused=told.findings_named(staff, refused.findings), status=422)
    return pages.go(request, "post", row.pk, said=gettext("Somebody else was asked to approve it."))


@page
@require_POST
def post_schedule(request: HttpRequest, number: str) -> HttpResponse:
    """When it goes out: at a time, or at once."""
    staff = staff_of(request)
    row = posts_of.get_visible(staff, number)
    try:
        due_ms = when.due_of(request.POST, pages.zone_of(request))
    except when.NoSuchTime as wrong:
        return pages.go(request, "post", row.pk, said=why(wrong), tone="no")
    row = schedule.schedule(staff, row, due_ms=due_ms)
    said = (
        gettext("It goes out at this time.") if row.state == Post.SCHEDULED else gettext("The time is kept.")
    )
    return pages.go(request, "post", row.pk, said=said)


@page
@require_POST
def post_withdrawal(request: HttpRequest, number: str) -> HttpResponse:
    """Takes back what was submitted, approved or planned: a draft again."""
    staff = staff_of(request)
    row = schedule.unschedule(
        staff, posts_of.get_visible(staff, number), reason=request.POST.get("reason", "")
    )
    return pages.go(request, "post", row.pk, said=gettext("Taken back: it is a draft again."), tone="wait")


@page
@require_POST
def post_discard(request: HttpRequest, number: str) -> HttpResponse:
    """Throws a draft away."""
    staff = staff_of(request)
    posts_of.discard(staff, posts_of.get_visible(staff, number))
    return pages.go(request, "posts", said=gettext("The draft was thrown away."), tone="wait")


# --- the composer ----------------------------------------------------------------------------------------
def _composer(request: HttpRequest, row: Post, *, status: int = 200, **more: Any) -> HttpResponse:
    shown = told.composer(staff_of(request), row, pages.zone_of(request))
    return pages.render(request, "publish/composer.html", {**shown, **more}, status=status)


def _conflict(request: HttpRequest, row: Post, given: composer.Written) -> HttpResponse:
    """Somebody else saved other words: hers stay in the fields, theirs stand beside them."""
    staff = staff_of(request)
    fresh = posts_of.get_visible(staff, row.pk)
    theirs = composer.theirs_than(given, fresh)
    if pages.is_fragment(request):
        return pages.render(request, "publish/not_saved.html", {"other": theirs.name, "at": theirs.at})
    mine = composer.as_written(given, fresh)
    shown = told.composer(staff, mine, pages.zone_of(request), theirs)
    return pages.render(request, "publish/composer.html", shown, status=409)


def _write(request: HttpRequest, row: Post, given: composer.Written) -> Post:
    """Saves the form, and the picture that was added with it."""
    staff, obj = staff_of(request), request.POST.get("add", "")
    file = request.FILES.get(f"picture:{obj}")
    if file is not None and obj in given.words:
        picture = media.add(staff, file.read(media.BYTES_MAX + 1), file.name or "")
        given.words[obj]["media"].append({"media": picture.obj, "alt": ""})
    return posts_of.write(
        staff, row, edition=given.edition, title=given.title, base=given.base, words=given.words,
        market=given.market,
    )  # fmt: skip


def _by_day(rows: Any, zone: ZoneInfo) -> list[tuple[str, list[Any]]]:
    """Rows under their day: the day they go out, or were written."""
    ordered = sorted(rows, key=lambda row: row.due_at or row.edited_at, reverse=True)
    with timezone.override(zone):
        days = groupby(ordered, key=lambda row: moments.day(row.due_at or row.edited_at))
        return [(day, list(some)) for day, some in days]


def _nothing(view: str) -> tuple[str, str]:
    match view:
        case "":
            return gettext("Nothing has been written yet."), gettext(
                "A post is written once, fitted to each network, and approved by somebody else."
            )
        case "waiting":
            return gettext("Nothing waits for approval."), gettext(
                "What is submitted stands here until it is decided."
            )
        case "trouble":
            return gettext("Nothing needs a person."), gettext("Of every post it is known whether it is out.")
        case _:
            return gettext("There are no such posts."), gettext("Choose another view above.")
