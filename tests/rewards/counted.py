"""How many statements something takes: each is a way to the database and back, for which somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection


def statements(act: Callable[[], object]) -> list[str]:
    """The statements of an act. Inside of a test its begin and its commit are those of a savepoint."""
    told: list[str] = []

    def tell(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        told.append(" ".join(sql.split()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(tell):
        act()
    return told
