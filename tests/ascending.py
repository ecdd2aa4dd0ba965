"""Whoever appends to several lanes in a transaction does so in ascending order, so that no two are stuck."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection

from bankside.record import append as appending


def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test that locks a lane below one it holds. The test's own transaction is not counted."""
    real, held = appending._locked, dict[str, set[int]]()

    def locked(lanes: Iterable[int]) -> Any:
        wanted = set(lanes)
        if connection.savepoint_ids:
            before = held.setdefault(connection.savepoint_ids[0], set())
            late = {lane for lane in wanted - before if lane < max(before, default=-1)}
            assert not late, f"lane {late} is locked after {before}"
            before |= wanted
        return real(wanted)

    monkeypatch.setattr(appending, "_locked", locked)
