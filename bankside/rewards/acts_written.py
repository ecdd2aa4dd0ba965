"""The desk's own past as a folder for dry runs: what members did in the last days, as one programme sees it.

Read twice: once from the record into a file beside, then from this file into Parquet, because how deep a
thread was is known only when everything was read. In memory there is what is known of each member who did
something (some hundred bytes), never the acts. Nothing is in the folder until the record has that it is taken
away.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from bankside.late import parquet
from bankside.people import exports
from bankside.record import clock
from bankside.rewards import acts_folder, past
from bankside.rewards.acts_folder import ACTS, FORMAT, MANIFEST, USED, Manifest
from bankside.rewards.past import Done, Reading, Window
from bankside.rewards.past_standing import Standings
from bankside.rewards.placed import Placing
from bankside.rewards.rules.replay import NoActivities, arrow, arrow_used
from bankside.rewards.rules.terms import Programme
from bankside.said import Said

WHAT: Final = "member-acts"
DAYS_MAX: Final = 366
LENGTH_BYTES: Final = 4
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Done]).decode


class FolderTaken(ValueError):
    """There is something in the folder already."""


def write(terms: Programme, folder: Path, *, days: int, reason: str) -> Manifest:
    """Writes the acts of the last days into a new or empty folder; what its manifest says.

    Raises FolderTaken, NoActivities, and before anything is written ReasonMissing and readings.NotRecorded.
    """
    exports.reason_of(reason)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTaken(Said("%(path)s is there already, and not an empty folder.", path=str(folder)))
    there = past.window(terms.zone, min(days, DAYS_MAX))
    with tempfile.TemporaryDirectory(prefix=".acts-", dir=folder.absolute().parent) as beside:
        place = Path(beside)
        with (place / "read").open("w+b") as file:
            reading = _read(terms, there, file)
            counts, funds = _write(reading, there, file, place)
        if not counts[ACTS]:
            raise NoActivities(Said("There are no activities to try the programme on."))
        made = _manifest(terms, there, place, counts, funds)
        exports.told(None, WHAT, reason, rows=counts[ACTS])
        folder.mkdir(exist_ok=True)
        for name in (ACTS, USED, MANIFEST):
            (place / name).replace(folder / name)
    return made


def _read(terms: Programme, there: Window, file: IO[bytes]) -> Reading:
    reading = Reading(terms)
    for chunk in past.chunks(there):
        if done := reading.take(chunk):
            data = _encode(done)
            file.write(len(data).to_bytes(LENGTH_BYTES) + data)
    file.seek(0)
    return reading


def _write(
    reading: Reading, there: Window, file: IO[bytes], place: Path
) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows each file has, and what was paid from funds before."""
    standings = Standings(reading.terms, there.first)
    placing = Placing(reading, standings, there.last)
    with closing(_Rows(place / ACTS)) as acts, closing(_Rows(place / USED)) as before:
        for name, rows in ((acts, arrow(())), (before, arrow_used(()))):
            name.add(rows)
        for done in _again(file):
            happened, used = placing.take(done)
            acts.add(arrow(happened))
            before.add(arrow_used(used))
    return {ACTS: acts.count, USED: before.count}, standings.funds()


def _again(file: IO[bytes]) -> Iterator[list[Done]]:
    while head := file.read(LENGTH_BYTES):
        yield _decode(file.read(int.from_bytes(head)))


class _Rows:
    """A Parquet file that grows; its first rows, which may be none, say what its columns are."""

    def __init__(self, path: Path) -> None:
        self._path, self.count = path, 0
        self._writer: parquet.ParquetWriter | None = None

    def add(self, rows: Any) -> None:
        self._writer = self._writer or parquet.ParquetWriter(self._path, rows.schema)
        self._writer.write_table(rows)
        self.count += rows.num_rows

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _manifest(
    terms: Programme, there: Window, place: Path, counts: dict[str, int], funds: dict[str, int]
) -> Manifest:
    made = Manifest(
        format=FORMAT, programme=terms.sha256, zone=terms.zone, first_day=there.first, last_day=there.last,
        made_at=clock.iso(clock.now_ms()), funds=funds,
        files=tuple(acts_folder.written(place / name, counts[name]) for name in (ACTS, USED)),
    )  # fmt: skip
    (place / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(made)) + b"\n")
    return made
