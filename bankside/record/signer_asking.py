"""How the signer is asked: HTTP over a Unix socket or on this machine's own address.

`unix:/a/path` is a socket with mode 0600; `127.0.0.1:7411` is reached by every user of the machine. Three
requests: POST /add-checkpoint with a head to sign, POST /keys or /head with the name of a log. Pure.
"""

from __future__ import annotations

import http.client
import socket
from contextlib import suppress
from typing import Final, NamedTuple

BODY_BYTES_MAX: Final = 65_536
ANSWER_SECONDS_MAX: Final = 20
UNIX: Final = "unix:"


class AddressWrong(ValueError):
    """Not an address where a signer can be: `unix:/a/path` or `127.0.0.1:PORT`."""


class SignerAway(RuntimeError):
    """The signer does not answer; nothing is known of what it would."""


class Answer(NamedTuple):
    """What is answered: an HTTP status, a body of text and its type."""

    status: int
    body: str
    type: str = "text/plain; charset=utf-8"


class Place(NamedTuple):
    """A path of a socket, or a port on 127.0.0.1."""

    path: str
    port: int


def place_of(address: str) -> Place:
    """What an address means; raises AddressWrong."""
    if address.startswith(f"{UNIX}/"):
        return Place(address.removeprefix(UNIX), 0)
    host, _, port = address.rpartition(":")
    if host != "127.0.0.1" or not port.isdecimal() or not 0 <= int(port) < 65_536:
        raise AddressWrong(f"{address!r} is not unix:/a/path and not 127.0.0.1:PORT")
    return Place("", int(port))


def ask(address: str, path: str, body: bytes) -> Answer:
    """One request to the signer; raises SignerAway or AddressWrong."""
    line = _Line(place_of(address))
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            line.request("POST", path, body)  # what is too long is answered before it is read, and not read
        found = line.getresponse()
        return Answer(found.status, found.read(BODY_BYTES_MAX).decode(), found.getheader("Content-Type", ""))
    except (OSError, http.client.HTTPException, UnicodeDecodeError) as trouble:
        raise SignerAway(f"the signer at {address} is away: {trouble}") from None
    finally:
        line.close()


class _Line(http.client.HTTPConnection):
    """A connection to either kind of place."""

    def __init__(self, place: Place) -> None:
        super().__init__("127.0.0.1", place.port, timeout=ANSWER_SECONDS_MAX)
        self._path = place.path

    def connect(self) -> None:
        if not self._path:
            return super().connect()
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ANSWER_SECONDS_MAX)
        return self.sock.connect(self._path)
