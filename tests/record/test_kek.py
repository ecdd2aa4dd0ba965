"""The wrapping key in memory: asked for seldom, kept for a lease, dropped after it (faults 7 and 40)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bankside.record import kek, sealed, subjects
from bankside.record.keys import KeyAway, KeyMissing, KeyWrong
from bankside.record.models import Subject, WrappedKey, WrappingKey
from bankside.record.payload import Unreadable
from tests.record.key_stubs import Clock, StubProvider, provided

pytestmark = pytest.mark.django_db


@pytest.fixture
def stub() -> StubProvider:
    return StubProvider()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _provided(stub: StubProvider, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with provided(stub, clock, monkeypatch):
        yield


def test_the_provider_is_asked_once_and_then_each_third_of_the_lease(
    stub: StubProvider, clock: Clock
) -> None:
    for _ in range(100):
        subjects.subject_of("somewhere", f"account-{_ % 7}")
    assert stub.asked == ["unwrap"]
    for _ in range(16):
        clock.later(1)
        kek.current()
    assert stub.asked == ["unwrap"] * 4


def test_away_for_ten_minutes_everything_goes_on_and_nobody_notices(stub: StubProvider, clock: Clock) -> None:
    subj = subjects.subject_of("somewhere", "one")
    clock.later(4.9)
    stub.away()
    for _ in range(20):
        clock.later(0.5)
        assert subjects.key_of(subj) and subjects.subject_of("somewhere", f"new at {clock.seconds}")
    assert kek.state() == (kek.WAITING, "the stub is away")
    stub.trouble = None
    clock.later(0.5)
    assert kek.state() == (kek.AT_HAND, "")


def test_away_beyond_the_lease_reading_fails_hooks_are_kept_and_all_comes_back_alone(
    stub: StubProvider, clock: Clock
) -> None:
    subj, token = subjects.subject_of("somewhere", "one"), sealed.seal("channel-token", b"token", "c")
    before, mac = sealed.seal("intake", b"before", "1"), sealed.mac("intake", "x")
    stub.away()
    clock.later(15.1)
    for reads in (
        lambda: subjects.key_of(subj), lambda: subjects.load([subj]), lambda: subjects.subject_of("a", "b"),
        lambda: sealed.unseal("intake", before, "1"), lambda: sealed.seal("answer", b"", "1"),
        lambda: sealed.mac("subject-map", "x"),
    ):  # fmt: skip
        with pytest.raises(KeyAway, match="the stub is away"):
            reads()
    assert sealed.unseal("channel-token", token, "c") == b"token" and sealed.mac("intake", "x") == mac
    meanwhile = sealed.seal("intake", b"meanwhile", "2")
    assert kek.state() == (kek.DROPPED, "the stub is away") and not kek._held.keys
    stub.trouble = None
    clock.later(0.2)
    assert sealed.unseal("intake", meanwhile, "2") == b"meanwhile" and subjects.key_of(subj)


def test_one_that_starts_meanwhile_has_nothing_at_all(stub: StubProvider) -> None:
    sealed.forget()
    stub.away()
    for key_class in sealed.HOOK_CLASSES:
        with pytest.raises(KeyAway):
            sealed.seal(key_class, b"{}", "1")


def test_while_it_is_away_it_is_asked_every_ten_seconds_and_not_by_everybody(
    stub: StubProvider, clock: Clock
) -> None:
    stub.away()
    for _ in range(50):
        with pytest.raises(KeyAway):
            kek.current()
    assert stub.asked == ["unwrap"]
    clock.later(0.2)
    with pytest.raises(KeyAway):
        kek.current()
    assert stub.asked == ["unwrap"] * 2


def test_a_refusal_drops_the_key_at_once(stub: StubProvider, clock: Clock) -> None:
    kek.current()
    stub.trouble = KeyWrong("the key service refuses: 403")
    clock.later(5.1)
    with pytest.raises(KeyWrong, match="403"):
        kek.current()
    assert not kek.is_at_hand()
    with pytest.raises(KeyWrong):
        sealed.seal("intake", b"{}", "1")


def test_another_key_is_named_and_nothing_is_wrapped_with_it(stub: StubProvider, clock: Clock) -> None:
    kek.forget()
    stub.key = b"\x08" * 32
    with pytest.raises(KeyWrong, match=r"generation 1 .* another one than it was"):
        subjects.subject_of("somewhere", "one")
    assert not Subject.objects.filter(mac__startswith="somewhere").exists()


def test_a_damaged_wrapping_key_is_named() -> None:
    row = WrappedKey.objects.get()
    row.wrapped = bytes([bytes(row.wrapped)[0] ^ 1]) + bytes(row.wrapped)[1:]
    row.save()
    kek.forget()
    with pytest.raises(KeyWrong, match="changed"):
        kek.current()


def test_a_damaged_key_of_a_subject_is_named_and_the_others_open() -> None:
    one, other = subjects.subject_of("somewhere", "one"), subjects.subject_of("somewhere", "other")
    row = Subject.objects.get(subj=one)
    Subject.objects.filter(subj=one).update(wrapped=row.wrapped[:-1] + bytes([row.wrapped[-1] ^ 1]))
    subjects.forget()
    with pytest.raises(Unreadable, match=one):
        subjects.key_of(one)
    assert subjects.key_of(other)


def test_a_process_that_holds_the_old_generation_goes_on_and_learns_of_the_new_one(clock: Clock) -> None:
    subj = subjects.subject_of("somewhere", "one")
    old = kek.current()
    kek.add(old.generation + 1, b"\x09" * 32, StubProvider())
    assert kek.current() == old  # not noticed yet, and still good
    assert kek.key_of(old.generation + 1) == b"\x09" * 32  # asked for by number it is there at once
    clock.later(0.4)
    assert kek.current() == (old.generation + 1, b"\x09" * 32)
    subjects.forget()
    assert subjects.key_of(subj)


def test_a_generation_that_was_destroyed_is_missing_and_said() -> None:
    with pytest.raises(KeyMissing, match="generation 77"):
        kek.key_of(77)


def test_a_desk_that_was_never_founded_says_what_to_do() -> None:
    WrappedKey.objects.all().delete()
    kek.forget()
    with pytest.raises(KeyMissing, match="bankside migrate"):
        kek.current()
    assert WrappingKey.objects.exists()


def test_the_settings_name_a_provider_that_was_not_given_the_key(settings: object) -> None:
    settings.KEY_PROVIDER = "transit"  # type: ignore[attr-defined]
    kek.forget()
    with pytest.raises(KeyWrong, match=r"with file: `bankside key move transit`"):
        kek.current()
