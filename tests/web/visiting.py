"""A member on her phone, for tests: she came in with a ticket, and has what members have."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.test import Client

from bankside.record import clock
from bankside.rewards import visit
from bankside.rewards.ledger import spend
from bankside.rewards.models import Card, Link, Member
from tests.rewards import carried, joined, living
from tests.rewards.joined import linked, member

NOW = clock.from_iso("2026-11-24T10:00:00Z")
OFFERS = """
[[offer]]
id = "market-day"
title = {en = "3% back at markets", ko = "시장 3% 캐시백", zh = "市场返现 3%", nl = "3% terug op de markt"}
back = "3%"
max = 5_000
mcc = [5411]
freq = {times = 4, per = "month"}
fund = 100_000

[[offer]]
id = "cafe-5"
title = {en = "5% back in cafés", ko = "카페 5% 캐시백", zh = "咖啡馆返现 5%", nl = "5% terug in cafés"}
back = "5%"
max = 3_000
mcc = [5814]
when = 'interest in ["coffee"]'
freq = {times = 1, per = "week"}
fund = 100_000
"""
TEXT = living.SMALL + OFFERS
COFFEE = {"interests": ("coffee",)}


def programme() -> None:
    """In force, with two offers."""
    living.live(TEXT)


def her(language: str = "en", **how: Any) -> Member:
    """Somebody with a profile, a card in use and interests."""
    who = member(**{"language": language, "name": "Minji Park", **COFFEE, **how})
    linked(who, f"minji.{who.pk}")
    return who


def link_of(who: Member) -> Link:
    return Link.objects.get(member=who, unlinked_at=0)


def with_card(who: Member) -> Card:
    """Her card is in her hands."""
    return carried.in_use(who)


def rich(who: Member, points: int = 1_240) -> None:
    """Points that she can spend."""
    with transaction.atomic():
        spend.credit(who.pk, "pt", points, source=f"g:{who.pk}", rule="gift", at=clock.now_ms())


def phone(who: Member, **how: Any) -> Client:
    """Her browser, after she came in."""
    client = Client(**how)
    came = client.post(f"/m/visit/{visit.ticket(who)}/")
    assert came.status_code == 303 and came["Location"] == "/m/", came.content.decode()
    return client


def words(page: Any) -> str:
    """What a page says."""
    return str(page.content.decode())


__all__ = ["NOW", "her", "joined", "link_of", "phone", "programme", "rich", "with_card", "words"]
