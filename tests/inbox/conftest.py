from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bankside.record import clock
from tests.scene import NOW, Scene


@pytest.fixture
def scene(tmp_path: Path, db: None) -> Iterator[Scene]:
    """People, a practice channel and a clock that stands still."""
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")
