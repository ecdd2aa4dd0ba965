"""The files of a published log, byte for byte: tiles, entry bundles and the head (C2SP tlog-tiles v0.1.0).

Pure: no Django and no database, because whoever checks a log has neither. A log's folder holds
`checkpoint`, `tile/<level>/<number>` and `tile/entries/<number>`; an unfinished tile lies at
`<number>.p/<width>`. The format: https://c2sp.org/tlog-tiles and https://c2sp.org/tlog-checkpoint.
"""

from __future__ import annotations

import os
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from bankside.record.durable import make_folder, sync_folder
from bankside.record.log.leaf import LEAF_BYTES_MAX
from bankside.record.log.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, edge_widths

CHECKPOINT: Final = "checkpoint"
_ORIGIN: Final = re.compile(r"[!-*,-~]{1,255}")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_TILE: Final = re.compile(
    r"tile/(?:entries|([0-9]|[1-5][0-9]|6[0-3]))/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


class BundleWrong(ValueError):
    """The bytes are not a bundle of so many entries; the message says at which entry."""


class HeadWrong(ValueError):
    """The text is not a head of three lines; the message says which line."""


class Head(NamedTuple):
    """What a log promises: its name, how many entries it has, and the 32-byte root over them."""

    origin: str
    size: int
    root: bytes


class Part(NamedTuple):
    """One tile or bundle of a log: its file, its level (-1 for the entries), its number, how wide it is."""

    path: str
    level: int
    number: int
    width: int


def head_text(origin: str, size: int, root: bytes) -> str:
    """The three lines of a head, each with its newline. It is not signed."""
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


def parse_head(text: str) -> Head:
    """The head of exactly three lines in exactly this form; raises HeadWrong."""
    lines = text.split("\n", 4)
    if len(lines) != 4 or lines[3]:
        raise HeadWrong("a head has three lines, each with its newline, and nothing more")
    origin, size, root = lines[:3]
    if not _ORIGIN.fullmatch(origin):
        raise HeadWrong("line 1 is not the name of a log")
    if not _SIZE.fullmatch(size):
        raise HeadWrong("line 2 is not a size")
    try:
        hash_ = b64decode(root, validate=True)
    except ValueError:
        hash_ = b""
    if len(hash_) != HASH_BYTES or b64encode(hash_).decode() != root:
        raise HeadWrong("line 3 is not a root in base64")
    return Head(origin, int(size), hash_)


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Where a tile lies in the folder of its log; level -1 is the entries themselves."""
    name = "entries" if level < 0 else str(level)
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{name}/{_number_path(number)}{partial}"


def part_at(path: str) -> Part | None:
    """The tile or bundle that a file is by its name; None when it is none."""
    found = _TILE.fullmatch(path)
    if found is None:
        return None
    level, number, width = found.groups()
    part = Part(path, int(level or -1), int(re.sub("[x/]", "", number)), int(width or TILE_WIDTH))
    if path != tile_path(part.level, part.number, part.width) or not 0 < part.width <= TILE_WIDTH:
        return None
    return part


def parts_of(size: int, *, since: int = 0) -> Iterator[Part]:
    """Every tile and bundle that a log of `size` entries has and that one of `since` entries had not."""
    yield from _parts_of_level(-1, size, since)
    for level in range(len(edge_widths(size))):
        yield from _parts_of_level(level, size >> level * TILE_HEIGHT, since >> level * TILE_HEIGHT)


def pack(leaves: Iterable[bytes]) -> bytes:
    """A bundle: for each leaf its length in two bytes, big end first, and its bytes."""
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def unpack(bundle: bytes, width: int) -> list[bytes]:
    """The leaves of a bundle that has to hold exactly `width` of them; raises BundleWrong."""
    leaves: list[bytes] = []
    at = 0
    for place in range(width):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if len(bundle) < max(end, at + 3) or end - at - 2 > LEAF_BYTES_MAX:
            raise BundleWrong(f"entry {place} of the bundle has a wrong length")
        leaves.append(bundle[at + 2 : end])
        at = end
    if at != len(bundle):
        raise BundleWrong(f"{len(bundle) - at} bytes are left over after {width} entries")
    return leaves


@dataclass(frozen=True)
class Folder:
    """The folder of one log. `scratch` is where new files are made before they take their place."""

    path: Path
    scratch: Path

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None when it is not there."""
        try:
            return (self.path / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, path: str, data: bytes) -> None:
        """Durably and at once: a reader, or a power cut, sees the old bytes or the new, never a part."""
        target = self.path / path
        make_folder(target.parent)
        make_folder(self.scratch)
        new = self.scratch / secrets.token_hex(8)
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
        sync_folder(target.parent)

    def edge(self, size: int) -> list[bytes] | None:
        """The unfinished tiles of a log of this size, lowest level first; None when one is not there."""
        edge: list[bytes] = []
        for level, width in enumerate(edge_widths(size)):
            number = size >> (level + 1) * TILE_HEIGHT
            tile = self.read(tile_path(level, number, width)) if width else b""
            if tile is None or len(tile) != width * HASH_BYTES:
                return None
            edge.append(tile)
        return edge

    def tile(self, size: int, level: int, number: int) -> bytes:
        """The hashes of a tile of a log of this size; LookupError when it is missing or cut off.

        An unfinished tile may have been taken away since its full one is there, which begins with it.
        """
        width = min(TILE_WIDTH, (size >> level * TILE_HEIGHT) - number * TILE_WIDTH)
        path = tile_path(level, number, width)
        tile = self.read(path)
        if tile is None and width < TILE_WIDTH:
            tile = (self.read(tile_path(level, number)) or b"")[: width * HASH_BYTES]
        if tile is None or len(tile) != width * HASH_BYTES:
            raise LookupError(f"{path} is missing or cut off")
        return tile


def _parts_of_level(level: int, count: int, before: int) -> Iterator[Part]:
    """The tiles over `count` hashes, from the one on that `before` hashes had not finished."""
    if count == before:
        return
    for number in range(before // TILE_WIDTH, -(-count // TILE_WIDTH)):
        width = min(TILE_WIDTH, count - number * TILE_WIDTH)
        yield Part(tile_path(level, number, width), level, number, width)


def _number_path(number: int) -> str:
    """Groups of three digits, all but the last with an x before: 1234067 is x001/x234/067."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
