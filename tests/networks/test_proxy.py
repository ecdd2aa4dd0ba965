"""Through a proxy: the wire goes to it and nowhere else, and keeps its list of hosts and its guard."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpcore
import pytest

from bankside.networks import pinned, proxies
from bankside.networks.catalogue import network
from bankside.networks.contract import Later, Refused
from bankside.networks.wire import Wire
from tests.networks.hostile import says, serving
from tests.networks.test_pinned import _certified

pytestmark = pytest.mark.network


class Proxy:
    """A proxy that passes nothing on: it notes what it is asked, and answers itself."""

    def __init__(self, answer: bytes) -> None:
        self.asked: list[str] = []
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.host = self.address.removeprefix("http://")
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                self.asked.append(line.recv(65_536).split(b"\r\n")[0].decode())
                line.sendall(self._answer)


@pytest.fixture
def refusing() -> Iterator[Proxy]:
    proxy = Proxy(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
    yield proxy
    proxy.close()


@pytest.fixture
def forwarding() -> Iterator[Proxy]:
    body = b'{"ok": true}'
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    proxy = Proxy(head + body)
    yield proxy
    proxy.close()


def unknown(host: str, port: int) -> list[str]:
    """A house in which names of the outside are known to the proxy alone."""
    if host == "127.0.0.1":
        return ["127.0.0.1"]
    raise httpcore.ConnectError("The name cannot be resolved.")


def test_what_is_encrypted_goes_through_a_tunnel_and_a_refusal_sends_nothing(refusing: Proxy) -> None:
    wire = Wire(["api.hanul.example"], private_hosts=[refusing.host], proxy=refusing.address, resolve=unknown)
    for write in (wire.get, wire.post):
        with pytest.raises(Later, match=r"api\.hanul\.example cannot be reached"):
            write("https://api.hanul.example/v1/posts")
    assert refusing.asked == ["CONNECT api.hanul.example:443 HTTP/1.1"] * 2


def test_a_host_inside_the_house_is_asked_of_the_proxy_too(forwarding: Proxy) -> None:
    wire = Wire(
        ["blog.hanul.example"], private_hosts=[forwarding.host, "blog.hanul.example"],
        proxy=forwarding.address, resolve=unknown,
    )  # fmt: skip
    assert wire.get("http://blog.hanul.example/feed").json() == {"ok": True}
    assert forwarding.asked == ["GET http://blog.hanul.example/feed HTTP/1.1"]


def test_the_list_of_hosts_holds_behind_a_proxy(forwarding: Proxy) -> None:
    wire = Wire(
        ["api.hanul.example"], private_hosts=[forwarding.host], proxy=forwarding.address, resolve=unknown
    )
    with pytest.raises(Refused, match="not one of the hosts"):
        wire.get("https://evil.example/")
    with pytest.raises(Refused, match="without encryption"):
        wire.get("http://api.hanul.example/")
    assert forwarding.asked == []


def test_a_host_that_is_seen_to_be_inside_is_refused_before_the_proxy(forwarding: Proxy) -> None:
    def inside(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "127.0.0.1" else ["10.0.0.7"]

    wire = Wire(
        ["api.hanul.example"], private_hosts=[forwarding.host], proxy=forwarding.address, resolve=inside
    )
    with pytest.raises(Refused, match="inside the house"):
        wire.get("https://api.hanul.example/")
    assert forwarding.asked == []


def test_a_proxy_inside_the_house_has_to_be_on_the_operators_list(forwarding: Proxy) -> None:
    wire = Wire(["api.hanul.example"], proxy=forwarding.address, resolve=unknown)
    with pytest.raises(Refused, match="inside the house"):
        wire.get("https://api.hanul.example/")
    assert forwarding.asked == []


def test_a_proxy_that_is_not_there_is_no_doubt(forwarding: Proxy) -> None:
    forwarding.close()
    wire = Wire(
        ["api.hanul.example"], private_hosts=[forwarding.host], proxy=forwarding.address, resolve=unknown
    )
    with pytest.raises(Later):
        wire.post("https://api.hanul.example/")


@contextlib.contextmanager
def tunnel_to(port: int) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that passes everything on to one port of this machine; what it sees goes into the list."""
    listening, seen = socket.create_server(("127.0.0.1", 0)), list[bytes]()

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(65_536):
                seen.append(part)
                target.sendall(part)
            target.shutdown(socket.SHUT_WR)

    def run() -> None:
        line, _ = listening.accept()
        with line, socket.create_connection(("127.0.0.1", port)) as there:
            seen.append(line.recv(65_536))
            line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(there, line), daemon=True)
            back.start()
            pump(line, there)
            back.join(5)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", seen
    thread.join(5)
    listening.close()


def test_through_the_tunnel_the_network_is_believed_by_its_name_and_the_proxy_reads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, server_side = _certified("api.hanul.example", tmp_path)
    monkeypatch.setattr(pinned, "tls", lambda: trusted)
    answering = says("200 OK", b'{"id": 7}')
    with serving(answering, tls=server_side) as server, tunnel_to(server.port) as (address, seen):
        inside = address.removeprefix("http://")
        wire = Wire(["api.hanul.example"], private_hosts=[inside], proxy=address, resolve=unknown)
        answer = wire.post("https://api.hanul.example/v1", json={"text": "비밀번호"})
        assert answer.json() == {"id": 7} and server.requests[0].startswith(b"POST /v1 ")
    assert seen[0].startswith(b"CONNECT api.hanul.example:443 ")
    assert b"/v1" not in b"".join(seen) and "비밀번호".encode() not in b"".join(seen)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("http://proxy.hanul.example:3128", "http://proxy.hanul.example:3128"),
        (" https://Proxy.hanul.example/ ", "https://proxy.hanul.example:443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_proxy_is_written_in_one_form(text: str, kept: str) -> None:
    assert proxies.checked(text) == kept


@pytest.mark.parametrize(
    "text",
    ["", "proxy:3128", "socks5://proxy:1080", "http://", "http://a:b@proxy:3128", "http://proxy/path",
     "http://proxy:port", "http://proxy:3128?x", "http://[::1"],
)  # fmt: skip
def test_what_is_no_proxy_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="A proxy is written as"):
        proxies.checked(text)


def test_the_setting_of_a_channel_is_the_proxy_of_its_wires() -> None:
    data, chosen = network("practice"), {"proxy": "http://proxy.hanul.example:3128"}
    assert data.wire(chosen)._proxy == data.pictures_wire(chosen)._proxy == chosen["proxy"]
    assert data.wire({})._proxy == data.pictures_wire({})._proxy == ""
