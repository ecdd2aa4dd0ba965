"""From what a network sent to conversations: kept in batches of 1,000, made into facts and followed as the
worker does it.

Every part is set against bare inserts of the very rows that it wrote, into tables with the same columns, keys
and indexes, as durable, in the same run. The record does more than write: it checks and hashes a leaf, makes
a key for each entry, encrypts its words and commits to them.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench.crowd import WORDS
from bench.desk import empty_desk

BATCH = 1_000
MESSAGES_EACH = 4
AGENT_EVERY_SECONDS = 0.1
RECORD = ("record_entry", "record_payload")
WHOLE = (
    "channels_item", "channels_thread", "channels_sighting", *RECORD, "inbox_conversation", "inbox_message",
)  # fmt: skip


def measure(size: int) -> dict[str, float]:
    """Ingests `size` items. `ingest-rate` a second in all; `ingest-keep`, `ingest-facts` and `ingest-inbox`
    milliseconds an item of each part; `ingest-record` and `ingest-all` the bare inserts' time in parts of
    ours; `ingest-agent` the 99th percentile in ms of a member of staff's write meanwhile.
    """
    with empty_desk() as folder:
        channel = _channel(folder)
        parts = [_batch(channel, start, min(BATCH, size - start)) for start in range(0, size, BATCH)]
        keep, facts, inbox, record = (sum(column) for column in zip(*parts, strict=True))
        figures = {
            "ingest-rate": size / (keep + facts + inbox),
            "ingest-keep": 1000 * keep / size,
            "ingest-facts": 1000 * facts / size,
            "ingest-inbox": 1000 * inbox / size,
            "ingest-record": _bare(folder, RECORD) / record,
            "ingest-all": _bare(folder, WHOLE) / (keep + facts + inbox),
        }
        return figures | {"ingest-agent": _agent_ms(channel, size)}


def _agent_ms(channel: Any, start: int) -> float:
    """The 99th percentile in ms of somebody's writes while one more batch comes in."""
    agent = _Agent()
    agent.start()
    try:
        _batch(channel, start, BATCH)
    finally:
        agent.end()
    return agent.p99_ms()


def _channel(folder: Path) -> Any:
    from bankside.channels import connect

    settings = {"folder": str(folder / "network"), "customers": "no"}
    return connect.add(None, "practice", name="Hanul Bank", settings=settings, secrets={})


def _batch(channel: Any, start: int, count: int) -> tuple[float, float, float, float]:
    """Seconds of keeping, making facts, following; and of appending alone, which is part of the second."""
    from django.db import transaction

    from bankside.channels import kept, reading
    from bankside.inbox.projections import INBOX
    from bankside.inbox.reactions import TRIAGES
    from bankside.record import clock, projection
    from bankside.record.lane import lane_count

    items = [_item(number) for number in range(start, start + count)]

    def keep() -> None:
        now = clock.now_ms()
        with transaction.atomic():
            kept.write([kept.row_of(channel, item, via=kept.POLL, now_ms=now) for item in items])

    def facts() -> None:
        pace = _pace("read")
        while pace.take(reading.read_kept):
            pass

    def follow() -> None:
        pace = _pace("follow")
        for lane in range(lane_count()):
            for follower in (INBOX, TRIAGES, INBOX):
                while pace.take(partial(projection.catch_up, follower, lane)):
                    pass

    with _Appending() as appending:
        return _seconds(keep), _seconds(facts), _seconds(follow), appending.seconds


@cache
def _pace(what: str) -> Any:
    """How the worker paces itself; one for all batches, since it learns."""
    from bankside.worker import Pace

    return Pace()


class _Appending:
    """Times `append_many` where intake calls it; the commit of its transaction is not in it."""

    def __enter__(self) -> _Appending:
        from bankside.channels import reading

        self.seconds, self._module = 0.0, vars(reading)
        self._append = self._module["append_many"]

        def timed(drafts: Any) -> Any:
            started = time.perf_counter()
            try:
                return self._append(drafts)
            finally:
                self.seconds += time.perf_counter() - started

        self._module["append_many"] = timed
        return self

    def __exit__(self, *error: object) -> None:
        self._module["append_many"] = self._append


def _seconds(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _item(number: int) -> Any:
    from bankside.networks.contract import Item

    thread, turn = divmod(number, MESSAGES_EACH)
    name, lang, text = WORDS[thread % len(WORDS)]
    root = f"comment:{thread}.0"
    own_id = f"comment:{thread}.{turn}"
    raw = {
        "id": own_id, "kind": "comment", "version": "1",
        "author": {"id": f"account:{thread}", "handle": f"@guest{thread}", "name": name, "lang": lang},
        "text": f"{text} {number}", "lang": lang, "thread": root, "in_reply_to": root if turn else "",
        "private": False, "own": False, "deleted": False, "created_ms": 1_795_600_000_000 + number,
        "url": "", "images": [],
    }  # fmt: skip
    return Item(remote_id=own_id, version="1", raw=raw)


def _bare(folder: Path, tables: Iterable[str]) -> float:
    """Seconds of inserting the rows of these tables into their likenesses in a bare database, in batches."""
    from django.db import connection

    if connection.vendor == "postgresql":
        return _copied(tables)
    source = sqlite3.connect(folder / "bankside.db")
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode=wal", "synchronous=full", "cache_size=-64000"):
        bare.execute(f"pragma {pragma}")
    seconds = 0.0
    for table in tables:
        made = "select sql from sqlite_master where tbl_name = ? and type in ('table', 'index') and sql > ''"
        bare.execute(f"drop table if exists {table}")
        for (sql,) in source.execute(f"{made} order by type desc", [table]).fetchall():
            bare.execute(sql)
        rows = source.execute(f"select * from {table} order by rowid")
        marks = ", ".join("?" * len(rows.description))
        while some := rows.fetchmany(BATCH):
            started = time.perf_counter()
            bare.execute("begin immediate")
            bare.executemany(f"insert into {table} values ({marks})", some)
            bare.execute("commit")
            seconds += time.perf_counter() - started
    bare.close()
    source.close()
    return seconds


def _copied(tables: Iterable[str]) -> float:
    """On PostgreSQL: as COPY takes them, each table once."""
    from bench import copied

    new = [table for table in tables if table not in _KNOWN]
    _KNOWN.update({table: copied.seconds([table], BATCH) for table in new})
    return sum(_KNOWN[table] for table in tables)


_KNOWN: dict[str, float] = {}


class _Agent(threading.Thread):
    """Somebody who writes one fact ten times a second while everything comes in."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._ended = threading.Event()
        self._seconds: list[float] = []

    def run(self) -> None:
        from django.db import connection

        while not self._ended.wait(AGENT_EVERY_SECONDS):
            self._seconds.append(_seconds(_write_or_give_up))
        connection.close()

    def end(self) -> None:
        """Stops, and waits for the last write."""
        self._ended.set()
        self.join()

    def p99_ms(self) -> float:
        """The 99th percentile in milliseconds."""
        return 1000 * sorted(self._seconds)[int(len(self._seconds) * 0.99)] if self._seconds else 0.0


def _write_or_give_up() -> None:
    from django.db import OperationalError

    with suppress(OperationalError):  # busy for longer than anybody waits; the time that it took is counted
        _write()


def _write() -> None:
    from django.db import transaction

    from bankside.record.append import append
    from bankside.record.facts.people import SignedIn
    from bankside.record.ids import new_id

    with transaction.atomic():
        append(SignedIn(staff="0" * 32, by="bench"), f"bench:{new_id()}", actor="s:bench", obj="0" * 32)
