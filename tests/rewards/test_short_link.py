"""The code on a card: it leads to the profile for as long as its member wants, and says nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from bankside.rewards import card, link, short_link
from bankside.rewards import member as members
from bankside.rewards.models import Card, Consent, Link
from tests.rewards import carried, joined

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown() -> Card:
    who = joined.member()
    joined.linked(who, "minji")
    return Card.objects.get(pk=carried.in_use(who).pk)


def test_it_opens_the_profile_as_it_is_called_today(shown: Card) -> None:
    assert short_link.address_of(shown).endswith(f"/c/{shown.code}")
    assert short_link.open(shown.code) == short_link.Opened("https://social.example/@minji")
    assert short_link.open(f" {shown.code.upper()} ") == short_link.Opened("https://social.example/@minji")
    Link.objects.update(url="https://social.example/@renamed")
    assert short_link.open(shown.code) == short_link.Opened("https://social.example/@renamed")


@pytest.mark.parametrize("state", [Card.ASKED, Card.REFUSED, Card.ENDED])
def test_a_card_that_nobody_approved_or_that_ended_opens_nothing(shown: Card, state: str) -> None:
    Card.objects.update(state=state)
    assert short_link.open(shown.code) == short_link.Off()


@pytest.mark.parametrize("state", [Card.APPROVED, Card.ORDERED, Card.ACTIVE])
def test_an_approved_one_does(shown: Card, state: str) -> None:
    Card.objects.update(state=state)
    assert isinstance(short_link.open(shown.code), short_link.Opened)


def test_off_and_on_again_without_a_new_card(shown: Card) -> None:
    assert card.switch_code(shown.member, False).qr is False
    assert short_link.open(shown.code) == short_link.Off()
    card.switch_code(shown.member, True)
    assert isinstance(short_link.open(shown.code), short_link.Opened)


def test_unlinked_paused_or_left_it_opens_nothing(shown: Card) -> None:
    members.pause(shown.member)
    assert short_link.open(shown.code) == short_link.Off()
    members.resume(shown.member)
    assert shown.link
    link.unlink(shown.member, shown.link.obj)
    assert short_link.open(shown.code) == short_link.Off()
    with pytest.raises(card.NotNow, match="not linked any more"):
        card.switch_code(shown.member, True)


def test_each_of_link_and_consent_is_asked_though_the_switch_says_on(shown: Card) -> None:
    """Both also turn the switch off; what opens a profile does not rely on it."""
    Link.objects.update(unlinked_at=1)
    assert short_link.open(shown.code) == short_link.Off()
    Link.objects.update(unlinked_at=0)
    assert isinstance(short_link.open(shown.code), short_link.Opened)
    Consent.objects.filter(purpose="card").update(withdrawn_at=1)
    assert short_link.open(shown.code) == short_link.Off()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", "//social.example"])
def test_an_address_that_is_none_of_the_web_is_never_opened(shown: Card, address: str) -> None:
    Link.objects.update(url=address)
    assert short_link.open(shown.code) == short_link.Off()


@pytest.mark.parametrize("code", ["", "x", "'; drop table", "0" * 10, "카드카드카드카드카드", "a" * 5000])
def test_what_is_no_code_opens_nothing_and_is_asked_like_any_other(
    code: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        assert short_link.open(code) == short_link.Off()


def test_codes_have_no_letters_that_are_taken_for_each_other() -> None:
    codes = {short_link.new_code() for _ in range(2000)}
    assert len(codes) == 2000 and not set("".join(codes)) & set("01oil")
    assert {len(code) for code in codes} == {10} and set("".join(codes)) == set(short_link.ALPHABET)
