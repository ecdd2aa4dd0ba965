"""What stands around every page of the desk: who is here, her rooms, what waits in each, what was said.

Pages are wrapped in `@page`: it asks for sign-in and turns the situations that rooms name into pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy

from bankside.channels import freeze
from bankside.channels.models import Freeze
from bankside.inbox import reading
from bankside.inbox.reading import Counts
from bankside.people.models import Staff
from bankside.people.staff import initials
from bankside.record import recovery
from bankside.web import badges, pages
from bankside.web.problems import problem_of

View = Callable[..., HttpResponse]
# Addresses of members and of those who look at a card: they never see the frame of the desk.
MEMBERS = ("/m/", "/c/")


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the rail. `acts`: any of these opens it; none means that everybody has it.

    `desk`: only for whoever may do so in the whole desk, because the room is no team's. `doors`: acts and the
    page each of them opens, in order, where not everybody who has the room may see its first page.
    """

    key: str
    name: Any
    icon: str
    address: str
    acts: tuple[str, ...]
    waiting: Any = ""
    desk: bool = False
    doors: tuple[tuple[str, str], ...] = ()


_ = gettext_lazy
ROOMS = (
    Room("inbox", _("Inbox"), "inbox", "conversations", ("conversation.see",), _("open")),
    Room("publish", _("Publish"), "calendar-days", "posts", ("post.see",), _("waiting")),
    Room("networks", _("Networks"), "radio-tower", "channels", ("channel.see",), _("need a person")),
    Room(
        "card",
        _("Card"),
        "credit-card",
        "programmes",
        ("offer.see", "review.see", "member.see", "liability.see", "spending.manage", "values.export"),
        _("waiting"),
        desk=True,
        doors=(
            ("offer.see", "programmes"),
            ("review.see", "reviews"),
            ("liability.see", "liability"),
            ("spending.manage", "spending"),
            ("values.export", "spending"),
            ("member.see", "members"),
        ),
    ),
    Room("record", _("Record"), "fingerprint", "record", ("record.see",)),
    Room("measures", _("Measures"), "chart-no-axes-column", "measures", ("measures.read",)),
    Room("people", _("People"), "users", "people", ("staff.see",)),
)
# The views of the room Card in their order: key, name of the address, words, acts any of which opens it.
CARD_VIEWS: tuple[tuple[str, str, Any, tuple[str, ...]], ...] = (
    ("programmes", "programmes", _("Programmes"), ("offer.see",)),
    ("offers", "card-offers", _("Offers"), ("offer.see",)),
    ("reviews", "reviews", _("Review"), ("review.see",)),
    ("owed", "liability", _("Owed"), ("liability.see",)),
    ("spending", "spending", _("Spending"), ("spending.manage", "values.export")),
    ("studio", "studio", _("Card studio"), ("member.see",)),
    ("members", "members", _("Members"), ("member.see",)),
)
ROOM_OF = {
    "": "inbox", "conversations": "inbox", "replies": "inbox", "posts": "publish", "deliveries": "publish",
    "channels": "networks", "freeze": "networks", "record": "record", "recovery": "record",
    "people": "people",
    "programmes": "card", "offers": "card", "liability": "card", "reviews": "card", "appeals": "card",
    "studio": "card", "members": "card", "spending": "card", "studies": "measures", "measures": "measures",
    "account": "account", "more": "more", "search": "search",
}  # fmt: skip


