"""Copies of evidence where nobody can take them back: a folder, or an S3 store with Object Lock.

A file is written once. The same bytes again are well; other bytes under its name are an alarm, and nothing is
written over. What is copied holds heads and signatures, never a word of anybody. No database is touched here.
"""

from __future__ import annotations

import hashlib
import os
import stat
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from django.conf import settings

from bankside.channels.sigv4 import Credentials, encoded, signed
from bankside.networks.wire import Wire, WireAnswer
from bankside.record import clock, evidence
from bankside.record.durable import make_folder, sync_folder
from bankside.record.evidence import Differs
from bankside.said import Said

if TYPE_CHECKING:
    import httpx

SETTING = "BANKSIDE_WORM_COPIES"
RETAIN_DAYS = 3650
SECRET_BYTES_MAX = 4096
ANSWER_SECONDS_MAX = 15.0
THERE_ALREADY = (409, 412)  # of a write that must not replace: conflict, and the condition does not hold
DAY_SECONDS = 86_400


class NotLocked(RuntimeError):
    """The store took the file and does not say that nobody can take it back."""


class Place(Protocol):
    """Where copies go."""

    def put(self, path: str, data: bytes) -> None:
        """Writes a file there once; raises Differs, NotLocked, OSError, or what the wire raises."""


def place_of(name: str, *, transport: httpx.BaseTransport | None = None) -> Place:
    """A place of BANKSIDE_WORM_COPIES by its name; raises KeyError, ValueError or OSError."""
    table = evidence.tables_of(settings.WORM_COPIES, SETTING)[name]
    if "folder" in table:
        return OneWayFolder(Path(str(table["folder"])))
    missing = [one for one in ("endpoint", "bucket", "region", "key_id", "secret_file") if one not in table]
    if missing:
        raise ValueError(f"{SETTING}: [{name}] needs folder, or {', '.join(missing)}")
    secret = Path(settings.WORM_COPIES).parent / str(table["secret_file"])
    with secret.open("rb") as file:
        key = file.read(SECRET_BYTES_MAX).decode().strip()
    return LockedBucket(
        endpoint=str(table["endpoint"]).rstrip("/"), bucket=str(table["bucket"]),
        prefix=str(table.get("prefix", "")).strip("/"), days=int(table.get("retain_days", RETAIN_DAYS)),
        who=Credentials(str(table["key_id"]), key, str(table["region"])), transport=transport,
    )  # fmt: skip


class OneWayFolder(NamedTuple):
    """A folder, best on a disk that lets nothing be changed. Its files are read-only and never replaced."""

    path: Path

    def put(self, path: str, data: bytes) -> None:
        """Raises Differs when another content is there. One that a power cut left unfinished is finished."""
        target = self.path / path
        make_folder(target.parent)
        try:
            there = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            rest = _rest(target, path, data)
            if rest is None:
                return
            there = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
            data = rest
        with os.fdopen(there, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o400)
        sync_folder(target.parent)


class LockedBucket(NamedTuple):
    """A bucket with Object Lock; each object is locked in compliance mode for so many days.

    It is asked by its path (`<endpoint>/<bucket>/<key>`), which stores other than Amazon's want as well.
    """

    endpoint: str
    bucket: str
    prefix: str
    days: int
    who: Credentials
    transport: httpx.BaseTransport | None = None

    def put(self, path: str, data: bytes) -> None:
        """Writes under the condition that nothing is there, then reads back content and lock."""
        until = _moment() + timedelta(days=self.days)
        answer = self._ask("PUT", path, data, {
            "content-md5": b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode(),
            "content-type": "application/octet-stream",
            "if-none-match": "*",
            "x-amz-object-lock-mode": "COMPLIANCE",
            "x-amz-object-lock-retain-until-date": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        })  # fmt: skip
        self._look(path, data, until if answer.status not in THERE_ALREADY else _moment())

    def _look(self, path: str, data: bytes, until: datetime) -> None:
        """Raises Differs for another content, NotLocked where the lock is missing or ends before `until`."""
        there = self._ask("GET", path, b"", {})
        if there.content != data:
            raise Differs(Said("Something else is there under the name %(path)s.", path=path))
        mode = there.headers.get("x-amz-object-lock-mode", "")
        ends = there.headers.get("x-amz-object-lock-retain-until-date", "")
        if mode != "COMPLIANCE" or not ends or clock.from_iso(ends) < int(until.timestamp()) * 1000:
            raise NotLocked(Said("%(path)s is there without a lock in compliance mode.", path=path))

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> WireAnswer:
        host = urlsplit(self.endpoint).netloc
        where = "/" + "/".join(part for part in (self.bucket, self.prefix, path) if part)
        sent = signed(
            method, where, {"host": host, **headers}, body, stamp=f"{_moment():%Y%m%dT%H%M%SZ}", who=self.who
        )
        wire = Wire(
            [host], private_hosts=settings.WIRE_PRIVATE_HOSTS, secrets=[self.who.secret],
            transport=self.transport,
        )  # fmt: skip
        return wire.ask(
            method, f"{self.endpoint}{encoded(where)}", headers=sent, content=body or None,
            also=THERE_ALREADY if method == "PUT" else (), deadline_seconds=ANSWER_SECONDS_MAX,
            bytes_max=evidence.FILE_BYTES_MAX,
        )  # fmt: skip


def _moment() -> datetime:
    return datetime.fromtimestamp(clock.now_ms() / 1000, UTC).replace(microsecond=0)


def _rest(target: Path, path: str, data: bytes) -> bytes | None:
    """What is missing of a file that was not finished; None when it is whole."""
    with target.open("rb") as file:
        there = file.read(len(data) + 1)
    unfinished = bool(target.stat().st_mode & stat.S_IWUSR)
    if there == data and not unfinished:
        return None
    if unfinished and data.startswith(there):
        return data[len(there) :]
    raise Differs(Said("Something else is there under the name %(path)s.", path=path))
