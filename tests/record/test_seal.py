from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.record import clock, log_keys, published, recovery, seal, signing
from bankside.record.log.merkle import root_of
from bankside.record.log.note import Signature
from bankside.record.log.proofs import check_head
from bankside.record.log.tiles import Folder, Head, parts_of, unpack
from bankside.record.log.trust import parse_trust, trust_text
from bankside.record.log.verify import TRUST
from bankside.record.models import Checkpoint, Entry
from tests.record.tally import say
from tests.record.tampered import change_leaf, let_rows_change

pytestmark = pytest.mark.django_db
NEW_YEAR_2027 = clock.from_iso("2027-01-01T00:00:00Z")


@pytest.fixture(autouse=True)
def log(settings: Any, tmp_path: Path) -> Iterator[Folder]:
    settings.LOG_FOLDER = tmp_path
    seal._said.clear()
    with clock.frozen(NEW_YEAR_2027 - 86_400_000):
        yield Folder(tmp_path / "0" / "2026", tmp_path / ".new")


def files(log: Folder) -> list[str]:
    return sorted(str(p.relative_to(log.path)) for p in log.path.rglob("*") if p.is_file())


def signed_head(log: Folder) -> Head:
    """The head in the file, which the log has signed."""
    data = log.read("checkpoint") or b""
    assert data.decode() == Checkpoint.objects.latest("year").note
    return check_head(data, published.log_trust()).head


def words(count: int) -> None:
    say(*(f"말 {i}" for i in range(count)))


def test_nothing_is_published_of_an_empty_record(log: Folder) -> None:
    assert seal.seal_all() == 0
    assert not log.path.exists()


def test_a_head_promises_what_the_files_hold(log: Folder) -> None:
    words(3)
    assert seal.seal_all() == 1
    assert files(log) == ["checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"]
    head = signed_head(log)
    rows = Entry.objects.order_by("seq")
    assert (head.origin.endswith("/log/0/2026"), head.size) == (True, 3)
    assert head.root == root_of(bytes(row.hash) for row in rows)
    assert unpack(log.read("tile/entries/000.p/3") or b"", 3) == [bytes(row.leaf) for row in rows]
    assert Checkpoint.objects.get().root == head.root.hex()
    assert seal.seal_all() == 0


def test_a_log_grows_head_by_head_and_unfinished_tiles_stay_until_the_full_one(log: Folder) -> None:
    for count in (3, 250, 1, 300):
        words(count)
        assert seal.seal_all() == 1
        if count == 1:
            assert "tile/0/000.p/3" in files(log)
    assert Checkpoint.objects.get().size == 554
    assert files(log) == sorted(["checkpoint", *(part.path for part in parts_of(554))])


def test_a_long_backlog_is_published_in_several_heads(log: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "ENTRIES_PER_HEAD_MAX", 100)
    words(950)
    assert (seal.seal_all(), Checkpoint.objects.get().size) == (8, 800)
    assert (seal.seal_all(), Checkpoint.objects.get().size) == (2, 950)


def test_the_log_of_the_old_year_is_finished_after_the_turn_of_the_year(log: Folder) -> None:
    words(2)
    with clock.frozen(NEW_YEAR_2027):
        words(2)
        assert seal.seal_all() == 2
    assert list(Checkpoint.objects.order_by("year").values_list("year", "size")) == [(2026, 2), (2027, 3)]


class Killed(BaseException):
    """Stands for SIGKILL at one step."""


STEPS = ["write", "read_back", "check_grows", "_promise", "tidy", "show"]


@pytest.mark.parametrize("before", [0, 5, 255, 300])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("done", [False, True])
def test_a_kill_at_any_step_is_made_good_by_the_next_worker(
    log: Folder, monkeypatch: pytest.MonkeyPatch, step: str, before: int, done: bool
) -> None:
    words(before)
    seal.seal_all()
    words(280)
    real = getattr(seal, step)

    def killed(*arguments: object) -> None:
        if done:
            real(*arguments)
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(seal, step, killed)
        seal.seal_all()
    seal.seal_all()
    assert_whole(log, before + 280)


