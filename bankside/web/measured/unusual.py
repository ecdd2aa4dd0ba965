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
    kept = known(figures)
    if kept is not None:
        return kept
    found = notes.of(figures)
    with _lock:
        _kept[_key(figures)] = (time.monotonic(), found)
        while len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
    return found


def known(figures: Figures) -> tuple[Note, ...] | None:
    """The same where they are kept; None when they would have to be looked for."""
    with _lock:
        kept = _kept.get(_key(figures))
    return kept[1] if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS else None


def _key(figures: Figures) -> Any:
    asked = figures.asked
    return asked.period, tuple(place.obj for place in asked.places), asked.filters


def forget() -> None:
    """Nothing is kept any more."""
    with _lock:
        _kept.clear()
