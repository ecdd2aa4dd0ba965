"""How often one may ask: counted in this process's memory, forgotten after a minute, written nowhere.

Neither a link nor a code can be guessed whatever the pace; this keeps a program that tries from costing the
desk anything.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from bankside.record import clock

WINDOW_SECONDS: Final = 60
ASKED_MAX: Final = 120
"""Requests by one link a minute: a person who reads sends some twenty."""
MISSED_MAX: Final = 20
"""Links that open nothing, from one address a minute."""
CODES_MAX: Final = 30
"""Shops' codes that one member has read a minute: nobody stands before more counters."""
KEPT_MAX: Final = 10_000

_lock = threading.Lock()
_counted: OrderedDict[str, tuple[int, int]] = OrderedDict()


def within(name: str, most: int) -> bool:
    """Counts one under this name; False once there were more than `most` in its minute."""
    now = clock.now_ms()
    with _lock:
        began, count = _counted.pop(name, (now, 0))
        if now - began >= WINDOW_SECONDS * 1000:
            began, count = now, 0
        _counted[name] = (began, count + 1)
        while len(_counted) > KEPT_MAX:
            _counted.popitem(last=False)
    return count < most


def spent(name: str, most: int) -> bool:
    """Whether the minute of this name is used up; counts nothing."""
    with _lock:
        began, count = _counted.get(name, (0, 0))
    return count >= most and clock.now_ms() - began < WINDOW_SECONDS * 1000


def forget() -> None:
    """Nothing was counted: for tests."""
    with _lock:
        _counted.clear()
