"""Appending: how many facts a second in batches of 1,000, and whether a longer record makes it slower."""

from __future__ import annotations

import time

from bench.desk import empty_desk

BATCH = 1_000


def measure(size: int) -> dict[str, float]:
    """Appends `size` facts: `append-rate` in facts a second, `append-growth` last fifth against first."""
    with empty_desk():
        seconds = [_append(start) for start in range(0, size, BATCH)]
    fifth = max(1, len(seconds) // 5)
    growth = sum(seconds[-fifth:]) / sum(seconds[:fifth])
    return {"append-rate": size / sum(seconds), "append-growth": growth}


def _append(start: int) -> float:
    """One transaction of a batch; its seconds."""
    from django.db import transaction

    from bankside.record.append import Draft, append_many
    from bankside.record.facts.people import SignedIn

    said = SignedIn(staff="0" * 32, by="bench")
    drafts = [
        Draft(fact=said, key=f"bench:{n}", actor="s:bench", obj="0" * 32) for n in range(start, start + BATCH)
    ]
    started = time.perf_counter()
    with transaction.atomic():
        append_many(drafts)
    return time.perf_counter() - started
