"""Losing a desk and bringing it back: backup, restore into nothing, verified (fault 12, target 14).

Each step is a process of its own, as an operator runs it. What it is measured against is the least that could
bring the rows back: the tables of the backup, read and inserted, into a database with the same indexes.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from bench.desk import empty_desk

BATCH = 1_000
PEOPLE = 997
ROUNDS = 5
SECONDS_MAX = 7_200
TABLES = ("record_entry", "record_payload", "record_subject")


def measure(size: int) -> dict[str, float]:
    """`restore-minutes` from nothing to a verified desk; `restore-ratio` in times of copying the bare rows,
    `backup-ratio` in times of reading them; both of the processor. What is compared with lasts a few
    hundredths of a second: it is done several times, and the median counts."""
    with empty_desk() as folder:
        _fill(size)
        backup, seconds, cpu = folder / "backup", 0.0, 0.0
        _, backup_cpu, _ = _run(folder, "backup", str(backup))
        seconds, cpu, told = _run(folder / "again", "restore", str(backup), "--log", str(folder / "log"))
        assert told["entries"] >= size and not told["lost"], told
        _run(folder / "again", "verify")
        files = folder / "bankside.db", folder / "again" / "bankside.db", folder / "bare.db"
        reading, copying = map(median, zip(*(_bare(*files) for _ in range(ROUNDS)), strict=True))
        return {
            "restore-minutes": seconds / 60,
            "restore-ratio": cpu / copying,
            "backup-ratio": backup_cpu / reading,
        }


def _fill(size: int) -> None:
    """Entries of nearly a thousand people, published."""
    from django.db import transaction

    from bankside.record import seal, subjects
    from bankside.record.append import Draft, append_many
    from bankside.record.facts.people import SignedIn

    said = SignedIn(staff="0" * 32, by="bench " * 20)
    known = subjects.subjects_of(("bench", str(n)) for n in range(PEOPLE))
    people = sorted(known.values())
    for start in range(0, size, BATCH):
        drafts = [
            Draft(fact=said, key=f"bench:{n}", actor="s:bench", obj=f"{n:032x}", subj=people[n % PEOPLE])
            for n in range(start, min(start + BATCH, size))
        ]
        with transaction.atomic():
            append_many(drafts)
    while seal.seal_all():
        pass


def _run(data: Path, *words: str) -> tuple[float, float, Any]:
    """Seconds, seconds of the processor, and what it said."""
    env = {**os.environ, "BANKSIDE_DATA": str(data), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    before, started = os.times(), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "bankside", *words, "--json"], env=env, capture_output=True, text=True,
        timeout=SECONDS_MAX, cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip
    seconds, after = time.monotonic() - started, os.times()
    assert done.returncode == 0, done.stdout + done.stderr
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, used, json.loads(done.stdout)


def _bare(source: Path, made: Path, target: Path) -> tuple[float, float]:
    """Seconds of the processor for reading all rows, and for copying them, with the same indexes, anew."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        with closing(sqlite3.connect(made)) as same:
            names = "', '".join(TABLES)
            asked = f"select sql from sqlite_master where tbl_name in ('{names}') and type <> 'trigger'"
            for (statement,) in same.execute(f"{asked} and sql is not null order by type desc"):
                new.execute(statement)
        started = time.process_time()
        for table in TABLES:
            for _ in old.execute(f'select * from "{table}"'):
                pass
        reading = time.process_time() - started
        started = time.process_time()
        for table in TABLES:
            rows = old.execute(f'select * from "{table}"')
            marks = ", ".join("?" for _ in rows.description)
            new.executemany(f'insert into "{table}" values ({marks})', rows)
        new.commit()
        return reading, time.process_time() - started
