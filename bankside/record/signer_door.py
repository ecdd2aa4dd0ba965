"""Where the signer is reached: HTTP over a Unix socket with mode 0600, or on this machine's own address."""

from __future__ import annotations

import os
import shutil
import socketserver
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from bankside.record.signer import MemoryWrong, Signer
from bankside.record.signer_asking import ANSWER_SECONDS_MAX, BODY_BYTES_MAX, Answer, place_of


def door(signer: Signer, address: str, group: str = "") -> socketserver.BaseServer:
    """Listens there; `serve_forever` answers. With `group` its members reach the socket too (0660)."""
    place = place_of(address)
    if not place.path:
        return _OnPort(("127.0.0.1", place.port), _handler(signer))
    with suppress(FileNotFoundError):
        Path(place.path).unlink()  # of one that was killed; a living one holds the lock of the folder
    return _on_socket(place.path, signer, group)


class _OnPort(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


class _OnSocket(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def _on_socket(path: str, signer: Signer, group: str) -> _OnSocket:
    """Nobody reaches the socket before its mode is right."""
    before = os.umask(0o177)
    try:
        server = _OnSocket(path, _handler(signer))
    finally:
        os.umask(before)
    if group:
        shutil.chown(path, group=group)
        Path(path).chmod(0o660)
    return server


def _handler(signer: Signer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = ANSWER_SECONDS_MAX

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.headers.get("Origin"):  # no page in a browser of this machine asks for signatures
                return self._give(Answer(403, "not for browsers\n"))
            if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
                return self._give(Answer(400, f"a body of at most {BODY_BYTES_MAX} bytes is wanted\n"))
            return self._give(_answered(signer, self.path, self.rfile.read(int(length))))

        def _give(self, answer: Answer) -> None:
            body = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "-"  # a Unix socket has no address

        def log_message(self, *_: Any) -> None:
            """Nothing is said of what went well; refusals are said at the desk."""

    return Handler


def _answered(signer: Signer, path: str, body: bytes) -> Answer:
    try:
        if path == "/add-checkpoint":
            return signer.answer(body)
        if path == "/keys":
            return signer.told_keys(body.decode("ascii", "replace").strip())
        if path == "/head":
            return signer.told_head(body.decode("ascii", "replace").strip())
    except (MemoryWrong, OSError, RuntimeError) as trouble:  # nothing was signed
        return Answer(500, f"{trouble}\n")
    return Answer(404, "POST /add-checkpoint, /keys or /head\n")
