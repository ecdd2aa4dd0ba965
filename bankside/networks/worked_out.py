"""What msgspec knows of our classes, worked out by one thread before many use it.

msgspec works a class out at its first use. When two threads do so at once it crashes the whole process: what
it keeps with the class can be seen before it is whole (0.22.0, `tests/networks/test_worked_out.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

import msgspec

_ONE_AT_A_TIME = Lock()
_done: set[type[msgspec.Struct]] = set()


def work_out(package: str) -> None:
    """Every class of this package that was imported so far; safe to call from many threads."""
    with _ONE_AT_A_TIME:
        for kind in set(_kinds(msgspec.Struct)) - _done:
            if f"{kind.__module__}.".startswith(f"{package}."):
                msgspec.json.Decoder(kind)
                _done.add(kind)


def _kinds(of: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)
