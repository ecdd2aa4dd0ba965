"""Spending points, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from bankside.record.ids import new_id
from bankside.rewards import redemption, wallet
from bankside.rewards.models import Member, Redemption
from bankside.rewards.redemption import Choice
from bankside.web import pages
from bankside.web.member import days
from bankside.web.member.frame import member_page, show
from bankside.web.moments import number
from bankside.web.spoken import why

KEY_CHARACTERS_MAX = 40
DIGITS_MAX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A choice on the page; `price` in words where it is fixed."""

    id: str
    title: str
    words: str
    price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent: as the page shows it."""

    obj: str
    what: str
    how: str
    sum: str
    code: str
    state: str
    state_tone: str
    state_mark: str
    mark: str
    tone: str
    can_undo: bool


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def spend(request: HttpRequest, member: Member) -> HttpResponse:
    """What points buy; spending them once, however often the button is pressed."""
    if request.method != "POST":
        return _page(request, member, chosen=request.GET.get("choice", ""))
    chosen, points = request.POST.get("choice", ""), points_in(request.POST.get("points", ""))
    key = request.POST.get("key", "")[:KEY_CHARACTERS_MAX] or new_id()
    try:
        redemption.redeem(member, chosen, wallet.price_of(chosen) or points, key)
    except ValueError as refused:
        return _page(request, member, chosen=chosen, points=points, refused=why(refused))
    return pages.go(
        request, "member-spend", said=gettext("Done. Until it leaves the bank you can take it back.")
    )


@member_page
@require_POST
def spend_return(request: HttpRequest, member: Member, obj: str) -> HttpResponse:
    """The points come back as they were."""
    redemption.undo(member, obj)
    return pages.go(request, "member-spend", said=gettext("Taken back. The points are as they were."))


def _page(
    request: HttpRequest, member: Member, *, chosen: str = "", points: int = 0, refused: str = ""
) -> HttpResponse:
    has = wallet.purse(member).available
    titles = {one.id: wallet.in_language(one.title, member.language) for one in redemption.choices()}
    context = {
        "available": has, "choices": [_offered(one, member) for one in redemption.choices() if one.left != 0],
        "chosen": chosen, "points": points or "", "key": new_id(), "refused": refused,
        "spent": [_spent(row, titles) for row in redemption.redemptions_of(member)],
    }  # fmt: skip
    return show(request, "spend", context, member=member, status=422 if refused else 200)


def _offered(one: Choice, member: Member) -> Offered:
    worth = days.money(one.value, one.currency) if one.points and one.value and one.currency else ""
    fixed = gettext("%(points)s points") % {"points": number(one.points)} if one.points else ""
    words = wallet.in_language(one.words, member.language)
    return Offered(
        id=one.id, title=wallet.in_language(one.title, member.language), words=words,
        price=" · ".join(part for part in (fixed, worth) if part),
    )  # fmt: skip


def _spent(row: Redemption, titles: dict[str, str]) -> Spent:
    done, code = row.state == Redemption.DONE, str(getattr(row, "code", ""))
    left = bool(getattr(row, "file", ""))
    value = days.money(row.value, row.currency) if row.currency and row.value else ""
    state = _LEFT if left else _DONE if done else _BACK
    return Spent(
        obj=row.obj, what=titles.get(row.choice, row.choice), sum=days.signed(-row.points), code=code,
        how=" · ".join(part for part in (value, days.moment(row.at)) if part), state=gettext(state[0]),
        state_tone=state[1], state_mark=state[2], mark="gift" if done else "undo-2", tone="iris",
        can_undo=done and not left and not code,
    )  # fmt: skip


_DONE = (gettext_noop("done"), "ok", "check")
_LEFT = (gettext_noop("on its way to you"), "ok", "check-check")
_BACK = (gettext_noop("taken back"), "", "undo-2")


def points_in(text: str) -> int:
    """The points that somebody typed; 0 for what is no number."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_MAX else 0
