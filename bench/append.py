"""Appending: how many facts a second in batches of 1,000, whether a longer record makes it slower, and what
all of it (leaf, hash, keys, encryption, indexes) costs beside writing the same bytes without any of it."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from statistics import median

from bench.desk import empty_desk

BATCH = 1_000


def measure(size: int) -> dict[str, float]:
    """Appends `size` facts: `append-rate` in facts a second, `append-growth` last fifth against first,
    `append-against-raw` its seconds against those of bare inserts of the same rows in the same run. The
    ratios are of the median batch: one batch for which the disk is away for a moment says nothing."""
    with empty_desk() as folder:
        seconds = [_append(start) for start in range(0, size, BATCH)]
        raw = _copied() if _is_postgresql() else _raw(folder, size)
    fifth = max(1, len(seconds) // 5)
    growth = median(seconds[-fifth:]) / median(seconds[:fifth])
    return {
        "append-rate": size / sum(seconds),
        "append-growth": growth,
        "append-against-raw": median(seconds) * len(seconds) / raw,
    }


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


def _is_postgresql() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"


def _copied() -> float:
    """On PostgreSQL: both tables of the record, as COPY takes them."""
    from bench import copied

    return copied.seconds(("record_entry", "record_payload"), BATCH)


def _raw(folder: Path, size: int) -> float:
    """Seconds of the same leaves, hashes and ciphertexts into one bare table, as durable, batch by batch."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode=wal", "synchronous=full", "cache_size=-64000"):
        bare.execute(f"pragma {pragma}")
    bare.execute(
        "create table bare (n integer primary key, key text unique, leaf blob, hash blob, body blob)"
    )
    seconds = 0.0
    for start in range(0, size, BATCH):
        rows = _recorded(start)
        started = time.perf_counter()
        bare.execute("begin immediate")
        bare.executemany("insert into bare values (?, ?, ?, ?, ?)", rows)
        bare.execute("commit")
        seconds += time.perf_counter() - started
    bare.close()
    return seconds


def _recorded(start: int) -> list[tuple[int, str, bytes, bytes, bytes]]:
    """One batch as it lies in the record: arrival number, key, leaf, hash, words with their salt."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select e.n, e.key, e.leaf, e.hash, p.body from record_entry e "
            "join record_payload p on p.n = e.n where e.seq >= %s and e.seq < %s order by e.n",
            [start, start + BATCH],
        )
        return list(cursor.fetchall())
