"""Publishing: what tiles, bundles and signed heads cost beside the rows that they publish, batch by batch."""

from __future__ import annotations

import time
from pathlib import Path

from bench.desk import empty_desk

BATCH = 1_000


def measure(size: int) -> dict[str, float]:
    """Appends `size` facts in durable batches and publishes after each: `publish-against-rows` the seconds of
    appending in parts of those of both, `publish-processor` the same of this process' processor alone, which
    a busy disk does not change, `publish-rate` entries a second that are durable and published."""
    with empty_desk() as folder:
        batches = [_batch(start, min(BATCH, size - start)) for start in range(0, size, BATCH)]
        _require_published(folder / "log", size)
    rows, both, rows_processor, both_processor = map(sum, zip(*batches, strict=True))
    return {
        "publish-against-rows": rows / both,
        "publish-processor": rows_processor / both_processor,
        "publish-rate": size / both,
    }


def _batch(start: int, count: int) -> tuple[float, float, float, float]:
    """Seconds of appending a batch, durable when the transaction returns, and of that with publishing it; the
    same two of the processor.

    One after the other, so that a machine that is busy for a while is busy for both.
    """
    from django.db import transaction

    from bankside.record import seal
    from bankside.record.append import Draft, append_many
    from bankside.record.facts.people import SignedIn

    said = SignedIn(staff="0" * 32, by="bench")
    drafts = [
        Draft(fact=said, key=f"bench:{n}", actor="s:bench", obj="0" * 32) for n in range(start, start + count)
    ]
    started, busy = time.perf_counter(), time.process_time()
    with transaction.atomic():
        append_many(drafts)
    rows, rows_processor = time.perf_counter() - started, time.process_time() - busy
    heads = seal.seal_all()
    both, both_processor = time.perf_counter() - started, time.process_time() - busy
    assert heads, f"no head was published after {start + count} entries"
    return rows, both, rows_processor, both_processor


def _require_published(logs: Path, size: int) -> None:
    """Every entry is in the files, and they hold: what was not published has cost nothing."""
    from bankside.record.log.verify import verify_folder

    report = verify_folder(logs)
    assert report.holds and report.entries >= size, (report.entries, report.problems[:3])
