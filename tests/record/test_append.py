from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bankside.record import clock, prepared, shards, subjects
from bankside.record.append import FEW, Draft, OutsideTransaction, append, append_many, entries_where
from bankside.record.fact import UnknownFact
from bankside.record.ids import new_id
from bankside.record.log.leaf import leaf_hash, parse
from bankside.record.log.merkle import root_of
from bankside.record.models import Entry, Head, Payload
from bankside.record.projection import payload_of
from tests.record.tally import WordSaid, say

NEW_YEAR_2027 = clock.from_iso("2027-01-01T00:00:00Z")


@pytest.mark.django_db(transaction=True)
def test_a_fact_is_appended_only_inside_a_transaction() -> None:
    with pytest.raises(OutsideTransaction):
        append(WordSaid(word="한울"), "k", actor="s:test", obj=new_id())


@pytest.mark.django_db
def test_sequence_is_gapless_and_words_are_encrypted() -> None:
    entries = say("카드를 잃어버렸어요", "我的卡丢了", "Ik ben mijn pas kwijt", "I lost my card")
    assert [e.seq for e in entries] == [0, 1, 2, 3]
    assert Head.objects.get(lane=0).size == 4
    assert payload_of(entries[1].n).word == "我的卡丢了"
    bodies = b"".join(bytes(p.body) for p in Payload.objects.all())
    assert "卡丢了".encode() not in bodies
    row = Entry.objects.get(n=entries[0].n)
    assert bytes(row.hash) == leaf_hash(bytes(row.leaf))


@pytest.mark.django_db
def test_twice_is_once() -> None:
    fact = WordSaid(word="hello")
    with transaction.atomic():
        first = append(fact, "practice:c:1:", actor="s:test", obj=new_id())
        second = append(fact, "practice:c:1:", actor="s:test", obj=new_id())
    assert (first.new, second.new) == (True, False)
    assert (first.n, first.seq) == (second.n, second.seq)
    assert Entry.objects.count() == Head.objects.get(lane=0).size == 1


@pytest.mark.django_db
def test_several_lanes_at_once_are_numbered_as_given_and_each_is_gapless() -> None:
    Head.objects.bulk_create((Head(lane=n) for n in range(3)), ignore_conflicts=True)
    drafts = [
        Draft(fact=WordSaid(word=str(n)), key=f"k:{n}", actor="s:test", obj=new_id(), lane=(n + 1) % 3)
        for n in range(9)
    ]
    with transaction.atomic():
        append_many(drafts[:4])
        entries = append_many([*drafts, drafts[8]])
    assert [e.new for e in entries] == [False] * 4 + [True] * 6
    assert sorted(e.n for e in entries[:9]) == [e.n for e in entries[:9]]
    assert entries[8] == entries[9]
    for lane in range(3):
        assert [e.seq for e in entries[:9] if e.lane == lane] == [0, 1, 2]
        assert Head.objects.get(lane=lane).size == 3
    assert [payload_of(e.n).word for e in entries[:9]] == [str(n) for n in range(9)]


@pytest.mark.django_db
@pytest.mark.parametrize("how_many", [1, 3, FEW, FEW + 1])
def test_a_few_are_recorded_as_many_are(how_many: int) -> None:
    """On PostgreSQL the database numbers and hashes a few; nobody can tell from what is recorded."""
    say("before")
    obj, src = new_id(), clock.from_iso("2026-11-24T00:00:00.001Z")
    drafts = [
        Draft(
            fact=WordSaid(word=f"word {n}"), key=f"k:{n}", actor="s:test", obj=obj, src_t=src,
            att=("ab" * 32,) * (n % 2), red=("PAN",), subj=subjects.subject_of("x", f"{n}"),
        )
        for n in range(how_many)
    ]  # fmt: skip
    with transaction.atomic():
        entries = append_many(drafts)
    assert [e.seq for e in entries] == list(range(1, how_many + 1)) and all(e.new for e in entries)
    assert entries_where("obj = %s order by n", [obj]) == [
        msgspec.structs.replace(entry, new=False) for entry in entries
    ]
    for entry, row in zip(entries, Entry.objects.filter(obj=obj).order_by("n"), strict=True):
        assert parse(entry.leaf)["seq"] == entry.seq and bytes(row.hash) == leaf_hash(entry.leaf)
        assert (entry.src_t, entry.red, row.t) == (src, ("PAN",), clock.from_iso(entry.said["t"]))
        assert payload_of(entry.n).word == f"word {entry.key[2:]}"
    assert Head.objects.get(lane=0).size == how_many + 1


