"""The signer: it holds the log keys and a memory of its own, and never signs what does not go on from that.

No settings, no database, no Django's tables: it runs as another user of the machine, or on another machine,
with its own folder, which is in no backup of the desk. A desk that was put back to yesterday, or copied, can
therefore not have another history signed (record sheet 2.12, faults 10 and 13). The folder holds `key`,
`heads/<SHA-256 of the log's name>` with the three lines of the last head, `lock`, and `frozen` while it is
told to sign nothing at all.
"""

from __future__ import annotations

import fcntl
import hashlib
import threading
from base64 import b64encode
from pathlib import Path
from typing import IO, Final

from bankside.record import log_secret
from bankside.record.durable import make_folder
from bankside.record.keys import make_once
from bankside.record.log.merkle import ProofWrong, verify_consistency
from bankside.record.log.note import SIGNS, Key, NoteWrong, check, parse_note, public_key, sign
from bankside.record.log.proofs import Growth, ProofFileWrong, parse_growth
from bankside.record.log.tiles import Folder, Head, HeadWrong, head_text, parse_head
from bankside.record.signer_asking import Answer

SIZE_TYPE: Final = "text/x.tlog.size"
FROZEN: Final = "frozen"
REASON_BYTES_MAX: Final = 1_000
LOGS_MAX: Final = 10_000


class SignerBusy(RuntimeError):
    """Another signer works on this folder; there must be one alone."""


class MemoryWrong(RuntimeError):
    """What the signer remembers cannot be read: it signs nothing until a person has looked."""


def freeze(folder: Path, reason: str) -> None:
    """Nothing more is signed from now on, by the signer that works there either, also after a restart."""
    Folder(folder, folder / ".new").write(FROZEN, reason.encode()[:REASON_BYTES_MAX])


def unfreeze(folder: Path) -> None:
    """Heads are signed again; ValueError when it is not frozen."""
    try:
        (folder / FROZEN).unlink()
    except FileNotFoundError:
        raise ValueError("the signer is not frozen") from None


