"""Who takes part: let in once, of age, agreed; paused, resumed; and gone, but for her points."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.people.policy import NotYours
from bankside.record import clock, reading
from bankside.record.append import entries_where
from bankside.rewards import card, consent, counting, link, taking_part
from bankside.rewards import member as members
from bankside.rewards.models import Consent, Member
from tests.people.team import person
from tests.rewards import carried, joined

pytestmark = pytest.mark.django_db
TODAY = clock.from_iso("2026-11-28T09:00:00Z")


def facts(obj: str = "") -> list[str]:
    return [e.fact for e in entries_where("fact like 'rewards.%%' and obj like %s order by n", [f"{obj}%"])]


def test_who_joins_is_there_with_what_she_agreed_to_and_the_record_knows() -> None:
    who = joined.member(consents={"programme": "", "spend": "1"}, interests=("coffee", "books"))
    assert (who.status, who.adult, who.language, who.interests) == ("active", True, "ko", ["books", "coffee"])
    given = Consent.objects.filter(member=who).order_by("id")
    assert [row.purpose for row in given] == ["programme", "spend"]
    assert facts(who.obj) == [
        "rewards.member-joined", "rewards.consent-given", "rewards.consent-given",
        "rewards.interests-declared",
    ]  # fmt: skip
    [first] = entries_where("fact = %s", ["rewards.member-joined"])
    assert (first.actor, first.subj) == ("s:card", taking_part.subj_of(who))


def test_twice_is_once_and_changes_nothing() -> None:
    who = joined.member(customer_ref="hanul:1", name="박민지")
    before = facts()
    again = joined.member(customer_ref=" hanul:1 ", name="Somebody Else", language="nl")
    assert (again.pk, again.name, again.language) == (who.pk, "박민지", "ko")
    assert facts() == before and Member.objects.count() == 1


@pytest.mark.parametrize(
    ("born", "of_age"),
    [("2007-11-28", True), ("2007-11-29", False), ("1950-01-01", True), ("2026-11-28", False)],
)
def test_the_age_gate_opens_on_the_birthday(born: str, of_age: bool) -> None:
    with clock.frozen(TODAY):
        if of_age:
            assert joined.member(born=date.fromisoformat(born)).adult
        else:
            with pytest.raises(members.TooYoung, match="from the age of 19"):
                joined.member(born=date.fromisoformat(born))
            assert not Member.objects.exists()


def test_the_age_is_a_setting(settings: Any) -> None:
    settings.MEMBER_YEARS_MIN = 21
    with clock.frozen(TODAY), pytest.raises(members.TooYoung, match="21"):
        joined.member(born=date(2006, 1, 1))


@pytest.mark.parametrize("born", [date(2027, 1, 1), date(1800, 1, 1)])
def test_no_date_of_birth_is_taken_for_nothing(born: date) -> None:
    with clock.frozen(TODAY), pytest.raises(members.BadMember, match="cannot be right"):
        joined.member(born=born)


def test_no_column_could_hold_a_date_of_birth() -> None:
    assert not {"born", "birth", "birthday", "age"} & {field.name for field in Member._meta.get_fields()}


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2040, 1, 1)))
@pytest.mark.more
def test_years_are_counted_as_birthdays(born: date, today: date) -> None:
    years = members.years_since(born, today)
    assert (born.year + years, born.month, born.day) <= (today.year, today.month, today.day)
    assert (born.year + years + 1, born.month, born.day) > (today.year, today.month, today.day)


def test_nobody_takes_part_without_agreeing_to_it() -> None:
    with pytest.raises(consent.ConsentMissing) as refused:
        joined.member(consents={"profile": ""})
    assert refused.value.purpose == "programme"
    with pytest.raises(consent.NoSuchPurpose):
        joined.member(consents={"programme": "99"})
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    "reference",
    ["", "x" * 65, "박민지", "a b", "4111111111111111", "4111-1111-1111-1111", "ref:4111111111111111:x"],
)
def test_a_reference_is_opaque_and_no_card_number(reference: str) -> None:
    with pytest.raises((members.BadMember, card.CardNumber)):
        joined.member(customer_ref=reference)
    assert not Member.objects.exists()


def test_a_name_is_no_card_number_either() -> None:
    with pytest.raises(members.BadMember):
        joined.member(name="Minji 4111 1111 1111 1111")


def test_interests_are_of_the_list_and_at_most_three() -> None:
    who = joined.member()
    assert members.declare(who, ["travel", "coffee"]).interests == ["coffee", "travel"]
    for wrong in (["coffee", "books", "food", "games"], ["gambling"]):
        with pytest.raises(members.BadMember, match="up to 3"):
            members.declare(who, wrong)
    before = facts(who.obj)
    members.declare(who, ["coffee", "travel"])
    assert facts(who.obj) == before
    assert members.declare(who, []).interests == []
    assert facts(who.obj)[-1] == "rewards.interests-declared" and len(facts(who.obj)) == len(before) + 1


def test_pages_speak_four_languages() -> None:
    who = joined.member()
    assert members.speak(who, "zh_Hans").language == "zh-hans" and members.speak(who, "nl").language == "nl"
    with pytest.raises(members.BadMember):
        members.speak(who, "fr")


def test_what_is_known_of_her_is_corrected_once_and_the_record_says_what_not_how() -> None:
    who, staff = joined.member(name="", language="ko"), person("compliance")
    with pytest.raises(NotYours):
        members.amend(who, name="PARK MINJI", by=person("author"))
    given = {"name": " PARK  MINJI ", "tenure_since": date(2019, 4, 30), "by": staff}
    for _ in range(2):
        row = members.amend(who, **given)
    assert (row.name, row.language, members.customer_since(row)) == ("PARK MINJI", "ko", date(2019, 4, 30))
    assert facts(who.obj).count("rewards.member-amended") == 1
    told = entries_where("fact = %s", ["rewards.member-amended"])[0]
    said = reading.words_of("s:test", told.n)
    assert said and said.said["what"] == ["name", "tenure"] and told.actor == staff.actor
    members.leave(who)
    with pytest.raises(taking_part.NotTakingPart):
        members.amend(who, name="PARK MINJI")


@pytest.mark.parametrize(
    "wrong", [{"name": "x" * 61}, {"language": "fr"}, {"tenure_since": date(1899, 1, 1)}]
)
def test_what_cannot_be_known_of_her_changes_nothing(wrong: dict[str, Any]) -> None:
    who = joined.member(tenure_since=date(2020, 2, 29))
    with pytest.raises(members.BadMember):
        members.amend(who, **{"name": "PARK MINJI", **wrong})
    who.refresh_from_db()
    assert who.name == "박민지" and members.customer_since(who) == date(2020, 2, 29)


def test_a_day_that_has_begun_somewhere_may_be_the_first() -> None:
    with clock.frozen(clock.from_iso("2026-11-24T20:00:00Z")):  # five in the morning of the 25th in Seoul
        assert members.customer_since(joined.member(tenure_since=date(2026, 11, 25)))
        with pytest.raises(members.BadMember, match="since which"):
            joined.member(tenure_since=date(2026, 11, 26))


def test_members_are_found_by_the_banks_reference_and_by_a_code() -> None:
    made, other = carried.asked(), carried.asked()
    everybody = members.visible_to(person("auditor"))
    assert [one.pk for one in members.named(everybody, code=f"https://desk.example/c/{made.code}/")] == [
        made.member.pk
    ]
    assert not members.named(everybody, code=made.code, customer_ref=str(other.member.customer_ref)).exists()
    assert not members.named(everybody, code="%").exists() and members.named(everybody).count() == 2


def test_what_the_bank_paused_the_bank_alone_lets_go_on() -> None:
    boss, who = person("administrator"), joined.member()
    members.pause(who)
    assert not members.pause(who).paused_by_bank
    members.pause(who, by=boss)  # during her break
    assert members.pause(who).paused_by_bank, "her own does not take its place"
    with pytest.raises(members.PausedByBank, match="Ask at the bank"):
        members.resume(who)
    assert members.get(who.obj).status == Member.PAUSED
    assert members.resume(who, by=boss).status == Member.ACTIVE
    members.pause(who)
    assert members.resume(who).status == Member.ACTIVE, "and her own break is hers again"
    told = [(e.fact, e.actor) for e in entries_where("obj = %s order by n", [who.obj]) if "pause" in e.fact]
    assert [actor for _, actor in told] == ["s:member", boss.actor, "s:member"]


def test_a_pause_stops_counting_and_going_on_starts_it_again() -> None:
    who = joined.member()
    made = joined.linked(who)
    members.pause(who)
    members.pause(who)
    [span] = counting.spans_of([made.subj])[made.subj]
    assert span.until
    with pytest.raises(taking_part.NotTakingPart, match="paused"):
        link.begin(who_now(who), joined.NETWORK)
    members.resume(who)
    spans = counting.spans_of([made.subj])[made.subj]
    assert [bool(s.until) for s in spans] == [True, False]
    told = [f for f in facts(who.obj) if "pause" in f or "resume" in f]
    assert told == ["rewards.member-paused", "rewards.member-resumed"]


def test_who_leaves_is_unlinked_nameless_and_stays_gone() -> None:
    who = joined.member(customer_ref="hanul:7", interests=("coffee",))
    made = joined.linked(who)
    asked = card.ask(who, theme="ink")
    members.leave(who, reason="moved abroad")
    members.leave(who)
    row = members.get(who.obj)
    assert (row.status, row.name, row.customer_ref, row.interests) == ("left", "", None, [])
    assert (
        row.left_at and not link.of(row) and not Consent.objects.filter(member=row, withdrawn_at=0).exists()
    )
    made.refresh_from_db()
    asked.refresh_from_db()
    assert (made.handle, made.url) == ("", "") and made.unlinked_at
    assert (asked.state, asked.name, asked.handle, asked.line, asked.qr) == ("ended", "", "", "", False)
    assert facts().count("rewards.member-left") == 1 and facts(made.obj)[-1] == "rewards.profile-unlinked"
    with pytest.raises(members.NoSuchMember):
        members.by_ref("hanul:7")
    for act in (members.resume, lambda m: consent.give(m, "spend"), lambda m: members.speak(m, "nl")):
        with pytest.raises(taking_part.NotTakingPart, match="left"):
            act(who)
    assert joined.member(customer_ref="hanul:7").pk != who.pk


def test_only_those_who_may_let_in_pause_or_see() -> None:
    boss, author, nobody = person("administrator"), person("author"), person("responder")
    who = joined.member(by=boss)
    for staff in (author, nobody):
        with pytest.raises(NotYours):
            joined.member(by=staff)
        with pytest.raises(NotYours):
            members.pause(who, by=staff)
        with pytest.raises(NotYours):
            members.leave(who, by=staff)
    assert list(members.visible_to(author)) == [who] and not members.visible_to(nobody).exists()
    with pytest.raises(members.NoSuchMember):
        members.get_visible(nobody, who.obj)
    members.pause(who, by=boss)
    [told] = entries_where("fact = %s", ["rewards.member-paused"])
    assert told.actor == boss.actor


def who_now(who: Member) -> Member:
    return members.get(who.obj)
