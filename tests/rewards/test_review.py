"""Flags: one person releases, two take back, nothing does by itself; and appeals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import Error, connection, transaction

from bankside.people.policy import NotYours
from bankside.record import clock, projection
from bankside.record.models import Entry
from bankside.rewards import appeal, due, fraud, receipt, reported, review
from bankside.rewards.ledger import spend
from bankside.rewards.ledger.balance import balance
from bankside.rewards.models import Flag, Member
from bankside.rewards.reported import Item
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
    with pytest.raises(review.SamePerson):
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
    with pytest.raises(review.ReasonMissing):
        review.release(reviewer(), flag.obj, why="  ")
    with pytest.raises(review.ReasonMissing):
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
