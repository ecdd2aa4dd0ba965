"""Checks published logs from their files alone: no Django, no database, no key.

Every leaf must be its own canonical form at its own place, every tile must follow from the leaves, and
the root from the tiles. What does not agree is named by its file and the entry or hash in it. Where a leaf
and its tile disagree, whichever leads to the hash above them is right. Every signature under a head must be
of a key that is trusted. Keys that lie beside the logs show damage, not who wrote it: get yours another way.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from bankside.record.log.leaf import USUAL, LeafWrong, leaf_hashes, parse
from bankside.record.log.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    FullTile,
    Tree,
    root_of,
)
from bankside.record.log.note import NoteWrong, check, parse_note
from bankside.record.log.proofs import head_of
from bankside.record.log.tiles import (
    CHECKPOINT,
    BundleWrong,
    Folder,
    Head,
    HeadWrong,
    Part,
    part_at,
    parts_of,
    tile_path,
    unpack,
)
from bankside.record.log.trust import Trust, TrustWrong, parse_trust

PROBLEMS_MAX: Final = 1000
TRUST: Final = "trust"
LEVELS_TO_TRUST: Final = 3
_IN_LAYOUT: Final = re.compile(r"(?:.*/)?([0-9]+)/([0-9]{4}(?:-[0-9])?)")
# A log that was opened because entries of the one before were lost: the desk says so, and is not at fault.
_AGAIN: Final = re.compile(r".*/log/[0-9]+/[0-9]{4}-[1-9]")
_ENTRIES: Final = re.compile(b"(?s:(..))(" + USUAL + b")")
AHEAD_ENTRIES_MAX: Final = 16_384  # what the desk writes before it promises the next head


class Problem(NamedTuple):
    """A place where something does not agree, and what."""

    place: str
    what: str


@dataclass
class Report:
    """How many entries were checked, in which logs, and what did not agree (at most 1,000 places).

    `lost` tells of entries that were signed and lost, as the log itself says; that is not found, but known.
    `believed` says whose keys were used: `given`, the path of a trust file beside the logs, or `none`.
    """

    entries: int = 0
    logs: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    believed: str = "none"
    lost: list[Problem] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything agrees."""
        return not self.problems

    @property
    def full(self) -> bool:
        """Whether so much is wrong that it makes no sense to go on."""
        return len(self.problems) >= PROBLEMS_MAX

    def add(self, place: str, what: str) -> None:
        """One more problem, if there is room."""
        if not self.full:
            self.problems.append(Problem(place, what))


def verify_folder(path: Path, trust: Trust | None = None) -> Report:
    """Checks every log in a folder: the published logs, an export of them, or one log by itself.

    Without `trust` the file `trust` there, or above a single log, is used; without one, signatures are not
    looked at, and the report says so.
    """
    report = Report(believed="given" if trust else "none")
    trust = trust or _trust_beside(path, report)
    heads: dict[str, Head] = {}
    ties: list[tuple[str, dict[str, object]]] = []
    for folder in _logs_in(path):
        place = "" if folder == path else f"{folder.relative_to(path)}/"
        _Check(folder, place, report, heads, ties, trust).run()
    if not report.logs:
        report.add(str(path), "no log is here: a log has a file called checkpoint and a folder called tile")
    for place, tie in ties:
        _check_tie(report, place, tie, heads)
    return report


def _trust_beside(path: Path, report: Report) -> Trust | None:
    for folder in (path, *path.absolute().parents[: LEVELS_TO_TRUST - 1]):
        file = folder / TRUST
        if file.is_file():
            report.believed = str(file)
            try:
                return parse_trust(file.read_bytes())
            except TrustWrong as wrong:
                report.add(TRUST, str(wrong))
                return None
    return None


def _logs_in(path: Path) -> list[Path]:
    found = {p.parent for name in (CHECKPOINT, "tile") for p in path.rglob(name)}
    return sorted(p for p in found if not {".new", "tile"} & set(p.relative_to(path).parts))


def _check_tie(report: Report, place: str, tie: dict[str, object], heads: dict[str, Head]) -> None:
    """The first leaf of a log names the last head of the one before; where entries were lost, the last one
    that was signed, of which there may be less now."""
    before, size = heads.get(str(tie["log"])), int(str(tie["size"]))
    if before is None:
        return
    if size > before.size and _AGAIN.fullmatch(str(tie["in"])):
        what = f"of the {size} entries that were signed in {tie['log']}, {before.size} are here"
        report.lost.append(Problem(place, what))
    elif (before.size, before.root.hex()) != (size, tie["root"]):
        report.add(place, f"the log does not go on from the last head of {tie['log']}")


