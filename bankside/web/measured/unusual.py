"""What was unusual, kept for ten minutes: looking back over weeks costs as much as the rest of the page."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import Any, Final

from bankside.measures import notes
from bankside.measures.figures import Figures
from bankside.measures.notes import Note

KEPT_SECONDS: Final = 600
KEPT_MAX: Final = 500
_kept: OrderedDict[Any, tuple[float, tuple[Note, ...]]] = OrderedDict()
_lock = Lock()


def of(figures: Figures) -> tuple[Note, ...]:
    """The notes on a period over these channels; at most ten minutes old."""
    asked = figures.asked
    key = (asked.period, tuple(place.obj for place in asked.places), asked.filters)
    with _lock:
        known = _kept.get(key)
    if known is not None and time.monotonic() - known[0] < KEPT_SECONDS:
        return known[1]
    found = notes.of(figures)
    with _lock:
        _kept[key] = (time.monotonic(), found)
        while len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """Nothing is kept any more."""
    with _lock:
        _kept.clear()
