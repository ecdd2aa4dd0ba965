"""A shop's code on the member's phone: what it says, the offers there, what is refused; without a script."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings

from bankside.record import clock
from bankside.record.models import Entry
from bankside.rewards import consent, holdout, member, merchant_code, offer
from bankside.rewards.models import Member, OfferUse
from bankside.rewards.payments.emv_mpm import Field, MerchantCode, crc, generate
from bankside.rewards.payments.emv_mpm import merchant_code as made
from bankside.rewards.payments.transaction import merchant_text
from bankside.web import pace
from bankside.web.member import days
from tests.rewards.test_payments_emv_mpm import CODES, EMVCO, PUBLISHED, WRONG
from tests.scene import Scene
from tests.web.caller import By
from tests.web.visiting import NOW, her, phone, programme, words

pytestmark = [pytest.mark.django_db, pytest.mark.more]
SCAN = "/m/offers/scan/"
SHOP: dict[str, Any] = {
    "accounts": [Field.of("26", Field("00", "bank.example"), Field("01", "M-77"))], "mcc": 5814,
    "currency": "KRW", "country": "KR", "name": "카페 소리", "city": "서울",
}  # fmt: skip
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    pace.forget()
    with clock.frozen(NOW):
        yield
    pace.forget()


@pytest.fixture
def who() -> Member:
    programme()
    return her()


@pytest.fixture
def client(who: Member) -> Client:
    return phone(who)


def code(**other: Any) -> str:
    return generate(made(**{**SHOP, **other}))


def asked(client: Client, text: str, status: int = 200) -> str:
    page = client.post(SCAN, {"code": text})
    assert page.status_code == status, words(page)
    assert page["Cache-Control"] == "no-store"
    return words(page)


def shop(page: str) -> list[str]:
    """What stands in the box of the shop."""
    [box] = re.findall(r'<dl [^>]*id="shop">(.*?)</dl>', page, re.S)
    told = re.findall(r"<dd[^>]*>(.*?)</dd>", box, re.S)
    return [html.unescape(re.sub(r"<[^>]*>", "", one)).strip() for one in told]


# --- what a code says -------------------------------------------------------------------------------------
def test_the_page_is_found_and_asks_for_a_code(client: Client) -> None:
    for address in ("/m/", "/m/offers/"):
        assert f'href="{SCAN}"' in words(client.get(address))
    page = words(client.get(SCAN))
    assert '<textarea class="box-in mono" id="code" name="code"' in page and "member-scan.js" in page
    assert "the bank's app does that" in page and "data-camera hidden" in page


def test_a_code_shows_the_shop_and_the_offers_that_hold_there(client: Client) -> None:
    page = asked(client, f"  {code(amount=4_500)}\n")
    assert shop(page) == ["카페 소리", "서울", "₩4,500"]
    assert "5% back in cafés" in page and "3% back at markets" not in page
    assert "Nothing is paid here." in page
    assert shop(asked(client, code()))[2] == "you enter it, in KRW"


def test_an_offer_is_added_there_and_says_so(client: Client, who: Member) -> None:
    page = asked(client, code())
    [address] = re.findall(r'action="(/m/offers/[^"]*/addition/)"', page)
    client.post(address)
    assert OfferUse.objects.filter(member=who, state=OfferUse.ADDED).count() == 1
    page = asked(client, code())
    assert "on your card" in page and "/addition/" not in page and "/removal/" in page


def test_where_nothing_holds_it_says_why(client: Client) -> None:
    assert "None of your offers holds here." in asked(client, code(mcc=7011))
    assert "None of your offers holds here." in asked(client, code(currency="EUR"))
    assert "does not say what kind of shop" not in asked(client, code())
    assert "does not say what kind of shop" in asked(client, PUBLISHED[3])


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_codes_are_read(client: Client, text: str) -> None:
    assert len(shop(asked(client, text))) in {2, 3}


def test_the_language_is_hers() -> None:
    programme()
    assert shop(asked(phone(her("zh-hans")), EMVCO)) == ["最佳运输", "BEIJING", "¥23.72"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(read=CODES)
def test_every_code_that_is_made_is_read_as_it_is(
    client: Client, monkeypatch: pytest.MonkeyPatch, read: MerchantCode
) -> None:
    pace.forget()
    told = shop(asked(client, generate(read)))
    name, city = merchant_text(read.name), merchant_text(read.city)
    amount = f"you enter it, in {read.currency}"
    if read.amount is not None:
        amount = days.money(read.amount, read.currency)
    assert told == [" ".join(name.split()) or "not in the code", *([city] if city else []), amount]


# --- what is no code --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a shop"), ("https://bank.example/pay", "not a shop"), ("\0", "not a shop"),
        (HOSTILE, "not a shop"), ("４２", "not a shop"), ("0" * 513, "longer than any payment code"),
        ("x" * 100_000, "longer than any payment code"),
        (EMVCO[:-1] + "B", "does not agree with its own check sum"),
        (EMVCO.replace("BEST", "WEST"), "does not agree with its own check sum"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field(client: Client, text: str, said: str) -> None:
    page = asked(client, text, 422)
    [error] = re.findall(r'<p class="error" id="refused" role="alert">(.*?)</p>', page)
    assert said in html.unescape(error) and 'aria-invalid="true"' in page
    assert HOSTILE not in page and len(page) < 20_000


def test_a_currency_that_there_is_not_is_said(client: Client) -> None:
    text = "000201" + "5303999" + "6304"
    assert "names a currency that does not exist" in asked(client, text + crc(text), 422)


@pytest.mark.parametrize(("text", "tag", "offset"), WRONG)
def test_every_wrong_code_of_the_room_is_refused(client: Client, text: str, tag: str, offset: int) -> None:
    assert 'id="refused"' in asked(client, text, 422)


def test_what_a_shop_calls_itself_is_inert(client: Client) -> None:
    page = asked(client, code(name=HOSTILE, city="\u202e\"'><b>"))
    assert shop(page)[:2] == [HOSTILE, "\"'><b>"]
    assert HOSTILE not in page and "\u202e" not in page and "<b>" not in page


# --- who sees what ----------------------------------------------------------------------------------------
def test_who_is_held_out_sees_nothing_of_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdout, "held_out", lambda obj, name, share: name == "cafe-5")
    page = asked(client, code())
    assert "cafe-5" not in page and "5% back" not in page and "None of your offers holds here." in page


def test_without_consent_to_payments_it_says_what_to_do(client: Client, who: Member) -> None:
    consent.withdraw(who, "spend")
    page = asked(client, code())
    assert "Go to what you agreed to" in page and "5% back in cafés" in page


def test_a_break_shows_offers_and_adds_none_and_who_left_sees_nothing(client: Client, who: Member) -> None:
    member.pause(who)
    page = asked(client, code(mcc=5411))
    assert "3% back at markets" in page and "3% back at markets" in words(client.get("/m/offers/"))
    assert client.post("/m/offers/market-day/addition/").status_code == 422
    member.leave(Member.objects.get(pk=who.pk), reason="hers")
    assert client.post(SCAN, {"code": code()}).status_code == 401


def test_nothing_of_a_code_is_kept(client: Client) -> None:
    before = Entry.objects.count()
    asked(client, code(name="A very rare name"))
    assert Entry.objects.count() == before
    assert "rare" not in words(client.get(SCAN)) and "rare" not in str(dict(client.session))


def test_too_many_a_minute_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "CODES_MAX", 2)
    read: list[str] = []
    reading = merchant_code.scanned

    def counted(member: Member, text: str) -> merchant_code.Scanned:
        read.append(text)
        return reading(member, text)

    monkeypatch.setattr(merchant_code, "scanned", counted)
    for _ in range(2):
        asked(client, code())
    late = client.post(SCAN, {"code": code()})
    assert late.status_code == 429 and late["Retry-After"] == "60" and len(read) == 2
    assert "That was too often." in words(late) and client.get(SCAN).status_code == 200
    asked(phone(her()), code())  # somebody else is not kept waiting
    with clock.frozen(NOW + 61_000):
        asked(client, code())


# --- the bank's own app -----------------------------------------------------------------------------------
def test_the_banks_app_asks_the_same(who: Member, scene: Scene, by: By) -> None:
    caller, address = by("auditor"), f"/members/{who.obj}/merchant-codes:read"
    offer.add(who, "cafe-5")
    said = caller.post(address, {"text": code(amount=4_500)})
    assert {name: said[name] for name in ("name", "city", "country", "mcc", "currency", "amount")} == {
        "name": "카페 소리", "city": "서울", "country": "KR", "mcc": 5814, "currency": "KRW", "amount": 4_500,
    }  # fmt: skip
    assert [(one["id"], one["state"]) for one in said["items"]] == [("cafe-5", "added")]
    status, problem = caller.ask("POST", address, {"text": EMVCO[:-1] + "B"})
    assert status == 422 and problem["detail"].startswith("Tag 63 at ")
    assert caller.ask("POST", address, {"text": "0" * 513})[0] == 422
    assert caller.ask("POST", f"/members/{'0' * 32}/merchant-codes:read", {"text": code()})[0] == 404
    assert caller.ask("GET", address)[0] == 405
