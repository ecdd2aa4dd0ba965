"""The card: how it looks, what is printed on it, asking for it; its picture, and passes with the points."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from bankside.rewards import card as cards
from bankside.rewards import consent, link, points_in_wallet, wallet
from bankside.rewards import member as members
from bankside.rewards.art import names
from bankside.rewards.models import Card, Member
from bankside.web import card_themes, pages
from bankside.web.member.frame import member_page, show
from bankside.web.spoken import spoken, why

KEEP_SECONDS = 600
WALLETS = {
    "apple": ("member-apple-pass", gettext_noop("Add to Apple Wallet")),
    "google": ("member-google-pass", gettext_noop("Save to Google Wallet")),
}
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
    if request.method == "POST" and "name" in request.POST:  # hers for the next card; never in an address
        member = members.amend(member, name=request.POST["name"])
    if request.method == "POST" and request.POST.get("show"):
        return pages.go(request, "member-card", **wish.query())
    if request.method == "POST":
        if request.POST.get("agreed"):
            consent.give(member, consent.CARD)
        cards.ask(member, theme=wish.theme, link=wish.link, on_line=wish.on_line)
        return pages.go(request, "member-card", said=gettext("Asked. A person at the bank looks at it."))
    context = {**_context(member, wish), **_passes(member, code=bool(request.GET.get("code")))}
    return show(request, "card", context, member=member)


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


@member_page
@require_safe
def apple_pass(request: HttpRequest, member: Member) -> HttpResponse:
    """Her points as a file for Apple Wallet, made as it is asked for; with `code`, that of her card too."""
    points_in_wallet.require_offered("apple")
    body = points_in_wallet.apple_file(member, code=bool(request.GET.get("code")))
    response = HttpResponse(body, content_type=points_in_wallet.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="points.pkpass"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@member_page
@require_safe
def google_pass(request: HttpRequest, member: Member) -> HttpResponse:
    """To Google, with a token that holds her points; Google does not learn from where she comes."""
    points_in_wallet.require_offered("google")
    response = HttpResponse(status=302)
    code = bool(request.GET.get("code"))
    response["Location"] = points_in_wallet.google_address(member, code=code)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


def _passes(member: Member, *, code: bool) -> dict[str, object]:
    """The wallets that are set up, and whether the pass shows the code of her card (None: it cannot)."""
    offered = points_in_wallet.offered()
    can = bool(offered) and bool(points_in_wallet.code_of(member))
    shown = {"code": 1} if can and code else {}
    passes = [(pages.url(WALLETS[one][0], **shown), gettext(WALLETS[one][1]), one) for one in offered]
    return {"passes": passes, "coded": bool(shown) if can else None}


def _context(member: Member, wish: wallet.Wish) -> dict[str, object]:
    there = cards.current(member)
    state = STATES.get(there.state) if there and not wish.theme else None
    wish = wish if wish.theme else wallet.Wish.from_card(there)
    drawn, refused = _drawn(member, wish)
    return {
        "card": drawn, "refused": refused, "name": member.name, "wish": wish, "links": wallet.linked(member),
        "state": (gettext(state[0]), *state[1:]) if state else None,
        "reason": spoken(there.reason) if there and there.state == Card.REFUSED else "",
        "asked": "" if consent.has(member, consent.CARD) else consent.words(consent.CARD),
        "themes": card_themes.titled(),
    }  # fmt: skip


def _drawn(member: Member, wish: wallet.Wish) -> tuple[wallet.Picture | None, str]:
    """The picture of what she would ask for; or none, and why it cannot be printed."""
    try:
        return wallet.drawn(member, wish), ""
    except link.NoSuchLink:
        return None, ""
    except names.Unprintable as trouble:
        return None, why(trouble)
