"""A start asks for tables and keys again once anything has changed that they hang on (bin/tables.py)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.house import tree


def asked(data: Path, words: str = "print(tables.are_ready())", **more: str) -> str:
    """What bin/tables.py says of the desk in this folder."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
    env = {**plain, "BANKSIDE_DATA": str(data), "PYTHONPATH": str(tree.ROOT / "bin"), **more}
    done = subprocess.run(
        [sys.executable, "-c", f"import tables; {words}"], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def write(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "bankside.db")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a desk with one migration and one key, as it was kept."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/kek").write_bytes(b"k" * 32)
    write(tmp_path, "create table django_migrations (id integer primary key, app text, name text)")
    write(tmp_path, "insert into django_migrations (app, name) values ('record', '0001_initial')")
    asked(tmp_path, "tables.keep()")
    return tmp_path


def test_nothing_has_changed(data: Path) -> None:
    assert asked(data) == "True"


CHANGES: dict[str, Callable[[Path], object]] = {
    "a migration taken back": lambda data: write(data, "delete from django_migrations"),
    "a database taken away": lambda data: (data / "bankside.db").unlink(),
    "an empty database": lambda data: write(data, "drop table django_migrations"),
    "a key taken away": lambda data: (data / "keys/kek").unlink(),
    "nothing kept": lambda data: (data / "tables.stamp").unlink(),
    "other code": lambda data: (data / "tables.stamp").write_text("0" * 64),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(data: Path, change: str) -> None:
    CHANGES[change](data)
    assert asked(data) == "False"


def test_another_place_of_the_key_is_seen_and_a_server_is_asked_each_time(data: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"k" * 32)
    assert asked(data, BANKSIDE_KEK_FILE=str(tmp_path / "elsewhere")) == "False"
    address = {"BANKSIDE_DATABASE_URL": "postgresql://bank@127.0.0.1:1/bank"}
    assert asked(data, "tables.keep(); print(tables.are_ready())", **address) == "False"
