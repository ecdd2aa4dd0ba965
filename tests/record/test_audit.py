"""One changed byte anywhere in rows, words, keys or files is found, and its place is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from bankside.record import audit, clock, reading, seal, subjects
from bankside.record.append import Draft, append_many
from bankside.record.ids import new_id
from bankside.record.models import Entry, Subject
from tests.record.tally import WordSaid, say
from tests.record.tampered import let_rows_change

pytestmark = pytest.mark.django_db
NEW_YEAR_2027 = clock.from_iso("2027-01-01T00:00:00Z")


@pytest.fixture(autouse=True)
def log(settings: Any, tmp_path: Path) -> Path:
    """Two logs, published but for the last entries, and a database that lets itself be changed."""
    settings.LOG_FOLDER = tmp_path
    with clock.frozen(NEW_YEAR_2027 - 5000):
        say("카드", "分行", "pas")
    with clock.frozen(NEW_YEAR_2027):
        say("one", "둘")
        append_from("practice", "minji", "셋")
        seal.seal_all()
        say("four")
    let_rows_change()
    return tmp_path


def append_from(network: str, account: str, word: str) -> None:
    draft = Draft(
        fact=WordSaid(word=word), key=f"say:{new_id()}", actor="s:test", obj=new_id(),
        subj=subjects.subject_of(network, account), src_t=NEW_YEAR_2027 - 1, red=("PAN",), prev=new_id(),
    )  # fmt: skip
    with transaction.atomic():
        append_many([draft])


def problems() -> list[str]:
    subjects.forget()
    return [f"{p.place}: {p.what}" for p in audit.audit().problems]


def test_a_whole_record_holds_and_the_check_is_itself_recorded() -> None:
    report = audit.audit()
    assert (report.entries, report.problems) == (8, [])
    audit.tell(report, "s:verify")
    opened = reading.words_of("s:test", reading.entries(fact="record.verified")[0].n)
    assert opened is not None
    assert opened.said == {"entries": 8, "problems": 0}
    assert audit.audit().holds


def changed(table: str, column: str, where: str, value: object) -> list[str]:
    """What is found when one cell is another; the cell is put back."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f'update {table} set "{column}" = %s where {where}', [value])
            assert cursor.rowcount == 1
        found = problems()
        transaction.set_rollback(True)
    return found


def flips(value: object, every: int) -> Iterator[object]:
    """Values that differ from this one in a single bit of one byte."""
    match value:
        case int():
            yield value ^ 1
        case str():
            for at in range(0, len(value), every):
                yield value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
        case bytes():
            for at in range(0, len(value), every):
                yield value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]


# `key` makes twice once and is not part of what is promised: it is the one column that nobody can check.
# `n` ties a row to its words; the first row of a year has none.
COLUMNS = ("n", "lane", "year", "seq", "fact", "rid", "type", "t", "actor", "obj", "subj", "leaf", "hash")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_flipped_bit_in_any_column_of_a_row_is_found_with_its_row(column: str) -> None:
    swept = 0
    for row in Entry.objects.exclude(fact="record.shard" if column == "n" else "").order_by("n"):
        value = getattr(row, column)
        for flipped in flips(value, every=29 if column == "leaf" else 7):
            if column in ("n", "seq"):
                flipped = value + 1000  # the neighbour's number is taken
            if column == "year":
                flipped = value ^ 8
            found = changed("record_entry", column, f"n = {row.n}", flipped)
            place = f"log 0/{row.year} row {row.seq}"
            assert any(text.startswith(place) for text in found), f"{column} of {place}: {flipped!r}: {found}"
            swept += 1
    assert swept >= 7


@pytest.mark.parametrize("column", ["salt", "body"])
def test_a_flipped_bit_in_words_or_salt_is_found_with_its_row(column: str) -> None:
    for row in Entry.objects.filter(fact="tally.word-said"):
        with connection.cursor() as cursor:
            cursor.execute(f"select {column} from record_payload where n = {row.n}")
            value = cursor.fetchone()[0]
        for flipped in flips(bytes(value), every=5):
            found = changed("record_payload", column, f"n = {row.n}", flipped)
            assert [text.split(":")[0] for text in found] == [f"log 0/{row.year} row {row.seq}"]


