from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.commands.ask import Ask


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    return Ask(capsys)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """A data folder of its own."""
    settings.DATA, settings.LOG_FOLDER, settings.MEDIA_FOLDER = tmp_path, tmp_path / "log", tmp_path / "media"
    (tmp_path / "keys").mkdir()
    return tmp_path
