"""The page on which a person posts approved words by hand, and shows where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bankside.channels import by_hand, media, picture, way
from bankside.channels import delivery as deliveries
from bankside.channels.models import Delivery
from bankside.web import pages
from bankside.web.spoken import why
from bankside.web.staff import hands, networks
from bankside.web.staff.frame import page, staff_of

REFUSALS = (by_hand.BadEvidence, way.BadAddress, media.NoSuchMedia, picture.NotAPicture, picture.TooLarge)


@dataclass(slots=True)
class Given:
    """What she filled in, and what was wrong with it."""

    url: str = ""
    seen: str = ""
    picture: str = ""
    refused: str = ""
    changes: list[Any] = field(default_factory=list)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def delivery_by_hand(request: HttpRequest, number: str) -> HttpResponse:
    """The words, the way there, and the form for the evidence. A POST records it."""
    staff = staff_of(request)
    row = deliveries.get_visible(staff, number)
    by_hand.sheet(staff, row)
    if request.method != "POST":
        return _sheet(request, row, Given())
    given = Given(request.POST.get("url", ""), request.POST.get("seen", ""), request.POST.get("picture", ""))
    try:
        given.picture = _picture(request, row) or given.picture
        sure = request.POST.get("sure") == "yes"
        by_hand.posted(staff, row, url=given.url, seen=given.seen, sure=sure, picture=given.picture)
    except by_hand.OtherWords as other:
        given.refused, given.changes = why(other), hands.differences(hands.hand_of(staff, row), given.seen)
        return _sheet(request, row, given, status=422)
    except REFUSALS as refused:
        given.refused = why(refused)
        return _sheet(request, row, given, status=422)
    response = pages.go(request, "channels", said=gettext("It is out: recorded with what you showed."))
    response["Location"] = networks.back_to(row)
    return response


def _sheet(request: HttpRequest, row: Delivery, given: Given, *, status: int = 200) -> HttpResponse:
    hand, back = hands.hand_of(staff_of(request), row), networks.back_to(row)
    shown = {"hand": hand, "back": back, "given": given}
    return pages.render(request, "channels/by_hand.html", shown, status=status)


def _picture(request: HttpRequest, row: Delivery) -> str:
    """The obj of the picture that came with the form; empty when there was none."""
    file = request.FILES.get("file")
    return by_hand.keep_picture(staff_of(request), row, file.read(), file.name or "").obj if file else ""