def page(view: View) -> View:
    """A page for staff: signed in, and with every situation that a room names shown as a page."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        try:
            return view(request, *args, **kwargs)
        except Exception as trouble:
            problem = problem_of(trouble)
            if problem is None:
                raise
            return trouble_page(request, problem.status, problem.title, f"{problem.detail} {problem.undone}")

    return shown


@page
def rail(request: HttpRequest) -> HttpResponse:
    """The rail alone, when a number on it may have changed."""
    return pages.render(request, "frame/rail.html")


def trouble_page(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    """The page, or (for htmx) the one message, that says what happened and what was not done."""
    if request.path.startswith(MEMBERS):
        from bankside.web.member import frame as members

        return members.trouble_page(request, status, title, detail)
    if not pages.is_fragment(request):
        return pages.render(request, "errors/trouble.html", {"title": title, "detail": detail}, status=status)
    response = pages.render(request, "errors/say.html", {"title": title, "detail": detail}, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#says", "innerHTML"
    response["HX-Push-Url"] = "false"
    return response


def staff_of(request: HttpRequest) -> Staff:
    """Who asks. Only behind `@page`, which has made sure that somebody does."""
    return cast(Staff, request.user)


class Frame:
    """What the base template needs, counted only when it is drawn."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def staff(self) -> Staff | None:
        """Who is signed in, or None."""
        user = self.request.user
        return user if user.is_authenticated else None

    @cached_property
    def rooms(self) -> list[tuple[Room, str, badges.Badge]]:
        """The rooms that she has and that exist here: room, address, badge."""
        return [
            (room, address, self._badge(room))
            for room in ROOMS
            if self.staff
            and badges.opens(self.staff, room.acts, desk=room.desk)
            and (address := _address(_door(room, self.staff)))
        ]

    @cached_property
    def card_views(self) -> list[tuple[str, str, Any]]:
        """The views of the room Card that she may open: key, address, words."""
        return [
            (key, _address(name), words)
            for key, name, words, acts in CARD_VIEWS
            if self.staff and badges.opens(self.staff, acts, desk=True)
        ]

    @cached_property
    def waiting(self) -> Counts:
        """What waits in her inbox, counted once for the rail and the head of the list."""
        return reading.counts(staff_of(self.request))

    @cached_property
    def brake(self) -> Freeze | None:
        """The brake, when it is on: every page says so."""
        return freeze.frozen() if self.staff else None

    @cached_property
    def read_only(self) -> recovery.Mode | None:
        """Why nothing may be added to the record now: every page says so."""
        return recovery.mode() if self.staff else None

    @property
    def theme(self) -> str:
        """`light`, `dark`, or empty for what the system says."""
        chosen = self.request.COOKIES.get("theme", "")
        return chosen if chosen in {"light", "dark"} else ""

    @cached_property
    def said(self) -> list[tuple[str, str]]:
        """What the last act has to say, once: tone and words."""
        return [(m.extra_tags or "ok", str(m.message)) for m in messages.get_messages(self.request)]

    @property
    def initials(self) -> str:
        """Hers, for the small round at the foot of the rail."""
        return initials(self.staff.name) if self.staff else ""

    @property
    def here(self) -> str:
        """The address of this page, to come back to."""
        return self.request.get_full_path()

    @property
    def here_room(self) -> str:
        """Which room this page belongs to, by the first part of its address."""
        asked_from = urlsplit(self.request.headers.get("HX-Current-URL", "")).path
        return ROOM_OF.get((asked_from or self.request.path).split("/")[1], "")

    @property
    def back(self) -> str:
        """Where she came from, when that was here; the first page otherwise."""
        before = self.request.headers.get("Referer", "")
        here = before != self.request.build_absolute_uri()
        known = url_has_allowed_host_and_scheme(before, {self.request.get_host()})
        return before if before and here and known else "/"

    def _badge(self, room: Room) -> badges.Badge:
        return badges.Badge(self.waiting.all) if room.key == "inbox" else badges.of(room.key, self.staff)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if not pages.is_fragment(request):
        return redirect_to_login(request.get_full_path())
    response = HttpResponse(status=204)
    response["HX-Redirect"] = pages.url("sign-in", next=request.headers.get("HX-Current-URL", "/"))
    return response


def _door(room: Room, staff: Staff) -> str:
    """The first page of the room that she may see."""
    opened = (name for act, name in room.doors if badges.opens(staff, (act,), desk=room.desk))
    return next(opened, room.address)


def _address(name: str) -> str:
    try:
        return pages.url(name)
    except NoReverseMatch:
        return ""
