"""Commands go down, facts come up: the import contracts hold, and would find who breaks them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house import tree

PLANTED = {
    "people/policy.py": ("from bankside.inbox import models", "Commands go down"),
    "inbox/models.py": ("from bankside.publish import models as other", "Commands go down"),
    "publish/models.py": ("from bankside.networks import catalogue", "Only channels imports networks"),
    "networks/counters.py": ("import django", "Networks are pure Python"),
}


def contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the checker says about the package in a folder."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_contracts_hold() -> None:
    done = contracts(tree.ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package in which something can be planted."""
    python = shutil.ignore_patterns("static", "templates", "__pycache__", "locale")
    shutil.copytree(tree.ROOMS, tmp_path / "bankside", ignore=python)
    shutil.copy(tree.ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("file", PLANTED)
def test_a_wrong_import_is_found(copy: Path, file: str) -> None:
    line, contract = PLANTED[file]
    place = copy / "bankside" / file
    place.write_text(place.read_text() + f"\n{line}\n")
    done = contracts(copy)
    broken = [words for words in done.stdout.splitlines() if "BROKEN" in words]
    assert done.returncode == 1
    assert any(contract in words for words in broken), done.stdout + done.stderr


def test_every_room_has_its_place_in_the_layers() -> None:
    layers = tomllib.loads(tree.text(Path("pyproject.toml")))["tool"]["importlinter"]["contracts"][0][
        "layers"
    ]
    named = {name.strip() for layer in layers for name in layer.split("|")}
    modules = {f.parts[1].removesuffix(".py") for f in tree.under("bankside") if len(f.parts) > 1}
    assert modules - {"__init__", "__main__", "settings", "urls"} == named