class Signer:
    """One signer over one folder; `host` is how the names of its logs begin."""

    def __init__(self, folder: Path, host: str) -> None:
        """Takes the folder for itself, and makes a key when it is new; raises SignerBusy or KeyMissing."""
        make_folder(folder, 0o700)
        self._file, self._frozen, self._host = folder / "key", folder / FROZEN, host
        self._memory = Folder(folder / "heads", folder / ".new")
        self._lock, self._turn = _locked(folder / "lock"), threading.Lock()
        try:
            if not any((folder / "heads").glob("*")):
                make_once(self._file)
            log_secret.private_keys(self._file, host)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the folder back."""
        self._lock.close()

    def keys(self, origin: str) -> list[Key]:
        """The public keys that sign heads of this log now, the newest first."""
        return [public_key(origin, SIGNS, one) for one in log_secret.private_keys(self._file, origin)]

    def told_keys(self, origin: str) -> Answer:
        """The same as lines of text; 404 for a log that is not of this host."""
        if not self._is_ours(origin):
            return _not_ours(origin)
        return Answer(200, "".join(f"{key.vkey}\n" for key in self.keys(origin)))

    def told_head(self, origin: str) -> Answer:
        """The last head of this log that was signed, as it was signed; 404 when there is none."""
        if not self._is_ours(origin):
            return _not_ours(origin)
        with self._turn:
            last = self._last(origin)
            if not last.size:
                return Answer(404, f"nothing was signed of {origin}\n")
            return Answer(200, f"{head_text(*last)}\n{self._lines(last)}")

    def answer(self, request: bytes) -> Answer:
        """Signs the head of a request, if it goes on from the last one; what was signed is durable before.

        The same head again gets the same signature. 400: not in the form, or old is more than new; 404: no
        log of this host; 409: `old` is not what was signed last, whose size is told, or there is another root
        at the same size; 422: the proof does not hold; 503: frozen.
        """
        try:
            growth = parse_growth(request)
            head = parse_head(growth.checkpoint.decode())
        except (ProofFileWrong, HeadWrong, UnicodeDecodeError) as wrong:
            return Answer(400, f"{wrong}\n")
        if not self._is_ours(head.origin):
            return _not_ours(head.origin)
        if self._frozen.exists():
            return Answer(503, f"frozen: {self._frozen.read_bytes().decode(errors='replace')}\n")
        with self._turn:
            last = self._last(head.origin)
            return _refusal(growth, head, last) or self._signed(head, last)

    def adopt(self, checkpoint: bytes) -> Head:
        """Goes on from a head that this key signed elsewhere: of a desk that signed for itself, or of a
        signer whose memory is gone. Never back; raises NoteWrong, HeadWrong or ValueError.
        """
        note = parse_note(checkpoint)
        head = parse_head(note.text)
        if not self._is_ours(head.origin) or not check(note, self.keys(head.origin)):
            raise NoteWrong(f"the head of {head.origin} is not signed with the key of this signer")
        with self._turn:
            last = self._last(head.origin)
            if last.size > head.size or (last.size == head.size and last.root != head.root):
                raise ValueError(
                    f"the signer has signed {last.size} entries of {head.origin}; it goes not back"
                )
            self._remember(head)
        return head

    def begin_rotation(self) -> None:
        """Makes a new key; from now on both sign. ValueError when that was done already."""
        if log_secret.changing(self._file):
            raise ValueError("the key is being changed already")
        log_secret.replace(self._file, keep=True)

    def end_rotation(self) -> None:
        """Takes the old key away. ValueError when there is none."""
        if not log_secret.changing(self._file):
            raise ValueError("no key is being changed")
        log_secret.end(self._file)

    def _signed(self, head: Head, last: Head) -> Answer:
        if head != last:
            self._remember(head)
        return Answer(200, self._lines(head))

    def _lines(self, head: Head) -> str:
        """The signatures of each key that signs now."""
        text = head_text(*head)
        pairs = zip(self.keys(head.origin), log_secret.private_keys(self._file, head.origin), strict=True)
        lines = [sign(text, key, private) for key, private in pairs]
        return "".join(f"— {one.name} {b64encode(one.id + one.raw).decode()}\n" for one in lines)

    def _last(self, origin: str) -> Head:
        """The last head that was signed; of a log that is new, nothing."""
        data = self._memory.read(_name(origin))
        if data is None:
            return Head(origin, 0, hashlib.sha256().digest())
        try:
            head = parse_head(data.decode())
        except ValueError:
            raise MemoryWrong(f"what was signed of {origin} cannot be read") from None
        if head.origin != origin:
            raise MemoryWrong(f"what was signed of {origin} is of another log")
        return head

    def _remember(self, head: Head) -> None:
        """Durably, before anything is answered."""
        name = _name(head.origin)
        known = self._memory.read(name) is not None
        if not known and len(list(self._memory.path.glob("*"))) >= LOGS_MAX:
            raise MemoryWrong(f"there are {LOGS_MAX} logs already")
        self._memory.write(name, head_text(*head).encode())

    def _is_ours(self, origin: str) -> bool:
        return origin.startswith(f"{self._host}/log/")


def _refusal(growth: Growth, head: Head, last: Head) -> Answer | None:
    """Why the head may not be signed after the last one; None when it may."""
    if growth.old > head.size:
        return Answer(400, f"old is {growth.old}, the head has {head.size} entries\n")
    if growth.old != last.size or (head.size == last.size and head.root != last.root):
        return Answer(409, f"{last.size}\n", SIZE_TYPE)
    if growth.old == 0:
        return Answer(422, "from nothing there is nothing to prove\n") if growth.path else None
    try:
        verify_consistency(last.size, head.size, last.root, head.root, growth.path)
    except ProofWrong as wrong:
        return Answer(422, f"{wrong}\n")
    return None


def _not_ours(origin: str) -> Answer:
    return Answer(404, f"{origin} is no log of this signer\n")


def _name(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()


def _locked(path: Path) -> IO[bytes]:
    """Held as long as the process lives; the system gives it back when that is killed."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SignerBusy(f"another signer works on {path.parent}") from None
    return file
