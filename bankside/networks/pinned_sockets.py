"""The sockets of one exchange: they connect to addresses that were checked, and end at its deadline."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable

import httpcore

from bankside.networks.pinned import Resolve, checked

ADDRESSES_TRIED_MAX = 4
WRITE_BYTES_MAX = 65_536


class Pinned(httpcore.NetworkBackend):
    """Resolves a name once and goes to one of its addresses, of which every one was checked."""

    def __init__(self, deadline: float, private: Callable[[str, int], bool], resolve: Resolve) -> None:
        self._deadline, self._private, self._resolve = deadline, private, resolve
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = checked(host, self._resolve(host, port), private=self._private(host, port))
        trouble: Exception = httpcore.ConnectError("The name has no address.")
        for address in addresses[:ADDRESSES_TRIED_MAX]:
            left = _left(self._deadline, timeout, httpcore.ConnectTimeout)
            try:
                return _Stream(self._sockets.connect_tcp(address, port, timeout=left), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble


class _Stream(httpcore.NetworkStream):
    """A stream whose every step ends at the deadline of the whole exchange."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_BYTES_MAX):
            left = _left(self._deadline, timeout, httpcore.WriteTimeout)
            self._stream.write(buffer[start : start + WRITE_BYTES_MAX], left)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _left(deadline: float, timeout: float | None, over: type[Exception]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise over("The time for the whole exchange is over.")
    return left if timeout is None else min(timeout, left)
