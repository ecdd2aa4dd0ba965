"""One purpose at a time, in the words of a version; taking back acts at once."""

from __future__ import annotations

import pytest

from bankside.record import clock
from bankside.record.append import entries_where
from bankside.rewards import card, consent, counting, short_link
from bankside.rewards import member as members
from bankside.rewards.models import Consent
from bankside.said import Said
from tests.rewards import carried, joined

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000_000


def told(obj: str) -> list[tuple[str, str]]:
    found = entries_where("fact like 'rewards.consent-%%' and obj = %s order by n", [obj])
    return [(e.fact.removeprefix("rewards.consent-"), e.type) for e in found]


def test_given_twice_is_once_and_taken_back_twice_too() -> None:
    who = joined.member(consents={"programme": ""})
    assert consent.give(who, "spend").pk == consent.give(who, "spend").pk
    assert consent.has(who, "spend")
    assert consent.withdraw(who, "spend") and consent.withdraw(who, "spend") is None
    assert not consent.has(who, "spend")
    consent.give(who, "spend")
    assert told(who.obj) == [
        ("given", "approve"), ("given", "approve"), ("withdrawn", "reject"), ("given", "approve")
    ]  # fmt: skip
    assert [row.purpose for row in consent.history(who)] == ["spend", "spend", "programme"]


def test_new_words_take_the_place_of_old_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    who = joined.member()
    newer = {**consent.WORDS, "card": {**consent.WORDS["card"], "2": Said("Other words.")}}
    monkeypatch.setattr(consent, "WORDS", newer)
    [standing] = [s for s in consent.standing(who) if s.purpose == "card"]
    assert (standing.version, standing.current) == ("1", "2") and "profile may stand" in standing.words
    consent.give(who, "card")
    rows = Consent.objects.filter(member=who, purpose="card").order_by("pk")
    assert [(r.version, bool(r.withdrawn_at)) for r in rows] == [("1", True), ("2", False)]
    assert consent.words("card", "1") != consent.words("card") == "Other words."


def test_what_nobody_asks_for_cannot_be_given() -> None:
    who = joined.member()
    for purpose, version in [("health", ""), ("spend", "7")]:
        with pytest.raises(consent.NoSuchPurpose):
            consent.give(who, purpose, version)
    with pytest.raises(consent.NoSuchPurpose):
        consent.withdraw(who, "health")


def test_who_takes_back_taking_part_is_told_to_leave() -> None:
    who = joined.member()
    with pytest.raises(consent.LeaveInstead):
        consent.withdraw(who, "programme")
    assert consent.has(who, "programme")


def test_without_profile_nothing_counts_and_with_it_it_does_again() -> None:
    who = joined.member()
    made = joined.linked(who)
    consent.withdraw(who, "profile")
    [span] = counting.spans_of([made.subj])[made.subj]
    assert span.until and counting.at([span], span.until) is None
    consent.give(who, "profile")
    assert [bool(s.until) for s in counting.spans_of([made.subj])[made.subj]] == [True, False]


@pytest.mark.parametrize("purpose", ["spend", "personal", "notices", "card"])
def test_other_purposes_do_not_touch_earning(purpose: str) -> None:
    who = joined.member()
    made = joined.linked(who)
    consent.withdraw(who, purpose)
    [span] = counting.spans_of([made.subj])[made.subj]
    assert not span.until


def test_without_card_the_code_leads_nowhere_and_stays_off_until_switched_on() -> None:
    who = joined.member()
    joined.linked(who)
    asked = carried.in_use(who)
    assert isinstance(short_link.open(asked.code), short_link.Opened)
    consent.withdraw(who, "card")
    assert short_link.open(asked.code) == short_link.Off()
    with pytest.raises(consent.ConsentMissing, match="profile may stand"):
        card.switch_code(who, True)
    consent.give(who, "card")
    assert short_link.open(asked.code) == short_link.Off()
    card.switch_code(who, True)
    assert isinstance(short_link.open(asked.code), short_link.Opened)


def test_for_many_at_once_and_at_a_moment() -> None:
    with clock.frozen(NOW):
        one, other = joined.member(), joined.member(consents={"programme": ""})
    with clock.frozen(NOW + 1000):
        consent.withdraw(one, "spend")
    assert consent.having("personal", [one.pk, other.pk, 999]) == {one.pk}
    assert [consent.had(one, "spend", at) for at in (NOW - 1, NOW, NOW + 999, NOW + 1000)] == [
        False, True, True, False
    ]  # fmt: skip
    assert not consent.had(other, "spend", NOW + 500)


def test_every_purpose_has_words_and_who_paused_may_take_back_but_not_give() -> None:
    assert [len(consent.words(purpose)) > 40 for purpose in consent.PURPOSES] == [True] * 6
    who = joined.member()
    members.pause(who)
    assert consent.withdraw(who, "spend")
    with pytest.raises(ValueError, match="paused"):
        consent.give(who, "spend")
