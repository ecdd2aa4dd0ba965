"""The tamper sweep (fault 6, T1): each byte of a published log is changed, and its place is always named.

Small here, in full with --long. What is changed in rows, words and keys is swept in `test_audit`; a sample of
one in a hundred of a larger record is swept here.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from bankside.record import audit, reading, seal, subjects
from bankside.record.append import Draft, append_many
from bankside.record.ids import new_id
from bankside.record.log.verify import verify_folder
from bankside.record.models import Entry
from bankside.record.payload import Unreadable
from tests import faults
from tests.record.log.test_proving import TRUST, publish
from tests.record.log.test_verify import leaf
from tests.record.tally import WordSaid
from tests.record.tampered import let_rows_change

SAMPLE_PER_CENT = 1
READ = 12


@pytest.mark.parametrize("size", [7, pytest.param(300, marks=pytest.mark.long)])
@pytest.mark.timeout(3600)
def test_each_byte_of_a_log_that_is_changed_is_found_and_its_place_named(tmp_path: Path, size: int) -> None:
    """A log of 7 in every check; of 300, with a full and a second-level tile, with --long."""
    publish(tmp_path, [leaf(seq) for seq in range(size)])
    chance, swept = random.Random(6), 0
    for file in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        name, data = file.relative_to(tmp_path).as_posix(), file.read_bytes()
        for at, byte in enumerate(data):
            file.write_bytes(data[:at] + bytes([byte ^ chance.randrange(1, 256)]) + data[at + 1 :])
            found = [problem.place for problem in verify_folder(tmp_path, TRUST).problems]
            assert found, f"byte {at} of {name} was changed, and nobody noticed"
            assert {place.split(" ")[0] for place in found} == {name}, (at, found)
            if "entries" not in name and name != "checkpoint":
                number = int(name.split("/")[2].partition(".")[0]) * 256 + at // 32
                assert found == [f"{name} hash {number}"]
            swept += 1
            faults.tell(6, injected=1)
        file.write_bytes(data)
    assert verify_folder(tmp_path, TRUST).holds
    assert swept == sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) > 250 * size


@pytest.mark.parametrize("size", [7, pytest.param(300, marks=pytest.mark.long)])
def test_a_file_that_is_cut_off_grown_or_gone_is_named(tmp_path: Path, size: int) -> None:
    publish(tmp_path, [leaf(seq) for seq in range(size)])
    for file in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        name, data = file.relative_to(tmp_path).as_posix(), file.read_bytes()
        for changed in (data[:-1], data[1:], data + b"\0", data + data, b"", None):
            file.unlink()
            if changed is not None:
                file.write_bytes(changed)
            found = [problem.place for problem in verify_folder(tmp_path, TRUST).problems]
            assert {place.split(" ")[0] for place in found} == {name}, found
            file.write_bytes(data)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [300, pytest.param(5000, marks=pytest.mark.long)])
@pytest.mark.timeout(3600)
def test_one_in_a_hundred_rows_words_and_keys_that_is_changed_is_found(
    settings: Any, tmp_path: Path, size: int
) -> None:
    settings.LOG_FOLDER = tmp_path
    people(size)
    seal.seal_all()
    let_rows_change()
    swept = 0
    for table, column, key in CELLS:
        for chosen in sample(table, key, size):
            with transaction.atomic():
                place = change(table, column, key, chosen)
                subjects.forget()
                found = [problem.place for problem in audit.audit().problems]
                assert place in found, (table, column, chosen, found)
                transaction.set_rollback(True)
            swept += 1
            faults.tell(7, injected=1)
    subjects.forget()
    assert audit.audit().holds
    assert swept >= len(CELLS) * size * SAMPLE_PER_CENT // 100


@pytest.mark.django_db
@pytest.mark.parametrize("table, column, key", [
    ("record_payload", "body", "n"), ("record_payload", "salt", "n"), ("record_subject", "wrapped", "subj"),
    ("record_entry", "leaf", "n"),
])  # fmt: skip
def test_words_that_were_changed_are_not_read_and_the_others_are(
    settings: Any, tmp_path: Path, table: str, column: str, key: str
) -> None:
    """Fault 7: reading fails closed, for those of the changed cell alone."""
    settings.LOG_FOLDER = tmp_path
    people(READ)
    entries = list(Entry.objects.filter(fact="tally.word-said").order_by("n").values("n", "subj", "leaf"))
    let_rows_change()
    read_on = 0
    for entry in entries:
        with transaction.atomic():
            change(table, column, key, entry[key])
            subjects.forget()
            found = {one["n"]: is_read(one["n"]) for one in entries}
            read_on += found.pop(entry["n"])
            assert all(found.values()), (entry, found)
            transaction.set_rollback(True)
    subjects.forget()
    faults.tell(7, injected=len(entries), inconsistent=read_on)
    assert read_on == 0, f"{table}.{column} was changed, and somebody read on"
    assert all(is_read(entry["n"]) for entry in entries)


def is_read(n: int) -> bool:
    try:
        return reading.words_of("u:" + "ab" * 16, n) is not None
    except Unreadable:
        return False


CELLS = [
    ("record_entry", "leaf", "n"), ("record_entry", "hash", "n"), ("record_payload", "body", "n"),
    ("record_payload", "salt", "n"), ("record_subject", "wrapped", "subj"),
]  # fmt: skip


def people(size: int) -> None:
    """Words of as many people, each with a key of his own."""
    with transaction.atomic():
        drafts = [
            Draft(
                fact=WordSaid(word=f"말 {number}"), key=f"sweep:{number}", actor="s:test", obj=new_id(),
                subj=subjects.subject_of("practice", f"person{number}"),
            )
            for number in range(size)
        ]  # fmt: skip
        append_many(drafts)


def sample(table: str, key: str, size: int) -> list[Any]:
    """One in a hundred of those that belong to the words of people."""
    of_people = (
        "select p.n from record_payload p join record_entry e on e.n = p.n where e.fact = 'tally.word-said'"
    )
    sql = {"n": of_people, "subj": "select distinct subj from record_entry where fact = 'tally.word-said'"}[
        key
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} order by 1")
        found = [row[0] for row in cursor.fetchall()]
    return random.Random(table).sample(found, max(1, size * SAMPLE_PER_CENT // 100))


def change(table: str, column: str, key: str, chosen: Any) -> str:
    """Changes one byte of a cell; the place that is to be named."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {column} from {table} where {key} = %s", [chosen])
        value = bytes(cursor.fetchone()[0])
        at = random.Random(str(chosen)).randrange(len(value))
        changed = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
        cursor.execute(f"update {table} set {column} = %s where {key} = %s", [changed, chosen])
        cursor.execute(f"select lane, year, seq from record_entry where {key} = %s", [chosen])
        return "log {}/{} row {}".format(*cursor.fetchone())
