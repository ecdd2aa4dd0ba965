"""From the record to points, in order of arrival, whatever the batch; and posts that say what they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from bankside.record import clock, jobs, projection
from bankside.record.models import Entry, Quarantined
from bankside.rewards import acts, due, earning, fraud, link, programme, reactions, receipt
from bankside.rewards.ledger.balance import balance
from bankside.rewards.ledger.tables import Bucket, Meter, Posting
from bankside.rewards.models import Answers, Reached, Unchecked
from tests.rewards import joined, living, said
from tests.rewards.decisions import decision, decisions

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
AD = "Ad: the festival of the bank is on again and you can still join #Festival26"
NO_AD = "The festival of the bank is on again and you can still join #Festival26"


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 0)
    with clock.frozen(NOW):
        yield


@pytest.fixture
def minji() -> Any:
    said.channel()
    living.live()
    who = joined.member()
    joined.linked(who, "minji")
    said.earn()
    Unchecked.objects.all().delete()
    return who


def rows(who: Any, rule: str) -> list[tuple[int, str, str]]:
    return [(one.points, one.outcome, one.reason) for one in decisions(member=who.pk, rule=rule)]


def pending(who: Any) -> int:
    return balance(who.pk, "pt").pending - 100  # without that for the link


# --- class A ----------------------------------------------------------------------------------------------
def test_answers_earn_by_rule_and_depth_until_the_cap(minji: Any) -> None:
    said.say(*(said.draft("minji", obj="a" * 32) for _ in range(6)))
    said.earn()
    assert rows(minji, "useful-reply") == [
        (5, "awarded", ""), (7, "awarded", ""), (9, "awarded", ""), (11, "awarded", ""),
        (8, "awarded", "cap-points"), (0, "capped", "cap-times"),
    ]  # fmt: skip
    assert Answers.objects.get(place="a" * 32).answers == 6
    assert Meter.objects.values_list("newest", "days").get(member=minji.pk) == (NOW // DAY_MS, 1)


def test_only_evidence_of_the_network_earns(minji: Any) -> None:
    said.say(said.draft("minji", via="member_token"), said.draft("minji", via="somebody said so"))
    said.earn()
    assert [row[:2] for row in rows(minji, "useful-reply")] == [(5, "awarded")]


@pytest.mark.parametrize(
    "seen",
    [
        {"private": True},
        {"own": True},
        {"held": True},
        {"verb": "Like"},
        {"verb": "Follow"},
        {"verb": "Delete"},
    ],
)
def test_what_is_no_act_is_none(minji: Any, seen: dict[str, Any]) -> None:
    assert acts.kind_of(said.draft("minji", **seen).fact.seen) == ""
    said.say(said.draft("minji", **seen))
    said.earn()
    assert rows(minji, "useful-reply") == []


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ({}, "reply"),
        ({"verb": "Announce"}, "share"),
        ({"in_reply_to": "", "mentions": ("@hanulbank",)}, "mention"),
        ({"in_reply_to": ""}, "post"),
        ({"in_reply_to": "", "mentions": ("@hanulbank",), "text": NO_AD}, "post"),
        ({"verb": "Update"}, "reply"),
    ],
)
def test_the_kind_of_an_act(seen: dict[str, Any], kind: str) -> None:
    assert acts.kind_of(said.draft("minji", **seen).fact.seen) == kind


def test_employees_earn_nothing() -> None:
    said.channel()
    living.live()
    who = joined.member(employee=True)
    joined.linked(who, "sanne")
    said.say(said.draft("sanne"))
    said.earn()
    assert not decisions()


def test_nothing_is_earned_before_the_link_nor_from_the_unlinking_on(minji: Any) -> None:
    said.say(said.draft("junho"))
    who = joined.member()
    with clock.frozen(NOW + 1):
        mine = joined.linked(who, "junho")
        said.say(said.draft("junho"))
    with clock.frozen(NOW + 2):
        link.unlink(who, mine.obj)
        said.say(said.draft("junho"))
    said.earn()
    assert len(rows(who, "useful-reply")) == 1


def test_an_act_is_judged_by_the_version_of_its_moment(minji: Any) -> None:
    said.say(said.draft("minji"))
    with clock.frozen(NOW + 1000):
        living.live(living.SMALL.replace('points = "min(20, 5 + 2 * depth)"', 'points = "20"'))
        said.say(said.draft("minji"))
    said.earn()
    assert [row[0] for row in rows(minji, "useful-reply")] == [5, 20]


def test_what_was_said_before_the_first_programme_earns_nothing() -> None:
    said.channel()
    who = joined.member()
    joined.linked(who, "minji")
    said.say(said.draft("minji"))
    living.live()
    said.earn()
    assert not decisions()


# --- class B: 15 ------------------------------------------------------------------------------------------
def test_a_disclosed_post_is_paid_and_its_evidence_is_kept(minji: Any) -> None:
    said.say(said.post("minji", AD))
    said.earn()
    row = decision(rule="festival-post")
    assert (row.points, row.outcome) == (30, "awarded")
    assert '"disclosure":{"word":"Ad","at":0,"lang":"en"}' in row.inputs
    assert receipt.why(minji, row.source).awards[0].disclosure == "Ad"


def test_an_undisclosed_post_is_held_posts_nothing_and_is_refused_when_its_time_is_over(minji: Any) -> None:
    said.say(said.post("minji", NO_AD))
    said.earn()
    assert rows(minji, "festival-post") == [(0, "held", "disclosure")]
    assert pending(minji) == 0
    source = decision(rule="festival-post").source
    assert receipt.why(minji, source).can == ("appeal", "disclose")
    assert due.refuse_undisclosed(NOW + 72 * HOUR_MS - 1) == 0
    assert due.refuse_undisclosed(NOW + 72 * HOUR_MS) == 1
    assert rows(minji, "festival-post") == [(0, "refused", "disclosure")]
    assert due.refuse_undisclosed(NOW + 72 * HOUR_MS) == 0


def test_an_edit_that_discloses_is_paid_then(minji: Any) -> None:
    before = said.post("minji", NO_AD)
    [entry] = said.say(before)
    said.earn()
    with clock.frozen(NOW + HOUR_MS):
        said.edit(entry, before, AD)
        said.earn()
        said.edit(entry, before, AD + "!")
        said.earn()
    row = decision(rule="festival-post")
    assert (row.points, row.outcome, row.at, row.pk) == (30, "awarded", entry.t, 0)
    assert Unchecked.objects.filter(batch=row.number // 65_536).exists()
    assert '"disclosure"' in row.inputs
    assert pending(minji) == 30


@pytest.mark.parametrize("late", ["after the hold", "after unlinking"])
def test_an_edit_that_comes_too_late_is_not_paid(minji: Any, late: str) -> None:
    before = said.post("minji", NO_AD)
    [entry] = said.say(before)
    said.earn()
    with clock.frozen(NOW + (72 * HOUR_MS if late == "after the hold" else 1)):
        if late == "after unlinking":
            link.unlink(minji, link.of(minji)[0].obj)
        said.edit(entry, before, AD)
        said.earn()
    assert rows(minji, "festival-post") == [(0, "held", "disclosure")]


def test_an_edit_that_takes_the_disclosure_away_takes_the_points(minji: Any) -> None:
    before = said.post("minji", AD)
    [entry] = said.say(before)
    said.earn()
    assert pending(minji) == 30
    with clock.frozen(NOW + HOUR_MS):
        said.edit(entry, before, NO_AD)
        said.earn()
        said.edit(entry, before, AD)  # once gone, it is gone
        said.earn()
    assert pending(minji) == 0
    assert receipt.why(minji, decision(rule="festival-post").source).state == "clawed"


def test_nothing_settles_before_an_edit_that_was_recorded_in_time(minji: Any) -> None:
    before = said.post("minji", AD)
    [entry] = said.say(before)
    said.earn()
    with clock.frozen(NOW + HOUR_MS):
        said.edit(entry, before, NO_AD)
    with clock.frozen(NOW + 5 * DAY_MS):
        assert due.run(clock.now_ms())
    assert balance(minji.pk, "pt").available == 100


def test_removing_a_held_post_ends_it(minji: Any) -> None:
    before = said.post("minji", NO_AD)
    [entry] = said.say(before)
    said.earn()
    said.remove(entry, before)
    said.earn()
    assert rows(minji, "festival-post") == [(0, "refused", "removed")]


# --- 8: settled points are not touched by a deletion ------------------------------------------------------
@pytest.mark.parametrize(("days", "left"), [(0, 0), (3, 0), (4, 5)])
def test_a_deletion_takes_back_only_within_the_hold(minji: Any, days: int, left: int) -> None:
    before = said.draft("minji")
    [entry] = said.say(before)
    said.earn()
    with clock.frozen(NOW + days * DAY_MS):
        said.remove(entry, before)
        assert due.run(clock.now_ms())
        assert due.run(clock.now_ms())
        now = balance(minji.pk, "pt")
    assert now.available + now.pending == 100 + left


# --- order, batches, lanes ----------------------------------------------------------------------------------
def everything() -> tuple[Any, ...]:
    return (
        [(one.source, one.rule, one.points, one.outcome, one.inputs) for one in decisions()],
        list(
            Posting.objects.order_by("source", "rule", "kind").values_list(
                "source", "rule", "kind", "points", "due"
            )
        ),
        list(
            Bucket.objects.filter(points__gt=0)
            .order_by("member", "state", "due")
            .values_list("member", "points")
        ),
    )


SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 30))]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_result_is_the_same_for_any_size_of_batch(minji: Any, seed: int) -> None:
    chance = random.Random(seed)
    joined.linked(joined.member(), "junho")
    drafts = [_anything(chance) for _ in range(14)]
    entries = [said.say(one)[0] for one in drafts]
    for entry, one in chance.sample(list(zip(entries, drafts, strict=True)), 4):
        if chance.random() < 0.4:
            said.remove(entry, one)
        else:
            said.edit(entry, one, chance.choice([AD, NO_AD]))
    found = []
    for sizes in ([1000], [1], [chance.randint(2, 7) for _ in range(3)]):
        point, turn = transaction.savepoint(), 0
        while reactions.earn_recorded(sizes[turn % len(sizes)]):
            turn += 1
        found.append(everything())
        transaction.savepoint_rollback(point)
    assert found[0] == found[1] == found[2]
    assert found[0][0]


def _anything(chance: random.Random) -> Any:
    text, speaker = chance.choice(["", "", AD, NO_AD]), chance.choice(["minji", "junho", "nobody"])
    return said.post(speaker, text) if text else said.draft(speaker)


def test_a_batch_costs_a_fixed_number_of_statements(minji: Any) -> None:
    from django.test.utils import CaptureQueriesContext

    spent = []
    for size in (3, 60):
        said.say(*(said.draft("minji") for _ in range(size)))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert reactions.earn_recorded()
        spent.append(len([q for q in asked if "SAVEPOINT" not in (q["sql"] or "")]))
    assert spent[0] <= spent[1] <= spent[0] + 2, spent
    assert spent[1] <= 40, spent


def test_what_cannot_be_dealt_with_is_set_aside_and_the_others_earn(minji: Any, monkeypatch: Any) -> None:
    bad, *_ = [said.say(said.draft("minji"))[0] for _ in range(3)]
    real = acts.kind_of

    def kind_of(seen: Any) -> str:
        if seen.remote_id == projection.payload_of(bad.n).seen.remote_id:
            raise ValueError("what is this?")
        return real(seen)

    monkeypatch.setattr(acts, "kind_of", kind_of)
    said.earn()
    assert len(rows(minji, "useful-reply")) == 2
    assert list(Quarantined.objects.values_list("follower", "n", "error")) == [
        (programme.EARN, bad.n, "ValueError")
    ]


def test_new_facts_wake_the_job_and_a_desk_without_a_programme_has_none() -> None:
    from bankside.record.models import Job

    said.channel()
    for lane in range(1):
        projection.catch_up(reactions.WAKES, lane)
    assert not Job.objects.filter(key=programme.EARN).exists()
    living.live()
    who = joined.member()
    joined.linked(who, "minji")
    said.say(said.draft("minji"))
    for _ in range(6):
        done = sum(projection.catch_up(f, lane) for f, lane in projection.behind())
        done += jobs.run_due()
    assert not done
    assert balance(who.pk, "pt").pending == 105


def test_reading_from_the_start_again_adds_nothing(minji: Any) -> None:
    said.say(*(said.draft("minji") for _ in range(4)))
    said.earn()
    before = everything()[1:], Entry.objects.count()
    Reached.objects.filter(name=programme.EARN).update(n=0)
    said.earn()
    assert (everything()[1:], Entry.objects.count()) == before


def test_active_days_count_days_not_acts(minji: Any) -> None:
    for day in (0, 0, 1, 5):
        with clock.frozen(NOW + day * DAY_MS):
            said.say(said.draft("minji"))
    said.earn()
    today = NOW // DAY_MS
    assert earning.active_days([minji.pk, 999], today + 5) == {minji.pk: 3}
    assert earning.active_days([minji.pk], today + 30) == {minji.pk: 2}
    assert earning.hour_of("Asia/Seoul", NOW) == 19
    assert earning.day_of("Asia/Seoul", NOW + 5 * HOUR_MS) == today + 1