def test_words_that_were_moved_or_taken_away_are_found() -> None:
    row = Entry.objects.get(year=2027, seq=2)
    assert changed("record_payload", "n", f"n = {row.n}", 999) == [
        "log 0/2027 row 2: its words are missing, and no erasure says why",
        "payload 999: belongs to no entry",
    ]


def test_a_flipped_bit_in_a_wrapped_key_is_found_with_all_that_it_opens() -> None:
    subj = subjects.subject_of("practice", "minji")
    value = bytes(Subject.objects.get(subj=subj).wrapped)
    for flipped in flips(value, every=9):
        found = changed("record_subject", "wrapped", f"subj = '{subj}'", flipped)
        assert [text.split(":")[0] for text in found] == ["log 0/2027 row 3"]
        assert "cannot be opened" in found[0]


def test_rows_that_were_deleted_swapped_or_added_are_found() -> None:
    with transaction.atomic():
        Entry.objects.filter(year=2026, seq=1).delete()
        assert any(text.startswith("log 0/2026 row 1: is missing") for text in problems())
        transaction.set_rollback(True)
    with transaction.atomic():
        Entry.objects.filter(year=2027, seq=4).update(seq=9)
        assert {text.split(":")[0] for text in problems()} == {"log 0/2027 row 4", "log 0/2027 row 9"}
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("update record_entry set seq = 99 where year = 2026 and seq = 0")
        cursor.execute("update record_entry set seq = 0 where year = 2026 and seq = 2")
        cursor.execute("update record_entry set seq = 2 where year = 2026 and seq = 99")
    found = {text.split(":")[0] for text in problems()}
    assert {"log 0/2026 row 0", "log 0/2026 row 2"} <= found


@pytest.mark.parametrize(
    ("table", "column", "value", "place"),
    [
        ("record_checkpoint", "size", 3, "head of log 0/2027"),
        ("record_checkpoint", "size", 99, "head of log 0/2027"),
        ("record_checkpoint", "root", "0" * 64, "head of log 0/2027"),
        ("record_checkpoint", "root", "nonsense", "head of log 0/2027"),
        ("record_checkpoint", "lane", 7, "head of log 7/2027"),
        ("record_head", "size", 4, "log 0/2027 row 4"),
        ("record_head", "size", 6, "log 0/2027 row 5"),
        ("record_head", "year", 2028, "log 0/2028 row 0"),
    ],
)
def test_a_changed_head_is_found(table: str, column: str, value: object, place: str) -> None:
    where = "year = 2027" if table == "record_checkpoint" else "lane = 0"
    assert place in {text.split(":")[0] for text in changed(table, column, where, value)}


def test_a_flipped_byte_in_any_file_is_found_and_the_file_named(log: Path) -> None:
    """The host in a head as well: the desk knows its own name."""
    for file in sorted(p for p in log.rglob("*") if p.is_file()):
        name, data = file.relative_to(log).as_posix(), file.read_bytes()
        for flipped in flips(data, every=5 if file.name == "checkpoint" else 61):
            file.write_bytes(flipped)  # type: ignore[arg-type]
            found = problems()
            named = "head of log" if file.name == "checkpoint" else name
            assert any(text.startswith(named) for text in found), (name, found)
        file.write_bytes(data)
    assert problems() == []


def test_a_history_that_was_written_anew_disagrees_with_what_was_published() -> None:
    """Rows, hashes and heads that agree among themselves, but not with the files."""
    row = Entry.objects.get(year=2026, seq=1)
    from bankside.record.log.leaf import leaf_hash

    leaf = bytes(row.leaf).replace(b'"actor":"s:test"', b'"actor":"s:tesu"')
    Entry.objects.filter(n=row.n).update(leaf=leaf, hash=leaf_hash(leaf), actor="s:tesu")
    assert "log 0/2026 row 1: is not the entry that was published in tile/entries/000.p/3" in problems()


def test_erased_words_are_no_problem_once_the_record_says_that_they_were_erased() -> None:
    row = Entry.objects.get(year=2027, seq=3)
    Subject.objects.filter(subj=row.subj).delete()
    assert problems() == []
