"""Invariant 18: who is held out of an offer never sees it, adds it or is paid by it, and stays in her arm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.record import clock
from bankside.rewards import consent, holdout, offer
from bankside.rewards.models import Member, OfferUse
from tests.rewards import living, paying
from tests.rewards.paying import message, shopper, take
from tests.rewards.taken_back import taken_back
from tests.web.caller import Caller
from tests.web.visiting import phone

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-12-01T03:00:00Z")  # noon in Seoul
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
DAYS = 12
HEAD = paying.TEXT.partition("[[tier]]")[0]
OFFER = """
[[offer]]
id = "{id}"
title = {{en = "Title of {id}", ko = "Title of {id}", zh = "Title of {id}", nl = "Title of {id}"}}
back = "5%"
max = 3_000
mcc = [{mcc}]
{when}
freq = {{times = 100, per = "day"}}
fund = 1_000_000
{holdout}
from = {begins}
to = {ends}
"""
WINDOWS = st.tuples(st.integers(1, 5), st.integers(1, DAYS))
OFFERS = st.lists(
    st.tuples(st.integers(0, 999), st.integers(0, 50), WINDOWS, st.booleans()), min_size=1, max_size=3,
    unique_by=lambda one: one[0],
)  # fmt: skip
Drawn = list[tuple[int, int, tuple[int, int], bool]]


class Bank:
    """Offers and members as drawn: each offer for a trade of its own, in force from one day to another."""

    def __init__(self, drawn: Drawn, members: int) -> None:
        self.offers = {f"offer-{number}": one for number, *one in drawn}
        self.mcc = {name: 5_000 + place for place, name in enumerate(self.offers)}
        with clock.frozen(NOW):
            living.live(self.text(held=False))
            self.members = [shopper() for _ in range(members)]

    def text(self, *, held: bool) -> str:
        """The programme; without a holdout and a window everything can be added."""
        return HEAD + "".join(
            OFFER.format(
                id=name, mcc=self.mcc[name], holdout=f'holdout = "{share}%"' if share and held else "",
                when='when = \'interest in ["coffee"]\'' if personal else "",
                begins=f"2026-12-{begins if held else 1:02}", ends=f"2026-12-{begins + length + 1:02}",
            )
            for name, (share, (begins, length), personal) in self.offers.items()
        )  # fmt: skip

    def runs(self, name: str, day: int) -> bool:
        """Whether the offer is in force on that day of December."""
        begins, length = self.offers[name][1]
        return begins <= day < begins + length + 1

    def held(self, who: Member, name: str) -> bool:
        return holdout.held_out(who.obj, name, 100 * self.offers[name][0])


def play(drawn: Drawn, members: int, added: bool, days: list[int], personal: bool) -> None:
    """Offers are added by everybody before anybody is held out, or by nobody; then on each day everybody
    looks, tries to add and pays."""
    bank = Bank(drawn, members)
    arms = {(who.pk, name): bank.held(who, name) for who in bank.members for name in bank.offers}
    with clock.frozen(NOW + HOUR_MS):
        for who in bank.members:
            for name in bank.offers if added else ():
                offer.add(who, name)
            if not personal:
                consent.withdraw(who, "personal")
    with clock.frozen(NOW + 2 * HOUR_MS):
        living.live(bank.text(held=True))
    for day in sorted(set(days)):
        for who in bank.members:
            with clock.frozen(NOW + (day - 1) * DAY_MS + 3 * HOUR_MS):
                looks(bank, who, day, arms)
    for (who_pk, name), held in arms.items():
        if held:
            assert not OfferUse.objects.filter(member=who_pk, offer=name).exclude(chain="").exists()


def looks(bank: Bank, who: Member, day: int, arms: dict[tuple[int, str], bool]) -> None:
    """What she is shown is what runs and is not held from her; nothing else about it opens."""
    on_page, by_call = phone(who).get("/m/offers/").content.decode(), Caller(living.approvers()[0])
    shown = {one.offer.id: one for one in offer.offers_for(who).offers}
    answered = {one["id"] for one in by_call.get(f"/members/{who.obj}/offers")["items"]}
    assert answered == set(shown)
    for number, name in enumerate(bank.offers):
        held = arms[who.pk, name]
        assert bank.held(who, name) == held and in_array(who, name, bank.offers[name][0]) == held
        assert (name in shown) == (f"Title of {name}<" in on_page)
        if not held and bank.runs(name, day) and seen_by(who, bank, name):
            assert name in shown
        if held:
            assert name not in shown
            refuses(who, name)
        [paid] = take(message(who, "clearing", f"{who.pk}-{day}-{number}", 9_000, mcc=bank.mcc[name],
                              at_ms=clock.now_ms()))  # fmt: skip
        assert paid.offer == "" and paid.amount == 0 if held else paid.offer in ("", name)


def seen_by(who: Member, bank: Bank, name: str) -> bool:
    """An offer that asks for an interest is for those who want offers chosen for them."""
    return not bank.offers[name][2] or consent.has(who, consent.PERSONAL)


def refuses(who: Member, name: str) -> None:
    with pytest.raises(offer.NoSuchOffer):
        offer.add(who, name)
    assert phone(who).post(f"/m/offers/{name}/addition/").status_code == 404
    status, _ = Caller(living.person("administrator", "Jan Runs")).ask(
        "POST", f"/members/{who.obj}/offers/{name}", {}
    )
    assert status == 404


def in_array(who: Member, name: str, share: int) -> bool:
    """Her arm as the figures of all members have it."""
    return bool(holdout.held_out_all(np.array([holdout.seed(who.obj)], np.uint64), name, 100 * share)[0])


PLAYS: dict[str, Any] = {
    "drawn": OFFERS, "members": st.integers(2, 4), "added": st.booleans(), "personal": st.booleans(),
    "days": st.lists(st.integers(1, DAYS), min_size=1, max_size=3),
}  # fmt: skip


@given(**PLAYS)
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
def test_who_is_held_out_never_sees_adds_or_is_paid(**drawn: Any) -> None:
    with taken_back():
        play(**drawn)


@pytest.mark.long
@given(**PLAYS)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_many_offers_and_who_is_held_out_of_them(**drawn: Any) -> None:
    with taken_back():
        play(**drawn)
