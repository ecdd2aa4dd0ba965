"""What others signed of the heads of the logs, kept for good: one file each, written once.

A head carries its cosignatures until the next head takes its place; here they stay, beside time-stamps.
`evidence/<lane>/<year>/<size>/` lies beside the folder of the logs, not in it, and holds

    head            the head as the log signed it
    text            its three lines alone, over which time-stamps are made
    <name>.cosigned the head with the signatures of one witness
    <name>.tsr      the answer of one time-stamp authority (RFC 3161), in DER

Pure but for where the folder lies. A file that is to be copied elsewhere has a mark under `.to-copy/<copy>/`
until it was; the mark is there before the file, so that a power cut forgets none.
"""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings

from bankside.record.durable import make_folder, sync_folder
from bankside.record.log.note import Note, NoteWrong, Signature, note_bytes, parse_note
from bankside.record.log.tiles import Head, HeadWrong, parse_head
from bankside.record.shards import name_of as year_name
from bankside.record.shards import number_of, origin_of
from bankside.said import Said

HEAD, TEXT, COSIGNED, STAMP = "head", "text", "cosigned", "stamp"
SUFFIXES: Final = {COSIGNED: ".cosigned", STAMP: ".tsr"}
NAME_MAX = 100
FILE_BYTES_MAX = 65_536
COPIES_MAX = 8
SETTINGS_BYTES_MAX = 65_536
_SCRATCH, _MARKS = ".new", ".to-copy"
_UNFIT: Final = re.compile(r"[^A-Za-z0-9.-]")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_COPY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class Differs(RuntimeError):
    """A file that is written once is to get another content: one of the two is not what it should be."""


class Kept(NamedTuple):
    """One kept file: of which head, what it is (`head`, `text`, `cosigned`, `stamp`), by whom; its path."""

    lane: int
    year: int
    size: int
    kind: str
    name: str
    path: str


def folder() -> Path:
    """The folder of all evidence, beside that of the logs."""
    return Path(settings.LOG_FOLDER).parent / "evidence"


# --- keeping ---------------------------------------------------------------------------------------------
def keep_head(lane: int, year: int, note: str) -> Head:
    """Keeps a head with the log's own signatures alone; raises Differs when another of its size is kept."""
    found = parse_note(note.encode())
    head = parse_head(found.text)
    own = [one for one in found.signatures if one.name == head.origin]
    _put(_path(lane, year, head.size, HEAD), note_bytes(found.text, own))
    return head


def keep_cosigned(lane: int, year: int, note: str, lines: Iterable[Signature], witness: str) -> Head:
    """Keeps a head with what one witness signed; what she signed of the same head before stays."""
    found = parse_note(note.encode())
    head = _same(lane, year, found)
    path = _path(lane, year, head.size, f"{name_of(witness)}{SUFFIXES[COSIGNED]}")
    if read(path) is None:
        own = [one for one in found.signatures if one.name == head.origin]
        _put(path, note_bytes(found.text, [*own, *lines]))
    return head


def keep_stamp(lane: int, year: int, note: str, stamp: bytes, name: str) -> Head:
    """Keeps a head, its text and a time-stamp of it; the first time-stamp of the same authority stays."""
    found = parse_note(note.encode())
    head = keep_head(lane, year, note)
    _put(_path(lane, year, head.size, TEXT), found.text.encode())
    path = _path(lane, year, head.size, f"{name_of(name)}{SUFFIXES[STAMP]}")
    if read(path) is None:
        _put(path, stamp)
    return head


def name_of(name: str) -> str:
    """A name of somebody as it stands in a file's name."""
    return _UNFIT.sub("_", name)[:NAME_MAX]


