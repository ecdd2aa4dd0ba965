"""What stands around every page of a member: who she is, five tabs, what was said, her language.

Pages are wrapped in `@member_page`: it lets in who came from the bank's app and turns the situations that
rooms name into pages. A view gets the member as its second argument and looks everything up within her.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy

from bankside.rewards import visit, wallet
from bankside.rewards.models import Member
from bankside.web import pages
from bankside.web.problems import problem_of

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the five at the foot of a page; `parts`: second parts of the addresses that belong to it."""

    name: Any
    icon: str
    address: str
    parts: tuple[str, ...]


_ = gettext_lazy
TABS = (
    Tab(_("Card"), "credit-card", "member-home", ("", "activity", "card")),
    Tab(_("Offers"), "tag", "member-offers", ("offers",)),
    Tab(_("Spend"), "gift", "member-spend", ("spend",)),
    Tab(_("Profile"), "user-round", "member-profile", ("profile", "links")),
    Tab(_("Settings"), "settings", "member-settings", ("settings",)),
)


def member_page(view: View) -> View:
    """A page for the member who is here, in her language, with every situation of a room shown as a page."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        member = visit.of(request.session)
        if member is None:
            return door(request)
        with in_her_words(member):
            try:
                return view(request, member, *args, **kwargs)
            except Exception as trouble:
                problem = problem_of(trouble, outside=True)
                if problem is None:
                    raise
                detail = f"{problem.detail} {problem.undone}"
                return trouble_page(request, problem.status, problem.title, detail, member=member)

    return shown


def in_her_words(member: Member) -> AbstractContextManager[object]:
    """The member's language, and the zone of the programme, whose days and months are hers."""
    stack = ExitStack()
    stack.enter_context(translation.override(member.language))
    stack.enter_context(timezone.override(wallet.zone()))
    return stack


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    member: Member | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page; kept by nobody, neither browser nor service worker."""
    made = engines["jinja2"].get_template(f"member/{template}.html")
    given = {"frame": Frame(request, member), "html_lang": pages.html_lang(), **(context or {})}
    response = HttpResponse(made.render(given, request), status=status)
    response["Content-Language"] = pages.html_lang()
    response["Vary"] = "Cookie, Accept-Language"
    response["Cache-Control"] = "no-store"
    return response


def door(request: HttpRequest) -> HttpResponse:
    """For who is not here, or no longer: how to come in, and that nothing was done."""
    said = gettext("Open your card from the bank's app.")
    asked = gettext("You were away for a while, or have not come in yet. Nothing was changed.")
    return trouble_page(request, 401, said, asked)


def trouble_page(
    request: HttpRequest, status: int, title: str, detail: str, *, member: Member | None = None
) -> HttpResponse:
    """What happened, and what was not done."""
    return show(request, "trouble", {"title": title, "detail": detail}, member=member, status=status)


class Frame:
    """What the template of every member's page needs."""

    def __init__(self, request: HttpRequest, member: Member | None) -> None:
        self.request, self.member = request, member

    @cached_property
    def tabs(self) -> list[tuple[Tab, str, bool]]:
        """The five: tab, address, whether this page belongs to it."""
        part = self.request.path.removeprefix("/m/").partition("/")[0]
        return [(tab, pages.url(tab.address), part in tab.parts) for tab in TABS] if self.member else []

    @cached_property
    def said(self) -> list[tuple[str, str]]:
        """What the last act has to say, once: tone and words."""
        return [(m.extra_tags or "ok", str(m.message)) for m in messages.get_messages(self.request)]

    @property
    def here(self) -> str:
        """The address of this page, to come back to."""
        return self.request.get_full_path()
