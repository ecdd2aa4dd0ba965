"""A start imports little: no command, page or worker waits for a large library that it does not use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.founded import lay
from tests.house import tree

# Each takes from 20 to 300 ms; together they took most of a start.
LARGE = frozenset((
    "contourpy", "cairocffi", "duckdb", "fastwarc", "httpcore", "httpx", "ibis", "iso8583", "lxml",
    "ninja", "numpy", "openpyxl", "pikepdf", "pyarrow", "pydantic", "resvg_py", "rich", "segno", "uharfbuzz",
))  # fmt: skip
# What simple commands do without as well.
COMMANDS_TOO = frozenset(("PIL", "allauth.account.forms", "babel", "fido2", "jinja2", "regex", "selectolax"))
OURS_OF_A_COMMAND_MAX = 130
COMMAND = "from bankside.commands import main; main(['channel', 'list'])"
WEB = "import bankside.web.wsgi; from django.urls import reverse; reverse('home')"
LIVE = "import bankside.web.live"
WORKER = "import django; django.setup(); from bankside.worker import Worker; assert Worker().run_until_idle()"


def imported(words: str, data: Path) -> set[str]:
    """The modules that are there after a process said this, on a desk of its own."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
    ours = {"BANKSIDE_DATA": str(data), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    done = subprocess.run(
        [sys.executable, "-c", f"{words}; import sys; print('>', *sys.modules)"], cwd=tree.ROOT,
        env={**plain, **ours}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.rpartition(">")[2].split())


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with its tables and keys."""
    data = tmp_path_factory.mktemp("light")
    lay({"BANKSIDE_DATA": str(data)})
    return data


@pytest.mark.parametrize("start", [COMMAND, WEB, LIVE, WORKER], ids=["command", "web", "live", "worker"])
def test_a_start_is_light(start: str, founded: Path) -> None:
    modules = imported(start, founded)
    assert "bankside.record.models" in modules
    assert sorted(modules & LARGE) == []


def test_a_command_is_lighter(founded: Path) -> None:
    modules = imported(COMMAND, founded)
    assert sorted(modules & COMMANDS_TOO) == []
    assert len([name for name in modules if name.startswith("bankside.")]) < OURS_OF_A_COMMAND_MAX


def test_what_is_used_is_loaded(founded: Path) -> None:
    used = "from bankside.late import numpy, parquet; numpy.zeros(2); parquet.ParquetFile"
    assert {"numpy", "pyarrow"} <= imported(used, founded)
    assert "numpy" not in imported("from bankside.late import numpy", founded)


def test_every_large_library_is_there() -> None:
    """A name that is spelled wrongly would never be found."""
    known = [*LARGE, *COMMANDS_TOO]
    asked = f"from importlib.util import find_spec; print([n for n in {known} if not find_spec(n)])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
