"""The card: how it looks, what is printed on it, asking for it; and its picture."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from bankside.rewards import card as cards
from bankside.rewards import consent, wallet
from bankside.rewards.models import Card, Member
from bankside.web import pages
from bankside.web.member.frame import member_page, show
from bankside.web.spoken import spoken

KEEP_SECONDS = 600
THEMES = {"ink": gettext_noop("Ink"), "paper": gettext_noop("Paper"), "forest": gettext_noop("Forest")}
STATES = {
    Card.ASKED: (gettext_noop("waits for a person to look"), "wait", "hourglass"),
    Card.APPROVED: (gettext_noop("agreed, goes to the bureau next"), "ok", "check"),
    Card.REFUSED: (gettext_noop("not agreed"), "no", "ban"),
    Card.ORDERED: (gettext_noop("is being made"), "ok", "stamp"),
    Card.ACTIVE: (gettext_noop("in your hands"), "ok", "circle-check"),
}


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, member: Member) -> HttpResponse:
    """Themes with her own lines, what will be printed, and how far her card is."""
    wish = wallet.Wish.of(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and request.POST.get("show"):
        return pages.go(request, "member-card", **wish.query())
    if request.method == "POST":
        if request.POST.get("agreed"):
            consent.give(member, consent.CARD)
        cards.ask(member, theme=wish.theme, link=wish.link, on_line=wish.on_line)
        return pages.go(request, "member-card", said=gettext("Asked. A person at the bank looks at it."))
    return show(request, "card", _context(member, wish), member=member)


@member_page
@require_safe
def picture(request: HttpRequest, member: Member, side: str) -> HttpResponse:
    """The drawing, for her own browser alone; its address changes with what is drawn."""
    response = HttpResponse(
        wallet.drawing(member, wallet.Wish.of(request.GET), side), content_type="image/svg+xml"
    )
    response["Cache-Control"] = f"private, max-age={KEEP_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _context(member: Member, wish: wallet.Wish) -> dict[str, object]:
    there = cards.current(member)
    state = STATES.get(there.state) if there and not wish.theme else None
    wish = wish if wish.theme else wallet.Wish.from_card(there)
    return {
        "card": wallet.picture(member, wish), "wish": wish, "links": wallet.linked(member),
        "state": (gettext(state[0]), *state[1:]) if state else None,
        "reason": spoken(there.reason) if there and there.state == Card.REFUSED else "",
        "asked": "" if consent.has(member, consent.CARD) else consent.words(consent.CARD),
        "themes": [(name, gettext(title)) for name, title in THEMES.items()],
    }  # fmt: skip
