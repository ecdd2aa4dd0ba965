"""Evidence that fits into one small file: that an entry is in a log, or that a log only grew.

Pure: no Django and no database. Checked without the log, with nothing but the keys that one trusts;
`proving` makes them. An entry's proof is a C2SP tlog-proof (https://c2sp.org/tlog-proof, read
2026-11-29); a proof of growth has the form of a request to a witness (https://c2sp.org/tlog-witness).
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bankside.record.log.leaf import LeafWrong, leaf_hash, parse
from bankside.record.log.merkle import (
    HASH_BYTES,
    ProofWrong,
    verify_consistency,
    verify_inclusion,
)
from bankside.record.log.note import NOTE_BYTES_MAX, Signed, check, parse_note
from bankside.record.log.tiles import (
    Head,
    HeadWrong,
    head_text,
    parse_head,
)
from bankside.record.log.trust import Trust

FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
HASHES_MAX: Final = 63
EXTRA_BYTES_MAX: Final = 65_536
PROOF_BYTES_MAX: Final = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX
_COUNT: Final = "(0|[1-9][0-9]{0,15})"
_INDEX: Final = re.compile(f"index {_COUNT}")
_OLD: Final = re.compile(f"old {_COUNT}")


class ProofFileWrong(ValueError):
    """The file is not in the form of a proof; the message says where."""


class Untrusted(ValueError):
    """The head was not signed by those whom one trusts."""


@dataclass(frozen=True)
class EntryProof:
    """That a leaf is entry `index` of the log of this signed head. `extra` is never to be believed."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


@dataclass(frozen=True)
class Growth:
    """That the log of this head, signed or not, begins with its own first `old` entries."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: bytes


class Shown(NamedTuple):
    """What a proof has shown: of which head, and who signed it."""

    head: Head
    signed: list[Signed]


def entry_proof_bytes(proof: EntryProof) -> bytes:
    """The proof as a `.tlog-proof` file."""
    extra = [] if proof.extra is None else [f"extra {b64encode(proof.extra).decode()}"]
    return _file([FIRST_LINE, *extra, f"index {proof.index}"], proof.path, proof.checkpoint)


def growth_bytes(proof: Growth) -> bytes:
    """The proof as a witness, or the signer, is asked with it."""
    return _file([f"old {proof.old}"], proof.path, proof.checkpoint)


def parse_entry_proof(data: bytes) -> EntryProof:
    """The proof of a `.tlog-proof` file, strictly; raises ProofFileWrong."""
    lines, checkpoint = _opened(data)
    if not lines or lines[0] != FIRST_LINE:
        raise ProofFileWrong(f"the first line is not {FIRST_LINE}")
    extra, at = None, 1
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra, at = _base64(lines[1].removeprefix("extra "), "extra", EXTRA_BYTES_MAX), 2
    found = _INDEX.fullmatch(lines[at]) if at < len(lines) else None
    if found is None:
        raise ProofFileWrong(f"line {at + 1} is not an index")
    return EntryProof(int(found[1]), _hashes(lines[at + 1 :]), checkpoint, extra)


def parse_growth(data: bytes) -> Growth:
    """The proof of growth of a file, strictly; raises ProofFileWrong."""
    lines, checkpoint = _opened(data)
    found = _OLD.fullmatch(lines[0]) if lines else None
    if found is None:
        raise ProofFileWrong("line 1 does not say how many entries there were: old and a number")
    return Growth(int(found[1]), _hashes(lines[1:]), checkpoint)


def head_bytes(head: Head) -> bytes:
    """The three lines of a head that nobody signed."""
    return head_text(*head).encode()


def head_of(checkpoint: bytes) -> Head:
    """The head of a signed note, or of three lines that nobody signed; raises NoteWrong or HeadWrong."""
    if b"\n\n" in checkpoint:
        return parse_head(parse_note(checkpoint).text)
    try:
        return parse_head(checkpoint.decode())
    except UnicodeDecodeError:
        raise HeadWrong("a head is text in UTF-8") from None


# --- checking them ---------------------------------------------------------------------------------------
def check_head(checkpoint: bytes, trust: Trust) -> Shown:
    """The head that the log itself, and as many witnesses as the trust asks for, have signed.

    Raises Untrusted, NoteWrong or HeadWrong.
    """
    note = parse_note(checkpoint)
    head = parse_head(note.text)
    signed = check(note, trust.keys_for(head.origin))
    if not any(one.key in trust.logs for one in signed):
        raise Untrusted(f"no key that you trust has signed the head of {head.origin}")
    if not trust.enough(signed):
        raise Untrusted(f"not as many witnesses as you ask for ({trust.quorum}) have signed the head")
    return Shown(head, signed)


def check_entry(proof: EntryProof, leaf: bytes, trust: Trust) -> Shown:
    """Checks that this leaf is in the log as the proof says; raises ProofWrong, Untrusted and as parsing."""
    found = check_head(proof.checkpoint, trust)
    try:
        seq = parse(leaf)["seq"]
    except LeafWrong as wrong:
        raise ProofWrong(f"the entry is not one of a log: {wrong}") from None
    if seq != proof.index:
        raise ProofWrong(f"the entry says that it is number {seq}, the proof is of number {proof.index}")
    verify_inclusion(leaf_hash(leaf), proof.index, found.head.size, proof.path, found.head.root)
    return found


def check_growth(proof: Growth, old: Head, trust: Trust) -> Shown:
    """Checks that the signed head of the proof begins with a head that one kept; raises as `check_entry`."""
    found = check_head(proof.checkpoint, trust)
    if (old.origin, old.size) != (found.head.origin, proof.old):
        raise ProofWrong(
            f"the proof is not from the head that you kept: {old.origin} with {old.size} entries"
        )
    verify_consistency(old.size, found.head.size, old.root, found.head.root, proof.path)
    return found


def _file(lines: Sequence[str], path: Sequence[bytes], checkpoint: bytes) -> bytes:
    words = [*lines, *(b64encode(hash_).decode() for hash_ in path), ""]
    return "".join(f"{line}\n" for line in words).encode() + checkpoint


def _opened(data: bytes) -> tuple[list[str], bytes]:
    """The lines before the first empty one, and what follows it."""
    lines, empty, checkpoint = data[:PROOF_BYTES_MAX].partition(b"\n\n")
    if len(data) > PROOF_BYTES_MAX or not empty or not lines.isascii():
        raise ProofFileWrong(f"a proof has lines of ASCII, an empty one and a head; {PROOF_BYTES_MAX} bytes")
    return lines.decode().split("\n"), checkpoint


def _hashes(lines: list[str]) -> tuple[bytes, ...]:
    if len(lines) > HASHES_MAX:
        raise ProofFileWrong(f"the proof has {len(lines)} hashes, the limit is {HASHES_MAX}")
    path = tuple(_base64(line, f"hash {number}", HASH_BYTES) for number, line in enumerate(lines, 1))
    if any(len(hash_) != HASH_BYTES for hash_ in path):
        raise ProofFileWrong(f"hash {[len(hash_) == HASH_BYTES for hash_ in path].index(False) + 1} is short")
    return path


def _base64(text: str, what: str, bytes_max: int) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        raise ProofFileWrong(f"{what} is not base64") from None
    if b64encode(raw).decode() != text or len(raw) > bytes_max:
        raise ProofFileWrong(f"{what} is not canonical base64 of at most {bytes_max} bytes")
    return raw
