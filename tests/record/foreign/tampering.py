"""Every structure of a log, changed in every way: samples for verifiers that are not ours.

A sample is what the verifiers read, as JSON has it, with the name of what was changed; `whole` is right.
"""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bankside.record.log.merkle import HASH_BYTES, TILE_WIDTH
from bankside.record.log.note import SIGNS, note_bytes, parse_note, public_key, sign
from bankside.record.log.proofs import head_of
from bankside.record.log.proving import Reader, leaf_at, prove_entry, prove_growth
from bankside.record.log.tiles import Folder, Head, Part, head_text, parts_of
from tests.record.vectors import LOG_KEY, LOG_PRIVATE

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass(frozen=True)
class Sample:
    """An entry with its proof, or a growth from an old head."""

    kind: str
    checkpoint: str
    path: tuple[bytes, ...]
    index: int = 0
    leaf: bytes = b""
    old: int = 0
    old_root: bytes = b""

    def json(self) -> dict[str, Any]:
        """As the verifiers read it."""
        return {
            "Kind": self.kind, "Checkpoint": self.checkpoint, "Path": [_text(one) for one in self.path],
            "Index": self.index, "Leaf": _text(self.leaf), "Old": self.old, "OldRoot": _text(self.old_root),
        }  # fmt: skip


