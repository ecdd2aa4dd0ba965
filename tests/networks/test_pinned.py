from __future__ import annotations

import datetime
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bankside.networks import pinned
from bankside.networks.contract import Later, Refused, Uncertain
from bankside.networks.wire import Wire
from tests.networks.hostile import says, serving

BLOG = "https://blog.hanulbank.example"
SLOW_SECONDS = 20


def local(port: int, **more: Any) -> Wire:
    return Wire([f"127.0.0.1:{port}"], private_hosts=["127.0.0.1"], **more)


# --- which addresses are outside ---------------------------------------------------------------------
INSIDE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "198.18.0.1", "192.0.0.1", "192.0.2.1", "240.0.0.1",
    "192.88.99.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::",
    "2001:0:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused_alone_and_beside_a_good_one(address: str) -> None:
    for answer in ([address], ["93.184.216.34", address], [address, "93.184.216.34"]):
        with pytest.raises(Refused):
            pinned.checked("blog.hanulbank.example", answer, private=False)


def test_addresses_outside_pass_and_listed_hosts_may_be_inside() -> None:
    outside = ["93.184.216.34", "2606:2800:220:1::1"]
    assert pinned.checked("x", outside, private=False) == outside
    assert pinned.checked("x", ["127.0.0.1", "10.0.0.1", "::1"], private=True) == [
        "127.0.0.1",
        "10.0.0.1",
        "::1",
    ]


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "::ffff:169.254.169.254"]
)
def test_even_a_listed_host_does_not_lead_to_the_metadata_of_the_machine(address: str) -> None:
    with pytest.raises(Refused):
        pinned.checked("intranet", [address], private=True)


def test_a_name_is_asked_once_and_the_socket_goes_to_what_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, connected = [], []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(self: object, host: str, port: int, **_: object) -> httpcore.NetworkStream:
        connected.append((host, port))
        raise httpcore.ConnectError("stop here")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    wire = Wire(["blog.hanulbank.example"], resolve=resolve)
    with pytest.raises(Later):
        wire.get(BLOG)
    assert asked == [("blog.hanulbank.example", 443)] and connected == [("93.184.216.34", 443)]
    with pytest.raises(Refused):
        wire.get(BLOG)
    assert connected == [("93.184.216.34", 443)], "the second answer led inside, and nobody went there"


@pytest.mark.network
@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "[::1]"])
def test_no_way_of_writing_loopback_passes(host: str) -> None:
    with serving(says("200 OK")) as server:
        wire = Wire([host, f"{host}:{server.port}"])
        for url in (f"https://{host}/", f"https://{host}:{server.port}/"):
            with pytest.raises((Refused, Later)):
                wire.get(url)
        assert server.requests == []


def test_a_name_that_nobody_resolves_in_time_is_later(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def slow(*_: object, **__: object) -> list[str]:
        over.wait(SLOW_SECONDS)
        return []

    monkeypatch.setattr(pinned, "RESOLVE_SECONDS_MAX", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", slow)
    began = time.monotonic()
    with pytest.raises(Later):
        Wire(["blog.hanulbank.example"]).get(BLOG)
    assert time.monotonic() - began < SLOW_SECONDS / 2
    over.set()


def test_a_name_that_is_unknown_is_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Later):
        Wire(["blog.hanulbank.example"]).post(BLOG)


# --- hostile servers, on real sockets ----------------------------------------------------------------
Answering = Callable[[socket.socket, bytes], None]


def _drip(head: bytes) -> Answering:
    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(head)
        for _ in range(200):
            connection.sendall(b"x")
            time.sleep(0.05)

    return answer


@pytest.mark.network
@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: "]
)
def test_a_server_that_drips_is_left_at_the_deadline(head: bytes) -> None:
    with serving(_drip(head)) as server:
        for method, error in (("GET", Later), ("POST", Uncertain)):
            began = time.monotonic()
            with pytest.raises(error):
                local(server.port).ask(method, server.url, deadline_seconds=0.4)
            assert time.monotonic() - began < 1.5


@pytest.mark.network
def test_a_server_that_says_nothing_is_left_at_the_deadline() -> None:
    with serving(lambda connection, _: time.sleep(3)) as server:
        for method, error in (("GET", Later), ("POST", Uncertain)):
            began = time.monotonic()
            with pytest.raises(error):
                local(server.port).ask(method, server.url, deadline_seconds=0.4)
            assert time.monotonic() - began < 1.5


