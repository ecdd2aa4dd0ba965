"""What the bank's own systems report: once by reference, and every refusal names its rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bankside.record import clock
from bankside.record.models import Entry
from bankside.rewards import earning, fraud, reactions, receipt, reported
from bankside.rewards.ledger.balance import balance
from bankside.rewards.models import Member
from bankside.rewards.reported import Item
from bankside.rewards.rules.act import Act
from tests.rewards import joined, living
from tests.rewards.decisions import decisions

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
PURCHASE = """
[[earn]]
id = "card-spend"
class = "A"
on = "purchase"
amount_unit = 1_000
when = "amount >= 2"
points = "min(100, amount)"
cap = {points = 300, times = 20, per = "day"}
"""


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 0)
    with clock.frozen(NOW):
        yield


@pytest.fixture
def who() -> Member:
    living.live(living.SMALL + PURCHASE)
    return joined.member()


def one(who: Any, ref: str = "fb-1", **how: Any) -> Item:
    return Item(**{"ref": ref, "member": who.obj, "kind": "feedback", **how})


def told(results: Any) -> list[tuple[str, str, int]]:
    return [(found.outcome, found.rule, found.points) for found in results]


def test_items_earn_at_once_in_their_order_and_the_cap_holds(who: Member) -> None:
    results = reported.take("s:feedback", [one(who, f"fb-{number}") for number in range(3)])
    assert told(results) == [
        ("awarded", "feedback", 30), ("awarded", "feedback", 30), ("capped", "feedback", 0),
    ]  # fmt: skip
    assert results[2].reason == receipt.reason_of("cap-times")
    assert balance(who.pk, "pt").pending == 60


FIRST_POLL = """
[[earn]]
id = "first-poll"
class = "A"
on = "poll"
when = "first && text_len >= 20"
points = "7"
cap = {points = 70, times = 10, per = "day"}
"""


@pytest.mark.parametrize("together", [True, False])
def test_an_act_that_earned_nothing_is_no_first_in_any_batch(together: bool) -> None:
    living.live(living.SMALL + FIRST_POLL)
    who = joined.member()
    items = [one(who, f"poll-{n}", kind="poll", values={"text_len": n * 10}) for n in (1, 2, 3)]
    found = [reported.take("s:app", items)] if together else [reported.take("s:app", [i]) for i in items]
    assert [result.points for results in found for result in results] == [0, 7, 0]


def test_the_same_reference_again_is_the_old_result(who: Member) -> None:
    first = reported.take("s:feedback", [one(who)])
    entries = Entry.objects.count()
    assert told(reported.take("s:feedback", [one(who)])) == told(first)
    assert (Entry.objects.count(), balance(who.pk, "pt").pending) == (entries, 30)


def test_a_reference_belongs_to_one_member(who: Member) -> None:
    reported.take("s:feedback", [one(who)])
    assert told(reported.take("s:feedback", [one(joined.member())])) == [("refused", "reference", 0)]


@pytest.mark.parametrize(
    ("how", "rule"),
    [
        ({"kind": "like"}, "never-rewarded"),
        ({"kind": "review"}, "never-rewarded"),
        ({"kind": "reply"}, "own-evidence"),
        ({"kind": "purchase"}, "own-evidence"),
        ({"kind": "link"}, "own-evidence"),
        ({"kind": "dance"}, "kind"),
        ({"evidence": "claimed"}, "evidence"),
        ({"member": "0" * 32}, "member"),
        ({"ref": "no spaces please"}, "reference"),
        ({"ref": "x" * 61}, "reference"),
        ({"values": {"sentiment": 1}}, "values"),
        ({"values": {"quality": 101}}, "values"),
        ({"values": {"quality": -1}}, "values"),
        ({"values": {"quality": True}}, "values"),
        ({"campaign": "c" * 41}, "campaign"),
    ],
)
def test_what_is_refused_is_not_recorded_and_names_its_rule(who: Member, how: Any, rule: str) -> None:
    before = Entry.objects.count()
    [found] = reported.take("s:feedback", [one(who, **how)])
    assert (found.outcome, found.rule, found.points) == ("refused", rule, 0)
    assert found.reason
    assert Entry.objects.count() == before


def test_a_kind_without_a_rule_is_refused_by_no_rule(who: Member) -> None:
    assert told(reported.take("s:quiz", [one(who, kind="quiz")])) == [("refused", "no-rule", 0)]


def test_an_employee_and_who_left_earn_nothing(who: Member) -> None:
    employee = joined.member(employee=True)
    Member.objects.filter(pk=who.pk).update(status=Member.PAUSED)
    found = reported.take("s:feedback", [one(who), one(employee, "fb-2")])
    assert told(found) == [("refused", "member", 0), ("refused", "employee", 0)]


def test_a_condition_that_was_not_met_is_kept_and_explained() -> None:
    living.live(living.SMALL.replace('on = "feedback"\n', 'on = "feedback"\nwhen = "text_len >= 80"\n'))
    who = joined.member()
    good, bad = reported.take(
        "s:feedback", [one(who, values={"text_len": 80}), one(who, "fb-2", values={"text_len": 79})]
    )
    assert told([good, bad]) == [("awarded", "feedback", 30), ("refused", "feedback", 0)]
    why = receipt.why(who, "r:fb-2")
    assert why.state == "refused"
    assert "80" in why.awards[0].reason


def test_when_the_desk_is_far_behind_the_answer_says_so(who: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(reactions, "catch_up_to", lambda n: False)
        assert told(reported.take("s:feedback", [one(who)])) == [("held", "in-turn", 0)]
    assert told(reported.take("s:feedback", [one(who)])) == [("awarded", "feedback", 30)]


def test_too_many_at_once_are_refused(who: Member) -> None:
    with pytest.raises(reported.TooMany):
        reported.take("s:feedback", [one(who, f"fb-{number}") for number in range(501)])
    with pytest.raises(reported.TooMany):
        reported.take("s:feedback", [])


# --- purchases, by the door of payments -------------------------------------------------------------------
def bought(who: Member, ref: str, amount: int) -> Act:
    return Act(
        source=f"t:{ref}", seq=1, member=who.pk, network="", kind="purchase", at=NOW, day=0, amount=amount
    )


def test_purchases_earn_at_once_and_twice_is_once(who: Member) -> None:
    acts = [bought(who, "a", 12_900), bought(who, "b", 1_999)]
    first = earning.earn(acts)
    assert [(o.source, o.rule, o.points, o.outcome, o.reason) for o in first] == [
        ("t:a", "card-spend", 12, "awarded", ""), ("t:b", "card-spend", 0, "refused", "condition"),
    ]  # fmt: skip
    assert [(o.outcome, o.points) for o in earning.earn(acts)] == [("known", 12), ("refused", 0)]
    assert [one.source for one in decisions() if one.source.startswith("t:")] == ["t:a"]
    assert earning.active_days([who.pk], earning.day_of("Asia/Seoul", NOW)) == {who.pk: 1}
    assert receipt.why(who, "t:a").points == 12
