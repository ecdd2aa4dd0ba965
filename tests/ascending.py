"""Whoever appends to several lanes in a transaction does so in ascending order, so that no two are stuck."""

from __future__ import annotations

from collections.abc import Iterable
from threading import get_ident
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from bankside.record import append as appending


def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test that locks a lane below one it holds. The test's own transaction is not counted."""
    real, few, held = appending._locked, appending._placed, dict[tuple[int, str], set[int]]()
    _forget_with_each_transaction(monkeypatch, held)

    def notice(wanted: set[int]) -> None:
        if connection.savepoint_ids:
            before = held.setdefault((get_ident(), connection.savepoint_ids[0]), set())
            late = {lane for lane in wanted - before if lane < max(before, default=-1)}
            assert not late, f"lane {late} is locked after {before}"
            before |= wanted

    def locked(lanes: Iterable[int], reading: bool = True) -> Any:
        wanted = set(lanes)
        notice(wanted)
        return real(wanted, reading)

    def placed(lane: int, values: Any) -> Any:
        notice({lane})
        return few(lane, values)

    monkeypatch.setattr(appending, "_locked", locked)
    monkeypatch.setattr(appending, "_placed", placed)


def _forget_with_each_transaction(
    monkeypatch: pytest.MonkeyPatch, held: dict[tuple[int, str], set[int]]
) -> None:
    """A thread's next transaction names its savepoints as the last one did, and holds none of its lanes."""
    real = BaseDatabaseWrapper.set_autocommit

    def set_autocommit(self: BaseDatabaseWrapper, *given: Any, **named: Any) -> Any:
        for key in [key for key in held if key[0] == get_ident()]:
            del held[key]
        return real(self, *given, **named)

    monkeypatch.setattr(BaseDatabaseWrapper, "set_autocommit", set_autocommit)