@dataclass
class Tampering:
    """A published log, its size, and chance; each way of changing gives something other than what was."""

    folder: Folder
    size: int
    chance: random.Random = field(default_factory=lambda: random.Random(16))

    def entry(self, index: int | None = None) -> Sample:
        """An entry that is right."""
        index = self.chance.randrange(self.size) if index is None else index
        proof = prove_entry(self.folder, index)
        return Sample("entry", proof.checkpoint.decode(), proof.path, index, leaf_at(self.folder, index))

    def growth(self) -> Sample:
        """A growth that is right."""
        old = self.chance.randrange(1, self.size)
        proof = prove_growth(self.folder, old)
        root = Reader(self.folder, self.size).root(old)
        return Sample("growth", proof.checkpoint.decode(), proof.path, old=old, old_root=root)

    def entries(self, rounds: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each way of changing an entry's proof, in rounds of an entry each; before it the right one."""
        yield from self._rounds(
            rounds, self.entry, {**self._of_head(), **self._of_path(), **self._of_entry()}
        )

    def growths(self, rounds: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """The same of proofs of growth."""
        yield from self._rounds(
            rounds, self.growth, {**self._of_head(), **self._of_path(), **self._of_growth()}
        )

    def files(self, rounds: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each kind of file of the log with a byte changed, cut off and grown."""
        parts = list(parts_of(self.size))
        kinds = {(part.level, part.width == TILE_WIDTH): part for part in parts}
        for _ in range(rounds):
            for level, full in kinds:
                same = [part for part in parts if (part.level, part.width == TILE_WIDTH) == (level, full)]
                yield from self._of_file(self.chance.choice(same))
            yield from self._of_file(Part("checkpoint", 0, 0, 0))

    def _rounds(
        self, rounds: int, right: Callable[[], Sample], ways: dict[str, Callable[[Sample], Sample]]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for _ in range(rounds):
            sample = right()
            yield "whole", sample.json()
            for name, way in ways.items():
                changed = way(sample)
                if changed != sample:
                    yield name, changed.json()

    # --- the head ----------------------------------------------------------------------------------------
    def _of_head(self) -> dict[str, Callable[[Sample], Sample]]:
        lines: dict[str, Callable[[str], str]] = {
            "a letter of the origin": lambda note: self._letter(note, 0, 10),
            "size larger": lambda note: self._resized(note, 1),
            "size smaller": lambda note: self._resized(note, -1),
            "size with a nought": lambda note: note.replace("\n", "\n0", 1),
            "root": self._rerooted,
            "a line more": lambda note: note.replace("\n\n", "\nmore\n\n", 1),
            "a line less": lambda note: note.partition("\n")[2],
            "no empty line": lambda note: note.replace("\n\n", "\n", 1),
            "hyphen for dash": lambda note: note.replace("—", "-"),
            "no last newline": lambda note: note[:-1],
            "no signature": lambda note: note.partition("— ")[0],
            "a letter of the signer": lambda note: self._letter(note, note.index("— ") + 2, 10),
            "the id of the key": lambda note: self._signed(note, lambda one: self._flip(one, 0, 4)),
            "the signature": lambda note: self._signed(note, lambda one: self._flip(one, 4, len(one))),
            "a short signature": lambda note: self._signed(note, lambda one: one[:-1]),
            "a long signature": lambda note: self._signed(note, lambda one: one + b"\0"),
            "the signature of another head": self._of_another_head,
            "another key under the same id": self._of_another_key,
            "another key under its own id": self._of_another_key_and_id,
            "an older head": self._older,
        }
        return {name: _on_checkpoint(way) for name, way in lines.items()}

    def _resized(self, note: str, by: int) -> str:
        origin, size, rest = note.split("\n", 2)
        return f"{origin}\n{int(size) + by * self.chance.choice([1, 1, 2, 255, 256])}\n{rest}"

    def _rerooted(self, note: str) -> str:
        origin, size, root, rest = note.split("\n", 3)
        changed = self._flip(head_of(note.encode()).root, 0, HASH_BYTES)
        assert _text(changed) != root
        return f"{origin}\n{size}\n{_text(changed)}\n{rest}"

    def _signed(self, note: str, way: Callable[[bytes], bytes]) -> str:
        text, (one,) = parse_note(note.encode())
        changed = way(one.id + one.raw)
        return f"{text}\n— {one.name} {_text(changed)}\n"

    def _of_another_head(self, note: str) -> str:
        head = head_of(note.encode())
        other = sign(head_text(head.origin, head.size - 1, head.root), self._key, LOG_PRIVATE)
        return note_bytes(head_text(*head), [other]).decode()

    def _of_another_key(self, note: str) -> str:
        text = head_text(*head_of(note.encode()))
        return note_bytes(text, [sign(text, self._key, OTHER)]).decode()  # type: ignore[arg-type]

    def _of_another_key_and_id(self, note: str) -> str:
        text = head_text(*head_of(note.encode()))
        return note_bytes(text, [sign(text, public_key(self._key.name, SIGNS, OTHER), OTHER)]).decode()

    def _older(self, note: str) -> str:
        """Rightly signed, but of another size."""
        head = head_of(note.encode())
        size = self.chance.randrange(1, head.size)
        text = head_text(*Head(head.origin, size, Reader(self.folder, self.size).root(size)))
        return note_bytes(text, [sign(text, self._key, LOG_PRIVATE)]).decode()

    @property
    def _key(self) -> Any:
        origin = head_of(self.folder.read("checkpoint") or b"").origin
        return replace(LOG_KEY, name=origin)

    # --- the path ----------------------------------------------------------------------------------------
    def _of_path(self) -> dict[str, Callable[[Sample], Sample]]:
        ways: dict[str, Callable[[tuple[bytes, ...]], tuple[bytes, ...]]] = {
            "a bit of a hash": self._hash_flipped,
            "a hash less at the end": lambda path: path[:-1],
            "a hash less at the beginning": lambda path: path[1:],
            "a hash more at the end": lambda path: (*path, self.chance.randbytes(HASH_BYTES)),
            "a hash more at the beginning": lambda path: (self.chance.randbytes(HASH_BYTES), *path),
            "a hash twice": lambda path: (*path, *path[-1:]),
            "the other way round": lambda path: path[::-1],
            "two hashes exchanged": lambda path: (*path[:-2], *path[-2:][::-1]),
            "a short hash": lambda path: (*path[:-1], path[-1][:-1]),
            "a long hash": lambda path: (*path[:-1], path[-1] + b"\0"),
            "nothing": lambda path: (),
        }
        return {f"path: {name}": _on_path(way) for name, way in ways.items()}

    def _hash_flipped(self, path: tuple[bytes, ...]) -> tuple[bytes, ...]:
        at = self.chance.randrange(len(path))
        return (*path[:at], self._flip(path[at], 0, HASH_BYTES), *path[at + 1 :])

    # --- the entry and the old head ----------------------------------------------------------------------
    def _of_entry(self) -> dict[str, Callable[[Sample], Sample]]:
        return {
            "the index before": lambda one: replace(one, index=one.index - 1),
            "the index after": lambda one: replace(one, index=one.index + 1),
            "another index": lambda one: replace(one, index=self.chance.randrange(self.size)),
            "an index beyond": lambda one: replace(one, index=one.index + self.size),
            "a byte of the leaf": lambda one: replace(one, leaf=self._flip(one.leaf, 0, len(one.leaf))),
            "a leaf cut off": lambda one: replace(one, leaf=one.leaf[:-1]),
            "a leaf grown": lambda one: replace(one, leaf=one.leaf + b" "),
            "no leaf": lambda one: replace(one, leaf=b""),
            "another leaf": lambda one: replace(one, leaf=leaf_at(self.folder, (one.index + 7) % self.size)),
            "a node as a leaf": lambda one: replace(one, leaf=b"\x01" + one.path[0] + one.path[1]),
            "a path out of a changed tile": self._out_of_a_changed_tile,
        }

    def _out_of_a_changed_tile(self, one: Sample) -> Sample:
        """The neighbour's hash is another in its tile; the path is what the changed tile gives."""
        neighbour = one.index ^ 1
        if neighbour >= self.size:
            return one
        number, place = divmod(neighbour, TILE_WIDTH)
        part = next(p for p in parts_of(self.size) if (p.level, p.number) == (0, number))
        at = place * HASH_BYTES
        changed = _Changed(self.folder.path, self.folder.scratch, part.path, at)
        return replace(one, path=prove_entry(changed, one.index).path)

    def _of_growth(self) -> dict[str, Callable[[Sample], Sample]]:
        return {
            "the old root": lambda one: replace(one, old_root=self._flip(one.old_root, 0, HASH_BYTES)),
            "a short old root": lambda one: replace(one, old_root=one.old_root[:-1]),
            "the old size larger": lambda one: replace(one, old=one.old + 1),
            "the old size smaller": lambda one: replace(one, old=one.old - 1),
            "the old size beyond": lambda one: replace(one, old=one.old + self.size),
            "the new root as the old": lambda one: replace(
                one, old_root=head_of(one.checkpoint.encode()).root
            ),
        }

    # --- files -------------------------------------------------------------------------------------------
    def _of_file(self, part: Part) -> Iterator[tuple[str, dict[str, Any]]]:
        size = len(self.folder.read(part.path) or b"")
        index = part.number * TILE_WIDTH ** (max(part.level, 0) + 1)
        whole = {"Kind": "file", "File": part.path, "Index": index, "Keep": size, "At": size}
        name = f"file of level {part.level}" if part.width else "file checkpoint"
        yield "whole", whole
        at = self.chance.randrange(self._base64_ends(part, size))
        yield f"{name}: a bit", whole | {"At": at, "Xor": 1 << self.chance.randrange(7)}
        yield f"{name}: cut off", whole | {"Keep": self.chance.randrange(size)}
        yield f"{name}: grown", whole | {"More": _text(self.chance.randbytes(self.chance.randrange(1, 40)))}

    @staticmethod
    def _base64_ends(part: Part, size: int) -> int:
        """Go reads base64 without the last bits, so that two texts are one signature: not those."""
        return size if part.width else size - 3

    def _flip(self, data: bytes, start: int, end: int) -> bytes:
        at = self.chance.randrange(start, end)
        return data[:at] + bytes([data[at] ^ (1 << self.chance.randrange(8))]) + data[at + 1 :]

    def _letter(self, text: str, start: int, length: int) -> str:
        """One letter is another letter."""
        places = [at for at in range(start, start + length) if text[at].isalpha()]
        at = self.chance.choice(places)
        return text[:at] + ("a" if text[at] != "a" else "b") + text[at + 1 :]


@dataclass(frozen=True)
class _Changed(Folder):
    """A folder in which one bit of one file is another."""

    file: str = ""
    at: int = 0

    def read(self, path: str) -> bytes | None:
        data = super().read(path)
        if path != self.file or data is None:
            return data
        return data[: self.at] + bytes([data[self.at] ^ 1]) + data[self.at + 1 :]


def _on_checkpoint(way: Callable[[str], str]) -> Callable[[Sample], Sample]:
    return lambda one: replace(one, checkpoint=way(one.checkpoint))


def _on_path(way: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> Callable[[Sample], Sample]:
    return lambda one: replace(one, path=way(one.path)) if len(one.path) > 1 else one


def _text(data: bytes) -> str:
    return b64encode(data).decode()
