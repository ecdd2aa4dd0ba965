"""Signed notes: a text, and under it who signed it (C2SP signed-note v1.0.0, tlog-cosignature v1.1-rc).

Pure: no Django and no database. A log signs with Ed25519 (0x01); a witness adds a time, in Ed25519 (0x04) or
ML-DSA-44 (0x06). https://c2sp.org/signed-note, https://c2sp.org/tlog-cosignature, both read 2026-11-29.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from bankside.record.log.tiles import Head, HeadWrong, parse_head

SIGNS, COSIGNS, COSIGNS_FOR_LONG = 0x01, 0x04, 0x06
"""How a key signs: a log; a witness with Ed25519; a witness with ML-DSA-44."""
KEY_BYTES: Final = {SIGNS: 32, COSIGNS: 32, COSIGNS_FOR_LONG: 1312}
SIGNATURE_BYTES: Final = {SIGNS: 64, COSIGNS: 8 + 64, COSIGNS_FOR_LONG: 8 + 2420}
NOTE_BYTES_MAX: Final = 262_144
SIGNATURES_MAX: Final = 64
ID_BYTES: Final = 4
TIME_BYTES: Final = 8
TIME_MAX: Final = 2**63 - 1

_NAME: Final = re.compile(r"[^\s+\x00-\x1f\x7f]{1,255}")
_LINE: Final = re.compile("— ([^ ]+) ([A-Za-z0-9+/=]+)")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")

PrivateKey = Ed25519PrivateKey | MLDSA44PrivateKey


class NoteWrong(ValueError):
    """The bytes are no signed note, or one of its signatures is not what it claims; the message says it."""


class KeyWrong(ValueError):
    """The text is not a public key of a log or a witness (a vkey)."""


@dataclass(frozen=True)
class Key:
    """Who may sign: its name, how it signs (0x01, 0x04, 0x06) and its raw public key."""

    name: str
    kind: int
    public: bytes

    @cached_property
    def id(self) -> bytes:
        """The four bytes by which signature lines name this key."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:ID_BYTES]

    @property
    def vkey(self) -> str:
        """The text form: `name+id in hex+base64 of kind and key`."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"


class Signature(NamedTuple):
    """One line under a note: the name, the key's id and the bytes of the signature."""

    name: str
    id: bytes
    raw: bytes


class Note(NamedTuple):
    """A text, with its last newline, and the signatures under it; nothing is checked yet."""

    text: str
    signatures: tuple[Signature, ...]


class Signed(NamedTuple):
    """A signature that holds: by which key, and at which time (POSIX seconds; 0 for a log)."""

    key: Key
    time: int


def parse_vkey(text: str) -> Key:
    """The key that a vkey tells of; raises KeyWrong."""
    name, _, rest = text.partition("+")
    id_, _, encoded = rest.partition("+")
    raw = _from_base64(encoded)
    if not _NAME.fullmatch(name) or not raw or len(raw) - 1 != KEY_BYTES.get(raw[0]):
        raise KeyWrong(f"{text[:80]!r} is not the key of a log or a witness: name+id+key")
    key = Key(name, raw[0], raw[1:])
    if key.id.hex() != id_:
        raise KeyWrong(f"the key of {name} does not have the id {id_[:16]!r}: it was not copied whole")
    return key


def public_key(name: str, kind: int, private: PrivateKey) -> Key:
    """What others need to check what this private key signs under this name."""
    return Key(name, kind, private.public_key().public_bytes_raw())


def note_bytes(text: str, signatures: Iterable[Signature]) -> bytes:
    """A note as it is published."""
    lines = "".join(f"— {one.name} {b64encode(one.id + one.raw).decode()}\n" for one in signatures)
    return f"{text}\n{lines}".encode()


