"""Checking a published log from its files alone, against nothing but hashing the same leaves."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from bench.desk import empty_desk

BATCH = 1_000


def measure(size: int) -> dict[str, float]:
    """Writes out a log of `size` entries and checks it: `verify-rate` in entries a second, `verify-ratio` the
    seconds of SHA-256 over the same leaves, in memory, in parts of those of the check."""
    with empty_desk() as folder:
        leaves = _published(size)
        logs = folder / "log"
        best = min((_check(logs, leaves) for _ in range(3)), key=lambda pair: pair[0])
        seconds, hashing = best
        return {"verify-rate": len(leaves) / seconds, "verify-ratio": hashing / seconds}


def _published(size: int) -> list[bytes]:
    """Appends, writes the tiles, and gives the leaves in order."""
    from django.db import transaction

    from bankside.record import seal
    from bankside.record.append import Draft, append_many
    from bankside.record.facts.people import SignedIn
    from bankside.record.models import Entry

    said = SignedIn(staff="0" * 32, by="bench")
    for start in range(0, size, BATCH):
        drafts = [
            Draft(fact=said, key=f"bench:{n}", actor="s:bench", obj="0" * 32)
            for n in range(start, start + BATCH)
        ]
        with transaction.atomic():
            append_many(drafts)
    while seal.seal_all():  # at most 131,072 entries a call
        pass
    return [bytes(leaf) for leaf in Entry.objects.order_by("n").values_list("leaf", flat=True).iterator()]


def _check(logs: Path, leaves: list[bytes]) -> tuple[float, float]:
    """Seconds of the check and of hashing alone, one after the other."""
    from bankside.record.log.verify import verify_folder

    started = time.process_time()
    report = verify_folder(logs)
    seconds = time.process_time() - started
    assert report.holds and report.entries == len(leaves), report.problems[:3]
    started = time.process_time()
    for leaf in leaves:
        hashlib.sha256(b"\x00" + leaf).digest()
    return seconds, time.process_time() - started
