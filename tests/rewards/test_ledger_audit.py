"""Whatever is changed in the journal is found, and its row is named."""

from __future__ import annotations

import pytest

from bankside.record import audit as record_audit
from bankside.record.log.verify import Report
from bankside.rewards.ledger import audit
from bankside.rewards.models import Posting
from tests.rewards.ledger_acts import candidate, let_the_journal_change, member, posted, sql

pytestmark = pytest.mark.django_db
COLUMNS = ("source", "rule", "kind", "unit", "dr", "cr", "origin", "why")
NUMBERS = ("due", "until", "member", "points", "at", "programme")


def found() -> dict[str, str]:
    report = Report()
    audit.check(report)
    return dict(report.problems)


@pytest.fixture
def rows() -> list[int]:
    """Numbers of the rows of two batches, in a journal that can be changed."""
    who = member()
    posted([candidate(f"e:{n}", who, 1, seq=n, at=20_800 * 86_400_000 + n * 9) for n in range(3)])
    posted([candidate(f"f:{n}", member(), 5, seq=n) for n in range(4)])
    assert found() == {}
    let_the_journal_change()
    return list(Posting.objects.order_by("id").values_list("id", flat=True))


@pytest.mark.parametrize("column", [*COLUMNS, *NUMBERS])
def test_any_changed_column_is_found_and_its_row_named(rows: list[int], column: str) -> None:
    value = "'x'" if column in COLUMNS else f"{column} + 1"
    sql(f"update rewards_posting set {column} = {value} where id = %s", [rows[4]])
    [place] = [place for place in found() if place.startswith("posting")]
    assert place.startswith(f"posting {rows[4]} ") and found()[place] == "is not what was recorded"


def test_a_row_that_is_gone_is_named(rows: list[int]) -> None:
    sql("delete from rewards_posting where id = %s", [rows[1]])
    assert found()[f"posting {rows[1]}"] == "is missing"


def test_rows_that_were_exchanged_are_named(rows: list[int]) -> None:
    sql("update rewards_posting set id = 1 where id = %s", [rows[3]])
    sql("update rewards_posting set id = %s where id = %s", [rows[3], rows[5]])
    sql("update rewards_posting set id = %s where id = 1", [rows[5]])
    changed = {place for place, what in found().items() if what == "is not what was recorded"}
    assert changed == {f"posting {rows[3]} (earn f:2 reply)", f"posting {rows[5]} (earn f:0 reply)"}


@pytest.mark.parametrize("number", [9, 65_536 * 7 + 1])
def test_a_row_that_was_added_is_named(rows: list[int], number: int) -> None:
    """Behind the others of a batch, or in a batch of its own."""
    added = (rows[0] // 65_536 * 65_536 if number == 9 else 0) + number
    more = (
        "insert into rewards_posting select %s, 'g:1', rule, kind, due, until, member, unit, dr, cr, points,"
    )
    columns = "id, source, rule, kind, due, until, member, unit, dr, cr, points, at, programme, origin"
    more = more.replace("rewards_posting select", f"rewards_posting ({columns}) select")
    sql(f"{more} at, programme, origin from rewards_posting where id = %s", [added, rows[0]])
    assert found()[f"posting {added} (earn g:1 reply)"] == "is in no batch of the record"


def test_batches_that_do_not_agree_with_the_record_are_named(rows: list[int]) -> None:
    first, second = rows[0] // 65_536, rows[-1] // 65_536
    sql("update rewards_batch set digest = 'x' where id = %s", [first])
    sql("delete from rewards_batch where id = %s", [second])
    sql("insert into rewards_batch (id, obj, at, rows, digest) values (%s, 'y', 1, 1, '')", [second + 5])
    sql("insert into rewards_batch (id, obj, at, rows, digest) values (%s, 'z', 1, 1, '')", [second + 6])
    assert found() == {
        f"batch {first} of the journal in its table": "is not what the record says",
        f"batch {second} of the journal in its table": "is missing",
        f"batch {second + 5} of the journal in its table": "is not in the record",
        f"batch {second + 6} of the journal in its table": "is not in the record",
    }


def test_a_whole_batch_that_is_gone_is_named_row_by_row(rows: list[int]) -> None:
    sql("delete from rewards_posting where id / 65536 = %s", [rows[0] // 65_536])
    missing = {place for place, what in found().items() if what == "is missing"}
    assert missing == {f"posting {number}" for number in rows[:3]}


@pytest.mark.parametrize(
    "change", ["points = points + 1", "due = due + 1", "state = 'available'", "unit = 'KRW'"]
)
def test_a_bucket_that_is_not_what_the_journal_gives_is_named(rows: list[int], change: str) -> None:
    [who] = sql("select min(member) from rewards_bucket")[0]
    sql(f"update rewards_bucket set {change} where member = %s", [who])
    assert any(place.startswith("bucket ") and f"member {who} in" in place for place in found())


def test_a_bucket_that_is_gone_and_one_too_many_are_named(rows: list[int]) -> None:
    [who] = sql("select min(member) from rewards_bucket")[0]
    sql("delete from rewards_bucket where member = %s", [who])
    sql(
        "insert into rewards_bucket (member, unit, state, due, points)"
        " values (77777, 'pt', 'available', 1, 5)"
    )
    assert found() == {
        f"bucket pending 20804 of member {who} in pt": "has 0, and the journal gives 3",
        "bucket available 1 of member 77777 in pt": "has 5, and the journal gives 0",
    }


def test_verify_looks_at_the_journal_too(rows: list[int]) -> None:
    sql("update rewards_posting set points = 99 where id = %s", [rows[2]])
    assert f"posting {rows[2]} (earn e:2 reply)" in dict(record_audit.audit().problems)