@dataclass
class _Check:
    """The check of one log; `place` is put before the names of its files."""

    path: Path
    place: str
    report: Report
    heads: dict[str, Head]
    ties: list[tuple[str, dict[str, object]]]
    trust: Trust | None
    tree: Tree = field(default_factory=Tree)
    origin: str = ""

    def run(self) -> None:
        self.report.logs.append(self.place.rstrip("/") or self.path.name)
        head = self._head()
        if head is None:
            return
        before = len(self.report.problems)
        self.heads[head.origin], self.origin = head, head.origin
        for part in parts_of(head.size):
            if self.report.full:
                return
            if part.level < 0:
                self._bundle(part, head)
        self._unfinished(head)
        self._other_files(head)
        if self.tree.root() != head.root and len(self.report.problems) == before:
            self._add(CHECKPOINT, "its root is not the one that the entries give")

    def _head(self) -> Head | None:
        try:
            data = (self.path / CHECKPOINT).read_bytes()
            head = head_of(data)
        except FileNotFoundError:
            self._add(CHECKPOINT, "is missing")
            return None
        except (HeadWrong, NoteWrong) as wrong:
            self._add(CHECKPOINT, str(wrong))
            return None
        if self.trust is not None:
            self._signatures(data, head, self.trust)
        layout = _IN_LAYOUT.fullmatch(self.path.as_posix())
        if layout and not head.origin.endswith(f"/log/{layout[1]}/{layout[2]}"):
            self._add(CHECKPOINT, f"names another log than its folder: {head.origin}")
        if head.size == 0 and head.root != EMPTY_ROOT:
            self._add(CHECKPOINT, "an empty log has another root")
        return head

    def _signatures(self, data: bytes, head: Head, trust: Trust) -> None:
        """Each must be of a trusted key and hold, one of them the log's, and as many as are asked for."""
        if b"\n\n" not in data:
            return self._add(CHECKPOINT, "is not signed")
        note = parse_note(data)
        try:
            signed = check(note, trust.keys_for(head.origin))
        except NoteWrong as wrong:
            return self._add(CHECKPOINT, str(wrong))
        known = {(one.key.name, one.key.id) for one in signed}
        for one in note.signatures:
            if (one.name, one.id) not in known:
                self._add(CHECKPOINT, f"is signed with a key that is not trusted: {one.name} {one.id.hex()}")
        if not any(one.key in trust.logs for one in signed):
            self._add(CHECKPOINT, f"is not signed with a trusted key of {head.origin}")
        elif not trust.enough(signed):
            self._add(CHECKPOINT, f"is not signed by as many witnesses as are asked for: {trust.quorum}")
        return None

    def _bundle(self, part: Part, head: Head) -> None:
        """The leaves of one bundle against their tile; the tree goes on with what is right."""
        tile = self._read(Part(tile_path(0, part.number, part.width), 0, part.number, part.width))
        leaves = self._leaves(part)
        hashes = leaf_hashes(leaves) if leaves else None
        if hashes is not None and tile is not None and hashes != tile:
            hashes = self._which(part, head, hashes, tile)
        self.report.entries += len(leaves or ())
        for full in self.tree.extend_joined(hashes or tile or bytes(part.width * HASH_BYTES)):
            self._full(full)

    def _leaves(self, part: Part) -> list[bytes] | None:
        data = self._read(part)
        if data is None:
            return None
        if usual := _usual(data, part):
            return usual
        try:
            leaves = unpack(data, part.width)
        except BundleWrong as wrong:
            self._add(part.path, str(wrong))
            return None
        for place, leaf in enumerate(leaves):
            self._leaf(part, place, leaf)
        return leaves

    def _leaf(self, part: Part, place: int, leaf: bytes) -> None:
        index = part.number * TILE_WIDTH + place
        try:
            fields = parse(leaf)
        except LeafWrong as wrong:
            self._add(f"{part.path} entry {index}", str(wrong))
            return
        if fields["seq"] != index:
            self._add(f"{part.path} entry {index}", f"says that it is entry {fields['seq']}")
        if fields["type"] == "shard":
            self.ties.append((f"{self.place}{part.path} entry {index}", fields | {"in": self.origin}))

    def _which(self, part: Part, head: Head, hashes: bytes, tile: bytes) -> bytes:
        """Leaf and tile disagree: names the one that does not lead to the hash above, or both."""
        leaf_vouched = self._vouched(part, head, hashes)
        for place in _differ(hashes, tile):
            index = part.number * TILE_WIDTH + place
            if not leaf_vouched:
                self._add(f"{part.path} entry {index}", "is not the entry that was published")
            if leaf_vouched or not self._vouched(part, head, tile):
                self._add(f"{tile_path(0, part.number, part.width)} hash {index}", "is not that of the entry")
        return hashes if leaf_vouched else tile

    def _vouched(self, part: Part, head: Head, hashes: bytes) -> bool:
        """Whether these hashes of a bundle lead to what lies above them: a hash, or the root at the end."""
        if part.width < TILE_WIDTH:
            tree = self.tree.copy()
            tree.extend_joined(hashes)
            return tree.root() == head.root
        number, place = divmod(part.number, TILE_WIDTH)
        width = min(TILE_WIDTH, (head.size >> 8) - number * TILE_WIDTH)
        above = self._folder.read(tile_path(1, number, width)) or b""
        return above[place * HASH_BYTES : (place + 1) * HASH_BYTES] == root_of([hashes])

    def _full(self, full: FullTile) -> None:
        """A finished tile above the leaves against its file; those of the leaves were compared already."""
        if full.level:
            self._tile(
                Part(tile_path(full.level, full.number), full.level, full.number, TILE_WIDTH), full.data
            )

    def _unfinished(self, head: Head) -> None:
        for part in parts_of(head.size):
            if part.level > 0 and part.width < TILE_WIDTH:
                self._tile(part, bytes(self.tree.edge[part.level]))

    def _tile(self, part: Part, expected: bytes) -> None:
        tile = self._read(part)
        for place in _differ(expected, tile) if tile is not None else ():
            self._add(f"{part.path} hash {part.number * TILE_WIDTH + place}", "is not that of the tile below")

    def _other_files(self, head: Head) -> None:
        """Nothing else may lie there but unfinished tiles of older heads, and files of the next head.

        The first begin like the newer ones. The second go on from what is promised: a desk that died, or is
        at work, wrote them before the head that will promise them.
        """
        expected = {part.path: part for part in parts_of(head.size)}
        newest = {path.partition(".p/")[0]: path for path in expected}
        for file in sorted(p for p in self.path.rglob("*") if p.is_file()):
            path = file.relative_to(self.path).as_posix()
            if path in expected or path == CHECKPOINT:
                continue
            part, promised = part_at(path), newest.get(path.partition(".p/")[0])
            if part is None or not (promised or _is_ahead(part, head)):
                self._add(path, "does not belong here")
            elif not self._agrees(part, promised):
                self._add(path, "does not agree with the newer tile")

    def _agrees(self, part: Part, promised: str | None) -> bool:
        """Whether a file is a tile of its width, and one of it and of the promised tile begins the other."""
        data = self._folder.read(part.path) or b""
        whole = (self._folder.read(promised) or b"") if promised else b""
        if not whole.startswith(data) and not data.startswith(whole):
            return False
        if part.level >= 0:
            return len(data) == part.width * HASH_BYTES
        try:
            return len(unpack(data, part.width)) == part.width
        except BundleWrong:
            return False

    def _read(self, part: Part) -> bytes | None:
        data = self._folder.read(part.path)
        if data is None:
            self._add(part.path, "is missing")
            return None
        if part.level >= 0 and len(data) != part.width * HASH_BYTES:
            self._add(part.path, f"has {len(data)} bytes, not {part.width * HASH_BYTES}")
            return None
        return data

    def _add(self, path: str, what: str) -> None:
        self.report.add(f"{self.place}{path}", what)

    @property
    def _folder(self) -> Folder:
        return Folder(self.path, self.path)


