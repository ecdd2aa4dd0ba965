"""The pages on which somebody connects an account: which network, and what she does for it, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from bankside.channels import connect, form, terms
from bankside.channels.models import Channel
from bankside.people import policy, teams
from bankside.web import pages
from bankside.web.moments import country
from bankside.web.spoken import spoken
from bankside.web.staff.frame import staff_of

WORDS_CHARACTERS_MAX = 100
BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A network in the list. `where`: the names of the countries in which people use it, none for all."""

    info: form.NetworkInfo
    where: tuple[str, ...]
    blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Networks for which the desk can do the same."""

    title: str
    says: str
    choices: list[Choice]


def choose(request: HttpRequest) -> HttpResponse:
    """Every network, or those of which a word was typed, by what the desk can do there."""
    words = " ".join(request.GET.get("q", "").split())[:WORDS_CHARACTERS_MAX]
    offers = terms.offers()
    shown = {"groups": _groups(offers, words), "words": words, "all": offers.count}
    return pages.render(request, "channels/choose.html", shown, parts={"choices": "channels/choices.html"})


def add(
    request: HttpRequest, network: str, given: dict[str, Any] | None = None, *, refused: str = ""
) -> HttpResponse:
    """The form of a network with what is good to know before; `given` is what she typed, secrets left out."""
    shown = {
        "network": form.network_info(network), "terms": terms.terms_of(network), "refused": refused,
        "given": given or {"name": "", "team": "", "settings": {}}, "team_choices": _teams(request),
        "mb": lambda size: f"{size / BYTES_PER_MB:.1f}".rstrip("0").rstrip("."),
    }  # fmt: skip
    return pages.render(request, "channels/add.html", shown, status=422 if refused else 200)


def addresses(row: Channel, *, may: bool) -> dict[str, str]:
    """What is registered at the network, for those who may: where it calls the desk, and where it sends
    browsers back to. Empty where the network has no such thing."""
    known = terms.terms_of(row.network)
    hook = f"{settings.PUBLIC_URL}/hooks/{row.hook}" if may and known.hooks else ""
    return {"hook_address": hook, "redirect": known.redirect if may else ""}


def typed(request: HttpRequest) -> dict[str, Any]:
    """What she filled in, without secrets: those are typed again."""
    return {
        "name": request.POST.get("name", ""), "team": request.POST.get("team", ""),
        "settings": given(request, "setting:"),
    }  # fmt: skip


def given(request: HttpRequest, kind: str) -> dict[str, str]:
    """The fields of the form whose names begin so, and that were filled in."""
    found = ((name.removeprefix(kind), value.strip()) for name, value in request.POST.items()
             if name.startswith(kind) and isinstance(value, str))  # fmt: skip
    return {name: value for name, value in found if value}


def _groups(offers: terms.Offers, words: str) -> list[Group]:
    """The groups in which anything is left."""
    found = [
        Group(
            title=gettext("The desk connects these"),
            says=gettext("What is said there comes in, and what you approve goes out."),
            choices=_found(offers.here, words),
        ),
        Group(
            title=gettext("By a person's hand"),
            says=gettext("Prepared, approved and recorded here; a person posts it there."),
            choices=_found(offers.by_hand, words),
        ),
        Group(
            title=gettext("Closed"),
            says=gettext("Nothing is sent there any more. What was said stays in the record."),
            choices=_found(offers.closed, words),
        ),
    ]
    return [group for group in found if group.choices]


def _found(offers: tuple[terms.Offer, ...], words: str) -> list[Choice]:
    shown = (_choice(one) for one in offers)
    return [one for one in shown if all(word in _said_of(one) for word in words.casefold().split())]


def _choice(offer: terms.Offer) -> Choice:
    where, blocked = (tuple(map(country, codes)) for codes in (offer.markets, offer.blocked))
    return Choice(info=offer.info, where=where, blocked=blocked)


def _said_of(choice: Choice) -> str:
    """Everything by which a network is looked for."""
    info = choice.info
    return " ".join((info.title, info.name, spoken(info.summary), *choice.where)).casefold()


def _teams(request: HttpRequest) -> list[tuple[str, str]]:
    """The teams for which she may connect; the whole desk first, when that is hers."""
    where = policy.teams_with(staff_of(request), connect.ACT)
    desk = [("", gettext("the whole desk"))] if where.all else []
    return desk + [(team.obj, team.name) for team in teams.every() if where.reach(team)]
