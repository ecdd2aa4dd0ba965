"""Rooms announce what makes their followers and audits known; it is done when somebody first asks.

A worker asks at once. Most commands never do, and would wait for half of the desk to be imported.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock

_announced: list[Callable[[], None]] = []
_bringing = RLock()


def later(make_known: Callable[[], None]) -> None:
    """A room says in `apps.py` what makes its followers and audits known."""
    _announced.append(make_known)


def bring() -> None:
    """Makes known what was announced; whoever asks meanwhile waits until all of it is."""
    if not _announced:
        return
    with _bringing:
        for make_known in list(_announced):
            make_known()
            if make_known in _announced:
                _announced.remove(make_known)
