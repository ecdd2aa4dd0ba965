"""Whether tables and keys are as `bankside migrate` left them: then a start need not ask it again.

Only for SQLite in the data folder, which can be looked at without Django. Standard library alone.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import prepare

STAMP = prepare.DATA / "tables.stamp"
DATABASE = prepare.DATA / "bankside.db"
KEYS = prepare.DATA / "keys"


def are_ready() -> bool:
    """Nothing has changed since `keep`: no line of ours, no package, no migration in the database, no key."""
    try:
        return STAMP.read_text(encoding="utf-8") == _now()
    except (OSError, sqlite3.Error):
        return False


def keep() -> None:
    """After `bankside migrate`: how everything is now. Keeps nothing where the database is another one."""
    if "BANKSIDE_DATABASE_URL" not in os.environ:
        STAMP.write_text(_now(), encoding="utf-8")


def _now() -> str:
    """One digest of all that `bankside migrate` looks at. Raises sqlite3.Error where there is no database."""
    if "BANKSIDE_DATABASE_URL" in os.environ:
        raise sqlite3.NotSupportedError("a server is asked each time")
    ours = sorted((prepare.ROOT / "bankside").rglob("*.py"))
    code = [f"{file} {file.stat().st_mtime_ns}" for file in ours]
    keys = [str(file) for file in sorted([*KEYS.glob("*"), _key_of_keys()]) if file.exists()]
    return prepare.digest(part.encode() for part in (prepare.stamp("run"), *code, *keys, *_applied()))


def _key_of_keys() -> Path:
    return Path(os.environ.get("BANKSIDE_KEK_FILE") or KEYS / "kek").absolute()


def _applied() -> list[str]:
    """The migrations that the database has had."""
    with closing(sqlite3.connect(f"{DATABASE.as_uri()}?mode=ro", uri=True)) as database:
        rows = database.execute("select app || '.' || name from django_migrations order by id").fetchall()
    return [str(name) for (name,) in rows]
