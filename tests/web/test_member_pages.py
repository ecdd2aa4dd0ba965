"""The member's pages as she uses them: forms without a script, in her language, and what happens by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from bankside.record import clock
from bankside.rewards import card, consent, link, offer, redemption, wallet
from bankside.rewards import member as members
from bankside.rewards import programme as programmes
from bankside.rewards.models import Bucket, Card, Link, Member, OfferUse, Redemption
from tests.rewards import living
from tests.rewards.joined import linked
from tests.web.visiting import NOW, her, link_of, phone, programme, rich, with_card, words

# Pages: what hangs on the database is tried with the room, on both.
pytestmark = [pytest.mark.django_db, pytest.mark.more]
HOSTILE = "<script>alert(1)</script>\"'>"
PAGES = (
    "/m/", "/m/profile/", "/m/links/", "/m/card/", "/m/offers/", "/m/offers/scan/", "/m/spend/",
    "/m/settings/", "/m/settings/leaving/",
)  # fmt: skip
HTML_LANGS = {"en": "en", "ko": "ko", "zh-hans": "zh-Hans", "nl": "nl"}


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def who() -> Member:
    programme()
    made = her()
    rich(made)
    return made


@pytest.fixture
def client(who: Member) -> Client:
    return phone(who)


def again(who: Member) -> Member:
    return Member.objects.get(pk=who.pk)


# --- every page ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", HTML_LANGS)
def test_every_page_speaks_her_language_and_is_kept_by_nobody(language: str) -> None:
    programme()
    client = phone(her(language))
    for address in PAGES:
        page = client.get(address, headers={"Accept-Language": "fr"})
        assert page.status_code == 200, address
        assert f'<html lang="{HTML_LANGS[language]}">' in words(page)
        assert page["Cache-Control"] == "no-store"
        assert page["Content-Language"] == HTML_LANGS[language]
        assert "desk.css" not in words(page) and "inbox" not in words(page).lower()


def test_the_policy_lets_a_worker_and_a_manifest_in_and_no_other_script(client: Client) -> None:
    policy = client.get("/m/")["Content-Security-Policy"]
    assert "worker-src 'self'" in policy and "manifest-src 'self'" in policy
    assert "unsafe" not in policy and "form-action 'self'" in policy
    assert "<script" not in words(client.get("/m/")).replace("<script src=", "")
    assert " style=" not in words(client.get("/m/"))


def test_what_others_wrote_is_inert(client: Client, who: Member) -> None:
    Link.objects.filter(member=who).update(handle=HOSTILE, url=f"https://social.example/{HOSTILE}")
    for address in ("/m/profile/", "/m/card/", "/m/links/", f"/m/links/{link_of(who).obj}/removal/", "/m/"):
        page = client.get(address)
        assert page.status_code == 200 and "<script>" not in words(page)


# --- home ---------------------------------------------------------------------------------------------
def test_home_without_a_profile_says_how_to_begin() -> None:
    who = her()
    link.unlink(who, link_of(who).obj)
    page = words(phone(who).get("/m/"))
    assert "Link a profile to begin." in page and "/m/card/picture/" not in page


def test_home_shows_points_and_what_happened(client: Client, who: Member) -> None:
    redemption.redeem(who, "statement", 240, "k")
    page = words(client.get("/m/"))
    assert "<b>1,000</b>" in page and "−240" in page and "Points spent" in page
    assert "/m/card/picture/front/" in page


def test_numbers_and_money_are_written_as_she_writes_them() -> None:
    programme()
    who = her("nl")
    rich(who)
    page = words(phone(who).get("/m/"))
    assert "<b>1.240</b>" in page


# --- profiles and switches ----------------------------------------------------------------------------
def test_switches_are_forms(client: Client, who: Member) -> None:
    with_card(who)
    profile = link_of(who).obj
    for form in ({"switch": "count", "link": profile}, {"switch": "personal"}, {"switch": "qr"}):
        before = switched_on(who)
        assert client.post("/m/profile/switch/", {**form, "on": ""})["Location"] == "/m/profile/"
        assert before - switched_on(who) == {form["switch"]}
        client.post("/m/profile/switch/", {**form, "on": "1"})
        assert switched_on(who) == before
    assert words(client.get("/m/profile/")).count('aria-checked="true"') == 3


def switched_on(who: Member) -> set[str]:
    """The names of the switches that are on."""
    there = card.current(who)
    on = {
        "count": link_of(who).counts, "personal": consent.has(who, "personal"),
        "qr": bool(there and there.qr),
    }  # fmt: skip
    return {name for name, value in on.items() if value}


def test_the_code_turns_on_with_the_consent_that_stands_beside_it(client: Client, who: Member) -> None:
    with_card(who)
    consent.withdraw(who, "card")
    assert "qr" not in switched_on(who)
    client.post("/m/profile/switch/", {"switch": "qr", "on": "1"})
    assert "qr" in switched_on(who) and consent.has(who, "card")


def test_unlinking_tells_first_and_then_does(client: Client, who: Member) -> None:
    with_card(who)
    profile = link_of(who)
    address = f"/m/links/{profile.obj}/removal/"
    told = words(client.get(address))
    assert "Every point that you have stays yours" in told and "QR code on your card" in told
    assert not Link.objects.get(pk=profile.pk).unlinked_at
    page = client.post(address, follow=True)
    assert "Your points are all there." in words(page)
    assert Link.objects.get(pk=profile.pk).unlinked_at
    assert wallet.purse(who).available == 1_240
    assert client.post(address).status_code == 404


# --- linking ------------------------------------------------------------------------------------------
AWAY = link.Away(address="https://social.example/oauth?a=1&b=2", host="social.example", title="S", state="s")
LINE = link.Instructions(
    state="line", network="examplenet", title="Example", proof="rel-me", text="https://desk.example/m/p/x/",
    where="https://social.example/@minji", until=NOW + 86_400_000,
)  # fmt: skip


def test_she_goes_away_by_a_link_and_comes_back(client: Client, monkeypatch: Any, who: Member) -> None:
    monkeypatch.setattr(link, "begin", lambda *given: AWAY)
    away = words(client.post("/m/links/new/examplenet/", {"place": "minji.example", "proof": "oauth"}))
    assert 'href="https://social.example/oauth?a=1&amp;b=2"' in away and 'rel="noreferrer"' in away
    asked: dict[str, str] = {}

    def complete(member: Member, **brought: str) -> Link:
        asked.update(brought)
        return linked(member, "brought")

    monkeypatch.setattr(link, "complete", complete)
    back = client.get("/m/links/return/?state=s&code=c&iss=https://social.example", follow=True)
    assert asked == {"state": "s", "code": "c", "error": "", "issuer": "https://social.example"}
    assert "@brought is linked." in words(back)


def test_a_refusal_at_the_network_is_said(client: Client) -> None:
    back = client.get("/m/links/return/?state=unknown&error=access_denied", follow=True)
    assert "Begin again." in words(back) and back.redirect_chain[0][0] == "/m/links/"


def test_a_line_for_her_page_is_shown_looked_for_and_found(
    client: Client, monkeypatch: Any, who: Member
) -> None:
    monkeypatch.setattr(link, "begin", lambda *given: LINE)
    monkeypatch.setattr(link, "waiting", lambda member: [LINE])
    begun = client.post("/m/links/new/examplenet/", {"place": "minji", "proof": "rel-me"})
    assert begun["Location"] == "/m/links/proofs/line/"
    assert "https://desk.example/m/p/x/" in words(client.get("/m/links/proofs/line/"))
    assert "/m/links/proofs/line/" in words(client.get("/m/links/"))

    def not_yet(member: Member, *, state: str) -> Link:
        raise link.NotLinked("The line is not there.")

    monkeypatch.setattr(link, "complete", not_yet)
    looked = client.post("/m/links/proofs/line/")
    assert looked.status_code == 422 and "The line is not there." in words(looked)
    monkeypatch.setattr(link, "complete", lambda member, *, state: linked(member, state))
    assert client.post("/m/links/proofs/line/")["Location"] == "/m/profile/"


def test_who_has_not_agreed_is_asked_in_the_words_of_the_consent(monkeypatch: Any) -> None:
    who = her()
    consent.withdraw(who, "profile")
    client = phone(who)
    assert str(consent.words("profile"))[:40] in words(client.get("/m/links/"))
    refused = client.post("/m/links/new/examplenet/", {"place": "x"})
    assert refused.status_code == 422 and not consent.has(who, "profile")
    monkeypatch.setattr(link, "begin", lambda *given: AWAY)
    client.post("/m/links/new/examplenet/", {"place": "x", "agreed": "1"})
    assert consent.has(who, "profile")


def test_a_proof_that_was_begun_too_long_ago_leads_back(client: Client) -> None:
    assert client.get("/m/links/proofs/gone/")["Location"] == "/m/links/"


# --- the card -----------------------------------------------------------------------------------------
def test_a_wish_is_shown_first_and_asked_for_then(client: Client, who: Member) -> None:
    wish = {"theme": "paper", "link": link_of(who).obj, "on_line": "1"}
    shown = client.post("/m/card/", {**wish, "show": "1"})
    assert shown["Location"].startswith("/m/card/?theme=paper") and not Card.objects.exists()
    assert "theme=paper" in words(client.get(shown["Location"]))
    assert client.post("/m/card/", wish)["Location"] == "/m/card/"
    made = Card.objects.get(member=who)
    assert (made.theme, made.state) == ("paper", Card.ASKED)
    assert "waits for a person to look" in words(client.get("/m/card/"))


def test_her_name_is_asked_for_shown_and_stands_in_no_address(client: Client, who: Member) -> None:
    wish = {"theme": "paper", "link": link_of(who).obj, "on_line": "1"}
    shown = client.post("/m/card/", {**wish, "show": "1", "name": "PARK  MINJI"})
    assert "MINJI" not in shown["Location"] and again(who).name == "PARK MINJI"
    client.post("/m/card/", {**wish, "name": "Zoë Brûlée"})
    assert Card.objects.get(member=who).name == "Zoë Brûlée"


@pytest.mark.parametrize(("name", "why"), [("", "There is no name to print."), ("x" * 27, "at most 26")])
def test_a_name_that_cannot_be_printed_says_so_and_can_be_mended(name: str, why: str) -> None:
    programme()
    who = her(name=name)
    client = phone(who)
    page = words(client.get("/m/card/"))
    assert why in page and "cannot be printed. Choose another profile" not in page and 'name="name"' in page
    assert client.post("/m/card/", {"theme": "ink", "name": name}).status_code == 422
    assert client.post("/m/card/", {"theme": "ink", "name": "Minji Park"}).status_code == 303
    assert Card.objects.get(member=who).name == "Minji Park"


def test_the_picture_is_hers_alone_and_runs_nothing(client: Client, who: Member) -> None:
    for side in ("front", "back"):
        drawn = client.get(f"/m/card/picture/{side}/", {"theme": "forest"})
        assert drawn.status_code == 200 and drawn["Content-Type"] == "image/svg+xml"
        assert drawn["Cache-Control"] == "private, max-age=600"
        assert "default-src 'none'" in drawn["Content-Security-Policy"]
        assert b"<script" not in drawn.content and b"http-equiv" not in drawn.content


def test_a_card_needs_its_consent(client: Client, who: Member) -> None:
    consent.withdraw(who, "card")
    assert str(consent.words("card"))[:30] in words(client.get("/m/card/"))
    assert client.post("/m/card/", {"theme": "ink"}).status_code == 422
    assert client.post("/m/card/", {"theme": "ink", "agreed": "1"}).status_code == 303


# --- offers -------------------------------------------------------------------------------------------
def test_an_offer_says_why_and_is_added_and_taken_off(client: Client, who: Member) -> None:
    page = words(client.get("/m/offers/"))
    assert "5% back in cafés" in page and "Chosen by: the interests you named." in page
    assert "Everyone sees this offer." in page and "At most ₩3,000 each time. Once a week." in page
    for _ in range(2):
        client.post("/m/offers/cafe-5/addition/")
    assert OfferUse.objects.filter(member=who, state=OfferUse.ADDED).count() == 1
    assert "on your card" in words(client.get("/m/offers/"))
    client.post("/m/offers/cafe-5/removal/")
    assert not OfferUse.objects.filter(member=who, state=OfferUse.ADDED).exists()


def test_without_offers_chosen_for_her_she_sees_everyones(client: Client, who: Member) -> None:
    client.post("/m/profile/switch/", {"switch": "personal", "on": ""})
    page = words(client.get("/m/offers/"))
    assert "3% back at markets" in page and "5% back in cafés" not in page
    assert client.post("/m/offers/cafe-5/addition/").status_code == 404


def test_an_offer_needs_its_consent_and_says_where(client: Client, who: Member) -> None:
    consent.withdraw(who, "spend")
    assert "Go to what you agreed to" in words(client.get("/m/offers/"))
    asked = client.post("/m/offers/market-day/addition/", follow=True)
    assert asked.redirect_chain[0][0] == "/m/settings/" and "needs your consent first" in words(asked)
    assert offer.uses_of(who) == []


# --- spending -----------------------------------------------------------------------------------------
def test_points_are_spent_once_and_taken_back(client: Client, who: Member) -> None:
    wish = {"choice": "statement", "points": "300", "key": "pressed-twice"}
    for _ in range(2):
        assert client.post("/m/spend/", wish).status_code == 303
    [row] = Redemption.objects.filter(member=who)
    assert wallet.purse(who).available == 940
    assert "Take it back" in words(client.get("/m/spend/"))
    client.post(f"/m/spend/{row.obj}/return/")
    assert wallet.purse(who).available == 1_240
    assert "Take it back" not in words(client.get("/m/spend/"))


@pytest.mark.parametrize("points", ["", "0", "-5", "9999999", "²", "1e3", "9" * 40])
def test_what_cannot_be_spent_is_said_and_nothing_moves(client: Client, who: Member, points: str) -> None:
    refused = client.post("/m/spend/", {"choice": "statement", "points": points, "key": "k"})
    assert refused.status_code == 422 and 'role="alert"' in words(refused)
    assert wallet.purse(who).available == 1_240


def test_a_choice_that_is_not_there_is_a_calm_page(client: Client) -> None:
    assert client.post("/m/spend/", {"choice": "nothing", "points": "3", "key": "k"}).status_code == 404


# --- settings -----------------------------------------------------------------------------------------
def test_another_language_is_spoken_at_once(client: Client, who: Member) -> None:
    said = client.post("/m/settings/", {"language": "ko"})
    assert said.cookies["language"].value == "ko" and again(who).language == "ko"
    assert '<html lang="ko">' in words(client.get("/m/settings/"))
    client.post("/m/settings/", {"language": "xx"})
    assert again(who).language == "ko"


def test_a_consent_is_given_and_taken_back_with_its_version(client: Client, who: Member) -> None:
    client.post("/m/settings/consents/", {"purpose": "notices", "on": ""})
    assert not consent.has(who, "notices")
    client.post("/m/settings/consents/", {"purpose": "notices", "on": "1"})
    assert consent.has(who, "notices") and "Version 1, 24 Nov" in words(client.get("/m/settings/"))
    leads = client.post("/m/settings/consents/", {"purpose": "programme", "on": ""})
    assert leads["Location"] == "/m/settings/leaving/"
    assert client.post("/m/settings/consents/", {"purpose": "x", "on": "1"}).status_code == 404


def test_interests_are_hers_and_three_at_most(client: Client, who: Member) -> None:
    client.post("/m/settings/interests/", {"interest": ["books", "travel"]})
    assert sorted(again(who).interests) == ["books", "travel"]
    told = client.post(
        "/m/settings/interests/", {"interest": ["books", "travel", "food", "games"]}, follow=True
    )
    assert "up to 3 interests" in words(told) and sorted(again(who).interests) == ["books", "travel"]


def test_a_break_and_its_end(client: Client, who: Member) -> None:
    client.post("/m/settings/pause/", {"on": "1"})
    assert again(who).status == Member.PAUSED
    assert "You are taking a break." in words(client.get("/m/settings/"))
    paused = client.post("/m/offers/market-day/addition/")
    assert paused.status_code == 422 and "Nothing was changed." in words(paused)
    client.post("/m/settings/pause/", {"on": ""})
    assert again(who).status == Member.ACTIVE


def test_a_pause_by_the_bank_is_not_hers_to_end(client: Client, who: Member) -> None:
    members.pause(who, by=living.person("administrator", "Sanne Vos"))
    page = words(client.get("/m/settings/"))
    assert "The bank has paused" in page and "/m/settings/pause/" not in page
    told = client.post("/m/settings/pause/", {"on": ""}, follow=True)
    assert "Ask at the bank" in words(told) and again(who).status == Member.PAUSED


def test_the_end_of_the_programme_is_told_and_points_are_still_spent(client: Client, who: Member) -> None:
    Bucket.objects.filter(member=who.pk).update(due=(2028 - 1970) * 12)
    programmes.retire(living.approvers()[0], programmes.live()[0].row.obj, reason="It is over.")
    page = words(client.get("/m/"))
    assert "The programme ended on 24 Nov." in page and "can be spent until 31 Jan 2028" in page
    client.post("/m/spend/", {"choice": "statement", "points": "240", "key": "k"})
    assert "<b>1,000</b>" in words(client.get("/m/"))


def test_leaving_tells_first_and_then_ends_everything(client: Client, who: Member) -> None:
    page = words(client.post("/m/settings/leaving/"))
    assert "Your 1,240 points stay yours" in page and who.obj in page and "given up" not in page
    assert again(who).status == Member.ACTIVE
    left = client.post("/m/settings/leaving/", {"sure": "1"})
    assert "Your 1,240 points stay yours" in words(left) and who.obj in words(left)
    assert "You have left the programme." in words(left) and left["Clear-Site-Data"] == '"cache"'
    assert again(who).status == Member.LEFT and client.get("/m/").status_code == 401
