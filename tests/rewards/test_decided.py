"""Decisions read again: from postings that say why, and from rows of before there was one."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import connection, transaction

from bankside.record.log.verify import Report
from bankside.rewards import decided
from bankside.rewards.ledger import audit, journal, locks, post, why
from bankside.rewards.ledger.candidate import Candidate
from bankside.rewards.models import Batch, Earned, Posting, Unchecked
from tests.rewards.decisions import decision, decisions
from tests.rewards.ledger_acts import (
    DAY_MS,
    EVENT,
    START,
    candidate,
    let_the_journal_change,
    member,
    posted,
    sql,
)

pytestmark = pytest.mark.django_db
ITEM = hashlib.sha256(b"an item").hexdigest()[:32]


def act(source: str, who: int, points: int = 9, **how: Any) -> Candidate:
    given = {"kind": "reply", "network": "example-a", "inputs": why.seen({"depth": 2}), "remote": ITEM}
    return candidate(source, who, points, **{**given, **how})


def as_before(source: str, who: int, **how: Any) -> None:
    """An award as it was kept before postings said why."""
    row = {
        "rule": "reply", "programme": 1, "kind": "reply", "network": "example-a", "at": START, "due": 20_804,
        "points": 9, "asked": 9, "outcome": "awarded", "inputs": '{"depth":2}', "remote": ITEM,
    } | how  # fmt: skip
    Earned.objects.create(source=source, member=who, **row)
    move = journal.Move(
        source,
        "reply",
        "earn",
        row["due"],
        690,
        who,
        "pt",
        "issued",
        "pending",
        9,
        row["at"],
        1,
        "participation",
    )
    with transaction.atomic():
        locks.lock([who])
        journal.write([move])


def test_an_award_is_one_row_and_says_why() -> None:
    who = member()
    posted([act("e:7", who, entry=7), act("e:8", who, 15, entry=8, seq=1)])
    assert not Earned.objects.exists()
    first, cut = decisions()
    assert (first.kind, first.network, first.inputs, first.entry) == ("reply", "example-a", '{"depth":2}', 7)
    assert (first.asked, first.points, first.reason, first.at, first.due) == (9, 9, "", START, 20_804)
    assert (cut.asked, cut.points, cut.reason, cut.remote) == (15, 11, "cap-points", ITEM)
    told = Posting.objects.get(source="e:7").why
    assert told == f'{{"item":"{ITEM}","kind":"reply","network":"example-a","saw":{{"depth":2}}}}'


def test_what_was_held_keeps_its_own_moment() -> None:
    who = member()
    posted([act("r:x", who, held="disclosure", entry=5)])
    again = act("r:x", who, at=START + DAY_MS, acted=START, entry=5)
    posted([again])
    found = decision()
    assert (found.at, found.entry, found.outcome, found.pk) == (START, 5, "awarded", 0)


def test_awards_from_before_are_read_and_known_and_their_batches_hold() -> None:
    who = member()
    as_before("e:1", who)
    posted([act("e:2", who, seq=1)])
    [outcome] = posted([act("e:1", who)])
    assert (outcome.outcome, outcome.points) == ("known", 9)
    old, new = decisions()
    assert old[1:6] == new[1:6] and old.inputs == new.inputs and (old.number, new.pk) == (0, 0)
    report = Report()
    audit.check(report)
    assert report.holds, report.problems
    fields = [
        str(value) for value in sql(f"select {', '.join(journal.FIELDS)} from rewards_posting order by id")[0]
    ]
    line = "\t".join(fields) + "\n"
    assert Batch.objects.order_by("id")[0].digest == hashlib.sha256(line.encode()).hexdigest()


def test_what_a_posting_says_is_covered_by_the_digest() -> None:
    posted([act("e:1", member())])
    let_the_journal_change()
    for changed in ("replace(why, 'reply', 'share')", "''"):
        with transaction.atomic():
            sql(f"update rewards_posting set why = {changed}")
            report = Report()
            audit.check(report)
            assert any("posting" in place for place, _ in report.problems)
            transaction.set_rollback(True)


def test_an_item_is_found_by_its_index() -> None:
    who = member()
    as_before("e:1", who)
    posted([act("e:2", who), act("e:3", who, seq=1, remote="f" * 32), act("e:4", who, seq=2, remote="")])
    near = ITEM[:16] + "0" * 16
    posted([act("e:5", who, 1, seq=3, remote=near, at=START + DAY_MS)])
    assert {one.source for one in decided.of_item(ITEM)} == {"e:1", "e:2"}
    assert [one.source for one in decided.of_item(near)] == ["e:5"]
    begin, is_item = decided._INDEXED, decided._IS_ITEM
    plan = "explain query plan" if connection.vendor == "sqlite" else "explain"
    with transaction.atomic():
        if connection.vendor == "postgresql":
            sql("set local enable_seqscan = off")
        told = sql(f"{plan} select id from rewards_posting where {begin} in ('x') and {is_item}")
    assert "posting_of_item" in str(told)


def test_the_newest_are_the_newest_however_long_ago() -> None:
    who = member()
    days = [0, 3, 90, 91, 400]
    for n, day in enumerate(days):
        posted([act(f"e:{n}", who, at=START + day * DAY_MS, seq=n, terms=EVENT, entry=n)])
    end = START + 401 * DAY_MS
    newest = [one.source for one in decided.newest(who, before=end, limit=3)]
    assert newest == ["e:4", "e:3", "e:2"]
    before = decided.newest(who, before=START + 91 * DAY_MS, limit=9)
    assert [one.source for one in before] == ["e:2", "e:1", "e:0"]


def test_awards_within_a_window_and_acts_since() -> None:
    who = member()
    for n in range(4):
        posted([act(f"e:{n}", who, 1 + n, at=START + n * DAY_MS, seq=n)])
    within = list(decided.awarded(who, "reply", after=START, before=START + 3 * DAY_MS))
    assert sorted(within) == [(START + DAY_MS, 2), (START + 2 * DAY_MS, 3)]
    assert decided.acted([who], START + DAY_MS) == [(who, START + n * DAY_MS) for n in (2, 3)]
    assert decided.kinds_done([who], ["reply", "share"]) == {(who, "reply")}


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
def test_everything_is_looked_at_once_in_any_portions(limit: int) -> None:
    as_before("e:1", member(), checked=False)
    for start in (2, 5, 6):
        posted([act(f"e:{n}", member(), seq=n) for n in range(start, start + 3)])
    seen = []
    for _ in range(40):
        with transaction.atomic():
            found = decided.unseen(limit)
            assert len(found.found) <= limit
            decided.check_off(found)
        if not found.found:
            break
        seen += [one.source for one in found.found]
    assert seen == [f"e:{n}" for n in range(1, 9)]
    assert not Unchecked.objects.exists() and not Earned.objects.filter(checked=False).exists()


def test_what_json_would_escape_is_written_otherwise() -> None:
    assert why.seen({"word": 'a "b" \\ \t'}) == '{"word":"a \'b\' /  "}'
    who = member()
    with transaction.atomic():
        post.post([act("e:1", who, inputs=why.seen({"word": '광고 "\n"'}))])
    assert decision().inputs == '{"word":"광고 \' \'"}'