def _usual(bundle: bytes, part: Part) -> list[bytes] | None:
    """The leaves of a bundle that holds nothing but usual ones, each at its place; None to look closer."""
    found = _ENTRIES.findall(bundle)
    if len(found) != part.width:
        return None
    lengths, leaves, places = zip(*found, strict=True)
    first = part.number * TILE_WIDTH
    whole = sum(map(len, leaves)) + 2 * part.width == len(bundle)  # nothing lies between them
    told = b"".join(lengths) == struct.pack(f">{part.width}H", *map(len, leaves))
    in_place = b" ".join(places).decode() == " ".join(map(str, range(first, first + part.width)))
    return list(leaves) if whole and told and in_place else None


def _is_ahead(part: Part, head: Head) -> bool:
    """Whether a tile lies behind what the head promises, and no further than the next head can reach."""
    entries = (part.number * TILE_WIDTH + part.width) << TILE_HEIGHT * max(part.level, 0)
    return head.size < entries <= head.size + AHEAD_ENTRIES_MAX


def _differ(one: bytes, other: bytes) -> Iterable[int]:
    """Places of the hashes that differ."""
    places = range(0, len(one), HASH_BYTES)
    return (at // HASH_BYTES for at in places if one[at : at + HASH_BYTES] != other[at : at + HASH_BYTES])
