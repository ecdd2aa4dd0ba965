"""Sockets in tests: shut, or open to this machine alone where a test says that it needs them."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest

# A test with one of these marks may speak to servers on this machine; no test speaks to the outside.
OPENING = ("network", "server", "browser")
REAL = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
REAL_LOOKUP = socket.getaddrinfo


class SocketShut(RuntimeError):
    """A unit test tried to open a connection."""


def shut(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shuts the sockets of Python for one test, in as far as its marks do not open them."""
    local = any(request.node.get_closest_marker(mark) for mark in OPENING)
    for name, real in REAL.items():
        monkeypatch.setattr(socket.socket, name, _guarded(real, local))
    if not local:
        monkeypatch.setattr(socket, "getaddrinfo", _no_lookup)


def open_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opens them again for one test, to the outside too."""
    for name, real in REAL.items():
        monkeypatch.setattr(socket.socket, name, real)
    monkeypatch.setattr(socket, "getaddrinfo", REAL_LOOKUP)


def may_pass(address: object, local: bool) -> bool:
    """Unix sockets always; a loopback address where this machine is open; nothing else."""
    if not isinstance(address, tuple):
        return True
    try:
        return local and ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return local and address[0] == "localhost"


def _guarded(real: Callable[..., Any], local: bool) -> Callable[..., Any]:
    def guarded(self: socket.socket, *given: Any) -> Any:
        if not may_pass(given[-1], local):
            raise SocketShut(
                f"{given[-1]}: sockets are shut in tests; mark it `network` to reach this machine"
            )
        return real(self, *given)

    return guarded


def _no_lookup(host: object, *_: object, **__: object) -> Any:
    raise SocketShut(f"{host}: names are not looked up in tests; mark it `network` to reach this machine")