# --- looking ---------------------------------------------------------------------------------------------
def cosigned(lane: int, year: int, size: int) -> bytes | None:
    """The head of this size with the lines of every witness that signed it; None when none did.

    A file that is no note any more counts for nothing here; the audit names it.
    """
    notes = []
    for one in of_head(lane, year, size):
        if one.kind == COSIGNED:
            with suppress(NoteWrong):
                notes.append(parse_note(read(one.path) or b""))
    if not notes:
        return None
    lines = {(one.name, one.id): one for note in notes for one in note.signatures}
    return note_bytes(notes[0].text, list(lines.values()))


def kept(lane: int | None = None, year: int | None = None, *, last: int = 0) -> Iterator[Kept]:
    """Everything that is kept, by log and size; of one log, or the newest `last` heads of each."""
    for one_lane in _numbers(folder(), lane):
        for one_year in _years(folder() / str(one_lane), year):
            sizes = _numbers(folder() / str(one_lane) / year_name(one_year))
            for size in sizes[-last:] if last else sizes:
                yield from of_head(one_lane, one_year, size)


def logs() -> list[tuple[int, int]]:
    """The logs of which something is kept, by lane and year."""
    return [(lane, year) for lane in _numbers(folder()) for year in _years(folder() / str(lane), None)]


def of_head(lane: int, year: int, size: int) -> list[Kept]:
    """What is kept of one head, by name."""
    there = folder() / str(lane) / year_name(year) / str(size)
    names = sorted(file.name for file in there.iterdir()) if there.is_dir() else []
    found = []
    for name in names:
        if kind := _kind_of(name):
            who = name.removesuffix(SUFFIXES.get(kind, ""))
            found.append(Kept(lane, year, size, kind, who, _path(lane, year, size, name)))
    return found


def covering(lane: int, year: int, seq: int) -> list[Kept]:
    """The oldest evidence that covers an entry: for each witness and authority the first head behind it.

    Beside it the `head` and `text` of the same sizes.
    """
    found: dict[tuple[str, str], Kept] = {}
    for size in _numbers(folder() / str(lane) / year_name(year)):
        for one in of_head(lane, year, size) if size > seq else []:
            if one.kind in SUFFIXES:
                found.setdefault((one.kind, one.name), one)
    sizes = {one.size for one in found.values()}
    beside = [one for size in sorted(sizes) for one in of_head(lane, year, size) if one.kind not in SUFFIXES]
    return sorted({*found.values(), *beside})


def place_in(path: str) -> tuple[int, int, int]:
    """Lane, year and size of the head that a path is of."""
    lane, year, size, _ = path.split("/")
    return int(lane), number_of(year), int(size)


