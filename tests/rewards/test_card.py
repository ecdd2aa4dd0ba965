"""Cards: asked for, looked at by a person, ordered, in use, ended; no card number anywhere."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from bankside.people.policy import NotYours
from bankside.record import clock, reading
from bankside.record.append import entries_where
from bankside.record.reasons import ReasonMissing
from bankside.rewards import card, card_face, card_order, consent, link, redemption
from bankside.rewards import member as members
from bankside.rewards.art import names
from bankside.rewards.ledger import spend
from bankside.rewards.models import Card, Line, Member
from bankside.rewards.payments import card_number
from tests.people.team import person
from tests.rewards import carried, joined, living

pytestmark = pytest.mark.django_db
VISA = "4111111111111111"


def facts(obj: str) -> list[str]:
    return [e.fact.removeprefix("rewards.") for e in entries_where("obj = %s order by n", [obj])]


def asked(**how: object) -> Card:
    who = joined.member(**how)
    joined.linked(who, f"minji{who.pk}", handle="@minji.park")
    return card.ask(who, theme="ink")


def approved() -> Card:
    return card.decide(person("approver"), asked().obj, True)


def approved_of(who: Member) -> Card:
    return card.decide(person("approver"), card.ask(who, theme="ink").obj, True)


# --- asking and deciding -----------------------------------------------------------------------------------
def test_a_card_is_asked_for_and_what_is_printed_is_what_she_chose() -> None:
    made = asked()
    assert (made.state, made.handle, made.name, made.theme) == ("asked", "@minji.park", "박민지", "ink")
    assert made.line == f"social.example/@minji{made.member.pk}"
    assert facts(made.obj) == ["card-asked"]
    plain = card.ask(made.member, theme="paper", on_line=False, name="PARK MINJI")
    assert (plain.line, plain.name, plain.theme) == ("", "PARK MINJI", "paper")


def test_the_same_again_is_the_card_that_waits_and_another_takes_its_place() -> None:
    first = asked()
    assert card.ask(first.member, theme="ink").pk == first.pk
    second = card.ask(first.member, theme="forest")
    first.refresh_from_db()
    assert first.state == "ended" and card.current(first.member) == second
    assert facts(first.obj) == ["card-asked", "card-ended"] and card.of(first.member) == [second, first]


def test_a_card_needs_a_profile_a_look_a_consent_and_words_that_can_be_printed() -> None:
    who = joined.member()
    with pytest.raises(link.NoSuchLink):
        card.ask(who, theme="ink")
    joined.linked(who)
    with pytest.raises(card.BadCard):
        card.ask(who, theme="gold")
    with pytest.raises(link.NoSuchLink):
        card.ask(who, theme="ink", link="0" * 32)
    with pytest.raises(names.Unprintable):
        card.ask(who, theme="ink", name="x" * 27)
    with pytest.raises(names.LooksLikeANumber):
        card.ask(who, theme="ink", name=VISA)
    consent.withdraw(who, "card")
    with pytest.raises(consent.ConsentMissing):
        card.ask(who, theme="ink")
    assert not Card.objects.exists()


def test_only_a_person_who_may_decides_and_a_refusal_says_why() -> None:
    made = asked()
    for role in ("author", "administrator", "auditor"):
        with pytest.raises(NotYours):
            card.decide(person(role), made.obj, True)
    with pytest.raises(card.BadCard, match="Say why"):
        card.decide(person("approver"), made.obj, False, "  ")
    done = card.decide(person("compliance"), made.obj, False, "The name is that of another bank.")
    assert (done.state, done.reason) == ("refused", "The name is that of another bank.")
    with pytest.raises(card.NotNow, match="was refused"):
        card.decide(person("approver"), made.obj, True)
    assert facts(made.obj) == ["card-asked", "card-decided"]
    assert card.current(made.member) is None and card.of(made.member) == [done]


def test_every_step_is_in_the_graph_and_ended_is_the_end() -> None:
    steps = {(a, b) for a, b in product(card.GOES_TO, repeat=2) if b in card.GOES_TO[a]}
    assert all(card.GOES_TO[state] <= card.GOES_TO.keys() for state in card.GOES_TO)
    for a, b in pairwise([Card.ASKED, Card.APPROVED, Card.ORDERED, Card.ACTIVE, Card.ENDED]):
        assert (a, b) in steps
    assert not card.GOES_TO[Card.ENDED] and not card.GOES_TO[Card.REFUSED]
    assert not any(b == Card.ASKED for _, b in steps)


# --- references, never numbers --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "reference",
    [
        VISA, "4111 1111 1111 1111", "4111-1111-1111-1111", "４１１１１１１１１１１１１１１１",
        f"tok_{VISA}", f"x{VISA}y", f"99{VISA}00", "378282246310005", "6011000990139424",
        "٤١١١١١١١١١١١١١١١", "4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", "000000000000", "",
    ],
)  # fmt: skip
def test_what_is_or_holds_a_card_number_is_no_reference(reference: str) -> None:
    made = approved()
    with pytest.raises((card.CardNumber, card.BadCard)) as refused:
        card.bind(made, reference)
    assert not reference or reference not in str(refused.value)
    made.refresh_from_db()
    assert made.token_ref is None


@given(st.integers(12, 19), st.data(), st.sampled_from(["", " ", "-", ".", "\u200b"]))
@pytest.mark.more
def test_any_number_with_a_right_check_digit_is_found(length: int, data: st.DataObject, between: str) -> None:
    body = data.draw(st.text("0123456789", min_size=length - 1, max_size=length - 1))
    last = next(d for d in "0123456789" if card_number.passes_luhn(body + d))
    shown = between.join(body + last)
    assert card.holds_card_number(shown) and card.holds_card_number(f"ref:{shown}:a")


@pytest.mark.parametrize(
    "reference", ["tok_8f3ab2", "9b2d8c1e-4f6a-4d0e-9a3b-7c5d1e2f3a4b", "a" * 64, "411111111111111x2"]
)
def test_a_reference_is_bound_once_and_to_one_card(reference: str) -> None:
    made = approved()
    assert card.bind(made, f" {reference} ").token_ref == reference
    assert card.bind(made, reference).token_ref == reference
    assert facts(made.obj).count("card-bound") == 1 and card.by_token(reference).pk == made.pk
    with pytest.raises(card.BadCard, match="Another card"):
        card.bind(approved(), reference)
    with pytest.raises(card.NotNow):
        card.bind(made, "another")


def test_a_card_that_nobody_approved_gets_no_reference_and_nothing_is_called_nothing() -> None:
    with pytest.raises(card.NotNow, match="waits for somebody"):
        card.bind(asked(), "tok_1")
    for reference in ("", "tok_unknown"):
        with pytest.raises(card.NoSuchCard):
            card.by_token(reference)


# --- in use, and ended ----------------------------------------------------------------------------------
def test_in_use_it_ends_the_one_before() -> None:
    who = joined.member()
    joined.linked(who, "minji")
    old = carried.in_use(who)
    new = card.decide(person("approver"), card.ask(who, theme="paper").obj, True)
    with pytest.raises(card.NotNow):
        card.activate(new)
    Card.objects.filter(pk=new.pk).update(state=Card.ORDERED)
    assert card.activate(new).state == card.activate(new).state == "active"
    old.refresh_from_db()
    assert (old.state, old.qr) == ("ended", False)
    assert facts(new.obj).count("card-activated") == 1


def test_staff_who_may_put_a_card_into_use_and_end_it_with_a_reason() -> None:
    made, staff = approved(), person("compliance")
    Card.objects.filter(pk=made.pk).update(state=Card.ORDERED)
    for act in (card.activate, card.end):
        with pytest.raises(NotYours):
            act(made, by=person("author"))
    assert card.activate(made, by=staff).state == "active"
    with pytest.raises(ReasonMissing):
        card.end(made, by=staff, reason="  ")
    assert card.end(made, by=staff, reason=f"lost, was {VISA}").state == "ended"
    assert card.end(made, by=staff, reason="again").state == "ended"
    assert facts(made.obj).count("card-ended") == 1 and card.current(made.member) is None
    told = [one for one in entries_where("obj = %s order by n", [made.obj]) if one.actor == staff.actor]
    assert len(told) == 2, "the activation and the end"
    said = reading.words_of("s:test", told[-1].n)
    assert said and str(said.said["reason"]).startswith("lost, was ") and VISA not in str(said.said)


def test_a_card_in_use_stands_on_the_statement_by_its_reference() -> None:
    living.live(living.SAMPLE)
    who = joined.member()
    joined.linked(who, "minji")
    made = approved_of(who)
    card.bind(made, "tok_hanul_1", by=person("compliance"))
    with transaction.atomic():
        spend.credit(who.pk, "pt", 500, source="g", rule="gift", at=clock.now_ms())
    redemption.redeem(who, "statement", 100, "before")
    Card.objects.filter(pk=made.pk).update(state=Card.ORDERED)
    card.activate(made, by=person("compliance"))
    redemption.redeem(who, "statement", 100, "in use")
    card.end(made, by=person("compliance"), reason="lost")
    redemption.redeem(who, "statement", 100, "lost")
    tokens = Line.objects.order_by("pk").values_list("token_ref", flat=True)
    assert list(tokens) == ["", "tok_hanul_1", ""]


# --- the picture ---------------------------------------------------------------------------------------
def test_the_back_says_what_the_bank_set(settings: Any) -> None:
    made = asked()
    assert (card.artwork(made).motto, card.artwork(made).small_print) == ("", ())
    settings.CARD_MOTTO = "참여에 드리는 감사"
    settings.CARD_SMALL_PRINT = "Hanul Bank · kaart kwijt 1588-0000 | 拾到者请交至任一网点。|  | a fourth"
    art = card.artwork(made)
    assert art.motto == "참여에 드리는 감사"
    assert art.small_print == ("Hanul Bank · kaart kwijt 1588-0000", "拾到者请交至任一网点。")
    assert card_face.drawn(art, "back", "svg")


def test_voices_are_hers_alone_stay_the_same_and_tell_nothing() -> None:
    made = asked()
    assert made.link
    art = card.artwork(made)
    assert art == card.artwork(made.member.obj) == card.artwork(str(made.member.customer_ref))
    assert art.voices == (card_face.voice(made.link.obj),) and len(art.voices[0]) == 32
    joined.linked(made.member, "second", network="othernet")
    assert card.artwork(made) == art, "what was asked for stays as it is"
    both = card.preview(made.member, theme="paper")
    assert len(set(both.voices)) == 2 and both.voices[0] == art.voices[0]
    assert asked().voices != made.voices


def test_the_code_holds_a_short_address_and_never_the_profile() -> None:
    art = card.artwork(asked())
    assert "/c/" in art.qr_text and "minji" not in art.qr_text and "social" not in art.qr_text


def test_a_drawing_is_at_hand_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made, calls = asked(), list[str]()

    def draw(art: object, **how: str) -> bytes:
        calls.append(how["side"])
        return b"<svg/>"

    monkeypatch.setattr(card_face, "draw", draw)
    card_face.drawn.cache_clear()
    assert card.drawn(made) == card.drawn(made) == b"<svg/>" and len(calls) == 1
    card.drawn(made, side="back")
    assert len(calls) == 2
    card_face.drawn.cache_clear()


def test_an_id_in_an_address_is_printed_as_the_name_that_stands_for_it() -> None:
    who = joined.member()
    made = joined.linked(
        who, "did:plc:abc", handle="@minji.example", url="https://app.example/profile/did:plc:abc"
    )
    assert card_face.address_of(made) == "app.example/profile/minji.example"


# --- who sees -------------------------------------------------------------------------------------------
def test_lists_are_for_those_who_may_see_members() -> None:
    made, done = asked(), approved()
    staff, nobody = person("author"), person("responder")
    assert list(card.waiting(staff)) == [made] and list(card.approved(staff)) == [done]
    assert card.get_visible(staff, made.obj) == made
    assert not card.waiting(nobody).exists() and not card_order.visible_to(nobody).exists()
    with pytest.raises(card.NoSuchCard):
        card.get_visible(nobody, made.obj)


def test_who_left_has_no_card() -> None:
    made = approved()
    members.leave(made.member)
    made.refresh_from_db()
    assert (made.state, made.name, made.line) == ("ended", "", "")
    with pytest.raises(card.NoSuchCard):
        card.switch_code(made.member, False)
