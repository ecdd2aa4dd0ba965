"""Unit tests run with sockets shut, and no test reaches the outside."""

from __future__ import annotations

import socket

import pytest

from tests.house import tree
from tests.sockets import SocketShut, may_pass

OUTSIDE = ("192.0.2.1", 80)


def test_a_connection_is_refused() -> None:
    with socket.socket() as door, pytest.raises(SocketShut):
        door.connect(("127.0.0.1", 9))
    with pytest.raises(SocketShut):
        socket.create_connection(("127.0.0.1", 9), timeout=1)


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(SocketShut):
        socket.getaddrinfo("bank.example", 443)


def test_a_datagram_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as door, pytest.raises(SocketShut):
        door.sendto(b"x", ("127.0.0.1", 9))


@pytest.mark.network
def test_this_machine_is_open_where_a_test_says_so() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname(), timeout=5):
        server.accept()[0].close()


@pytest.mark.network
def test_the_outside_is_shut_even_then() -> None:
    with socket.socket() as door, pytest.raises(SocketShut):
        door.connect(OUTSIDE)


def test_what_may_pass() -> None:
    assert may_pass("/run/a-unix-socket", local=False)
    assert not may_pass(("127.0.0.1", 80), local=False)
    assert may_pass(("127.0.0.1", 80), local=True)
    assert may_pass(("::1", 80, 0, 0), local=True)
    assert not may_pass(OUTSIDE, local=True)
    assert not may_pass(("bank.example", 443), local=True)


def test_no_test_takes_back_what_its_fixtures_put_up() -> None:
    """Shut sockets and a log of its own are patches too: `with monkeypatch.context()` takes back its own."""
    wanted = "monkeypatch." + "undo("
    assert [str(file) for file in tree.under("tests") if wanted in tree.text(file)] == []
