"""A real PostgreSQL on 127.0.0.1, from Debian's own package, in a folder that is thrown away.

Its roles are those of a desk: `bankside_owner` makes the tables, `bankside` is what the desk works as. Skips,
with the reason, when the package is missing.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.servers.program import free_port

OWNER, DESK, ADMIN = "bankside_owner", "bankside", "postgres"
VERSION_MIN = 15
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 10
PR_SET_PDEATHSIG = 1
# Nothing of a unit test has to survive a power cut; what is tried with kill -9 asks for a durable server.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SETTINGS = (
    "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100", "shared_buffers=64MB",
    "max_wal_size=1GB", "log_min_messages=fatal", "log_min_error_statement=panic",
)  # fmt: skip


@dataclass
class PostgreSQL:
    """A running server."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    options: tuple[str, ...] = ()

    def url(self, database: str, user: str = DESK) -> str:
        """The address of a database as one of the roles, as BANKSIDE_DATABASE_URL wants it."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str, user: str = DESK) -> psycopg.Connection[tuple[object, ...]]:
        """A connection that commits each statement."""
        return psycopg.connect(self.url(database, user), autocommit=True)

    def make(self, database: str) -> str:
        """A new and empty database that the owner owns; its name."""
        with self.connect("postgres", ADMIN) as connection:
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(database), sql.Identifier(OWNER))
            )
        return database

    def copy(self, database: str, new: str) -> None:
        """Makes `new` anew, as `database` is, where nobody may be now; who is at `new` is cut off.

        The checkpoint, because a sequence writes its numbers to the log some ahead, and a copy counts on that
        of its original until the next checkpoint: killed before it, it would give out numbers twice.
        """
        names = {"new": sql.Identifier(new), "old": sql.Identifier(database), "owner": sql.Identifier(OWNER)}
        with self.connect("postgres", ADMIN) as connection:
            connection.execute(sql.SQL("drop database if exists {new} with (force)").format(**names))
            connection.execute(sql.SQL("create database {new} template {old} owner {owner}").format(**names))
            connection.execute("checkpoint")

    def kill(self) -> None:
        """SIGKILL to every process of the server, the first one first; returns when all are gone."""
        first = self.process.pid
        family = [first, *_children(first)]
        for process in family:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        end = time.monotonic() + STOP_SECONDS_MAX
        while any(map(_lives, family)):
            assert time.monotonic() < end, "killed, and still there"
            time.sleep(0.005)

    def start_again_if_gone(self) -> bool:
        """For whoever started it: on the same folder and port, as after a crash; whether that was needed."""
        if self.process.poll() is None:
            return False
        self.process = _started(self.folder, self.options)
        _wait(self)
        return True


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server that keeps what it has acknowledged, for tests that kill and count."""
    if reason := missing():
        pytest.skip(reason)
    with running(durable=True) as server:
        yield server


def missing() -> str:
    """Why there can be no PostgreSQL here, or nothing."""
    if _programs() is None:
        return f"PostgreSQL {VERSION_MIN} is missing: apt-get install postgresql-{VERSION_MIN}"
    if os.geteuid() == 0 and not _is_user(ADMIN):
        return f"PostgreSQL does not run as root, and there is no user {ADMIN}"
    return ""


@contextmanager
def running(*, durable: bool) -> Iterator[PostgreSQL]:
    """A fresh server on a free port; its process group is ended whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="bankside-postgresql-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, ADMIN, ADMIN)
        _make_cluster(folder)
        with _server(folder, durable) as server:
            _make_roles(server)
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(folder: Path, durable: bool) -> Iterator[PostgreSQL]:
    port = free_port()
    chosen = (*SETTINGS, f"port={port}", *(() if durable else FORGETFUL))
    options = tuple(word for setting in chosen for word in ("-c", setting))
    server = PostgreSQL(port, folder, _started(folder, options), options)
    try:
        _wait(server)
        yield server
    finally:
        for sign, seconds in ((signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            try:
                os.killpg(server.process.pid, sign)
                server.process.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def _started(folder: Path, options: tuple[str, ...]) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*_as_other_user(), _program("postgres"), "-D", str(folder / "data"), *options],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=_end_with_parent,
        )  # fmt: skip


def _children(parent: int) -> list[int]:
    """The processes that `parent` started; each session of PostgreSQL has one, in a group of its own."""
    return [int(p.name) for p in Path("/proc").glob("[0-9]*") if _state_and_parent(p)[1:] == [str(parent)]]


def _lives(process: int) -> bool:
    return _state_and_parent(Path(f"/proc/{process}"))[:1] not in ([], ["Z"])


def _state_and_parent(place: Path) -> list[str]:
    """Its state in one letter and who started it; empty when it is gone."""
    try:
        return (place / "stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _make_cluster(folder: Path) -> None:
    done = subprocess.run(
        [*_as_other_user(), _program("initdb"), "-D", str(folder / "data"), "-U", ADMIN, "--auth=trust",
         "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"initdb failed: {done.stdout}{done.stderr}"


def _make_roles(server: PostgreSQL) -> None:
    with server.connect("postgres", ADMIN) as connection:
        connection.execute(f"create role {OWNER} login createdb")
        connection.execute(f"create role {DESK} login noinherit")


def _as_other_user() -> list[str]:
    """PostgreSQL refuses to run as root. As another user, too, it ends when its parent dies."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={ADMIN}", f"--regid={ADMIN}", "--init-groups", "--pdeathsig", "QUIT"]


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _programs() -> Path | None:
    """The folder of the newest version that is new enough."""
    found = [place for place in Path("/usr/lib/postgresql").glob("*/bin") if (place / "initdb").exists()]
    versions = {int(number[0]): place for place in found if (number := re.findall(r"/(\d+)/bin", str(place)))}
    new = [number for number in versions if number >= VERSION_MIN]
    return versions[max(new)] if new else None


def _program(name: str) -> str:
    folder = _programs()
    assert folder is not None, missing()
    return str(folder / name)


def _is_user(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def _wait(server: PostgreSQL) -> None:
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end and server.process.poll() is None:
        try:
            server.connect("postgres", ADMIN).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    log = (server.folder / "log").read_text(errors="replace")
    raise TimeoutError(f"PostgreSQL did not start within {START_SECONDS_MAX} s: {log[-2000:]}")
