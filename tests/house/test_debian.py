"""What the checks need of Debian: read from one list, looked up, and a clear reason when it cannot be had."""

from __future__ import annotations

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
    assert [name for name in debian.wanted() if not name.replace("-", "").isalnum()] == []


def test_without_dpkg_everything_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert debian.missing() == debian.wanted()
    assert debian.install(["chromium"]) == "this is no Debian: there is no apt-get"


def test_another_user_without_sudo_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert debian.install(["chromium"]) == "apt-get needs root, and this is another user without sudo"


def test_the_last_words_of_apt_are_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 100, "", "Reading lists\nE: Unable to locate package x\n")

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", failing)
    assert debian.install(["x"]) == "apt-get install failed: E: Unable to locate package x"
