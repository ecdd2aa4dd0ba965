"""What has to be decided before the settings are read: a data folder and a database for this run of tests.

Loaded by `-p tests.ground`. SQLite unless BANKSIDE_TEST_DATABASE says `postgresql`: then a server of our own
is started. Runs side by side (xdist) share that server and have a database and a folder each.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers import postgresql

WANTED = "BANKSIDE_TEST_DATABASE"
_stack = ExitStack()


def _data() -> str:
    """A folder that is thrown away, or the one that was given; a part of it for one of several."""
    given = os.environ.get("BANKSIDE_DATA")
    folder = Path(given or tempfile.mkdtemp(prefix="bankside-test-"))
    if not given:
        _stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return str(folder / os.environ.get("PYTEST_XDIST_WORKER", ""))


def _database() -> None:
    wanted = os.environ.get(WANTED, "sqlite")
    if wanted not in {"sqlite", "postgresql"}:
        raise pytest.UsageError(f"{WANTED} is sqlite or postgresql, not {wanted!r}")
    if wanted == "sqlite" or "PYTEST_XDIST_WORKER" in os.environ:
        return
    if reason := postgresql.missing():
        raise pytest.UsageError(f"{WANTED}={wanted}: {reason}")
    server = _stack.enter_context(postgresql.running(durable=False))
    address = server.url("bankside", postgresql.OWNER)
    # A test may be idle in its transaction for as long as it likes, such as while it waits for a server.
    os.environ["BANKSIDE_DATABASE_URL"] = f"{address}?options=-c%20lock_timeout%3D20s"


def pytest_unconfigure() -> None:
    """Takes away what was made for this run."""
    _stack.close()


# Many tests start processes, each of which would compile all of ours anew (see bin/prepare.py).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ["BANKSIDE_DATA"] = _data()
_database()
