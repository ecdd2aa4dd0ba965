"""What the checks need of Debian: read from one list, looked up, and a clear reason when it cannot be had."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.house import tree

sys.path.insert(0, str(tree.ROOT / "bin"))
import debian


def test_the_list_holds_names_and_no_remarks() -> None:
    assert "chromium" in debian.wanted()
    assert [name for name in debian.wanted() if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name)] == []


def test_without_dpkg_everything_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert debian.missing() == debian.wanted()
    assert debian.install(["chromium"]) == "this is no Debian: there is no apt-get"


def test_another_user_without_sudo_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert debian.install(["chromium"]) == "apt-get needs root, and this is another user without sudo"


def test_one_that_is_not_to_be_had_does_not_keep_the_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def without_x(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        words = "Reading lists\nE: Unable to locate package x\n" if "x" in command else ""
        return subprocess.CompletedProcess(command, 100 if words else 0, "", words)

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", without_x)
    assert debian.install(["x", "make"]) == "apt-get install failed: E: Unable to locate package x"
    assert asked[-1][-1] == "make"
