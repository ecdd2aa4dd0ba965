"""At most so many questions to one server at the same time: one that is dead or slow holds up nobody else.

Calls are made in the threads of the worker, of which there are 32. A server that answers nobody keeps each
call for as long as the wire lets it; without this, the channels of one network could hold all threads.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bankside.channels.models import Channel
from bankside.networks.catalogue import network

AT_ONCE_MAX = 12
WAIT_SECONDS = 2
"""After so long it is tried again whether a turn is free."""

_lock = threading.Lock()
_under_way: Counter[str] = Counter()


def server_of(channel: Channel) -> str:
    """What names the server of a channel. Raises Refused when its settings name none."""
    return " ".join((channel.network, *sorted(network(channel.network).hosts_for(dict(channel.settings)))))


@contextmanager
def turn(server: str) -> Iterator[bool]:
    """Whether one of the server's turns was free; it is held until the end of the block."""
    with _lock:
        free = _under_way[server] < AT_ONCE_MAX
        _under_way[server] += free
    try:
        yield free
    finally:
        with _lock:
            _under_way[server] -= free
            if not _under_way[server]:
                del _under_way[server]
