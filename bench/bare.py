"""The least that a page can cost: a bare callable, the list's one statement, msgspec. No sign-in, no words.

Served beside the desk by `bench/inbox.py`; BENCH_DATABASE and BENCH_SQL say what it reads.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

_database = sqlite3.connect(os.environ["BENCH_DATABASE"], check_same_thread=False)
_database.execute("pragma cache_size=-64000")
_sql = os.environ["BENCH_SQL"]
_HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}


async def application(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
    """Answers every request with the first page of the list."""
    rows = _database.execute(_sql, [50]).fetchall()
    await send(_HEAD)
    await send({"type": "http.response.body", "body": msgspec.json.encode(rows)})
