"""Her points for a wallet: her own, as they are now, with the code only while it leads somewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.db import transaction

from bankside.record import clock
from bankside.rewards import card, link, member, points_in_wallet
from bankside.rewards.ledger import spend
from bankside.rewards.ledger.days import NEVER_MONTH
from bankside.rewards.models import Card, Link, Member
from bankside.rewards.passes.google import SAVE_ADDRESS
from bankside.rewards.passes.points_pass import PassNotConfigured, PointsPass
from bankside.rewards.taking_part import NotTakingPart
from tests.rewards import carried, joined, living, walleted

NOW = clock.from_iso("2026-11-24T10:00:00Z")
MONTH = (2026 - 1970) * 12 + 10

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _still(settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "https://desk.hanul.example"
    living.live()
    with clock.frozen(NOW):
        yield


@pytest.fixture
def who() -> Member:
    made = joined.member(name="Minji Park")
    joined.linked(made, "minji")
    return made


@pytest.fixture
def wallets(tmp_path: Path, settings: Any) -> Path:
    settings.APPLE_PASS = str(walleted.apple_folder(tmp_path / "apple"))
    settings.GOOGLE_PASS = str(walleted.google_folder(tmp_path / "google"))
    return tmp_path


def given(who: Member, points: int, expires: int = NEVER_MONTH) -> None:
    with transaction.atomic():
        source = f"g:{who.pk}:{expires}"
        spend.credit(who.pk, "pt", points, source=source, rule="gift", at=NOW, expires=expires)


def with_code(who: Member) -> Card:
    return carried.in_use(who)


def shown(who: Member, *, code: bool = False) -> PointsPass:
    return points_in_wallet.points_pass(who, programme="Hanul Points", code=code)


def saved(who: Member, **how: bool) -> dict[str, list[dict[str, object]]]:
    """What Google reads in a token."""
    address = points_in_wallet.google_address(who, **how)
    claims = jwt.decode(
        address.removeprefix(SAVE_ADDRESS), walleted.google_key(), algorithms=["RS256"], audience="google",
        options={"verify_iat": False},
    )  # fmt: skip
    found: dict[str, list[dict[str, object]]] = claims["payload"]
    return found


def test_the_pass_shows_what_she_has_and_what_expires_next(who: Member) -> None:
    for points, expires in ((70, MONTH + 1), (30, MONTH), (500, NEVER_MONTH)):
        given(who, points, expires)
    made = shown(who)
    assert (made.points, made.settling, made.expiring, made.expires_on) == (600, 0, 30, date(2026, 11, 30))
    assert made.link == ""
    assert shown(joined.member()).points == 0


def test_her_serial_is_hers_alone_never_changes_and_says_nothing(who: Member) -> None:
    first = points_in_wallet.serial_of(who)
    given(who, 5)
    assert points_in_wallet.serial_of(Member.objects.get(pk=who.pk)) == first
    assert first.isalpha() and len(first) == 32
    assert not {who.obj, who.customer_ref, first} & {points_in_wallet.serial_of(joined.member())}
    assert who.obj not in first


def test_the_code_is_on_it_if_wished_and_while_it_leads_somewhere(who: Member, settings: Any) -> None:
    assert shown(who, code=True).link == ""
    there = with_code(who)
    assert shown(who).link == ""
    assert shown(who, code=True).link == f"https://desk.hanul.example/c/{there.code}"
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert shown(who, code=True).link == ""  # a pass leads to https alone
    settings.PUBLIC_URL = "https://desk.hanul.example"
    card.switch_code(who, False)
    assert shown(who, code=True).link == ""
    card.switch_code(who, True)
    assert shown(who, code=True).link
    link.unlink(who, Link.objects.get(member=who).obj)
    assert shown(who, code=True).link == ""


def test_who_left_has_no_pass(who: Member, wallets: Path) -> None:
    gone = member.leave(who)
    with pytest.raises(NotTakingPart):
        points_in_wallet.apple_file(gone)


def test_without_folders_nothing_is_offered_and_staff_read_what_is_missing(who: Member) -> None:
    assert points_in_wallet.offered() == ()
    apple, google = points_in_wallet.standings()
    assert not apple.ready and "BANKSIDE_APPLE_PASS names no folder" in apple.missing
    assert not google.ready and "BANKSIDE_GOOGLE_PASS names no folder" in google.missing
    for made in (points_in_wallet.apple_file, points_in_wallet.google_address):
        with pytest.raises(PassNotConfigured, match="not set up"):
            made(who)
    with pytest.raises(points_in_wallet.NoSuchWallet):
        points_in_wallet.require_offered("apple")


def test_a_folder_is_read_again_when_it_changed_and_when_the_day_did(wallets: Path) -> None:
    assert points_in_wallet.offered() == ("apple", "google")
    (wallets / "apple" / "key.pem").unlink()
    assert points_in_wallet.offered() == ("google",)
    assert "lacks key.pem" in points_in_wallet.standings()[0].missing
    walleted.apple_folder(wallets / "apple")
    assert points_in_wallet.offered() == ("apple", "google")
    with clock.frozen(NOW + 4_000 * points_in_wallet.DAY_MS):
        assert points_in_wallet.offered() == ("google",)
        assert "not valid today" in points_in_wallet.standings()[0].missing


def test_a_file_for_apple_is_her_pass(who: Member, wallets: Path, tmp_path: Path) -> None:
    given(who, 1_240)
    files = walleted.inside(points_in_wallet.apple_file(who))
    told = json.loads(files["pass.json"])
    assert told["storeCard"]["primaryFields"][0]["value"] == 1_240
    assert (told["serialNumber"], told["logoText"]) == (points_in_wallet.serial_of(who), "Hanul Points 한울")
    assert walleted.verified(files, tmp_path)


def test_a_token_for_google_has_another_id_when_something_else_is_shown(who: Member, wallets: Path) -> None:
    [first] = saved(who)["loyaltyObjects"]
    assert saved(who)["loyaltyObjects"][0]["id"] == first["id"]
    given(who, 12)
    [second] = saved(who)["loyaltyObjects"]
    assert second["loyaltyPoints"]["balance"] == {"int": 12}  # type: ignore[index]
    assert second["id"] != first["id"]
    assert points_in_wallet.serial_of(who) in str(first["id"]) and points_in_wallet.serial_of(who) in str(
        second["id"]
    )


def test_the_class_is_in_the_address_when_it_is_to_be_made(who: Member, wallets: Path) -> None:
    assert "loyaltyClasses" not in saved(who)
    [made] = saved(who, with_class=True)["loyaltyClasses"]
    assert made["programName"] == "Social Card"
