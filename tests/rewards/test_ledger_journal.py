"""The journal itself: numbered without a gap, told to the record, and never changed, whoever asks."""

from __future__ import annotations

import hashlib

import pytest
from django.db import DatabaseError, connection, transaction

from bankside.record import projection
from bankside.record.models import Entry
from bankside.rewards.ledger import buckets, journal, locks
from bankside.rewards.ledger.journal import Move
from bankside.rewards.models import Batch, Bucket, Posting
from tests.rewards.ledger_acts import candidate, let_the_journal_change, member, posted, sql

pytestmark = pytest.mark.django_db
CHANGES = (
    "update rewards_posting set points = points + 1",
    "update rewards_posting set member = member + 1",
    "delete from rewards_posting",
    "update rewards_batch set digest = ''",
    "delete from rewards_batch",
)
COLUMNS = "id, source, rule, kind, due, until, member, unit, dr, cr, points, at, programme, origin, why"


def a_move(source: str, who: int, points: int = 5, *, dr: str = "issued", cr: str = "available") -> Move:
    return Move(source, "", "offer", 690, 690, who, "pt", dr, cr, points, 1)


def test_rows_are_numbered_and_their_digest_is_in_the_record() -> None:
    posted([candidate(f"e:{n}", member(), seq=n) for n in range(3)])
    batch, rows = Batch.objects.get(), sql(f"select {COLUMNS} from rewards_posting order by id")
    assert [row[0] for row in rows] == [batch.pk * 65_536 + place for place in range(3)]
    lines = ["\t".join(str(value) for value in row) + "\n" for row in rows]
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    entry = Entry.objects.get(fact="rewards.batch-posted")
    said = projection.payload_of(entry.n)
    assert (said.digest, said.rows, said.points, said.batch) == (digest, 3, 27, entry.obj)
    assert (batch.digest, batch.rows, batch.obj) == (digest, 3, f"{batch.pk:032x}")
    assert said.marks == journal.marks_of(lines)


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_it(change: str) -> None:
    posted([candidate("e:1", member())])
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(change)


def test_a_row_is_not_replaced_either() -> None:
    posted([candidate("e:1", member())])
    [row] = sql(f"select {COLUMNS} from rewards_posting")
    for other in ((row[0], "e:other", *row[2:]), (row[0] + 9, *row[1:])):
        how = "insert" if connection.vendor == "postgresql" else "insert or replace"
        statement = f"{how} into rewards_posting ({COLUMNS}) values ({', '.join(['%s'] * len(row))})"
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(statement, other)
    assert sql(f"select {COLUMNS} from rewards_posting") == [row]


@pytest.mark.parametrize("points", [0, -5])
def test_points_move_forward(points: int) -> None:
    who = member()
    with pytest.raises(DatabaseError), transaction.atomic():
        locks.lock([who])
        journal.write([a_move("t:1", who, points)])


def test_a_bucket_gives_only_what_it_has() -> None:
    who = member()
    with transaction.atomic():
        locks.lock([who])
        journal.write([a_move("t:1", who)])
    for points in (6, 99):
        with pytest.raises(DatabaseError), transaction.atomic():
            journal.write([a_move("t:2", who, points, dr="available", cr="redeemed")])
    with pytest.raises(buckets.NotThere), transaction.atomic():
        journal.write([a_move("t:2", who + 1, 1, dr="available", cr="redeemed")])
    assert Bucket.objects.values_list("points", flat=True).get() == 5


def test_an_empty_bucket_is_no_row() -> None:
    who = member()
    with transaction.atomic():
        locks.lock([who])
        journal.write([a_move("t:1", who)])
        journal.write([a_move("t:2", who, 5, dr="available", cr="redeemed")])
    assert not Bucket.objects.exists()


def test_a_batch_that_the_record_knows_is_not_written_again() -> None:
    posted([candidate("e:1", member())])
    if connection.vendor == "postgresql":
        return  # a sequence never gives a number twice
    let_the_journal_change()
    sql("delete from rewards_posting")
    sql("delete from rewards_batch")
    with pytest.raises(journal.BatchKnown), transaction.atomic():
        journal.write([a_move("t:1", 1)])


def test_the_tables_are_as_quick_as_the_migration_made_them() -> None:
    """A later migration that makes them anew loses this, and the triggers with it."""
    if connection.vendor == "postgresql":
        assert sql("select count(*) from pg_trigger where tgname like 'rewards_posting_no%%'") == [(2,)]
        return
    made = dict(sql("select name, sql from sqlite_master where type = 'table' and name like 'rewards_%%'"))
    assert "without rowid" in made["rewards_bucket"]
    assert "id integer not null primary key" in made["rewards_posting"]
    assert "AUTOINCREMENT" not in made["rewards_earned"]
    triggers = {name for (name,) in sql("select name from sqlite_master where type = 'trigger'")}
    assert {
        f"rewards_{t}_no_{e}" for t in ("posting", "batch") for e in ("update", "delete", "replace")
    } <= triggers


def test_too_many_rows_are_no_batch() -> None:
    with pytest.raises(journal.TooManyRows):
        journal.write([a_move("t:1", 1)] * 65_536)
    assert not Posting.objects.exists()
