"""After an erasure no byte of the words is in any file: database, its log of writes, index, tiles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.more
def test_no_file_holds_a_byte_of_what_was_erased(tmp_path: Path) -> None:
    environment = {**os.environ, "BANKSIDE_DATA": str(tmp_path / "data"), "BANKSIDE_DATABASE_URL": ""}
    environment["DJANGO_SETTINGS_MODULE"] = "bankside.settings"
    ran = subprocess.run(
        [sys.executable, "-m", "tests.flows.forgotten_files", str(tmp_path)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["before"], "the words were in the files, so that the search can find them"
    assert told["after"] == []
    assert (told["code"], told["problems"], told["others"]) == (0, [], 2)
