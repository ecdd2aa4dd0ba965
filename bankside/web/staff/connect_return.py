"""Away to a network, to sign in there for a channel, and back; and what it reads about us meanwhile."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from bankside.channels import channel as channel_room
from bankside.channels import connect, form, oauth
from bankside.people import policy, teams
from bankside.web import pages
from bankside.web.spoken import why
from bankside.web.staff import connecting
from bankside.web.staff.frame import page, staff_of

ACT = connect.ACT


@page
@require_POST
def sign_in_new(request: HttpRequest, network: str) -> HttpResponse:
    """Where she signs in to connect a new channel."""
    staff, info, typed = staff_of(request), form.network_info(network), connecting.typed(request)
    policy.require_somewhere(staff, ACT)
    try:
        address = oauth.begin(
            staff, network, name=typed["name"], settings=typed["settings"],
            secrets=connecting.given(request, "secret:"),
            team=teams.get(typed["team"]) if typed["team"] else None,
        )  # fmt: skip
    except (connect.NotConnected, connect.NameTaken) as refused:
        return connecting.add(request, network, typed, refused=why(refused))
    return _away(request, address, info.title, pages.url("channel-add", network))


@page
@require_POST
def sign_in_again(request: HttpRequest, number: str) -> HttpResponse:
    """Where she signs in to connect the same channel again."""
    staff = staff_of(request)
    found = channel_room.get_visible(staff, number, ACT)
    try:
        address = oauth.begin(
            staff, found.network, settings=connecting.given(request, "setting:"),
            secrets=connecting.given(request, "secret:"), channel=found,
        )  # fmt: skip
    except connect.NotConnected as refused:
        return pages.go(request, "channel", found.pk, said=why(refused), tone="no")
    return _away(request, address, form.network_info(found.network).title, pages.url("channel", found.pk))


@page
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """She is back, with a code or a refusal."""
    policy.require_somewhere(staff_of(request), ACT)
    brought = {name: request.GET.get(name, "") for name in ("state", "code", "error")}
    try:
        connected = oauth.finish(staff_of(request), **brought, issuer=request.GET.get("iss", ""))
    except (connect.NotConnected, connect.NameTaken, connect.NotNow) as refused:
        return pages.go(request, "channel-new", said=why(refused), tone="no")
    return pages.go(request, "channel", connected.pk, said=gettext("Connected."))


@require_safe
def client_metadata(request: HttpRequest, network: str) -> HttpResponse:
    """What the servers of a network read about this desk before somebody signs in there. Open to all."""
    try:
        return JsonResponse(oauth.client_metadata(network))
    except LookupError as nobody:
        return JsonResponse({"error": str(nobody)}, status=404)


def _away(request: HttpRequest, address: str, title: str, back: str) -> HttpResponse:
    """A link, and no redirect: a form of the desk leads nowhere but to the desk (form-action)."""
    shown = {"address": address, "host": urlsplit(address).netloc, "title": title, "back": back}
    return pages.render(request, "channels/away.html", shown)
