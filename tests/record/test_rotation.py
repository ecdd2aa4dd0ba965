"""The key of the logs is changed and lost (fault 42): both sign one head, and old heads still verify."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bankside.record import audit, log_keys, published, reading, rotation, seal
from bankside.record.keys import KeyMissing
from bankside.record.models import Checkpoint, Entry
from bankside.record.proofs import Untrusted, check_head
from bankside.record.rotation import KeyNotChanged
from bankside.record.trust import Trust
from bankside.record.verify import verify_folder
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
    rotation.begin("s:test")
    assert seal.seal_all() == 1
    during, both = head(), published.log_trust()
    assert (signers(given), signers(both)) == (1, 2)
    rotation.end("s:test")
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
        rotation.end("s:test")
    with pytest.raises(KeyNotChanged, match="nothing is lost"):
        rotation.lost("s:test")
    rotation.begin("s:test")
    for step, why in ((rotation.begin, "being changed already"), (rotation.end, "not signed by both")):
        with pytest.raises(KeyNotChanged, match=why):
            step("s:test")


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
    rotation.lost("s:test")
    assert seal.seal_all() == 1
    assert check_head(first, published.log_trust()).head.size == 3
    assert signers(published.log_trust()) == 1
    assert audit.audit().holds and verify_folder(secret.parent.parent / "log").holds


def test_a_secret_that_is_no_secret_is_refused(secret: Path) -> None:
    for wrong in (bytes(32), b"short", b"ab" * 16):
        secret.unlink()
        secret.write_bytes(wrong)
        with pytest.raises(KeyMissing, match="32 random bytes"):
            log_keys.public_keys("x")
