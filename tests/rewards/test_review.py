"""Flags: one person releases, two take back, nothing does by itself; and appeals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import Error, connection, transaction

from bankside.people.policy import NotYours
from bankside.record import clock, projection, two_people
from bankside.record.forgetting.covered import Scope
from bankside.record.log.verify import Report
from bankside.record.models import Entry
from bankside.record.reasons import ReasonMissing
from bankside.rewards import appeal, due, forgotten, fraud, receipt, reported, review, waiting, wallet
from bankside.rewards.ledger import audit, settle, spend
from bankside.rewards.ledger.balance import balance
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.models import Flag, Member, Posting, Restoration
from bankside.rewards.reported import Item
from bankside.rewards.taking_part import subj_of
from tests.rewards import joined, living
from tests.rewards.living import person

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
DAY_MS = 86_400_000


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 1000)  # everything is looked at
    with clock.frozen(NOW):
        yield


@pytest.fixture
def who() -> Member:
    living.live()
    member = joined.member()
    reported.take("s:feedback", [Item(ref="fb-1", member=member.obj, kind="feedback")])
    assert fraud.examine() == 1
    return member


@pytest.fixture
def flag(who: Member) -> Flag:
    return Flag.objects.get()


def reviewer() -> Any:
    return person("reviewer", "Wang Reviews")


def second() -> Any:
    return person("approver", "Hyejin Agrees")


def settled(who: Member) -> int:
    with clock.frozen(NOW + 5 * DAY_MS):
        assert due.run(clock.now_ms())
    return balance(who.pk, "pt").available


def test_an_open_flag_delays_settling_and_nothing_else(who: Member, flag: Flag) -> None:
    assert (flag.reasons, flag.points, flag.state) == (["audit"], 30, "open")
    assert settled(who) == 0
    assert balance(who.pk, "pt").pending == 30
    assert receipt.why(who, "r:fb-1").state == "flagged"
    [waiting] = review.waiting(reviewer())
    assert (waiting.member, waiting.points, list(waiting.reasons)) == (who, 30, ["Drawn at random"])
    assert waiting.settles_at == clock.from_iso("2026-11-27T15:00:00Z")  # midnight in Seoul, after 72 hours


def test_one_person_releases_and_the_points_settle(who: Member, flag: Flag) -> None:
    done = review.release(reviewer(), flag.obj, why="An ordinary customer.")
    assert (done.state, done.decided_by) == ("released", reviewer().uid)
    assert review.release(reviewer(), flag.obj, why="Again.").why == "An ordinary customer."
    assert settled(who) == 30
    fact = projection.payload_of(Entry.objects.get(fact="rewards.flag-decided").n)
    assert (fact.decision, fact.second) == ("released", "")


def test_two_people_take_points_back_and_the_member_is_told(who: Member, flag: Flag) -> None:
    with pytest.raises(review.NotProposed):
        review.reverse(second(), flag.obj)
    review.propose(reviewer(), flag.obj, code="false-evidence", why="The call centre has no such call.")
    assert review.opened(reviewer(), flag.obj).proposed
    assert balance(who.pk, "pt").pending == 30
    done = review.reverse(second(), flag.obj)
    assert (done.state, done.decided_by, done.second_by) == ("reversed", reviewer().uid, second().uid)
    assert review.reverse(second(), flag.obj).points == 30
    assert balance(who.pk, "pt").pending == 0
    [notice] = review.notices(who)
    assert (notice.source, notice.code, notice.points) == ("r:fb-1", review.CODES["false-evidence"], 30)
    assert receipt.why(who, "r:fb-1").state == "reversed"
    with pytest.raises(review.AlreadyDecided):
        review.release(reviewer(), flag.obj, why="No, wait.")


def test_a_decided_flag_and_its_restoration_forget_her_and_stay_decided(who: Member, flag: Flag) -> None:
    """An erasure empties what they say of her; nothing else of them can be changed by anybody."""
    review.propose(reviewer(), flag.obj, code="false-evidence", why="Min-ji Park has no such call.")
    review.reverse(second(), flag.obj)
    review.propose_restoring(reviewer(), flag.obj, why="Min-ji Park was right.")
    forgotten.forget(Scope(subj_of(who)))
    kept = Flag.objects.get()
    assert (kept.state, kept.why, kept.evidence, kept.code) == ("reversed", "", {}, "false-evidence")
    assert Restoration.objects.get().why == ""
    forgotten.forget(Scope(subj_of(who)))
    for change in ({"code": "automation"}, {"state": "open"}, {"why": "again"}, {"points": 0, "why": ""}):
        with pytest.raises(Error), transaction.atomic():
            Flag.objects.update(**change)


def test_what_was_settled_and_spent_is_written_off(who: Member, flag: Flag) -> None:
    review.release(reviewer(), flag.obj, why="Fine.")
    assert settled(who) == 30
    with transaction.atomic():
        spend.redeem(who.pk, 20, key="gift", at=NOW + 5 * DAY_MS)
    with pytest.raises(review.AlreadyDecided):
        review.propose(reviewer(), flag.obj, code="automation", why="It was a program.")


def test_the_same_person_does_not_agree_with_herself(who: Member, flag: Flag) -> None:
    both = person("compliance", "Sanne Both")
    review.propose(both, flag.obj, code="automation", why="It was a program.")
    with pytest.raises(two_people.SamePerson):
        review.reverse(both, flag.obj)
    assert balance(who.pk, "pt").pending == 30


@pytest.mark.parametrize("role", ["author", "administrator", "auditor", "responder"])
def test_others_may_not(who: Member, flag: Flag, role: str) -> None:
    staff = person(role, f"{role} Looks")
    for act in (
        lambda: review.release(staff, flag.obj, why="x"),
        lambda: review.propose(staff, flag.obj, code="automation", why="x"),
        lambda: review.reverse(staff, flag.obj),
        lambda: review.raise_by_hand(staff, who, "r:fb-1", why="x"),
        lambda: appeal.answer(staff, "0" * 32, "x"),
    ):
        with pytest.raises(NotYours):
            act()


def test_whoever_decides_says_why(flag: Flag) -> None:
    with pytest.raises(ReasonMissing):
        review.release(reviewer(), flag.obj, why="  ")
    with pytest.raises(ReasonMissing):
        review.propose(reviewer(), flag.obj, code="i-do-not-like-her", why="x")
    with pytest.raises(review.NoSuchFlag):
        review.release(reviewer(), "0" * 32, why="x")


def test_somebody_may_ask_for_a_look(who: Member) -> None:
    reported.take("s:feedback", [Item(ref="fb-2", member=who.obj, kind="feedback")])
    found = review.raise_by_hand(reviewer(), who, "r:fb-2", why="The customer phoned.")
    assert (found.reasons, found.points) == (["by-hand"], 30)
    assert review.raise_by_hand(reviewer(), who, "r:fb-2", why="Again.").pk == found.pk
    assert fraud.examine() == 1  # and the check that comes later leaves the flag as it is
    assert Flag.objects.filter(source="r:fb-2").count() == 1
    with pytest.raises(receipt.NoSuchReceipt):
        review.raise_by_hand(reviewer(), who, "r:none", why="x")


def reversed_(flag: Flag) -> Flag:
    review.propose(reviewer(), flag.obj, code="false-evidence", why="The call centre has no such call.")
    return review.reverse(second(), flag.obj)


def test_two_people_give_back_what_was_taken_by_mistake_and_the_member_is_told(
    who: Member, flag: Flag
) -> None:
    with pytest.raises(review.NotReversed):
        review.propose_restoring(reviewer(), flag.obj, why="There was a call.")
    reversed_(flag)
    with pytest.raises(review.NotProposed):
        review.restore(second(), flag.obj)
    both = person("compliance", "Sanne Both")
    review.propose_restoring(both, flag.obj, why="There was a call.")
    assert waiting.waiting(second()) == 1 and [one.flag for one in review.restoring(second())] == [flag]
    with pytest.raises(two_people.SamePerson):
        review.restore(both, flag.obj)
    assert balance(who.pk).available == 0
    review.restore(second(), flag.obj)
    review.restore(second(), flag.obj)
    assert (balance(who.pk).available, balance(who.pk).pending) == (30, 0)
    assert receipt.why(who, "r:fb-1").state == "restored" and review.notices(who)[0].restored_at == NOW
    told = [(e.kind, e.points) for e in wallet.home(who).events]
    assert told.count(("restored", 30)) == 1 and told.count(("reversed", -30)) == 1
    fact = projection.payload_of(Entry.objects.filter(fact="rewards.flag-decided").latest("n").n)
    assert (fact.decision, fact.second, fact.why) == ("restored", second().uid, "There was a call.")
    with pytest.raises(review.AlreadyDecided):
        review.propose_restoring(both, flag.obj, why="Once more.")
    report = Report()
    audit.check(report)
    assert report.problems == [] and review.restoring(second()) == []
    with pytest.raises(NotYours):
        review.propose_restoring(person("author", "Pieter Writes"), flag.obj, why="x")
    with pytest.raises(NotYours):
        review.restore(person("reviewer", "Wang Reviews"), flag.obj)


def test_what_was_spent_before_the_reversal_is_no_loss_any_more(who: Member, flag: Flag) -> None:
    reported.take("s:feedback", [Item(ref="fb-2", member=who.obj, kind="feedback")])
    with clock.frozen(NOW + 5 * DAY_MS), transaction.atomic():  # settled before anybody looked
        assert settle.settle_due(clock.now_ms(), zone="Asia/Seoul") == 1
    with transaction.atomic():
        spend.redeem(who.pk, 20, key="gift", at=NOW + 5 * DAY_MS)
    late = review.raise_by_hand(reviewer(), who, "r:fb-2", why="The customer phoned.")
    assert reversed_(late).points == 30 and balance(who.pk).available == 0
    review.propose_restoring(reviewer(), late.obj, why="There was a call.")
    review.restore(second(), late.obj)
    assert balance(who.pk).available == 10
    moved = Posting.objects.filter(kind="restore").order_by("cr").values_list("dr", "cr", "points")
    assert list(moved) == [("clawed", "available", 10), ("clawed", "write-off", 20)]


def test_points_whose_month_has_passed_come_back_with_as_many_months_as_they_had(
    who: Member, flag: Flag
) -> None:
    reversed_(flag)
    [taken] = Posting.objects.filter(kind="fraud")
    with clock.frozen(NOW + 366 * 6 * DAY_MS):  # sixty months of life are over
        review.propose_restoring(reviewer(), flag.obj, why="There was a call.")
        review.restore(second(), flag.obj)
        [(month, points)] = balance(who.pk).expires
    this = Calendar("Asia/Seoul")
    left = taken.until - this.month(NOW)
    assert (points, month) == (30, this.month(NOW + 366 * 6 * DAY_MS) + left)


RESTORED_WRONGLY = [
    "update rewards_restoration set second_by = proposed_by, done_at = 1",
    "update rewards_restoration set done_at = 1",
    "update rewards_restoration set second_by = 'b'",
    "update rewards_restoration set flag_id = flag_id + 1",
    "delete from rewards_restoration",
    """insert into rewards_restoration (flag_id, why, proposed_by, made_at, second_by, done_at, points)
       select id, '', 'a', 1, 'b', 1, 0 from rewards_flag""",
]


@pytest.mark.parametrize("statement", RESTORED_WRONGLY)
def test_the_database_refuses_a_restoration_by_one(who: Member, flag: Flag, statement: str) -> None:
    reversed_(flag)
    review.propose_restoring(reviewer(), flag.obj, why="There was a call.")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_restoration_is_of_a_reversal_and_stands(who: Member, flag: Flag) -> None:
    raw = """insert into rewards_restoration (flag_id, why, proposed_by, made_at, second_by, done_at, points)
             select id, '', 'a', 1, '', 0, 0 from rewards_flag"""
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(raw)
    reversed_(flag)
    review.propose_restoring(reviewer(), flag.obj, why="There was a call.")
    review.restore(second(), flag.obj)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update rewards_restoration set done_at = 0, second_by = ''")
    with connection.cursor() as cursor:
        cursor.execute("update rewards_restoration set why = ''")  # words are forgotten


FORGED = [
    "update rewards_flag set state = 'reversed', decided_by = 'a', second_by = 'a'",
    "update rewards_flag set state = 'reversed', decided_by = 'a'",
    "update rewards_flag set member_id = member_id + 1",
    "delete from rewards_flag",
    """insert into rewards_flag (obj, source, member_id, reasons, evidence, state, code, points, made_at,
       decided_at, decided_by, second_by, why) select 'x', 'y', member_id, reasons, evidence, 'reversed', '',
       0, 1, 1, 'a', 'b', '' from rewards_flag""",
]


@pytest.mark.parametrize("statement", FORGED)
def test_the_database_refuses_what_the_room_would(flag: Flag, statement: str) -> None:
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_decision_stands(flag: Flag) -> None:
    review.release(reviewer(), flag.obj, why="Fine.")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update rewards_flag set state = 'open'")
