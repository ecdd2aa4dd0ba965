"""The inbox: the list, the conversation that is open, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from bankside.inbox import conversation as conversations
from bankside.inbox import openings, reading
from bankside.inbox import reply as replies
from bankside.inbox.models import Conversation
from bankside.people.models import Staff
from bankside.record.clock import now_ms
from bankside.web import pages
from bankside.web.spoken import why
from bankside.web.staff import listed, opened
from bankside.web.staff.frame import page, staff_of

VIEWS = ("all", "mine", "nobody", "hidden", "closed")
# Set by a page that fetches the neighbours of what is open; it tells `showing` when one of them is shown.
AHEAD = "Bankside-Ahead"
PARTS = {
    "list": "inbox/list_live.html",
    "list-head": "inbox/list_head.html",
    "opened": "inbox/opened_live.html",
    "head": "inbox/head.html",
    "lines": "inbox/lines_live.html",
}


@page
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The list, with no conversation open."""
    context = {**_list(request), "opened": None}
    return pages.render(request, "inbox/page.html", context, parts=PARTS)


@page
@require_GET
def conversation(request: HttpRequest, number: str) -> HttpResponse:
    """One conversation, by number or obj. That she gets its words is in the record before she does."""
    staff, found = _found(request, number)
    again = request.GET.get("again", "")
    words = str(replies.get_visible(staff, again).words.get("text", "")) if again else ""
    shown = opened.gathered(
        staff, found, before=_number(request.GET.get("before")), box=request.GET.get("box", ""), words=words,
        ahead=AHEAD in request.headers, head_only=_is_head(request),
    )  # fmt: skip
    return _page(request, shown)


@page
@require_POST
def showing(request: HttpRequest, number: int) -> HttpResponse:
    """What a page had fetched ahead is on her screen now, up to the entry `upto`: that is a reading."""
    staff, found = _found(request, number)
    openings.shown(staff, found, upto=_number(request.POST.get("upto")), limit=opened.LIMIT)
    return HttpResponse(status=204)


@page
@require_POST
def assignment(request: HttpRequest, number: int) -> HttpResponse:
    """Gives the conversation to somebody, or (`to` empty) to nobody."""
    staff, found = _found(request, number)
    version = _number(request.POST.get("version")) or None
    conversations.assign(staff, found, request.POST.get("to", ""), version=version)
    return _back(request, number)


@page
@require_POST
def closure(request: HttpRequest, number: int) -> HttpResponse:
    """Closes the conversation, or (`state` open) opens it again."""
    staff, found = _found(request, number)
    if request.POST.get("state") == "open":
        conversations.reopen(staff, found)
    else:
        conversations.close(staff, found, version=_number(request.POST.get("version")) or None)
    return _back(request, number)


@page
@require_POST
def notes(request: HttpRequest, number: int) -> HttpResponse:
    """Keeps words among colleagues."""
    staff, found = _found(request, number)
    text = _text(request)
    try:
        conversations.note(staff, found, text)
    except conversations.BadNote as trouble:
        return _again(request, found, box="note", words=text, trouble=why(trouble))
    return _back(request, number, box="note")


@page
@require_POST
def answers(request: HttpRequest, number: int) -> HttpResponse:
    """Writes an answer. If somebody was first, the words are kept as a note and she is told."""
    staff, found = _found(request, number)
    text = _text(request)
    try:
        replies.write(staff, found, text, version=_number(request.POST.get("version")) or None)
    except replies.CannotSend as trouble:
        return _again(request, found, box="reply", words=text, trouble=why(trouble))
    except conversations.Changed as first:
        return _back(request, number, said=why(first), tone="iris")
    return _back(request, number)


@page
@require_POST
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """The length of an answer as the network counts it, while it is being written."""
    _, found = _found(request, number)
    said = _text(request)
    shown = replies.preview(found, said, lang=found.lang)
    return pages.render(request, "inbox/count.html", {"preview": shown, "said": said})


@page
@require_POST
def reply_approval(request: HttpRequest, obj: str) -> HttpResponse:
    """A second person agrees to the exact words of an answer, or sends it back and says why."""
    staff = staff_of(request)
    answer = replies.get_visible(staff, obj)
    number = conversations.get_visible(staff, answer.conversation).id
    if request.POST.get("decision") == "back":
        replies.send_back(staff, answer, reason=request.POST.get("reason", ""))
    else:
        replies.approve(staff, answer, digest=request.POST.get("digest", ""))
    return _back(request, number)


@page
@require_POST
def reply_withdrawal(request: HttpRequest, obj: str) -> HttpResponse:
    """Takes an answer back before it leaves; its words return to the box."""
    staff = staff_of(request)
    answer = replies.take_back(staff, replies.get_visible(staff, obj))
    return _back(request, conversations.get_visible(staff, answer.conversation).id, again=obj)


def _found(request: HttpRequest, number: int | str) -> tuple[Staff, Conversation]:
    staff = staff_of(request)
    return staff, conversations.get_visible(staff, number)


def _is_head(request: HttpRequest) -> bool:
    """Whether the head of the pane alone is asked for, as the parts of this page are chosen by htmx."""
    return pages.is_fragment(request) and request.headers.get("HX-Target") == "head"


def _page(request: HttpRequest, shown: opened.Opened, status: int = 200) -> HttpResponse:
    alone = pages.is_fragment(request)
    listed = {"view": _view(request), "me": staff_of(request).uid} if alone else _list(request)
    return pages.render(request, "inbox/page.html", {**listed, "opened": shown}, parts=PARTS, status=status)


def _again(request: HttpRequest, found: Conversation, *, box: str, words: str, trouble: str) -> HttpResponse:
    """The same conversation with her words still in the box, and what to put right."""
    shown = opened.gathered(staff_of(request), found, box=box, words=words, trouble=trouble)
    return _page(request, shown, status=422)


def _back(
    request: HttpRequest, number: int, *, said: str = "", tone: str = "ok", **query: str
) -> HttpResponse:
    return pages.go(request, "conversation", number, said=said, tone=tone, view=_view(request), **query)


def _list(request: HttpRequest) -> dict[str, Any]:
    staff, view = staff_of(request), _view(request)
    before = request.GET.get("before", "")
    found = reading.page(staff, view=view, before=before)
    zone = pages.zone_of(request)
    groups = listed.drawn(reading.groups(found.rows, now_ms()), view=view, me=staff.uid, zone=zone)
    return {
        "view": view, "groups": groups, "older": found.next, "me": staff.uid,
        "before": before,
    }  # fmt: skip


def _view(request: HttpRequest) -> str:
    asked = request.POST.get("view") or request.GET.get("view") or "all"
    return asked if asked in VIEWS else "all"


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n")


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
