"""A folder of past acts as `bankside programme acts` writes it: two Parquet files, and a manifest about both.

No names and no words: an act is what rules read of it, a member a number of the desk's own.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from bankside.rewards.rules.replay import NoActivities
from bankside.said import Said

MANIFEST, ACTS, USED = "manifest.json", "acts.parquet", "used-before.parquet"
FORMAT: Final = "bankside-acts-1"
MANIFEST_BYTES_MAX: Final = 1_000_000
DIGEST_BYTES: Final = 1 << 20


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the folder: `sha256` of its bytes in hex."""

    name: str
    rows: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the folder. `programme`: SHA-256 of the text as which the acts were read, in hex; its days
    are those of `zone`, from `first_day` to `last_day` (since 1970). `funds`: what rules had paid before."""

    format: str
    programme: str
    zone: str
    first_day: int
    last_day: int
    made_at: str
    funds: dict[str, int]
    files: tuple[File, ...]


def manifest_of(path: Path) -> Manifest | None:
    """The manifest of a folder, its files checked against it; None where there is none. Raises
    NoActivities."""
    place = path / MANIFEST
    if not place.is_file():
        return None
    try:
        with place.open("rb") as file:
            found = msgspec.json.decode(file.read(MANIFEST_BYTES_MAX), type=Manifest)
    except msgspec.DecodeError:
        raise NoActivities(Said("%(path)s cannot be read.", path=str(place))) from None
    good = found.format == FORMAT and {one.name for one in found.files} == {ACTS, USED}
    if not good or any(digest_of(path / one.name) != one.sha256 for one in found.files):
        raise NoActivities(Said("The files in %(path)s are not those of its manifest.", path=str(path)))
    return found


def written(path: Path, rows: int) -> File:
    """A file as a manifest names it."""
    return File(name=path.name, rows=rows, bytes=path.stat().st_size, sha256=digest_of(path))


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex; "" for one that is not there."""
    if not path.is_file():
        return ""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(DIGEST_BYTES):
            digest.update(data)
    return digest.hexdigest()
