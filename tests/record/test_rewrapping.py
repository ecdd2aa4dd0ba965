"""A new wrapping key for everything, and another provider: nothing is lost at whatever step it is killed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from bankside.record import kek, providers, rewrapping, sealed, subjects
from bankside.record.keys import KeyMissing, KeyWrong
from bankside.record.models import Entry, KeyClass, Subject, WrappedKey, WrappingKey
from bankside.record.payload import Unreadable, unwrap_key, wrap_key
from bankside.record.projection import payload_of
from bankside.record.providers import key_file as key_file_provider
from bankside.record.providers.key_file import KeyFile
from bankside.record.rewrapping import KeysDamaged, NotChanged

ONE, OTHER = "u:" + "a" * 32, "u:" + "b" * 32
PEOPLE = 7


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrapping, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(rewrapping, "BATCH", 3)


@pytest.fixture
def key_file(tmp_path: Path, settings: Any) -> Path:
    """The file of this desk somewhere else, so that no other test meets another one."""
    path = tmp_path / "safe/kek"
    path.parent.mkdir()
    path.write_bytes(settings.KEK_FILE.read_bytes())
    settings.KEK_FILE = path
    return path


class Kept:
    """Words under the keys of people and classes, and whether they can still be read."""

    def __init__(self) -> None:
        self.subjs = [subjects.subject_of("somewhere", f"account-{n}") for n in range(PEOPLE)]
        self.keys = [subjects.key_of(subj) for subj in self.subjs]
        self.sealed = {name: sealed.seal(name, name.encode(), "x") for name in sealed.CLASSES}

    def are_there(self) -> bool:
        for forget in (kek.forget, subjects.forget, sealed.forget):
            forget()
        same = [subjects.key_of(subj) for subj in self.subjs] == self.keys
        return same and all(
            sealed.unseal(name, value, "x") == name.encode() for name, value in self.sealed.items()
        )


@pytest.mark.django_db
def test_everything_is_wrapped_anew_and_the_old_key_opens_nothing(key_file: Path) -> None:
    kept, old, old_file = Kept(), kek.current(), key_file.read_bytes()
    changed = rewrapping.rotate(ONE, OTHER)
    assert changed.generation == old.generation + 1 and changed.destroyed == (old.generation,)
    assert changed.wrapped == KeyClass.objects.count() + Subject.objects.count()
    assert kept.are_there() and kek.current().key != old.key and key_file.read_bytes() != old_file
    assert [path.name for path in key_file.parent.iterdir()] == ["kek"]
    for subj, wrapped in Subject.objects.values_list("subj", "wrapped"):
        with pytest.raises(Unreadable):
            unwrap_key(old.key, bytes(wrapped), subj)
    with pytest.raises(KeyMissing):
        kek.key_of(old.generation)


@pytest.mark.django_db
def test_it_is_recorded_under_a_leaf_of_keys_without_any_key(key_file: Path) -> None:
    rewrapping.rotate(ONE, OTHER)
    rows = list(Entry.objects.filter(fact="record.wrapping-key-changed").order_by("n"))
    said = [payload_of(row.n) for row in rows]
    assert [row.type for row in rows] == ["key", "key"] and {row.actor for row in rows} == {ONE}
    assert [(one.step, one.second) for one in said] == [("begun", OTHER), ("destroyed", OTHER)]
    assert kek.current().key.hex() not in repr(said)


@pytest.mark.django_db
def test_it_takes_two_people_and_a_desk_that_may_write() -> None:
    for act in (rewrapping.rotate, lambda a, b: rewrapping.move("file", a, b)):
        with pytest.raises(NotChanged, match="two people"):
            act(ONE, ONE)
    assert not Entry.objects.filter(fact="record.wrapping-key-changed").exists()


@pytest.mark.django_db
def test_a_key_that_does_not_open_is_named_and_its_generation_is_kept(key_file: Path) -> None:
    kept, old = Kept(), kek.current().generation
    broken = kept.subjs[3]
    Subject.objects.filter(subj=broken).update(wrapped=b"\x00" * 60)
    with pytest.raises(KeysDamaged, match=broken):
        rewrapping.rotate(ONE, OTHER)
    assert set(WrappingKey.objects.values_list("generation", flat=True)) == {old, old + 1}
    assert rewrapping.left() == 1
    Subject.objects.filter(subj=broken).delete()  # it could never be opened again
    assert rewrapping.rotate(ONE, OTHER).destroyed == (old,)


@pytest.mark.django_db
def test_what_another_process_wraps_meanwhile_with_the_old_key_is_taken_along(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, late = kek.current(), "c" * 32

    def meanwhile(seconds: float) -> None:
        Subject.objects.create(
            subj=late,
            mac="late",
            wrapped=wrap_key(old.key, b"k" * 32, late),
            kek_id=old.generation,
            created_at=1,
        )

    monkeypatch.setattr(time, "sleep", meanwhile)
    rewrapping.rotate(ONE, OTHER)
    subjects.forget()
    assert subjects.key_of(late) == b"k" * 32


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_key_that_is_wrapped_with_a_destroyed_generation() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Subject.objects.create(subj="d" * 32, mac="late", wrapped=b"", kek_id=9_999, created_at=1)


class Killed(BaseException):
    """Stands for a SIGKILL between two steps."""


STEPS: tuple[tuple[Any, str], ...] = (
    (KeyFile, "renewed"), (KeyFile, "adopt"), (kek, "wrap"), (kek, "add"), (rewrapping, "_begin"),
    (rewrapping, "_batch"), (rewrapping, "_wrapped_anew"), (rewrapping, "_end"), (rewrapping, "_tell"),
)  # fmt: skip


def counted(monkeypatch: pytest.MonkeyPatch, kill_at: int) -> list[str]:
    """Before and after each step is a moment; at this one it is killed."""
    moments: list[str] = []

    def moment(name: str) -> None:
        moments.append(name)
        if len(moments) - 1 == kill_at:
            raise Killed(name)

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            moment(f"before {name}")
            found = real(*given, **named)
            moment(f"after {name}")
            return found

        return step

    for where, name in STEPS:
        monkeypatch.setattr(where, name, wrapped(name, getattr(where, name)))
    return moments


def kills(where: Path, monkeypatch: pytest.MonkeyPatch, every: int) -> tuple[int, int]:
    """How many kills, and after how many of them something could not be read."""
    kept = Kept()
    with monkeypatch.context() as patched:
        moments = counted(patched, kill_at=-1)
        rewrapping.rotate(ONE, OTHER)
    lost = 0
    for at in range(0, len(moments), every):
        with monkeypatch.context() as patched:
            counted(patched, kill_at=at)
            with pytest.raises(Killed):
                rewrapping.rotate(ONE, OTHER)
        lost += not kept.are_there()
        begun = rewrapping._generations()
        changed = rewrapping.rotate(ONE, OTHER)
        lost += len(begun) > 1 and changed.generation != begun[-1]  # it goes on, and begins nothing more
        whole = kept.are_there() and WrappingKey.objects.count() == WrappedKey.objects.count() == 1
        lost += not (whole and [path.name for path in where.parent.iterdir()] == ["kek"])
    return len(range(0, len(moments), every)), lost


@pytest.mark.django_db(transaction=True)
def test_a_kill_at_a_third_of_the_steps_leaves_everything_readable_and_is_made_good(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    injected, lost = kills(key_file, monkeypatch, every=3)
    assert injected > 10 and lost == 0


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_kill_at_every_step_leaves_everything_readable(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    injected, lost = kills(key_file, monkeypatch, every=1)
    assert injected > 30 and lost == 0


@pytest.mark.django_db(transaction=True)
def test_a_desk_of_before_generations_is_read_on_and_can_be_changed(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an older version left it: every key wrapped with the file itself."""
    kept, new = Kept(), kek.current()
    file = key_file.read_bytes()
    for model, context in rewrapping._PLACES:
        for row in model._default_manager.all():
            key = unwrap_key(new.key, bytes(row.wrapped), context(row.pk))  # type: ignore[attr-defined]
            row.wrapped = wrap_key(file, key, context(row.pk))  # type: ignore[attr-defined]
            if not WrappingKey.objects.filter(generation=0).exists():
                WrappingKey.objects.create(generation=0, made_at=0)
            row.kek_id = 0  # type: ignore[attr-defined]
            row.save()
    WrappingKey.objects.exclude(generation=0).delete()
    WrappedKey.objects.create(wrapping_id=0, provider="file", holder="", wrapped=b"")
    assert kept.are_there() and kek.current() == (0, file)
    kek.make_first()  # what `bankside migrate` does
    assert WrappedKey.objects.get().holder == KeyFile().holder() and kept.are_there()
    assert kills(key_file, monkeypatch, every=8)[1] == 0


