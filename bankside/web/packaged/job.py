"""The job that makes a package: a quarter of a second at a time, so that everything else goes on beside it.

What it has open lives in this process. Another worker that finds the job, or this one after it was killed,
makes the package from the beginning; nothing half is ever given. A lock keeps two from making the same one.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from bankside.people import packages
from bankside.record import clock, jobs, seal
from bankside.record.models import Job, Package
from bankside.record.package import finishing, making, orders
from bankside.record.package.expression import ExpressionWrong
from bankside.record.package.finishing import NotSignedYet
from bankside.record.package.making import NotTheRecord
from bankside.said import Said
from bankside.web.packaged import plans

SLICE_SECONDS: Final = 0.25
AGAIN_MS: Final = 5_000
ELSEWHERE_MS: Final = 50
"""Another worker makes it: so soon the job is on the table again for that one."""
UNDER_WAY_MAX: Final = 4
ACTOR: Final = "s:packages"

_under_way: dict[str, _Making] = {}


class _Making:
    """A package that this process makes: its scratch folder, and how it goes on."""

    def __init__(self, row: Package) -> None:
        self.target = orders.folder_of(row)
        self._lock = _locked(_lock_of(row))
        self.scratch: Path = finishing.scratch_of(self.target)
        self.steps: Iterator[int] = making.make(plans.of(row), self.scratch)
        self.is_made = False

    def close(self) -> None:
        """Gives the lock back; what is half written stays for the next one to throw away."""
        self._lock.close()


@jobs.handler(orders.JOB)
def go_on(job: Job) -> int | None:
    """One slice. Whoever ordered it must still be here and still may: fault 48, cut within 60 seconds."""
    row = orders.get(job.data["obj"])
    if row.state == Package.MADE:
        return orders.watch(row)
    if row.state not in orders.UNDER_WAY:
        return _dropped(row)
    if not packages.may_go_on(row):
        return _stopped(row, Said("Whoever ordered it may not any more."))
    try:
        return _slice(row)
    except (NotTheRecord, ExpressionWrong) as trouble:
        return _stopped(row, str(trouble))
    except NotSignedYet as trouble:
        orders.waits(row, str(trouble))
        return clock.now_ms() + AGAIN_MS


def _slice(row: Package) -> int | None:
    made = _under_way.get(row.obj)
    if made is None:
        if len(_under_way) >= UNDER_WAY_MAX:
            return clock.now_ms() + AGAIN_MS
        seal.seal_all()  # what was recorded before the order is to be proved
        try:
            made = _under_way[row.obj] = _Making(row)
        except BlockingIOError:
            return clock.now_ms() + ELSEWHERE_MS
    done = row.done
    end = time.monotonic() + SLICE_SECONDS
    while not made.is_made:
        step = next(made.steps, None)
        made.is_made, done = step is None, done if step is None else step
        if _enough(end):
            break
    if not orders.moved(row, done):
        return _dropped(row)
    return clock.now_ms() if not made.is_made else _ended(row, made)


def _closed(row: Package) -> None:
    """What this process has open of it is closed, and the lock given back."""
    if made := _under_way.pop(row.obj, None):
        made.close()
    _lock_of(row).unlink(missing_ok=True)


def _lock_of(row: Package) -> Path:
    return orders.folder_of(row).with_name(f".lock-{row.obj}")


def _locked(path: Path) -> IO[bytes]:
    """Held by one process at a time; the system gives it back when that is killed. Raises BlockingIOError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file


def _enough(end: float) -> bool:
    return time.monotonic() >= end


def _ended(row: Package, made: _Making) -> int | None:
    told = finishing.vouch(made.scratch, row.obj, row.maker)
    finishing.place(made.scratch, made.target)
    _closed(row)
    if not orders.whole(row, told):
        return _dropped(row)
    return clock.now_ms() + orders.LOOK_SECONDS * 1000


def _stopped(row: Package, why: str) -> int | None:
    _closed(row)
    orders.stop(row, ACTOR, why)
    return None


def _dropped(row: Package) -> int | None:
    """Somebody stopped it: what is open here is closed, and what was written is gone."""
    _closed(row)
    orders.delete_files(row)
    return None


def forget() -> None:
    """Drops what this process has open, as a kill would; for tests."""
    for made in _under_way.values():
        made.close()
    _under_way.clear()
