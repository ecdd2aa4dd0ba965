"""A shop's code, by the camera or as text: what it says, and which of her offers hold there. Nobody pays."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bankside.rewards import consent, merchant_code
from bankside.rewards.merchant_code import Scanned
from bankside.rewards.models import Member
from bankside.rewards.payments.emv_mpm import (
    CHARACTERS_MAX,
    CheckSumWrong,
    CurrencyUnknown,
    NotAMerchantCode,
    TooLong,
)
from bankside.web import pace
from bankside.web.member import days, offers
from bankside.web.member.frame import member_page, show, trouble_page


@sensitive_post_parameters("code")
@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: HttpRequest, member: Member) -> HttpResponse:
    """Where she scans a shop's code, and what it says; nothing of the code is kept."""
    text, refused, found = request.POST.get("code", "").strip(), "", None
    if request.method == "POST":
        if not pace.within(f"codes:{member.pk}", pace.CODES_MAX):
            return _too_often(request, member)
        try:
            found = merchant_code.scanned(member, text)
        except NotAMerchantCode as wrong:
            refused = _refused(wrong)
    context = {
        "text": text[:CHARACTERS_MAX], "refused": refused, "shop": found,
        "amount": _amount(found) if found else "", "spends": consent.has(member, consent.SPEND),
        "offers": [offers.told(one) for one in found.offers] if found else [],
    }  # fmt: skip
    return show(request, "scan", context, member=member, status=422 if refused else 200)


def _refused(wrong: NotAMerchantCode) -> str:
    """What is wrong in her words; tags and offsets are for whoever makes codes."""
    match wrong:
        case TooLong():
            return gettext("This is longer than any payment code. Scan the code again, or copy it alone.")
        case CheckSumWrong():
            return gettext("The code does not agree with its own check sum. Scan or copy it again, whole.")
        case CurrencyUnknown():
            return gettext("The code names a currency that does not exist. Ask the shop for another code.")
    return gettext("This is not a shop's payment code. Such a code begins with 000201.")


def _amount(found: Scanned) -> str:
    """The amount, or the currency in which she will type one in; empty when the code says neither."""
    if found.amount is None:
        return found.currency
    return days.money(found.amount, found.currency)


def _too_often(request: HttpRequest, member: Member) -> HttpResponse:
    detail = gettext("Wait a minute, then scan again. Nothing was changed.")
    response = trouble_page(request, 429, gettext("That was too often."), detail, member=member)
    response["Retry-After"] = str(pace.WINDOW_SECONDS)
    return response
