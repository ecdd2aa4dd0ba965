"""Leaving recovery mode, with a signer in a process of its own (faults 10 and 13, T2; record sheet 2.12)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bankside.record import (
    audit,
    clock,
    gauges,
    log_keys,
    projection,
    published,
    reading,
    recovering,
    recovery,
    rotation,
    seal,
    shards,
)
from bankside.record.append import entry_of
from bankside.record.log.merkle import root_of
from bankside.record.log.proofs import Untrusted, check_head, head_of
from bankside.record.log.verify import verify_folder
from bankside.record.models import Checkpoint, Entry, Head, Payload, Standstill
from bankside.record.recovering import EntriesLost, NotStanding, SignerBehind
from tests.record.examiner.test_checking import NODE, asked, b64
from tests.record.signers import running
from tests.record.tally import make_table, say
from tests.record.tampered import change_leaf, let_rows_change

BEGIN = clock.from_iso("2026-11-29T00:00:00Z")
NEXT_YEAR = clock.from_iso("2027-02-01T00:00:00Z")
BY, SECOND = f"u:{'a' * 32}", f"u:{'b' * 32}"


@pytest.fixture
def desk(settings: Any, tmp_path: Path, db: None) -> Iterator[Path]:
    """A desk whose signer is another process; the signer's folder."""
    settings.LOG_FOLDER = tmp_path / "log"
    settings.LOG_KEY_FILE = tmp_path / "no-key"
    settings.SIGNER = f"unix:{tmp_path}/signer.socket"
    seal._said.clear()
    log_keys.forget()
    let_rows_change()
    with (
        clock.frozen(BEGIN),
        running(tmp_path / "s", settings.SIGNER, settings.LOG_ORIGIN_HOST),
    ):
        yield tmp_path / "s"
    log_keys.forget()


