"""The key of the logs is changed and lost (fault 42): both sign one head, and old heads still verify."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bankside.record import audit, log_keys, log_secret, published, reading, rotation, seal
from bankside.record.keys import KeyMissing
from bankside.record.log.note import NoteWrong
from bankside.record.log.proofs import Untrusted, check_head
from bankside.record.log.trust import Trust
from bankside.record.log.verify import verify_folder
from bankside.record.models import Checkpoint, Entry
from bankside.record.rotation import KeyNotChanged
from tests import faults
from tests.record.tally import say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def secret(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.LOG_FOLDER, settings.LOG_KEY_FILE = tmp_path / "log", tmp_path / "keys" / "log"
    log_keys.make()
    say("one", "둘", "三")
    seal.seal_all()
    yield settings.LOG_KEY_FILE
    log_keys.forget()


def head() -> bytes:
    return Checkpoint.objects.get().note.encode()


def signers(trust: Trust) -> int:
    return len(check_head(head(), trust).signed)


def test_both_keys_sign_one_head_and_then_the_new_one_alone(secret: Path) -> None:
    first, given = head(), published.log_trust()
    rotation.begin("s:test", "s:other")
    assert seal.seal_all() == 1
    during, both = head(), published.log_trust()
    assert (signers(given), signers(both)) == (1, 2)
    rotation.end("s:test", "s:other")
    assert not log_keys.before_file().exists()
    seal.seal_all()
    say("four")
    seal.seal_all()
    assert signers(published.log_trust()) == 1
    with pytest.raises(Untrusted):
        check_head(head(), given)
    for old in (first, during):
        assert check_head(old, published.log_trust()).head.size < 7
    assert audit.audit().holds and verify_folder(secret.parent.parent / "log").holds
    steps = Entry.objects.filter(fact="record.log-key-changed").order_by("n")
    assert [row.type for row in steps] == ["key", "key"]
    told = [reading.words_of("s:test", row.n) for row in steps]
    assert [one.said["step"] for one in told if one] == ["begun", "ended"]


def test_a_log_that_does_not_grow_is_signed_again_at_its_size(secret: Path) -> None:
    Checkpoint.objects.update(note="")
    seal.seal_all()
    size = Checkpoint.objects.get().size
    log_keys.before_file().write_bytes(sha256(b"before").digest())
    assert (seal.seal_all(), Checkpoint.objects.get().size) == (0, size)
    assert signers(published.log_trust()) == 2
    assert verify_folder(secret.parent.parent / "log").holds


def test_what_cannot_be_changed_now_is_refused(secret: Path) -> None:
    with pytest.raises(KeyNotChanged, match="No key is being changed"):
        rotation.end("s:test", "s:other")
    with pytest.raises(KeyNotChanged, match="nothing is lost"):
        rotation.lost("s:test", "s:other")
    rotation.begin("s:test", "s:other")
    for step, why in ((rotation.begin, "being changed already"), (rotation.end, "not signed by both")):
        with pytest.raises(KeyNotChanged, match=why):
            step("s:test", "s:other")


def test_a_lost_key_stops_publishing_until_somebody_says_that_it_is_lost(
    secret: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = head()
    secret.unlink()
    log_keys.make()
    assert not secret.exists(), "a key that is gone is not made anew in silence"
    say("four")
    assert seal.seal_all() == 0
    assert "log rotate --lost" in caplog.text
    with pytest.raises(KeyMissing):
        published.log_trust()
    assert [problem.place for problem in audit.audit().problems] == ["the key of the logs"]
    rotation.lost("s:test", "s:other")
    assert seal.seal_all() == 1
    assert check_head(first, published.log_trust()).head.size == 3
    assert signers(published.log_trust()) == 1
    assert audit.audit().holds and verify_folder(secret.parent.parent / "log").holds


class Killed(BaseException):
    """The process ends here."""


def steps_told() -> list[str]:
    rows = Entry.objects.filter(fact="record.log-key-changed").order_by("n")
    return [one.said["step"] for row in rows if (one := reading.words_of("s:test", row.n))]


def killed_at(patched: pytest.MonkeyPatch, call: str, after: bool) -> None:
    """The first time that the call is made, just before it or just after."""
    where, name = CALLS[call]
    real = getattr(where, name)

    def once(*args: Any, **kwargs: Any) -> Any:
        patched.setattr(where, name, real)
        if after:
            real(*args, **kwargs)
        raise Killed

    patched.setattr(where, name, once)


CALLS = {
    "the secret is made": (log_secret, "make_once"), "the record is told": (rotation, "append"),
    "the old one is laid beside": (os, "link"), "the new one takes its place": (Path, "replace"),
    "the folder is synced": (log_secret, "sync_folder"), "the old one is taken away": (Path, "unlink"),
}  # fmt: skip


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("step", ["begun", "ended", "lost"])
def test_a_change_that_was_killed_goes_on_and_is_told_once(
    secret: Path, monkeypatch: pytest.MonkeyPatch, step: str, call: str, after: bool
) -> None:
    """Fault 42 with the process killed: heads are signed throughout, and every old head stays good."""
    act = {"begun": rotation.begin, "ended": rotation.end, "lost": rotation.lost}[step]
    if step == "ended":
        rotation.begin("s:test", "s:other")
        seal.seal_all()
    if step == "lost":
        secret.unlink()
    first, killed = head(), False
    with monkeypatch.context() as patched:
        killed_at(patched, call, after)
        try:
            act("s:test", "s:other")
        except Killed:
            killed = True
    log_keys.forget()
    if step != "lost":
        say("meanwhile")
        assert seal.seal_all() > 0, "nothing stops publishing"
    with suppress(KeyNotChanged):  # it was done already
        act("s:test", "s:other")
    say("afterwards")
    assert seal.seal_all() > 0
    wanted = ["begun", "ended"] if step == "ended" else [step]
    signing = 2 if step == "begun" else 1
    found = not_held(secret, first, wanted, signing)
    faults.tell(42, injected=int(killed), **found)
    assert not any(found.values()), (found, steps_told())


def not_held(secret: Path, first: bytes, steps: list[str], signing: int) -> dict[str, int]:
    """For the table of faults: old heads and steps that are gone, steps told again, and all else."""
    told, trust = steps_told(), published.log_trust()
    checks = (audit.audit().holds, verify_folder(secret.parent.parent / "log").holds)
    return {
        "lost": len(set(steps) - set(told)) + (not is_good(first, trust)),
        "twice": len(told) - len(set(told)),
        "inconsistent": checks.count(False) + (signers(trust) != signing) + len(set(told) - set(steps)),
    }


def is_good(checkpoint: bytes, trust: Trust) -> bool:
    """Whether a head of before the change still holds."""
    try:
        return check_head(checkpoint, trust).head.size >= 3
    except (Untrusted, NoteWrong):
        return False


def test_a_change_that_harmed_something_is_found_out(secret: Path) -> None:
    first = head()
    assert not_held(secret, first, [], 1) == {"lost": 0, "twice": 0, "inconsistent": 0}
    assert not_held(secret, first, ["begun"], 2) == {"lost": 1, "twice": 0, "inconsistent": 1}
    assert not_held(secret, b"no head", [], 1)["lost"] == 1


def test_a_secret_that_is_no_secret_is_refused(secret: Path) -> None:
    for wrong in (bytes(32), b"short", b"ab" * 16):
        secret.unlink()
        secret.write_bytes(wrong)
        with pytest.raises(KeyMissing, match="32 random bytes"):
            log_keys.public_keys("x")
