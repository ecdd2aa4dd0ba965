"""Networks: the bank's channels, connected, checked, stopped and removed; what waits; the brake."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.channels import channel as channel_room
from bankside.channels import connect, form, freeze, meter, token_health
from bankside.channels import delivery as deliveries
from bankside.channels.models import Channel
from bankside.inbox import acts
from bankside.people import policy, teams
from bankside.record.clock import now_ms
from bankside.record.reasons import ReasonMissing
from bankside.web import pages
from bankside.web.spoken import why
from bankside.web.staff import connecting, doubts, networks
from bankside.web.staff.frame import page, staff_of

ACT = "channel.connect"


@page
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel that she sees, with the finding in a sentence."""
    policy.require_somewhere(staff_of(request), "channel.see")
    shown = networks.table(staff_of(request))
    return pages.render(request, "channels/list.html", shown, parts={"channels": "channels/table.html"})


@page
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits to go out."""
    staff = staff_of(request)
    policy.require_somewhere(staff, "channel.see")
    waits, seen = networks.waiting(staff), channel_room.visible_to(staff).count()
    return pages.render(request, "channels/queue.html", {"queue": waits, "channel_count": seen})


@page
@require_safe
def channel_new(request: HttpRequest) -> HttpResponse:
    """Which network."""
    policy.require_somewhere(staff_of(request), ACT)
    return connecting.choose(request)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def channel_add(request: HttpRequest, network: str) -> HttpResponse:
    """The form of a network; a POST asks the network who we are, and only then keeps anything."""
    staff, typed = staff_of(request), connecting.typed(request)
    policy.require_somewhere(staff, ACT)
    if request.method != "POST":
        return connecting.add(request, network)
    try:
        added = connect.add(
            staff, network, name=typed["name"], settings=typed["settings"],
            secrets=connecting.given(request, "secret:"),
            team=teams.get(typed["team"]) if typed["team"] else None,
        )  # fmt: skip
    except (connect.NotConnected, connect.NameTaken, form.BadRhythm) as refused:
        return connecting.add(request, network, typed, refused=why(refused))
    return pages.go(request, "channel", added.pk, said=gettext("Connected."))


@page
@require_safe
def channel(request: HttpRequest, number: str) -> HttpResponse:
    """One channel: who we are there, how it is, and what may be done with it."""
    return _channel(request, channel_room.get_visible(staff_of(request), number))


@page
@require_POST
def channel_check(request: HttpRequest, number: str) -> HttpResponse:
    """Asks the network now whether it still knows us."""
    found = channel_room.get_visible(staff_of(request), number, ACT)
    try:
        connect.check(staff_of(request), found)
    except connect.NotConnected as refused:
        return pages.go(request, "channel", found.pk, said=why(refused), tone="no")
    return pages.go(request, "channel", found.pk, said=gettext("Checked: the network knows us."))


@page
@require_POST
def channel_grant(request: HttpRequest, number: str) -> HttpResponse:
    """New secrets or settings for the same account; what is left empty stays as it was."""
    found = channel_room.get_visible(staff_of(request), number, ACT)
    secrets, chosen = connecting.given(request, "secret:"), connecting.given(request, "setting:")
    try:
        connect.reconnect(staff_of(request), found, secrets, chosen)
    except (connect.NotConnected, form.BadRhythm) as refused:
        return _channel(request, found, refused=why(refused), status=422)
    return pages.go(request, "channel", found.pk, said=gettext("Connected again."))


@page
@require_POST
def channel_pause(request: HttpRequest, number: str) -> HttpResponse:
    """Stops the channel, with a reason."""
    found = channel_room.get_visible(staff_of(request), number, ACT)
    connect.pause(staff_of(request), found, request.POST.get("reason", ""))
    return pages.go(request, "channel", found.pk, said=gettext("Paused: nothing goes out here."), tone="wait")


@page
@require_POST
def channel_resumption(request: HttpRequest, number: str) -> HttpResponse:
    """Lets it run again, with everything that waits for it."""
    found = channel_room.get_visible(staff_of(request), number, ACT)
    connect.resume(staff_of(request), found)
    return pages.go(request, "channel", found.pk, said=gettext("It runs again."))


@page
@require_http_methods(["GET", "HEAD", "POST"])
def channel_removal(request: HttpRequest, number: str) -> HttpResponse:
    """Says what removing means, and removes."""
    staff = staff_of(request)
    found = channel_room.get_visible(staff, number, ACT)
    if request.method == "POST":
        connect.remove(staff, found)
        return pages.go(request, "channels", said=gettext("Removed from the desk."), tone="wait")
    waits = sum(one.channel_obj == found.obj for one in networks.waiting(staff))
    return pages.render(request, "channels/remove.html", {"channel": found, "waiting": waits})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def delivery_decision(request: HttpRequest, number: str) -> HttpResponse:
    """What became of a delivery: the evidence, and the decision of a person."""
    staff = staff_of(request)
    row = deliveries.get_visible(staff, number)
    back = networks.back_to(row)
    shown = {"doubt": doubts.doubt_of(staff, row), "back": back, "refused": ""}
    if request.method != "POST":
        return pages.render(request, "channels/decision.html", shown)
    decision: Any = request.POST.get("decision", "")
    evidence, address = request.POST.get("evidence", ""), request.POST.get("url", "")
    try:
        deliveries.decide(staff, row, decision=decision, evidence=evidence, url=address)
    except deliveries.EvidenceMissing as refused:
        return pages.render(request, "channels/decision.html", {**shown, "refused": why(refused)}, status=422)
    response = pages.go(request, "channels", said=gettext("Decided; it stands in the record."))
    response["Location"] = back
    return response


@page
@require_http_methods(["GET", "HEAD", "POST"])
def frozen(request: HttpRequest) -> HttpResponse:
    """The brake: on, with a reason, or off again."""
    staff, reason = staff_of(request), request.POST.get("reason", "")
    act = freeze.unfreeze if request.POST.get("act") == "unfreeze" else freeze.freeze
    said = gettext("Everything is frozen.") if act is freeze.freeze else gettext("Words may go out again.")
    try:
        if request.method == "POST":
            act(staff, reason)
            return pages.go(request, "channels", said=said, tone="wait")
        error, status = "", 200
    except ReasonMissing as missing:
        error, status = str(missing), 422
    shown = {**networks.brake(staff), "reason": reason, "error": error}
    return pages.render(request, "channels/freeze.html", shown, status=status)


def _channel(request: HttpRequest, row: Channel, *, refused: str = "", status: int = 200) -> HttpResponse:
    staff = staff_of(request)
    may = policy.may(staff, ACT, row.team)
    return pages.render(request, "channels/channel.html", {
        "channel": row, "network": form.network_info(row.network), "refused": refused,
        "row": networks.rows_of([row], networks.waiting(staff))[0], "may_connect": may,
        **connecting.addresses(row, may=may), "access": token_health.access(row),
        "acts": acts.of_channel(row.obj), "costs": meter.today(row, now_ms()),
    }, status=status)  # fmt: skip
