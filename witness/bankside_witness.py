#!/usr/bin/env python3
"""A witness for published logs: one file that an auditor runs on a machine of her own.

It remembers the last head of each log that she was given the key of, signs (cosigns) a later head when a
proof shows that the log only grew, and refuses everything else. Whoever asks for its signature under a head
knows then that the operator of the log cannot show her another history than anybody else.

Needs Python 3.11 and the package `cryptography`; where that has ML-DSA-44, it signs with that as well.

    python3 bankside_witness.py make FOLDER witness.example/w1    a new witness and its keys
    python3 bankside_witness.py keys FOLDER [URL]                 its lines for a trust file
    python3 bankside_witness.py serve FOLDER 127.0.0.1:7420       serves it; put TLS before it

FOLDER/logs is the trust file that the log's operator gave, with a line `log <vkey>` for each log; it is read
anew for each request. FOLDER/heads holds what was signed: keep it, and never put an older copy back.

Forms, at https://c2sp.org: tlog-witness v1.0.0, tlog-cosignature v1.1-rc, tlog-checkpoint, signed-note,
tlog-policy.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import signal
import sys
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
except ImportError:  # an older version: Ed25519 alone, which is what the form asks for
    MLDSA44PrivateKey = None  # type: ignore[assignment,misc]

LOG, ED25519, ML_DSA = 0x01, 0x04, 0x06
KINDS = (ED25519, ML_DSA) if MLDSA44PrivateKey is not None else (ED25519,)
BODY_BYTES_MAX = 262_144
HASHES_MAX = 63
SIGNATURES_MAX = 64
READ_SECONDS_MAX = 20
EMPTY_ROOT = hashlib.sha256(b"").digest()
TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"

_NUMBER = re.compile("0|[1-9][0-9]{0,15}")
_ORIGIN = re.compile("[!-*,-~]{1,255}")
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,255}")
_LINE = re.compile("— ([^ ]+) ([A-Za-z0-9+/=]+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class Refused(Exception):
    """A request that is not answered with a signature: status, body and its type."""

    def __init__(self, status: int, said: str, kind: str = TEXT) -> None:
        super().__init__(said)
        self.status, self.said, self.kind = status, said, kind


class Head(NamedTuple):
    """The three lines of a checkpoint."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """As it is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


class Request(NamedTuple):
    """What is asked: from which size, with which proof, to which head, and the lines under that."""

    old: int
    path: list[bytes]
    head: Head
    signatures: list[tuple[str, bytes]]
    lines: str