@pytest.mark.parametrize("number", range(1, 8))
def test_a_kill_at_any_file_is_made_good(log: Folder, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Dies in the middle of the n-th file that it makes durable."""
    words(200)
    seal.seal_all()
    words(200)
    left = [number]
    real = os.fsync

    def killed(descriptor: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed
        real(descriptor)

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(os, "fsync", killed)
        seal.seal_all()
    seal.seal_all()
    assert_whole(log, 400)


def assert_whole(log: Folder, size: int) -> None:
    head = signed_head(log)
    assert head.size == Checkpoint.objects.get().size == size
    assert head.root == root_of(
        bytes(h) for h in Entry.objects.order_by("seq").values_list("hash", flat=True)
    )
    for part in parts_of(size):
        assert log.read(part.path) is not None, part.path


@pytest.mark.parametrize("torn", ["tile/0/000.p/7", "tile/entries/000.p/7"])
@pytest.mark.parametrize("how", ["gone", "cut", "changed"])
def test_torn_files_are_written_again_from_rows_that_give_the_promised_root(
    log: Folder, torn: str, how: str
) -> None:
    words(7)
    seal.seal_all()
    path = log.path / torn
    data = path.read_bytes()
    path.unlink()
    if how != "gone":
        path.write_bytes(data[:-1] if how == "cut" else data[:-1] + bytes([data[-1] ^ 1]))
    words(1)
    seal.seal_all()
    assert_whole(log, 8)


def test_if_neither_files_nor_rows_give_the_promised_root_nothing_more_is_published(
    log: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    words(7)
    seal.seal_all()
    (log.path / "tile/0/000.p/7").unlink()
    let_rows_change()
    change_leaf(3)
    words(1)
    before = files(log)
    assert seal.seal_all() == 0
    assert seal.seal_all() == 0
    assert files(log) == before
    assert [record.name for record in caplog.records].count("bankside.record.recovery") == 1
    assert (len(caplog.records), recovery.mode() is not None) == (3, True)
    assert "neither its tiles nor its rows" in caplog.text


def test_a_row_that_is_not_what_was_hashed_is_never_published(
    log: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    words(3)
    let_rows_change()
    change_leaf(1)
    assert seal.seal_all() == 0
    assert "row 1 is not what was hashed" in caplog.text


def test_a_head_from_before_there_were_signatures_is_signed_as_it_is(log: Folder) -> None:
    words(3)
    seal.seal_all()
    note = Checkpoint.objects.get().note
    Checkpoint.objects.update(note="")
    log.write("checkpoint", note.partition("\n\n")[0].encode() + b"\n")
    assert seal.seal_all() == 0
    assert (Checkpoint.objects.get().note, signed_head(log).size) == (note, 3)


def test_whom_to_believe_lies_beside_the_logs_and_names_each_of_them(log: Folder, tmp_path: Path) -> None:
    words(2)
    seal.seal_all()
    assert (tmp_path / TRUST).read_text() == trust_text(log_keys.public_keys("127.0.0.1/log/0/2026"))
    with clock.frozen(NEW_YEAR_2027):
        words(1)
        seal.seal_all()
    assert parse_trust((tmp_path / TRUST).read_bytes()) == published.log_trust()
    assert len({key.public for key in published.log_trust().logs}) == 2


ANSWERS: dict[str, Callable[[Signature], Signature]] = {
    "of another key": lambda one: one._replace(id=bytes(4)),
    "wrong": lambda one: one._replace(raw=bytes(64)),
    "short": lambda one: one._replace(raw=one.raw[:-1]),
    "in another name": lambda one: one._replace(name="other.example/log"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_without_a_signature_nothing_is_promised(
    log: Folder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    """The signer answers with nothing, or with a signature that does not hold; the next try goes on."""
    words(2)
    real = signing._answer
    with monkeypatch.context() as patched:
        patched.setattr(signing, "_answer", lambda request: [ANSWERS[answer](one) for one in real(request)])
        assert seal.seal_all() == 0
    assert "sign" in caplog.text
    assert not Checkpoint.objects.filter(size__gt=0).exists() and "checkpoint" not in files(log)
    assert (seal.seal_all(), signed_head(log).size) == (1, 2)


def test_files_that_cannot_be_read_again_are_not_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record sheet 2.12, step 3, with an EIO (fault 2): bundles are read there alone."""
    say("one")
    seal.seal_all()
    before = Checkpoint.objects.get().note
    say("two")
    read = Folder.read

    def refused(folder: Folder, path: str) -> bytes | None:
        if path.startswith("tile/entries/"):
            raise OSError(errno.EIO, "Input/output error", path)
        return read(folder, path)

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "read", refused)
        assert seal.seal_all() == 0
    assert Checkpoint.objects.get().note == before
    assert seal.seal_all() == 1 and Checkpoint.objects.get().size == 2
