"""Servers on 127.0.0.1 that behave badly, each for one test."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Heard:
    """Where the server listens and what it was asked."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(
    answer: Callable[[socket.socket, bytes], None], *, tls: ssl.SSLContext | None = None
) -> Iterator[Heard]:
    """Hands every connection with its request (head and announced body) to `answer`."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard = Heard(listening.getsockname()[1])
    stop = threading.Event()

    def one(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                if tls:
                    connection = tls.wrap_socket(connection, server_side=True)
                request = _request(connection)
                heard.requests.append(request)
                answer(connection, request)
            except OSError:
                return
            finally:
                connection.close()

    def run() -> None:
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _request(connection: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        if not (part := connection.recv(65536)):
            return found
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    while len(body) < length and (part := connection.recv(65536)):
        body += part
    return head + b"\r\n\r\n" + body


def says(status: str, body: bytes = b"", *headers: str) -> Callable[[socket.socket, bytes], None]:
    """A whole, honest answer."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers, "", ""]
    return lambda connection, _: connection.sendall("\r\n".join(lines).encode() + body)
