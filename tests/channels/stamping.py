"""For tests: a time-stamp authority on this machine, made of `openssl ts`, honest or not as it is told."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers import in_thread

SECONDS_MAX = 20
SETTINGS = """
[tsa]
default_tsa = here
[here]
dir = {here}
serial = $dir/serial
signer_cert = $dir/tsa.pem
certs = $dir/ca.pem
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256, sha512
ess_cert_id_chain = no
"""
FOR_STAMPS = "extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n"


def made(folder: Path) -> Path:
    """An authority's folder: a root (`ca.pem`), a certificate for time-stamps under it, and its settings."""
    folder.mkdir(parents=True)
    (folder / "tsa.cnf").write_text(SETTINGS.format(here=folder))
    (folder / "serial").write_text("01\n")
    (folder / "ext").write_text(FOR_STAMPS)
    new = ["req", "-newkey", "rsa:2048", "-nodes", "-config", "/dev/null"]
    openssl(folder, *new, "-x509", "-days", "3650", "-subj", f"/CN=Root {folder.name}", "-keyout", "ca.key",
            "-out", "ca.pem", "-addext", "basicConstraints=critical,CA:TRUE")  # fmt: skip
    openssl(folder, *new, "-subj", f"/CN=TSA {folder.name}", "-keyout", "tsa.key", "-out", "tsa.csr")
    openssl(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "3650",
            "-CAcreateserial", "-extfile", "ext", "-out", "tsa.pem")  # fmt: skip
    return folder


def openssl(folder: Path, *words: str, data: bytes = b"") -> bytes:
    """What openssl says; it must have done what it was asked."""
    done = subprocess.run(
        ["openssl", *words], cwd=folder, input=data, capture_output=True, timeout=SECONDS_MAX, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def reply(folder: Path, query: bytes) -> bytes:
    """The answer of an authority to a query."""
    (folder / "asked").write_bytes(query)
    openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "asked", "-out", "given")
    return (folder / "given").read_bytes()


def query(folder: Path, text: str, *words: str) -> bytes:
    """A query over a text, made by openssl."""
    (folder / "data").write_text(text)
    openssl(folder, "ts", "-query", "-data", "data", "-sha256", "-cert", *words, "-out", "query")
    return (folder / "query").read_bytes()


class Honest(BaseHTTPRequestHandler):
    """Answers what it is asked; `twist` of the server makes something else of it."""

    def do_POST(self) -> None:
        """One query, one answer."""
        server = self.server
        assert isinstance(server, Server)
        data = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append((self.headers["Content-Type"], data))
        body = server.twist(data)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """One authority at an address; `asked` is what came in."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), Honest)
        self.folder, self.asked = folder, list[tuple[str, bytes]]()

    def twist(self, data: bytes) -> bytes:
        """What is answered."""
        return reply(self.folder, data)


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[Server]:
    """The authority, while it serves."""
    server = Server(folder, port)
    with in_thread.served(server):
        yield server