@pytest.mark.django_db
def test_one_that_is_known_among_a_few() -> None:
    obj = new_id()
    drafts = [Draft(fact=WordSaid(word=str(n)), key=f"k:{n}", actor="s:test", obj=obj) for n in range(FEW)]
    with transaction.atomic():
        [known] = append_many(drafts[1:2])
        entries = append_many(drafts)
        again = append_many([drafts[0], drafts[0]])
    assert [e.new for e in entries] == [n != 1 for n in range(FEW)]
    assert entries[1] == msgspec.structs.replace(known, new=False)
    assert [e.n for e in again] == [entries[0].n] * 2
    assert (
        sorted(e.seq for e in entries)
        == list(range(FEW))
        == sorted(Entry.objects.values_list("seq", flat=True))
    )


@pytest.mark.django_db(transaction=True)
def test_the_same_few_by_many_at_once_are_there_once() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time")
    obj = new_id()

    def act(n: int) -> list[tuple[str, int]]:
        drafts = [
            Draft(fact=WordSaid(word="w"), key=f"k:{n // 4}:{m}", actor="s:test", obj=obj) for m in range(2)
        ]
        try:
            with transaction.atomic():
                return [(e.key, e.n) for e in append_many(drafts)]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        told = {pair for pairs in pool.map(act, range(48)) for pair in pairs}
    rows = list(Entry.objects.filter(obj=obj).order_by("seq").values_list("key", "n", "seq"))
    assert told == {(key, n) for key, n, _ in rows} and len(told) == 24
    assert [seq for _, _, seq in rows] == list(range(24))
    assert [n for _, n, _ in rows] == sorted(n for _, n, _ in rows), "arrival follows the lane"


@pytest.mark.django_db
def test_a_few_take_one_statement_on_postgresql() -> None:
    say("so that keys are at hand")
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is not asked over a wire")
    drafts = [Draft(fact=WordSaid(word="w"), key=f"k:{n}", actor="s:test", obj=new_id()) for n in range(FEW)]
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        append_many(drafts)
    assert len(asked) == 1


@pytest.mark.django_db
def test_what_is_not_a_fact_is_refused() -> None:
    with transaction.atomic(), pytest.raises(UnknownFact):
        append({"text": "hello"}, "k", actor="s:test", obj=new_id())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement", ["update record_entry set actor = 's:other'", "delete from record_entry"]
)
def test_the_database_refuses_to_change_history(statement: str) -> None:
    say("hello")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["record_entry", "record_payload"])
def test_no_row_is_replaced_by_another_in_its_place(table: str) -> None:
    """On SQLite `insert or replace` asks no delete trigger; elsewhere the statement does not exist."""
    say("hello")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(f"insert or replace into {table} select * from {table}")


@pytest.mark.django_db
def test_a_rolled_back_change_leaves_no_gap() -> None:
    say("one")
    with pytest.raises(RuntimeError), transaction.atomic():
        append(WordSaid(word="lost"), "k", actor="s:test", obj=new_id())
        raise RuntimeError("the business change failed")
    assert say("two")[0].seq == 1


@pytest.mark.django_db
def test_a_new_year_opens_a_new_log_that_names_the_old_head() -> None:
    with clock.frozen(NEW_YEAR_2027 - 1):
        say("last", "words")
    with clock.frozen(NEW_YEAR_2027):
        entry = say("first")[0]
    shard = Entry.objects.get(year=2027, seq=0)
    assert (entry.year, entry.seq) == (2027, 1)
    assert shard.type == "shard"
    assert b'"size":2' in bytes(shard.leaf)


@pytest.mark.django_db
def test_a_new_year_may_begin_while_answers_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Postings are sent so, and the first entry of a year may be theirs; the root is that of all entries."""
    monkeypatch.setattr(shards, "HASHES_AT_ONCE", 2)
    with clock.frozen(NEW_YEAR_2027 - 1):
        before = say("one", "two", "three", "four", "five")
    with clock.frozen(NEW_YEAR_2027), transaction.atomic(), prepared.unanswered():
        append(WordSaid(word="first"), "k", actor="s:test", obj=new_id())
    hashes = Entry.objects.filter(n__in=[one.n for one in before]).order_by("seq")
    root = root_of(bytes(one.hash) for one in hashes)
    assert root.hex().encode() in bytes(Entry.objects.get(year=2027, seq=0).leaf)


@pytest.mark.django_db
def test_a_clock_that_runs_backwards_stays_in_the_newer_log() -> None:
    with clock.frozen(NEW_YEAR_2027):
        say("first")
    with clock.frozen(NEW_YEAR_2027 - 60_000):
        assert say("late")[0].year == 2027


@pytest.mark.django_db
def test_an_account_has_one_subject_and_networks_are_never_merged() -> None:
    assert subjects.subject_of("x", "42") == subjects.subject_of("x", "42")
    assert subjects.subject_of("x", "42") != subjects.subject_of("y", "42")
    assert subjects.subject_of("x", "42") != subjects.desk()
