"""Checks a package from its files alone: no Django, no database, no key of the desk.

The manifest is vouched for by an entry of the log, whose head is signed; every file must be as the manifest
names it, none more and none less; every entry must be proved by its own proof under the head that lies in
`heads/`; words must be those that the entry commits to; text and media must be those of the words. Damage is
named by its file, and by the entry where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from bankside.record.log.leaf import LeafWrong, leaf_hash, parse
from bankside.record.log.merkle import ProofWrong, verify_inclusion
from bankside.record.log.note import NoteWrong, parse_note
from bankside.record.log.proofs import (
    ProofFileWrong,
    Untrusted,
    check_head,
    entry_proof_bytes,
    parse_entry_proof,
)
from bankside.record.log.tiles import Head, HeadWrong
from bankside.record.log.trust import Trust, TrustWrong, parse_trust
from bankside.record.log.verify import TRUST, Report
from bankside.record.package import manifest
from bankside.record.package.written import text_of, words_in
from bankside.record.payload import commits

ENTRIES: Final = "entries.jsonl"
LINE_BYTES_MAX: Final = 16 << 20
WORDED: Final = frozenset({"readable", "held"})
WORDLESS: Final = frozenset({"erased", "restricted", "damaged", "wordless"})
WRONG = (LeafWrong, ProofWrong, ProofFileWrong, Untrusted, NoteWrong, HeadWrong, OSError)
_encode = msgspec.json.Encoder(order="sorted").encode


class _Native(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    name: str
    mime: str
    sha256: str
    size: int


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    number: str
    n: str
    lane: int
    year: int
    fact: str
    leaf: str
    state: str
    plaintext: str
    key: str
    proof: str
    text: str
    page: str
    natives: list[_Native]


_line_of = msgspec.json.Decoder(_Line).decode


def is_package(path: Path) -> bool:
    """Whether a folder is a package and not a folder of logs: one of the files of its manifest is there."""
    return any((path / name).is_file() for name in manifest.OUTSIDE)


def check_package(path: Path, trust: Trust | None = None) -> Report:
    """Checks everything; `entries` counts entries, `logs` names those under whose heads they are proved.

    Without `trust` the file `trust` of the package is used, which shows damage and not who wrote it.
    """
    report = Report(believed="given" if trust else "none")
    check = _Check(path, report, trust or _trust_inside(path, report))
    check.files()
    check.entries()
    report.logs = sorted(check.heads)
    return report


def _trust_inside(path: Path, report: Report) -> Trust:
    report.believed = str(path / TRUST)
    try:
        return parse_trust((path / TRUST).read_bytes())
    except (TrustWrong, OSError) as wrong:
        report.add(TRUST, str(wrong) if isinstance(wrong, TrustWrong) else "is missing")
        return Trust()


@dataclass
class _Check:
    path: Path
    report: Report
    trust: Trust
    heads: dict[str, str] = field(default_factory=dict)
    told: int = -1

    def __post_init__(self) -> None:
        self._head = lru_cache(maxsize=64)(self._head_of)
        self._shown = lru_cache(maxsize=64)(self._shown_of)

    # --- the list of files -------------------------------------------------------------------------------
    def files(self) -> None:
        """The list, who vouches for it, and every file in it."""
        reading = manifest.Reading(self.path / manifest.NAME)
        try:
            self._compare(reading)
            self.told = int(reading.about.get("entries", -1))
        except FileNotFoundError:
            return self.report.add(manifest.NAME, "is missing")
        except (manifest.ManifestWrong, ValueError, TypeError) as wrong:
            self.report.add(manifest.NAME, str(wrong))
        self._vouched(reading.digest())
        return None

    def _vouched(self, digest: str) -> None:
        """The entry that names the manifest, and its proof."""
        try:
            leaf = (self.path / manifest.LEAF).read_bytes()
            parse(leaf)
        except (LeafWrong, OSError) as wrong:
            return self.report.add(manifest.LEAF, _said(wrong))
        try:
            fields = self._proved(leaf, (self.path / manifest.PROOF).read_bytes())
        except ProofWrong as wrong:
            return self.report.add(manifest.PROOF, f"does not belong to {manifest.LEAF}: {wrong}")
        except WRONG as wrong:
            return self.report.add(manifest.PROOF, _said(wrong))
        if fields["type"] != "export" or fields.get("att") != [digest]:
            self.report.add(manifest.NAME, "is not the one that the record vouches for")
        return None

    def _compare(self, reading: manifest.Reading) -> None:
        """The files that are there beside those that are listed: both come in one order."""
        there = (path for path in manifest.paths_in(self.path) if path not in manifest.OUTSIDE)
        path = next(there, None)
        for listed in reading.files():
            if self.report.full:
                return
            while path is not None and _order(path) < _order(listed.path):
                self.report.add(path, "is not in the manifest")
                path = next(there, None)
            if path != listed.path:
                self.report.add(listed.path, "is missing")
                continue
            self._file(listed)
            path = next(there, None)
        for more in _rest(path, there):
            self.report.add(more, "is not in the manifest")

    def _file(self, listed: manifest.Listed) -> None:
        try:
            size, sha256 = manifest.measured(f"{self.path}/{listed.path}")
        except OSError as wrong:
            return self.report.add(listed.path, _said(wrong))
        if size != listed.size:
            return self.report.add(listed.path, f"has {size} bytes, not {listed.size}")
        if sha256 != listed.sha256:
            self.report.add(listed.path, "is not the file that the manifest names")
        return None

    # --- the entries -------------------------------------------------------------------------------------
    def entries(self) -> None:
        """Every entry against its proof, its words and its files."""
        count = 0
        try:
            with (self.path / ENTRIES).open("rb") as lines:
                while (line := lines.readline(LINE_BYTES_MAX)) and not self.report.full:
                    count += 1
                    self._entry(line, count)
        except FileNotFoundError:
            pass  # the manifest has told so, or there is none
        self.report.entries = count
        if self.told not in (-1, count) and not self.report.full:
            self.report.add(ENTRIES, f"has {count} entries, not {self.told}")

    def _entry(self, line: bytes, count: int) -> None:
        place = f"{ENTRIES} line {count}"
        try:
            told = _line_of(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return self.report.add(place, "is not the line of an entry")
        if int(told.number if told.number.isdecimal() else 0) != count:
            self.report.add(place, f"is numbered {told.number}")
        try:
            fields = self._leaf(told)
        except WRONG as wrong:
            return self.report.add(told.proof or place, f"{_said(wrong)} ({place})")
        try:
            for what in self._words(told, fields):
                self.report.add(place, what)
        except WRONG as wrong:
            self.report.add(place, f"{_said(wrong)} ({told.text})")
        return None

    def _leaf(self, told: _Line) -> dict[str, Any]:
        """The leaf of an entry, proved unless the package says that it was not published yet."""
        leaf = told.leaf.encode()
        if not told.proof:
            return parse(leaf)
        fields = self._proved(leaf, _read(self.path, told.proof))
        if self._checkpoint != self._shown(told.lane, told.year):
            raise Untrusted(f"the proof is not under the head in heads/{told.lane}-{told.year}.checkpoint")
        return fields

    def _words(self, told: _Line, fields: dict[str, Any]) -> Iterator[str]:
        """What is wrong with the words of an entry, if anything."""
        if told.state not in WORDED:
            if told.state not in WORDLESS or told.plaintext or told.key or told.text or told.natives:
                yield f"is said to be {told.state}, and has words"
            return
        plaintext = told.plaintext.encode()
        if "cm" not in fields or not commits(fields["cm"], _key(told.key), plaintext):
            yield "has other words than those to which its leaf commits"
            return
        try:
            said = msgspec.json.decode(plaintext, type=dict[str, Any])
        except msgspec.MsgspecError:
            yield "has words that are no JSON"
            return
        if said.get("fact") != told.fact:
            yield f"is called {told.fact}, and its words are of another fact"
        text = text_of(words_in(said)).encode()
        if text != (_read(self.path, told.text, missing=b"") if told.text else b""):
            yield f"has other words than its text file {told.text}"
        for native in told.natives:
            if f"/{native.sha256}." not in native.path or native.sha256 not in told.plaintext:
                yield f"does not speak of its file {native.path}"

    # --- proofs ------------------------------------------------------------------------------------------
    _checkpoint: bytes = b""

    def _proved(self, leaf: bytes, data: bytes) -> dict[str, Any]:
        """The fields of a leaf whose proof holds. Each head is checked once, not once a proof."""
        proof = parse_entry_proof(data)
        if entry_proof_bytes(proof) != data:
            raise ProofFileWrong("the proof is not in the one form that it has")
        head = self._head(proof.checkpoint)
        fields = parse(leaf)
        if fields["seq"] != proof.index:
            raise ProofWrong(
                f"the entry says that it is number {fields['seq']}, the proof is of {proof.index}"
            )
        verify_inclusion(leaf_hash(leaf), proof.index, head.size, proof.path, head.root)
        self._checkpoint = proof.checkpoint
        return fields

    def _head_of(self, checkpoint: bytes) -> Head:
        """A head whose every signature is of a key that is trusted."""
        found = check_head(checkpoint, self.trust)
        known = {(one.key.name, one.key.id) for one in found.signed}
        for one in parse_note(checkpoint).signatures:
            if (one.name, one.id) not in known:
                raise Untrusted(f"the head is signed with a key that is not trusted: {one.name}")
        self.heads[found.head.origin] = found.head.origin
        return found.head

    def _shown_of(self, lane: int, year: int) -> bytes:
        return _read(self.path, f"heads/{lane}-{year}.checkpoint")


def _read(folder: Path, path: str, missing: bytes | None = None) -> bytes:
    """A file that a line names; only within the package."""
    if not manifest.is_path(path):
        raise ProofFileWrong(f"{path[:80]!r} is no file of a package")
    try:
        return (folder / path).read_bytes()
    except FileNotFoundError:
        if missing is None:
            raise
        return missing


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _order(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _rest(path: str | None, there: Iterator[str]) -> Iterator[str]:
    if path is not None:
        yield path
        yield from there


def _said(wrong: Exception) -> str:
    return f"cannot be read: {wrong.strerror}" if isinstance(wrong, OSError) else str(wrong)
