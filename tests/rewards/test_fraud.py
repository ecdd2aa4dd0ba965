"""Who copies, who acts together, who never sleeps: flagged with numbers, never with words or by chance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bankside.record import clock, projection
from bankside.record.models import Entry
from bankside.rewards import due, fraud
from bankside.rewards.models import Fingerprint, Flag, Unchecked
from tests.rewards import joined, living, said
from tests.rewards.decisions import look_again

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
# Everything an answer needs to earn, with caps wide enough for somebody who does too much.
WIDE = living.SMALL.replace(
    'cap = {points = 40, times = 5, per = "day"}', 'cap = {points = 2_000, times = 300, per = "day"}'
)
COPY = "The customer service of this bank answered me within two minutes, and the new card came the next day."


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 0)
    with clock.frozen(NOW):
        said.channel()
        living.live(WIDE)
        yield


def linked(subject: str, **how: Any) -> Any:
    who = joined.member()
    joined.linked(who, subject, **how)
    return who


def say_at(at: int, *drafts: Any) -> None:
    with clock.frozen(at):
        said.say(*drafts)


def examined() -> list[Flag]:
    said.earn()
    while fraud.examine():
        pass
    return list(Flag.objects.order_by("id"))


def why(who: Any) -> set[str]:
    return {reason for flag in Flag.objects.filter(member=who) for reason in flag.reasons}


def text(number: int) -> str:
    """Texts that have nothing in common."""
    words = ["kaart", "rekening", "limiet", "pincode", "wachtrij", "filiaal", "hypotheek", "spaarpot", "app"]
    picked = [words[(number * step + step * step) % len(words)] + str(number * step) for step in range(1, 12)]
    return " ".join(picked)


def test_an_ordinary_member_raises_no_flag() -> None:
    linked("minji")
    for day in range(5):
        say_at(NOW + day * DAY_MS, said.draft("minji", text(day), obj=f"{day:032x}"))
    assert examined() == []
    assert Fingerprint.objects.count() == 5
    assert not Unchecked.objects.exists()


def test_a_young_account_is_looked_at_when_the_network_tells_its_age() -> None:
    young = linked("young", account_since_ms=NOW - 5 * DAY_MS)
    old = linked("old", account_since_ms=NOW - 50 * DAY_MS)
    unknown = linked("unknown", account_since_ms=0)
    said.say(*(said.draft(name, text(n)) for n, name in enumerate(["young", "old", "unknown"])))
    examined()
    assert why(young) == {"account-age"}
    assert why(old) == why(unknown) == set()
    assert Flag.objects.get().evidence == {"account-age": {"days": 5, "wanted": 30}}


def test_too_many_acts_within_an_hour() -> None:
    who = linked("minji")
    for number in range(12):
        say_at(NOW + number * MINUTE_MS, said.draft("minji", text(number), obj=f"{number:032x}"))
    flags = examined()
    assert why(who) == {"velocity"}
    assert [flag.evidence["velocity"]["acts"] for flag in flags] == [11, 12, 13]  # with the link before them


def test_nearly_the_same_text_of_another_member_or_of_her_own() -> None:
    first, second = linked("first"), linked("second")
    say_at(NOW, said.draft("first", COPY, obj="1" * 32))
    say_at(NOW + HOUR_MS, said.draft("second", COPY.upper() + "!! 😀", obj="2" * 32))
    say_at(NOW + 2 * DAY_MS, said.draft("second", f"@hanulbank {COPY}", obj="3" * 32))
    say_at(NOW + 40 * DAY_MS, said.draft("second", COPY, obj="4" * 32))  # another month
    say_at(NOW + 41 * DAY_MS, said.draft("second", COPY, obj="5" * 32))
    flags = examined()
    assert why(first) == set()
    assert why(second) == {"near-duplicate"}
    assert [flag.evidence["near-duplicate"]["same_member"] for flag in flags] == [False, False, True]


def test_members_who_are_always_at_the_same_places() -> None:
    one, other, free = linked("one"), linked("other"), linked("free")
    for place in range(8):
        at = NOW + place * DAY_MS
        say_at(at, said.draft("one", text(place * 3), obj=f"{place:032x}"))
        say_at(at + 2 * MINUTE_MS, said.draft("other", text(place * 3 + 1), obj=f"{place:032x}"))
        free_place = place if place % 2 else place + 100
        say_at(at + 3 * MINUTE_MS, said.draft("free", text(place * 3 + 2), obj=f"{free_place:032x}"))
    examined()
    assert why(other) == {"co-action"}
    assert why(free) == set()
    evidence = Flag.objects.filter(member=other).latest("id").evidence["co-action"]
    assert (evidence["shared"], evidence["percent"]) == (8, 100)
    assert evidence["other"] == one.pk


def test_very_many_members_at_one_place_within_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fraud, "BURST_MEMBERS", 4)
    many = [linked(f"m{number}") for number in range(5)]
    for number in range(5):
        say_at(NOW + number * 1000, said.draft(f"m{number}", text(number), obj="a" * 32))
    examined()
    assert [why(who) for who in many] == [set(), set(), set(), {"burst"}, {"burst"}]


def test_a_clock_without_a_night() -> None:
    robot, person = linked("robot"), linked("person")
    for number in range(26):
        at = NOW + number * 3 * HOUR_MS + number // 8 * HOUR_MS
        say_at(at, said.draft("robot", text(number), obj=f"{number:032x}"))
        by_day = NOW + number // 6 * DAY_MS + number % 6 * HOUR_MS
        say_at(by_day, said.draft("person", text(number + 50), obj=f"{number + 50:032x}"))
    examined()
    assert "night-clock" in why(robot)
    assert "night-clock" not in why(person)


def test_a_fund_that_is_spent_fast_trips_the_breaker() -> None:
    who = [linked(f"m{number}") for number in range(7)]
    for number in range(7):
        words = f"Ad: {text(number)} #Festival26"
        say_at(NOW + number * MINUTE_MS, said.post(f"m{number}", words, obj=f"{number:032x}"))
    examined()
    assert [why(one) for one in who] == [set()] * 6 + [{"fund-breaker"}]  # 210 of 2,000 within an hour
    assert Flag.objects.get().evidence["fund-breaker"] == {"points": 210, "fund": 2000}


def test_one_in_a_hundred_is_drawn_and_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 10)
    drawn = [number for number in range(5_000) if fraud.drawn(f"e:{number}")]
    assert 20 <= len(drawn) <= 90
    assert all(fraud.drawn(f"e:{number}") for number in drawn)


@pytest.mark.parametrize("size", [1, 3, 500])
def test_the_same_awards_give_the_same_flags_in_any_batches(size: int) -> None:
    linked("first", account_since_ms=NOW - DAY_MS)
    linked("second")
    for number in range(12):
        name = ("first", "second")[number % 2]
        say_at(
            NOW + number * MINUTE_MS,
            said.draft(name, COPY if number % 5 == 0 else text(number), obj="a" * 32),
        )
    said.earn()
    while fraud.examine(size):
        pass
    flags = [(flag.source[2:], flag.reasons, flag.evidence) for flag in Flag.objects.order_by("id")]
    first = int(min((source for source, _, _ in flags), key=int))
    told = [
        (int(source) - first, reasons, {k: v for k, v in seen.items() if k != "near-duplicate"})
        for source, reasons, seen in flags
    ]
    young = {"account-age": {"days": 1, "wanted": 30}}
    assert told == [
        *((place, ["account-age"], young) for place in (0, 2, 4)), (5, ["near-duplicate"], {}),
        *((place, ["account-age"], young) for place in (6, 8)),
        (10, ["account-age", "near-duplicate"], young),
    ]  # fmt: skip


def test_a_flag_is_raised_once_and_holds_no_words() -> None:
    who = linked("young", account_since_ms=NOW - 5 * DAY_MS)
    said.say(said.draft("young", COPY))
    [flag] = examined()
    look_again()
    assert examined() == [flag]
    entry = Entry.objects.get(fact="rewards.flag-raised")
    fact = projection.payload_of(entry.n)
    assert (fact.member, fact.source, fact.reasons) == (who.obj, flag.source, ("account-age",))
    assert not any(word in json.dumps(flag.evidence) for word in COPY.split())


def test_shapes_and_places_go_when_no_check_looks_back_so_far() -> None:
    linked("minji")
    say_at(NOW, said.draft("minji", text(1), obj="1" * 32))
    say_at(NOW + DAY_MS, said.draft("minji", text(2), obj="2" * 32))
    examined()
    window = fraud.KEPT_DAYS * DAY_MS
    assert fraud.forget_old(NOW + window - 1) == 0
    assert [fraud.forget_old(NOW + window) for _ in range(2)] == [1, 0]
    assert [one.place for one in Fingerprint.objects.all()] == ["2" * 32]
    with clock.frozen(NOW + 2 * window):
        assert due.run(clock.now_ms()), "the worker does it"
    assert not Fingerprint.objects.exists()


def test_no_more_shapes_go_at_once_than_is_quick() -> None:
    linked("minji")
    for number in range(3):
        say_at(NOW + number, said.draft("minji", text(number), obj=f"{number:032x}"))
    examined()
    after = NOW + 40 * DAY_MS
    assert [fraud.forget_old(after, 2) for _ in range(3)] == [2, 1, 0]
