"""Posting: in order of arrival, within caps, once; the same for any size of batch and number of workers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from bankside.record.append import OutsideTransaction
from bankside.rewards.ledger import journal, post
from bankside.rewards.ledger.candidate import Candidate, Outcome
from bankside.rewards.models import Batch, Bucket, Cap, Earned, Posting, Unchecked
from tests.rewards import ledger_acts as acts
from tests.rewards.decisions import decision
from tests.rewards.ledger_acts import DAY_MS, EVENT, FUNDED, HOUR_MS, START, candidate, member, posted

pytestmark = pytest.mark.django_db


def told(outcomes: list[Outcome]) -> list[tuple[int, str, str]]:
    return [(one.points, one.outcome, one.reason) for one in outcomes]


def test_an_award_is_pending_from_the_journal_to_the_bucket() -> None:
    who = member()
    assert told(posted([candidate("e:1", who)])) == [(9, "awarded", "")]
    row = Posting.objects.get()
    assert (row.kind, row.dr, row.cr, row.points, row.due) == ("earn", "issued", "pending", 9, 20_804)
    assert list(Bucket.objects.values_list("member", "unit", "state", "due", "points")) == [
        (who, "pt", "pending", 20_804, 9)
    ]
    kept = decision()
    assert (kept.points, kept.asked, kept.outcome, kept.due, kept.at) == (9, 9, "awarded", 20_804, START)
    assert not Earned.objects.exists() and Unchecked.objects.get().batch == kept.number // 65_536


def test_arrival_decides_and_time_does_not() -> None:
    who = member()
    late = candidate("e:1", who, 15, at=START + HOUR_MS, seq=1)
    early = candidate("e:2", who, 15, at=START, seq=2)
    assert told(posted([early, late])) == [(15, "awarded", ""), (5, "awarded", "cap-points")]


def test_a_cap_of_times_of_points_and_a_cool_down() -> None:
    who = member()
    four = [candidate(f"e:{n}", who, 2, seq=n) for n in range(4)]
    assert told(posted(four))[-2:] == [(2, "awarded", ""), (0, "capped", "cap-times")]
    events = [candidate(f"v:{n}", who, 40, seq=n, terms=EVENT, at=START + n * HOUR_MS) for n in range(6)]
    assert told(posted(events)) == [
        (40, "awarded", ""), (0, "capped", "cool-down"), (20, "awarded", "cap-points"),
        (0, "capped", "cool-down"), (0, "capped", "cap-points"), (0, "capped", "cool-down"),
    ]  # fmt: skip


def test_a_fund_pays_everybody_together_and_never_more() -> None:
    asked = [candidate(f"e:{n}", member(), 70, seq=n, terms=FUNDED) for n in range(6)]
    got = told(posted(asked, batch=2))
    assert got == [*[(70, "awarded", "")] * 4, (20, "awarded", "fund"), (0, "capped", "fund")]
    assert Cap.objects.get(scope="fund").used == 300
    with pytest.raises(IntegrityError), transaction.atomic():
        Cap.objects.update(used=301)


def test_a_replay_adds_nothing_and_says_what_was_decided() -> None:
    asked = acts.acts(1, [member() for _ in range(5)], 200)
    first, rows = posted(asked, 64), acts.journal()
    batches = Batch.objects.count()
    for again in (asked, asked[::-1], asked[50:90] * 3):
        assert {one.outcome for one in posted(again, 41)} == {"known"}
    assert (acts.journal(), Batch.objects.count()) == (rows, batches)
    assert {(o.source, o.rule): o.points for o in posted(asked)} == {
        (o.source, o.rule): o.points for o in first if o.outcome != "known"
    }


def test_a_source_with_a_comma_in_it_is_one_source() -> None:
    who = member()
    for outcome in ("awarded", "known"):
        assert posted([candidate("e:1,e:2", who)])[0].outcome == outcome
    assert Posting.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL is told how to plan")
def test_whatever_a_batch_asks_is_found_by_index() -> None:
    """The plan of a kept bucket read the whole table, and took most of the time of a batch."""
    asked = [candidate(f"e:{n}", member(), 1, seq=n) for n in range(60)]
    told: list[str] = []

    def tell(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        told.append(f"{sql} {params}" if "set_config" in sql else sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(tell):
        posted(asked)
    off, on = (next(n for n, sql in enumerate(told) if f"'{to}', '{to}'" in sql) for to in ("off", "on"))
    asking = [n for n, sql in enumerate(told) if "rewards_bucket" in sql or "rewards_meter" in sql]
    assert len(asking) >= 4 and off < min(asking) and max(asking) < on


def test_held_is_paid_when_it_is_asked_for_again_without() -> None:
    who = member()
    held = candidate("e:1", who, held="disclosure")
    assert told(posted([held])) == [(0, "held", "disclosure")]
    assert told(posted([held])) == [(0, "known", "held")]
    assert (Posting.objects.count(), Batch.objects.count()) == (0, 0)
    assert told(posted([candidate("e:1", who)])) == [(9, "awarded", "")]
    assert told(posted([candidate("e:1", who)])) == [(9, "known", "awarded")]
    kept = decision()
    assert (kept.points, kept.outcome, kept.reason) == (9, "awarded", "")
    assert not Earned.objects.exists()


def test_held_may_be_refused_in_the_end() -> None:
    who = member()
    posted([candidate("e:1", who, held="disclosure")])
    assert told(posted([candidate("e:1", who, refused="not-disclosed")])) == [(0, "refused", "not-disclosed")]
    assert told(posted([candidate("e:1", who)])) == [(0, "known", "refused")]


def test_what_arrives_after_four_newer_days_is_too_late() -> None:
    who = member()
    days = [candidate(f"e:{n}", who, at=START + n * DAY_MS, seq=n) for n in (1, 2, 3, 4, 0)]
    days = [candidate(c.source, who, at=c.at, seq=n) for n, c in enumerate(days)]
    assert told(posted(days))[-1] == (0, "refused", "late")


@pytest.mark.parametrize("batch", [1, 7, 64, 500])
def test_the_size_of_a_batch_changes_nothing(batch: int) -> None:
    many = [member() for _ in range(12)]
    asked = acts.acts(3, many, 400)
    want = once(asked, 400)
    assert once(asked, batch) == want


@pytest.mark.parametrize("seed", range(3))
def test_workers_that_share_the_members_out_change_nothing(seed: int) -> None:
    many = [member() for _ in range(12)]
    asked = acts.acts(seed, many, 400)
    shards = [[c for c in asked if c.member % 4 == one] for one in range(4)]
    by_turns = [c for start in range(0, 400, 10) for shard in shards for c in shard[start : start + 10]]
    want = once(asked, 400)
    assert once(by_turns, 10) == want


def once(asked: list[Candidate], batch: int) -> list[object]:
    """The journal of these, and nothing left of it."""
    with transaction.atomic():
        posted(asked, batch)
        rows = acts.journal()
        transaction.set_rollback(True)
    return rows


def test_a_source_that_comes_with_another_member_is_an_error_of_the_caller() -> None:
    first, second = member(), member()
    posted([candidate("e:1", first, terms=EVENT)])
    assert posted([candidate("e:1", second, terms=EVENT)])[0].outcome == "known"
    assert Posting.objects.get().member == first


@pytest.mark.parametrize("source", ["e\t1", "e\n1", "e\\1"])
def test_a_source_is_plain(source: str) -> None:
    with pytest.raises(journal.NotPlain), transaction.atomic():
        post.post([candidate(source, member())])


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_posted() -> None:
    who = member()
    with pytest.raises(OutsideTransaction):
        post.post([candidate("e:1", who)])
    assert not Posting.objects.exists()


def test_nothing_asked_is_nothing_done() -> None:
    assert post.post([]) == []
    with pytest.raises(post.BatchTooLarge):
        post.post([candidate("e:1", 1)] * (post.CANDIDATES_MAX + 1))