# --- the answer ------------------------------------------------------------------------------------------
class Witness:
    """The witness of one folder. One process at a time: it holds the file `lock`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._turn = folder, threading.Lock()
        self._lock = _locked(folder / "lock")
        self._name = (folder / "name").read_text().strip()
        self._cosigners = _cosigners(folder, self._name)

    def close(self) -> None:
        """Gives the folder back."""
        self._lock.close()

    def add_checkpoint(self, body: bytes) -> str:
        """The cosignature lines under the head that is asked for, which is durable before; Refused."""
        asked = parse_request(body)
        keys = log_keys((self._folder / "logs").read_text()).get(asked.head.origin)
        if not keys:
            raise Refused(404, "this witness does not know the log")
        check_signatures(asked, keys)
        with self._turn:
            check_growth(asked, self._last(asked.head.origin))
            lines = self._cosigned(asked.head)
            _write(self._file(asked.head.origin), f"{asked.head.text}\n{asked.lines}{lines}".encode())
        return lines

    def shown(self, name: str) -> bytes:
        """The last checkpoint of a log with the cosignatures, by the SHA-256 of its name in hex; Refused."""
        file = self._folder / "heads" / name
        if not re.fullmatch("[0-9a-f]{64}", name) or not file.exists():
            raise Refused(404, "nothing of this log was signed here")
        return file.read_bytes()

    def _last(self, origin: str) -> Head:
        if not (file := self._file(origin)).exists():
            return Head(origin, 0, EMPTY_ROOT)
        head, _, _ = file.read_bytes().decode(errors="replace").partition("\n\n")
        if not head.startswith(f"{origin}\n"):
            raise Refused(500, "what was signed of this log cannot be read: nothing more is")
        return parse_head(f"{head}\n", 500)

    def _file(self, origin: str) -> Path:
        return self._folder / "heads" / hashlib.sha256(origin.encode()).hexdigest()

    def _cosigned(self, head: Head) -> str:
        now = max(1, int(time.time()))
        return "".join(one.line(self._name, head, now) for one in self._cosigners)


class Cosigner:
    """One key of the witness: Ed25519 or ML-DSA-44."""

    def __init__(self, kind: int, seed: bytes) -> None:
        made: Any = MLDSA44PrivateKey.from_seed_bytes(seed) if kind == ML_DSA else None
        self.kind, self._private = kind, made or Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._private.public_key().public_bytes_raw()

    def vkey(self, name: str) -> str:
        """Its public key as text."""
        shown = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{name}+{key_id(name, self.kind, self.public).hex()}+{shown}"

    def line(self, name: str, head: Head, now: int) -> str:
        """The line under a head, with the time in POSIX seconds."""
        stamp = now.to_bytes(8, "big")
        message = f"cosignature/v1\ntime {now}\n{head.text}".encode()
        if self.kind == ML_DSA:
            message = subtree(name, now, head)
        raw = key_id(name, self.kind, self.public) + stamp + self._private.sign(message)
        return f"— {name} {b64encode(raw).decode()}\n"


def subtree(name: str, now: int, head: Head) -> bytes:
    """What ML-DSA-44 signs: the whole tree, from 0 to its size."""
    cosigner, origin = name.encode(), head.origin.encode()
    return b"".join((
        b"subtree/v1\n\0", bytes([len(cosigner)]), cosigner, now.to_bytes(8, "big"),
        bytes([len(origin)]), origin, bytes(8), head.size.to_bytes(8, "big"), head.root,
    ))  # fmt: skip


# --- what is checked -------------------------------------------------------------------------------------
def check_signatures(asked: Request, keys: Sequence[bytes]) -> None:
    """One known key of the log signed, and no signature of a known key is bad; Refused 403."""
    ids = {key_id(asked.head.origin, LOG, key): key for key in keys}
    found = [raw for name, raw in asked.signatures if name == asked.head.origin and raw[:4] in ids]
    if not found:
        raise Refused(403, "no known key of the log has signed the head")
    for raw in found:
        try:
            Ed25519PublicKey.from_public_bytes(ids[raw[:4]]).verify(raw[4:], asked.head.text.encode())
        except (InvalidSignature, ValueError):
            raise Refused(403, "the signature of the log does not hold") from None


def check_growth(asked: Request, last: Head) -> None:
    """The head goes on from the last one that was signed; Refused 400, 409 or 422."""
    head = asked.head
    if asked.old > head.size:
        raise Refused(400, "old is more than the size of the head")
    if asked.old != last.size or (head.size == last.size and head.root != last.root):
        raise Refused(409, f"{last.size}", SIZE)
    if head.size == 0 and head.root != EMPTY_ROOT:
        raise Refused(422, "a log without entries has another root")
    if not is_consistent(last.size, head.size, last.root, head.root, asked.path):
        raise Refused(422, "the proof does not show that the log only grew")


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2; from 0, and from a size to itself, the proof is empty."""
    if old in (0, new):
        return not path and (old == 0 or old_root == new_root)
    nodes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = nodes[0]
    for node in nodes[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = _node(node, fr), _node(node, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = _node(sr, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and (fr, sr) == (old_root, new_root)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The four bytes by which a signature line names a key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


# --- what is read ----------------------------------------------------------------------------------------
def parse_request(body: bytes) -> Request:
    """`old <size>`, hashes, an empty line, a checkpoint; Refused 400, strictly."""
    try:
        whole = body.decode()
    except UnicodeDecodeError:
        raise Refused(400, "the request is not UTF-8") from None
    first, empty, checkpoint = whole.partition("\n\n")
    text, more, lines = checkpoint.rpartition("\n\n")
    if _CONTROL.search(whole) or not empty or not more or not lines.endswith("\n"):
        raise Refused(400, "a request is a size, hashes, an empty line and a signed checkpoint")
    said, *hashes = first.split("\n")
    old = said.removeprefix("old ")
    if not said.startswith("old ") or not _NUMBER.fullmatch(old) or len(hashes) > HASHES_MAX:
        raise Refused(400, f"a request begins with old and a size, and has at most {HASHES_MAX} hashes")
    path = [_base64(line) for line in hashes]
    if any(len(node) != 32 for node in path):
        raise Refused(400, "a hash of the proof is not one")
    return Request(int(old), path, parse_head(f"{text}\n"), _signatures(lines), lines)


def parse_head(text: str, status: int = 400) -> Head:
    """Exactly three lines; else Refused with this status."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not _ORIGIN.fullmatch(lines[0]) or not _NUMBER.fullmatch(lines[1]):
        raise Refused(status, "the checkpoint is not a name, a size and a root, each in a line")
    if len(root := _base64(lines[2])) != 32:
        raise Refused(status, "the root of the checkpoint is not one")
    return Head(lines[0], int(lines[1]), root)


def log_keys(policy: str) -> dict[str, list[bytes]]:
    """The Ed25519 keys of each log that a trust file names; other lines say nothing to a witness."""
    found: dict[str, list[bytes]] = {}
    for words in map(str.split, policy.splitlines()):
        if len(words) in (2, 3) and words[0] == "log":
            name, _, rest = words[1].partition("+")
            id_, _, shown = rest.partition("+")
            raw = _base64(shown)
            if len(raw) == 33 and raw[0] == LOG and key_id(name, LOG, raw[1:]).hex() == id_:
                found.setdefault(name, []).append(raw[1:])
    return found


def _signatures(lines: str) -> list[tuple[str, bytes]]:
    found = [_LINE.fullmatch(line) for line in lines[:-1].split("\n")]
    signatures = [(one[1], _base64(one[2])) for one in found if one]
    keys = {(name, raw[:4]) for name, raw in signatures if len(raw) > 4}
    if len(keys) != len(found) or len(found) > SIGNATURES_MAX:
        raise Refused(400, "a signature of the checkpoint is not in its form, or a key signed it twice")
    return signatures


def _base64(text: str) -> bytes:
    """Canonical base64; empty for anything else."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return b""
    return raw if b64encode(raw).decode() == text else b""


# --- the folder ------------------------------------------------------------------------------------------
def make(folder: Path, name: str) -> None:
    """A new witness with keys of its own. Nothing that is there is replaced."""
    if not _NAME.fullmatch(name) or len(name.encode()) > 255 or (folder / "name").exists():
        raise SystemExit("a new folder is wanted, and a name without spaces and plus: witness.example/w1")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in ("ed25519", "mldsa44"):
        _write(folder / file, secrets.token_bytes(32))
    _write(folder / "name", f"{name}\n".encode())


def _cosigners(folder: Path, name: str) -> list[Cosigner]:
    seeds = {ED25519: (folder / "ed25519").read_bytes(), ML_DSA: (folder / "mldsa44").read_bytes()}
    if any(len(seed) != 32 or len(set(seed)) < 16 for seed in seeds.values()):
        raise SystemExit(f"a key in {folder} is not 32 random bytes: make a new witness")
    return [Cosigner(kind, seed) for kind, seed in seeds.items() if kind in KINDS]


def _write(file: Path, content: bytes) -> None:
    """Durably and at once: after a power cut there is the old content or the new."""
    file.parent.mkdir(exist_ok=True, mode=0o700)
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
        made.write(content)
        made.flush()
        os.fsync(made.fileno())
    new.replace(file)
    for folder in (file.parent, file.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _locked(file: Path) -> IO[bytes]:
    lock = file.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise SystemExit(f"another witness works on {file.parent}") from None
    return lock


# --- HTTP ------------------------------------------------------------------------------------------------
def server_of(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """POST .../add-checkpoint and GET .../<SHA-256 of a log's name>/checkpoint."""

    class Handler(BaseHTTPRequestHandler):
        timeout = READ_SECONDS_MAX

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not self.path.endswith("/add-checkpoint"):
                return self._give(404, TEXT, b"POST /add-checkpoint\n")
            if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
                return self._give(400, TEXT, f"a body of at most {BODY_BYTES_MAX} bytes is wanted\n".encode())
            body = self.rfile.read(int(length))
            return self._answer(lambda: witness.add_checkpoint(body).encode())

        def do_GET(self) -> None:
            name = self.path.removesuffix("/checkpoint").rpartition("/")[2]
            return self._answer(lambda: witness.shown(name if self.path.endswith("/checkpoint") else ""))

        def _answer(self, act: Any) -> None:
            try:
                self._give(200, TEXT, act())
            except Refused as refused:
                self._give(refused.status, refused.kind, f"{refused.said}\n".encode())
            except OSError as trouble:  # a full disk: nothing was signed
                self._give(500, TEXT, f"{type(trouble).__name__}\n".encode())

        def _give(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return ThreadingHTTPServer((host, port), Handler)


def main(words: Sequence[str]) -> None:
    """make, keys or serve; anything else says how it is used."""
    match words:
        case ["make", folder, name]:
            make(Path(folder), name)
        case ["keys", folder, *url] if len(url) < 2:
            name = (Path(folder) / "name").read_text().strip()
            for number, one in enumerate(_cosigners(Path(folder), name), 1):
                print(f"witness {name}-{number}", one.vkey(name), *url)
        case ["serve", folder, address]:
            host, _, port = address.rpartition(":")
            server = server_of(Witness(Path(folder)), host, int(port))
            signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
            print(f"Witness on http://{host}:{server.server_address[1]}", flush=True)
            server.serve_forever(poll_interval=0.1)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