class Backup:
    """What the database knew of lane 0, and the files, when this was made; `restore` puts them back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries, self.payloads = list(Entry.objects.all()), list(Payload.objects.all())
        self.heads, self.checkpoints = list(Head.objects.all()), list(Checkpoint.objects.all())
        self.files = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    def restore(self) -> None:
        with connection.cursor() as cursor:
            for table in ("record_entry", "record_payload", "record_checkpoint"):
                cursor.execute(f"delete from {table}")
        Entry.objects.bulk_create(self.entries)
        Payload.objects.bulk_create(self.payloads)
        Checkpoint.objects.bulk_create(self.checkpoints)
        for head in self.heads:
            head.save()
        shutil.rmtree(self.folder)
        for path, data in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def leave(*, without: bool = False) -> tuple[str, ...]:
    left = recovering.leave(by=BY, second=SECOND, reason="looked", without=without)
    return left.opened


def told() -> Any:
    entry = Entry.objects.filter(fact="record.desk-recovered").latest("n")
    opened = reading.words_of("s:test", entry.n)
    assert opened is not None
    return entry, opened.said


def assert_whole(folder: Path) -> None:
    """Rows, files and every head agree, for the desk itself and for whoever has the files and the keys.

    The examiner's page names the same losses; without Node it is not asked.
    """
    report = audit.audit()
    assert report.problems == []
    found = verify_folder(folder, published.log_trust())
    assert found.problems == []
    if NODE:
        keys = b64(published.text_of(published.log_trust()))
        [shown] = asked([{"kind": "folder", "folder": str(folder), "trust": keys}])
        assert (shown["problems"], len(shown["lost"])) == ([], len(found.lost))


def lose(desk: Path, settings: Any) -> str:
    """Signs five entries, goes back to two, and adds three others; the head that is lost."""
    say("a", "b")
    seal.seal_all()
    backup = Backup(settings.LOG_FOLDER)
    say("c", "d", "e")
    seal.seal_all()
    lost = Checkpoint.objects.get(size=5).note
    backup.restore()
    say("x", "y", "z", "z")
    assert seal.seal_all() == 0
    return lost


def test_lost_entries_are_left_behind_and_another_log_names_what_was_signed(
    desk: Path, settings: Any
) -> None:
    lost = lose(desk, settings)
    mode = recovery.mode()
    assert mode is not None and mode.kind == recovery.RECOVERY
    [found] = recovering.look()
    assert (found.state, found.here, found.published, found.signed_size) == ("lost", 6, 2, 5)
    with pytest.raises(EntriesLost, match=r"5 entries of .*/log/0/2026 were signed, and this desk has 6"):
        leave()
    assert recovery.mode() is not None and not Entry.objects.filter(seq=0, year=20261).exists()
    [opened] = leave(without=True)
    assert (opened.endswith("/log/0/2026-1"), recovery.mode(), gauges.refusals()) == (True, None, [])

    shard = Entry.objects.get(year=20261, seq=0)
    tie = entry_of(shard).said
    signed = head_of(lost.encode())
    assert (tie["type"], tie["log"], tie["size"], tie["root"]) == (
        "shard", signed.origin, 5, signed.root.hex(),
    )  # fmt: skip
    entry, said = told()
    assert (entry.actor, said["second"], said["reason"]) == (BY, SECOND, "looked")
    assert (said["left"], said["opened"]) == ([lost], [opened])
    hashes = [bytes(row.hash) for row in Entry.objects.filter(year=2026, seq__gte=2).order_by("seq")]
    assert said["unsigned"] == [f"{signed.origin} 2 4 {root_of(hashes).hex()}"]

    old = (settings.LOG_FOLDER / "0" / "2026" / "checkpoint").read_bytes()
    assert check_head(old, published.log_trust()).head.size == 2, "its head stays as it was published"
    new = (settings.LOG_FOLDER / "0" / "2026-1" / "checkpoint").read_bytes()
    assert check_head(new, published.log_trust()).head == (
        opened,
        2,
        check_head(new, published.log_trust()).head.root,
    )
    assert_whole(settings.LOG_FOLDER)
    [known] = audit.audit().lost
    assert "of the 5 entries that were signed" in known.what and "2 are here" in known.what
    say("goes", "on")
    assert (seal.seal_all(asks=True), seal.seal_all(asks=True), recovery.mode()) == (1, 0, None)
    assert_whole(settings.LOG_FOLDER)


def test_followers_go_on_from_the_log_that_was_left(desk: Path, settings: Any) -> None:
    lose(desk, settings)
    make_table()
    leave(without=True)
    say("after")
    while projection.run_once():
        pass
    from tests.record.tally import rows

    assert {word for _, word, _ in rows()} >= {"a", "b", "x", "y", "z", "after"}


def test_what_was_never_signed_cannot_be_changed_unnoticed(desk: Path, settings: Any) -> None:
    lose(desk, settings)
    leave(without=True)
    row = Entry.objects.get(year=2026, seq=4)
    Entry.objects.filter(n=row.n).delete()
    Payload.objects.filter(n=row.n).delete()
    assert any("never signed" in problem.what for problem in audit.audit().problems)


def test_a_tie_that_names_less_than_was_published_is_found(desk: Path, settings: Any) -> None:
    lose(desk, settings)
    leave(without=True)
    Checkpoint.objects.filter(year=2026).update(size=6)
    assert any("does not go on" in problem.what for problem in audit.audit().problems)


def test_the_next_year_opens_after_a_log_that_was_opened_again(desk: Path, settings: Any) -> None:
    lose(desk, settings)
    leave(without=True)
    with clock.frozen(NEXT_YEAR):
        [entry] = say("in the next year")
        assert (entry.year, entry.seq, shards.origin_of(0, entry.year)[-7:]) == (20270, 1, "/2027-0")
        [again] = say("and again")
        assert (again.year, again.seq) == (20270, 2)
        seal.seal_all()
        assert {p.name for p in (settings.LOG_FOLDER / "0").iterdir()} == {"2026", "2026-1", "2027-0"}
        assert_whole(settings.LOG_FOLDER)
        names = {key.name for key in published.log_trust(years_ahead=1).logs}
        assert any(name.endswith("/log/0/2028-0") for name in names)


def test_a_backup_from_before_a_recovery_opens_the_log_after_that_one(desk: Path, settings: Any) -> None:
    say("a", "b")
    seal.seal_all()
    backup = Backup(settings.LOG_FOLDER)
    say("c")
    seal.seal_all()
    for number in (1, 2):
        backup.restore()
        Standstill.objects.all().delete()
        say("x")
        seal.seal_all()
        [opened] = leave(without=True)
        assert opened.endswith(f"/log/0/2026-{number}")
        tie = entry_of(Entry.objects.get(year=20260 + number, seq=0)).said
        assert tie["log"].endswith("/2026" if number == 1 else "/2026-1"), "what was signed last"
        report = audit.audit()
        assert report.problems == []


def test_a_year_that_began_in_what_is_lost(desk: Path, settings: Any) -> None:
    say("a", "b")
    seal.seal_all()
    backup = Backup(settings.LOG_FOLDER)
    say("c")
    with clock.frozen(NEXT_YEAR):
        say("d")
        seal.seal_all()
        backup.restore()
        say("x")
        seal.seal_all()
        assert {one.number for one in recovering.look()} == {2026, 2027} or recovery.mode()
        [opened] = leave(without=True)
        assert opened.endswith("/log/0/2027-1")
        assert entry_of(Entry.objects.get(year=20271, seq=0)).said["log"].endswith("/2027")
        assert audit.audit().problems == []
        say("on")
        assert seal.seal_all(asks=True) == 1


def test_rows_that_were_put_back_go_on_in_their_log(desk: Path, settings: Any) -> None:
    say("a", "b")
    seal.seal_all()
    old = Backup(settings.LOG_FOLDER)
    say("c", "d")
    seal.seal_all()
    good = Backup(settings.LOG_FOLDER)
    old.restore()
    assert seal.seal_all(asks=True) == 0, "a desk that starts asks, also when nothing was added"
    assert recovery.mode() is not None
    reason = Standstill.objects.get()
    good.restore()
    assert Standstill.objects.filter(reason=reason.reason).exists()
    assert leave() == ()
    assert (recovery.mode(), Checkpoint.objects.exclude(refused="").count()) == (None, 0)
    say("e")
    assert seal.seal_all() == 1
    assert {log.year for log in shards.logs()} == {2026}
    assert_whole(settings.LOG_FOLDER)
    _, said = told()
    assert (said["opened"], said["left"], said["unsigned"]) == ([], [], [])


def test_a_signer_that_remembers_less_is_put_back_first(desk: Path, settings: Any) -> None:
    say("a", "b")
    seal.seal_all()
    [memory] = (desk / "heads").iterdir()
    kept = memory.read_bytes()
    say("c")
    seal.seal_all()
    now, _ = memory.read_bytes(), memory.write_bytes(kept)
    say("d")
    assert seal.seal_all() == 0
    for without in (False, True):
        with pytest.raises(SignerBehind, match=r"remembers 2 entries of .* and 3 were published"):
            leave(without=without)
    memory.write_bytes(now)
    assert leave() == ()
    assert_whole(settings.LOG_FOLDER)


def test_files_and_rows_that_both_give_another_root(settings: Any, tmp_path: Path, db: None) -> None:
    """No signer: the head is the last one that this desk signed."""
    settings.LOG_FOLDER = tmp_path / "log"
    seal._said.clear()
    with clock.frozen(BEGIN):
        say("a", "b", "c")
        seal.seal_all()
        next((settings.LOG_FOLDER / "0" / "2026").glob("tile/0/*/3")).unlink()
        let_rows_change()
        change_leaf(1)
        say("d")
        assert seal.seal_all() == 0
        assert recovery.mode() is not None
        with pytest.raises(EntriesLost):
            leave()
        [opened] = leave(without=True)
        say("e")
        assert (opened[-7:], seal.seal_all()) == ("/2026-1", 1)
        found = {problem.place for problem in audit.audit().problems}
        assert any(place.endswith("row 1") for place in found), "the damage is still named"
        assert not any("2026-1" in place for place in found)


def test_both_keys_sign_after_a_recovery_too(desk: Path, settings: Any) -> None:
    """Nobody signs the log that was left any more: it keeps the key of before (fault 42)."""
    lose(desk, settings)
    leave(without=True)
    kept = published.log_trust()
    settings.SIGNER, settings.LOG_KEY_FILE = "", desk / "key"  # the desk signs with the signer's key
    log_keys.forget()
    rotation.begin(BY, SECOND)
    seal.seal_all()
    rotation.end(BY, SECOND)
    seal.seal_all()
    say("on")
    seal.seal_all()
    assert_whole(settings.LOG_FOLDER)
    with pytest.raises(Untrusted):
        check_head((settings.LOG_FOLDER / "0" / "2026-1" / "checkpoint").read_bytes(), kept)


def test_a_desk_that_is_well_has_nothing_to_leave(desk: Path) -> None:
    with pytest.raises(NotStanding):
        leave()
    say("a")
    assert seal.seal_all() == 1