@pytest.mark.network
def test_a_server_that_never_reads_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port, began = deaf.getsockname()[1], time.monotonic()
        with pytest.raises(Uncertain):
            local(port).post(f"http://127.0.0.1:{port}", content=b"x" * 20_000_000, deadline_seconds=0.5)
        assert time.monotonic() - began < 2


@pytest.mark.network
def test_nobody_listening_is_later_also_for_a_write() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Later):
        local(port).post(f"http://127.0.0.1:{port}/")


@pytest.mark.network
@pytest.mark.parametrize(
    "answer",
    [
        lambda c, _: None,
        lambda c, _: c.sendall(b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{"),
        lambda c, _: c.sendall(b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"),
        lambda c, _: c.sendall(b"SSH-2.0-OpenSSH\r\n"),
        lambda c, _: c.sendall(b"\x00" * 200_000),
        lambda c, _: c.sendall(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000 + b"\r\n"),
        says("200 OK", b"not gzip", "content-encoding: gzip"),
        says("200 OK", b"x", "content-encoding: br"),
    ],
)
def test_a_broken_answer_to_a_write_is_doubt_and_to_a_read_patience(answer: Answering) -> None:
    with serving(answer) as server:
        for method, error in (("GET", Later), ("POST", Uncertain)):
            with pytest.raises(error):
                local(server.port).ask(method, server.url)


@pytest.mark.network
def test_an_answer_may_not_be_larger_than_its_limit_packed_or_not() -> None:
    bomb = gzip.compress(b"\x00" * 50_000_000)
    assert len(bomb) < 60_000
    answers = (says("200 OK", b"x" * 100_001), says("200 OK", bomb, "content-encoding: gzip"))
    for answer in answers:
        with serving(answer) as server:
            with pytest.raises(Refused):
                local(server.port).get(server.url, bytes_max=100_000)
            with pytest.raises(Uncertain):
                local(server.port).post(server.url, bytes_max=100_000)


@pytest.mark.network
def test_an_endless_answer_is_left_at_its_limit() -> None:
    def endless(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with serving(endless) as server, pytest.raises(Refused):
        local(server.port).get(server.url)


@pytest.mark.network
def test_a_packed_answer_is_unpacked_and_the_name_stays_in_the_host_header() -> None:
    body = gzip.compress("안녕하세요 你好".encode())
    with serving(says("200 OK", body, "content-encoding: gzip")) as server:
        name = f"intranet.hanulbank.example:{server.port}"
        wire = Wire([name], private_hosts=[name], resolve=lambda host, port: ["127.0.0.1"])
        assert wire.get(f"http://{name}/a?b=1").text == "안녕하세요 你好"
        head = server.requests[0].lower()
    assert (
        b"host: " + name.encode() in head and head.startswith(b"get /a?b=1 ") and b"connection: close" in head
    )


@pytest.mark.network
def test_tls_asks_for_the_name_and_believes_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, server_side = _certified("blog.hanulbank.example", tmp_path)
    monkeypatch.setattr(pinned, "tls", lambda: authority)
    asked: list[str | None] = []
    server_side.sni_callback = lambda _, name, __: asked.append(name)

    def answer(connection: socket.socket, _: bytes) -> None:
        says("200 OK", b"{}")(connection, b"")

    with serving(answer, tls=server_side) as server:
        for name, good in (("blog.hanulbank.example", True), ("evil.hanulbank.example", False)):
            place = f"{name}:{server.port}"
            wire = Wire([place], private_hosts=[place], resolve=lambda host, port: ["127.0.0.1"])
            if good:
                assert wire.get(f"https://{place}/").json() == {}
            else:
                with pytest.raises(Later):
                    wire.post(f"https://{place}/")
    assert asked == ["blog.hanulbank.example", "evil.hanulbank.example"] and len(server.requests) == 1


def _certified(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(what a client trusts, what the server shows): one self-made certificate for one name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "both.pem").write_bytes(secret + pem)
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(folder / "both.pem")
    return ssl.create_default_context(cadata=pem.decode()), shown


@pytest.mark.network
def test_nothing_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with serving(says("200 OK", b"{}")) as server:
        assert local(server.port).get(server.url).json() == {}
