"""Desks as `bankside migrate` leaves them, without making the tables anew for each, which takes five seconds.

For tests of what comes after it. The copies of one run have the same keys; PostgreSQL, where a desk has a
database there, copies it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.servers.postgresql import ADMIN

ROOT = Path(__file__).resolve().parents[1]
MADE_SECONDS_MAX = 200
DATABASE, MIGRATES, DATA = "BANKSIDE_DATABASE_URL", "BANKSIDE_MIGRATE_DATABASE_URL", "BANKSIDE_DATA"


def lay(env: Mapping[str, str]) -> None:
    """Founds the desk of this environment: its data folder, and its database where that is on PostgreSQL.

    Both are empty, or not there; on PostgreSQL the tables belong to the role that would migrate.
    """
    if MIGRATES not in env:
        shutil.copytree(_on_sqlite(), env[DATA], dirs_exist_ok=True)
        return
    address, owner = urlsplit(env[DATABASE]), urlsplit(env[MIGRATES]).username or ""
    assert address.username and address.port
    kept, name = _on_postgresql(address.port, address.username, owner)
    _copy(address.port, name, address.path.removeprefix("/"), owner)
    shutil.copytree(kept, env[DATA], dirs_exist_ok=True)


@cache
def _on_sqlite() -> Path:
    data = _folder() / "data"
    _migrate({DATA: str(data)})
    return data


@cache
def _on_postgresql(port: int, desk: str, owner: str) -> tuple[Path, str]:
    """The data folder and the database that are copied; the server outlives them."""
    data, name = _folder() / "data", f"founded_{os.urandom(4).hex()}"
    _ask(port, "create database {name} owner {owner}", name=name, owner=owner)
    there = f"@127.0.0.1:{port}/{name}"
    _migrate({
        DATA: str(data), DATABASE: f"postgresql://{desk}{there}", MIGRATES: f"postgresql://{owner}{there}",
    })  # fmt: skip
    return data, name


def _copy(port: int, old: str, new: str, owner: str) -> None:
    """The checkpoint for those who kill the server (see tests.servers.postgresql)."""
    _ask(port, "drop database if exists {new}", new=new)
    _ask(port, "create database {new} template {old} owner {owner}", new=new, old=old, owner=owner)
    _ask(port, "checkpoint")


def _ask(port: int, words: str, **names: str) -> None:
    with psycopg.connect(f"postgresql://{ADMIN}@127.0.0.1:{port}/postgres", autocommit=True) as admin:
        quoted = {key: sql.Identifier(name) for key, name in names.items()}
        admin.execute(sql.SQL(words).format(**quoted))  # type: ignore[arg-type]


def _folder() -> Path:
    """A folder that is taken away with this process."""
    folder = Path(tempfile.mkdtemp(prefix="bankside-founded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _migrate(more: dict[str, str]) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
    done = subprocess.run(
        [sys.executable, "-m", "bankside", "migrate"], cwd=ROOT, env={**plain, **more},
        capture_output=True, text=True, timeout=MADE_SECONDS_MAX,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
