"""When nothing may be added to the record: recovery mode, and a disk that is almost full (fault 3, T16)."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from bankside.record import clock, recovery, seal
from bankside.record.append import Draft, append_many
from bankside.record.facts.people import SignedIn
from bankside.record.facts.record import EntryRead
from bankside.record.ids import new_id
from bankside.record.models import Checkpoint, Entry, Standstill
from tests.record.tally import say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log(settings: Any, tmp_path: Path) -> None:
    settings.DATA, settings.LOG_FOLDER = tmp_path, tmp_path / "log"


def draft(fact: object) -> Draft:
    return Draft(fact=fact, key=f"test:{new_id()}", actor="s:test", obj=new_id())


def add(*facts: object) -> None:
    with transaction.atomic():
        append_many([draft(fact) for fact in facts])


def entries() -> int:
    return Entry.objects.count()


@pytest.mark.parametrize("many", [1, 40])
def test_in_recovery_mode_nothing_is_added_but_what_tells_of_reading(many: int) -> None:
    say("a")
    recovery.begin("the signer has signed more")
    before = entries()
    with pytest.raises(recovery.ReadOnly, match="recovery mode"):
        say(*["b"] * many)
    reads = [SignedIn(staff=new_id(), by="password"), EntryRead(entry=new_id())]
    with pytest.raises(recovery.ReadOnly):
        from tests.record.tally import WordSaid

        add(*reads, WordSaid(word="with it"))
    assert entries() == before
    add(*(reads * many)[:many])
    assert entries() == before + many
    Standstill.objects.all().delete()
    say(*["b"] * many)
    assert entries() == before + 2 * many


def test_the_first_reason_stays_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    assert recovery.mode() is None
    with clock.frozen(1_790_000_000_000):
        recovery.begin("first " + "x" * 500)
        recovery.begin("second")
    mode = recovery.mode()
    assert mode is not None
    assert (mode.kind, mode.reason[:7], len(mode.reason), mode.since) == (
        "recovery", "first x", 400, 1_790_000_000_000,
    )  # fmt: skip
    assert [record.name for record in caplog.records] == ["bankside.record.recovery"]
    assert Standstill.objects.count() == 1


class Disk:
    """How much room statvfs tells of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mb = 1_000
        monkeypatch.setattr(os, "statvfs", self.tell)

    def tell(self, path: object) -> Any:
        if not Path(str(path)).exists():
            raise FileNotFoundError(path)

        class Told:
            f_bavail, f_frsize = self.mb, 1_000_000

        return Told


def test_a_disk_that_does_not_say_how_full_it_is_takes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Fault 2, at the call that is made before each append."""

    def refused(place: str) -> os.statvfs_result:
        raise OSError(errno.EIO, "Input/output error", place)

    with monkeypatch.context() as patched:
        patched.setattr(os, "statvfs", refused)
        with pytest.raises(recovery.ReadOnly):
            say("a")
        assert entries() == 0 and seal.seal_all() == 0
    assert "does not say how much room is left: Input/output error" in caplog.text
    say("a")
    assert seal.seal_all() == 1


def test_a_full_disk_stops_the_desk_and_room_lets_it_go_on(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DISK_FREE_MB_MIN = 100
    disk = Disk(monkeypatch)
    say("a")
    disk.mb = 99
    with pytest.raises(recovery.ReadOnly, match="disk is almost full") as refused:
        say("b")
    assert refused.value.kind == recovery.DISK
    assert seal.seal_all() == 0, "no file is begun that may not fit"
    assert not Checkpoint.objects.filter(size__gt=0).exists()
    add(SignedIn(staff=new_id(), by="password"))
    disk.mb = 105
    assert recovery.mode() is not None, "a desk at the edge does not go on and stop"
    disk.mb = 110
    assert recovery.mode() is None
    say("b")
    assert seal.seal_all() == 1
    said = [record.getMessage() for record in caplog.records]
    assert said == ["the disk has 99 MB left: read-only", "the disk has 110 MB left: the desk goes on"]


def test_the_disk_with_the_least_room_counts(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DISK_FREE_MB_MIN = 0
    free = recovery.free_bytes()
    assert free > 0
    settings.LOG_FOLDER = settings.DATA / "not" / "there" / "yet"
    assert abs(recovery.free_bytes() - free) < 1_000_000_000
