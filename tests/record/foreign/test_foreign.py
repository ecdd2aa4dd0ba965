"""Verifiers that we did not write accept our log, and none of the samples in which something was changed.

100,000 leaves, written by the desk's own writer; at least 1,000 changed samples for each (T1, target 3).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.record.log.tiles import Folder
from tests.record.foreign import go_verifier
from tests.record.foreign.tampering import Tampering
from tests.record.log.test_proving import KEY, publish
from tests.record.log.test_verify import leaf
from tests.servers import sigstore_install
from tests.servers.kept import NotInstalled

LEAVES = 100_000
CHANGED_MIN = 1000
SECONDS_MAX = 600
MEMORY = Path("/dev/shm")
SCRIPT = Path(__file__).with_name("verifier.cjs")

pytestmark = [pytest.mark.timeout(SECONDS_MAX), pytest.mark.more]


@pytest.fixture(scope="module")
def log() -> Iterator[Folder]:
    """In memory where there is some: nothing here is about a disk."""
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="bankside-test-", dir=where) as made:
        yield publish(Path(made), [leaf(seq) for seq in range(LEAVES)])


def answers(command: list[str], samples: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """What a verifier says of each sample."""
    lines = "".join(f"{json.dumps(sample)}\n" for _, sample in samples)
    done = subprocess.run(
        command, input=lines, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
    )
    assert done.returncode == 0, done.stdout[:2000] + done.stderr[-2000:]
    return done.stdout.splitlines()


def assert_told_apart(samples: list[tuple[str, dict[str, Any]]], said: list[str], who: str) -> None:
    """Prints how many of each kind were rejected, then checks each."""
    assert len(said) == len(samples)
    changed = [(name, line) for (name, _), line in zip(samples, said, strict=True) if name != "whole"]
    whole = [line for (name, _), line in zip(samples, said, strict=True) if name == "whole"]
    rejected = sum(line.startswith("rejected") for _, line in changed)
    kinds = Counter(name for name, _ in changed)
    sys.stdout.write(
        f"\n{who}: {whole.count('accepted')} of {len(whole)} whole samples accepted, "
        f"{rejected} of {len(changed)} changed ones rejected, in {len(kinds)} ways\n"
    )
    wrongly = [b64decode(line.partition(" ")[2]) for line in whole if line != "accepted"]
    assert wrongly == []
    assert [name for name, line in changed if not line.startswith("rejected")] == []
    assert len(changed) >= CHANGED_MIN


@pytest.mark.server("go-verifier")
def test_go_verifies_the_whole_log_and_rejects_every_changed_sample(log: Folder) -> None:
    """golang.org/x/mod/sumdb/note and tlog, as Debian has them: the whole log, entries, growth and files."""
    try:
        program = go_verifier.installed()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    ways = Tampering(log, LEAVES)
    samples = [*ways.entries(15), *ways.growths(12), *ways.files(12)]
    first, *said = answers([str(program / "verifier"), str(log.path), KEY.vkey], samples)
    assert first == f"accepted {LEAVES}"
    assert_told_apart(samples, said, "Go's sumdb note and tlog")


@pytest.mark.server("sigstore")
def test_sigstore_js_verifies_entries_and_rejects_every_changed_sample(log: Folder) -> None:
    """@sigstore/verify: heads and inclusion; it knows no tiles and no growth."""
    try:
        kept = sigstore_install.installed()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    samples = list(Tampering(log, LEAVES).entries(30))
    said = answers(sigstore_install.command(kept, SCRIPT, KEY.vkey), samples)
    assert_told_apart(samples, said, "sigstore-js")