@pytest.mark.django_db
def test_the_key_moves_to_another_provider_and_no_other_key_is_touched(
    key_file: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEY_PASSPHRASE = "correct horse battery staple 비밀"
    monkeypatch.setattr(key_file_provider, "MEMORY_KIB", 64)
    kept, old = Kept(), kek.current()
    wrapped = list(Subject.objects.order_by("pk").values_list("wrapped", flat=True))
    rewrapping.move("passphrase", ONE, OTHER)
    assert kept.are_there()  # by the file, as before
    with pytest.raises(NotChanged, match="still asks file"):
        rewrapping.leave("passphrase", ONE, OTHER)
    with pytest.raises(NotChanged, match="being moved"):
        rewrapping.rotate(ONE, OTHER)
    settings.KEY_PROVIDER = "passphrase"
    assert kept.are_there() and kek.current() == old
    rewrapping.leave("passphrase", ONE, OTHER)
    key_file.unlink()
    assert kept.are_there()
    assert list(Subject.objects.order_by("pk").values_list("wrapped", flat=True)) == wrapped
    with pytest.raises(NotChanged, match="No other provider"):
        rewrapping.leave("passphrase", ONE, OTHER)
    rows = Entry.objects.filter(fact="record.wrapping-key-changed").order_by("n")
    assert [payload_of(row.n).step for row in rows] == ["moved", "left"]


@pytest.mark.django_db
def test_a_move_that_the_new_provider_does_not_bear_out_changes_nothing(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, real = Kept(), providers.named
    monkeypatch.setattr(providers, "named", lambda name="": Liar() if name == "transit" else real(name))
    with pytest.raises(KeyWrong, match="does not give back"):
        rewrapping.move("transit", ONE, OTHER)
    assert kept.are_there() and set(WrappedKey.objects.values_list("provider", flat=True)) == {"file"}


class Liar(KeyFile):
    name = "transit"

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return b"\x00" * 32


@pytest.mark.django_db
def test_without_its_provider_the_database_shows_nothing(key_file: Path) -> None:
    """Threat 13: what lies in the tables of keys opens nothing without the file."""
    kept = Kept()
    rows = [bytes(w) for w in WrappedKey.objects.values_list("wrapped", flat=True)]
    assert kek.current().key not in b"".join(rows)
    key_file.unlink()
    for subj in kept.subjs:
        for forget in (kek.forget, subjects.forget, sealed.forget):
            forget()
        with pytest.raises(KeyMissing, match="is missing"):
            subjects.key_of(subj)
    for name, value in kept.sealed.items():
        with pytest.raises(KeyMissing):
            sealed.unseal(name, value, "x")
