"""For tests: what a signer is asked with, and `bankside signer` as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import consistency_proof, root_of
from bankside.record.log.proofs import Growth, growth_bytes
from bankside.record.log.tiles import head_text

HOST = "record.bank.example"
LOG = f"{HOST}/log/0/2026"
SECONDS_MAX = 20


def hashes(count: int, word: str = "") -> list[bytes]:
    return [leaf_hash(f"{word}{number}".encode()) for number in range(count)]


def request(old: int, new: int, word: str = "", origin: str = LOG) -> bytes:
    """What a log of these leaves asks with."""
    leaves = hashes(new, word)

    def node(height: int, index: int) -> bytes:
        return root_of(leaves[index << height : index + 1 << height])

    path = consistency_proof(node, old, new) if 0 < old <= new else []
    return growth_bytes(Growth(old, tuple(path), head_text(origin, new, root_of(leaves)).encode()))


@contextmanager
def running(folder: Path, address: str, host: str) -> Iterator[subprocess.Popen[str]]:
    """`bankside signer`, without the settings of any desk."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("BANKSIDE_", "DJANGO_"))
    }
    command = [sys.executable, "-m", "bankside", "signer", str(folder), "--listen", address, "--host", host]
    part = subprocess.Popen(command, env=plain, stdout=subprocess.PIPE, text=True)
    try:
        assert part.stdout is not None
        assert part.stdout.readline() == f"Signer on {address}\n"
        yield part
    finally:
        part.terminate()
        assert part.wait(SECONDS_MAX) == 0
        part.stdout.close()