def parse_note(data: bytes) -> Note:
    """Text and signatures, strictly: UTF-8, canonical base64, no control characters; raises NoteWrong.

    A text without any signature is no note.
    """
    if len(data) > NOTE_BYTES_MAX:
        raise NoteWrong(f"the note has {len(data)} bytes, the limit is {NOTE_BYTES_MAX}")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise NoteWrong("the note is not UTF-8") from None
    if _CONTROL.search(whole):
        raise NoteWrong("the note has a control character")
    text, empty, lines = whole.rpartition("\n\n")
    if not empty or not lines.endswith("\n"):
        raise NoteWrong("the note has no signatures after an empty line, each line with its newline")
    signatures = [_signature(number, line) for number, line in enumerate(lines[:-1].split("\n"), 1)]
    if len(signatures) > SIGNATURES_MAX:
        raise NoteWrong(f"the note has {len(signatures)} signatures, the limit is {SIGNATURES_MAX}")
    if len({(one.name, one.id) for one in signatures}) != len(signatures):
        raise NoteWrong("a key has signed the note twice")
    return Note(f"{text}\n", tuple(signatures))


def check(note: Note, keys: Iterable[Key]) -> list[Signed]:
    """The signatures of known keys, in the order of the note; those of others are left out.

    Raises NoteWrong when a signature of a known key does not hold.
    """
    known = {(key.name, key.id): key for key in keys}
    found = ((known.get((one.name, one.id)), one) for one in note.signatures)
    return [Signed(key, _check_one(note.text, key, one)) for key, one in found if key is not None]


def sign(text: str, key: Key, private: PrivateKey, time: int = 0) -> Signature:
    """The signature of a text, which for witnesses is a head; `time` in POSIX seconds, 0 for a log alone."""
    if (key.kind == SIGNS) != (time == 0) or not 0 <= time <= TIME_MAX:
        raise ValueError("a log signs without a time, a witness with one")
    stamp = b"" if key.kind == SIGNS else time.to_bytes(TIME_BYTES, "big")
    return Signature(key.name, key.id, stamp + private.sign(message(key, text, time)))


def message(key: Key, text: str, time: int) -> bytes:
    """The bytes that a key of this kind signs; raises HeadWrong when a witness is to sign what is no head."""
    match key.kind:
        case 0x01:
            return text.encode()
        case 0x04:
            return f"cosignature/v1\ntime {time}\n{text}".encode()
        case _:
            return _subtree(key.name, time, parse_head(text))


def _subtree(name: str, time: int, head: Head) -> bytes:
    """What an ML-DSA-44 witness signs: the whole tree as a subtree from 0 to its size."""
    cosigner, origin = name.encode(), head.origin.encode()
    return b"".join((
        b"subtree/v1\n\0", bytes([len(cosigner)]), cosigner, time.to_bytes(8, "big"), bytes([len(origin)]),
        origin, bytes(8), head.size.to_bytes(8, "big"), head.root,
    ))  # fmt: skip


def _check_one(text: str, key: Key, one: Signature) -> int:
    """The time of a signature that holds; raises NoteWrong."""
    if len(one.raw) != SIGNATURE_BYTES[key.kind]:
        raise NoteWrong(f"the signature of {key.name} has {len(one.raw)} bytes")
    stamp, raw = (b"", one.raw) if key.kind == SIGNS else (one.raw[:TIME_BYTES], one.raw[TIME_BYTES:])
    time = int.from_bytes(stamp, "big")
    if key.kind != SIGNS and not 0 < time <= TIME_MAX:
        raise NoteWrong(f"the signature of {key.name} has no time")
    try:
        _public(key).verify(raw, message(key, text, time))
    except (InvalidSignature, HeadWrong):
        raise NoteWrong(f"the signature of {key.name} does not hold") from None
    return time


def _public(key: Key) -> Ed25519PublicKey | MLDSA44PublicKey:
    if key.kind == COSIGNS_FOR_LONG:
        return MLDSA44PublicKey.from_public_bytes(key.public)
    return Ed25519PublicKey.from_public_bytes(key.public)


def _signature(number: int, line: str) -> Signature:
    found = _LINE.fullmatch(line)
    raw = _from_base64(found[2]) if found else b""
    if found is None or len(raw) <= ID_BYTES or not _NAME.fullmatch(found[1]):
        raise NoteWrong(f"signature {number} of the note is not in the form that signatures have")
    return Signature(found[1], raw[:ID_BYTES], raw[ID_BYTES:])


def _from_base64(text: str) -> bytes:
    """Canonical base64 alone; empty for anything else."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return b""
    return raw if b64encode(raw).decode() == text else b""
