"""The first page of a member, and why each point is there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.rewards import appeal, expiry_notice, receipt, wallet
from bankside.rewards.models import Member
from bankside.web import pages
from bankside.web.member import receipts, told
from bankside.web.member.frame import member_page, show
from bankside.web.spoken import why as said_by


@member_page
@require_safe
def home(request: HttpRequest, member: Member) -> HttpResponse:
    """The card, the points, what settles and expires, and what happened."""
    shown = wallet.home(member, before=_number(request.GET.get("before")))
    context = {
        "home": shown, "ended": told.ended(shown),
        "soon": told.soon(shown.purse, noticed=bool(shown.notice)),
        "events": [told.told(one) for one in shown.events],
        "notice": told.notice(shown.purse) if shown.notice else "",
        "older": pages.url("member-home", before=shown.older) if shown.older else "",
    }  # fmt: skip
    return show(request, "home", context, member=member)


@member_page
@require_POST
def put_away(request: HttpRequest, member: Member, obj: str) -> HttpResponse:
    """She has read what expires, and puts it away until the next month."""
    expiry_notice.dismiss(member, obj)
    return pages.go(request, "member-home")


@member_page
@require_safe
def why(request: HttpRequest, member: Member, source: str) -> HttpResponse:
    """Why these points: the rule, its sums, the limit, the dates, the receipt."""
    return show(request, "why", receipts.told(receipt.why(member, source)), member=member)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def looks_wrong(request: HttpRequest, member: Member, source: str) -> HttpResponse:
    """She says that something is wrong; a person answers."""
    receipt.why(member, source)
    words, refused = request.POST.get("words", "").strip(), ""
    if request.method == "POST":
        try:
            appeal.make(member, source, words)
            said = gettext("A person will look and answer here.")
            return pages.go(request, "member-why", source, said=said)
        except ValueError as trouble:
            refused = said_by(trouble)
    context = {"source": source, "words": words, "refused": refused}
    return show(request, "appeal", context, member=member, status=422 if refused else 200)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 15 else 0