def read(path: str) -> bytes | None:
    """The bytes of a kept file; None when it is not there."""
    try:
        with (folder() / path).open("rb") as file:
            return file.read(FILE_BYTES_MAX + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None


def head_in(one: Kept) -> Head:
    """The head that a kept head, text or cosigned head tells of; raises HeadWrong or NoteWrong."""
    data = read(one.path) or b""
    head = parse_head(data.decode("utf-8", "replace") if one.kind == TEXT else parse_note(data).text)
    if head.origin != origin_of(one.lane, one.year) or head.size != one.size:
        raise HeadWrong(f"it tells of {head.origin} with {head.size} entries")
    return head


# --- what is to be copied elsewhere ------------------------------------------------------------------------
def copy_names() -> list[str]:
    """The names of the places of BANKSIDE_WORM_COPIES; raises ValueError when it cannot be read."""
    return list(tables_of(settings.WORM_COPIES, "BANKSIDE_WORM_COPIES"))


def tables_of(name: str, setting: str) -> dict[str, dict[str, str | int]]:
    """The tables of a settings file in TOML, by name; none when no file is named.

    Raises ValueError, which names the setting, when it is no such file, and OSError when it is not there.
    """
    if not name:
        return {}
    with Path(name).open("rb") as file:
        data = file.read(SETTINGS_BYTES_MAX)
    try:
        found = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ValueError(f"{setting}: {wrong}") from None
    if len(found) > COPIES_MAX or not all(_COPY.fullmatch(one) for one in found):
        raise ValueError(
            f"{setting}: at most {COPIES_MAX} tables, named by small letters, digits and hyphens"
        )
    if not all(isinstance(one, dict) for one in found.values()):
        raise ValueError(f"{setting}: everything stands in a table of its own, such as [first]")
    return found


def to_copy(copy: str, limit: int) -> list[str]:
    """Paths that have not been copied there yet, oldest mark first, at most `limit`."""
    there = folder() / _MARKS / copy
    marks = list(os.scandir(there)) if there.is_dir() else []
    oldest = sorted(marks, key=lambda mark: (mark.stat().st_mtime_ns, mark.name))[:limit]
    return [mark.name.replace("~", "/") for mark in oldest]


def waiting(copy: str) -> int:
    """How many files have not been copied there yet."""
    there = folder() / _MARKS / copy
    return sum(1 for _ in os.scandir(there)) if there.is_dir() else 0


def copied(copy: str, path: str) -> None:
    """Takes the mark away."""
    (folder() / _MARKS / copy / path.replace("/", "~")).unlink(missing_ok=True)


def mark_all(copy: str) -> int:
    """Marks everything that is kept, for a place that is new; how many. Nothing where it is known."""
    there = folder() / _MARKS / copy
    if there.is_dir():
        return 0
    count = 0
    for one in kept():
        _mark(copy, one.path)
        count += 1
    make_folder(there)
    return count


def _mark(copy: str, path: str) -> None:
    there = folder() / _MARKS / copy
    make_folder(there)
    (there / path.replace("/", "~")).touch()
    sync_folder(there)


# --- files -----------------------------------------------------------------------------------------------
def _same(lane: int, year: int, found: Note) -> Head:
    """The head of a note; raises Differs when another head of its size is kept."""
    head = parse_head(found.text)
    for one in of_head(lane, year, head.size):
        if one.kind == HEAD and head_in(one) != head:
            raise _differs(one.path)
    return head


def _put(path: str, data: bytes) -> None:
    """Durably and at once, never over what is there; raises Differs when that is something else.

    The place of a copy that cannot be read is no reason not to keep it here.
    """
    target = folder() / path
    if target.exists():
        if target.read_bytes() != data:
            raise _differs(path)
        return
    try:
        names = copy_names()
    except (OSError, ValueError):
        names = []
    for name in names:
        _mark(name, path)
    _link(target, data)


def _differs(path: str) -> Differs:
    return Differs(Said("Something else is there under the name %(path)s.", path=path))


def _link(target: Path, data: bytes) -> None:
    make_folder(target.parent)
    scratch = folder() / _SCRATCH
    scratch.mkdir(exist_ok=True)
    new = scratch / secrets.token_hex(8)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, target)
    except FileExistsError:
        if target.read_bytes() != data:
            raise _differs(target.name) from None
    finally:
        new.unlink()
    sync_folder(target.parent)


def _path(lane: int, year: int, size: int, name: str) -> str:
    return f"{lane}/{year_name(year)}/{size}/{name}"


def _kind_of(name: str) -> str:
    if name in (HEAD, TEXT):
        return name
    return next((kind for kind, suffix in SUFFIXES.items() if name.endswith(suffix)), "")


def _numbers(there: Path, only: int | None = None) -> list[int]:
    """The folders that are called by a number, in their order."""
    if only is not None:
        return [only] if (there / str(only)).is_dir() else []
    names = [entry.name for entry in os.scandir(there)] if there.is_dir() else []
    return sorted(int(name) for name in names if _NUMBER.fullmatch(name))


def _years(there: Path, only: int | None) -> list[int]:
    """The folders that are called as the logs of a lane are, in their order."""
    found = []
    for entry in os.scandir(there) if there.is_dir() else ():
        try:
            found.append(number_of(entry.name))
        except ValueError:
            continue
    return sorted(found if only is None else {only} & set(found))
