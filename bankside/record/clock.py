"""The desk's clock: integer UTC milliseconds inside, `...Z` strings at the edges."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache

_frozen_ms: int | None = None


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return _frozen_ms if _frozen_ms is not None else time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`, the only form of time in leaves and in the API."""
    seconds, rest = divmod(ms, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    """What comes in a batch comes in the same few seconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def from_iso(text: str) -> int:
    """Milliseconds of an ISO 8601 time; raises ValueError when it names no zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; end it with Z or an offset such as +09:00")
    return round(moment.timestamp() * 1000)


def year_of(ms: int) -> int:
    """The UTC year, which names the log that an entry goes to."""
    return datetime.fromtimestamp(ms // 1000, UTC).year


@contextmanager
def frozen(ms: int) -> Iterator[None]:
    """Holds the clock at `ms`, for tests of expiry and lateness."""
    global _frozen_ms
    before, _frozen_ms = _frozen_ms, ms
    try:
        yield
    finally:
        _frozen_ms = before
