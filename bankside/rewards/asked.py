"""Rows of many things at once, by one statement of our own: models would cost more than asking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from bankside.rewards.ledger.locks import among


def rows(
    select: str, column: str, values: Iterable[Any], end: str = "", more: Sequence[Any] = ()
) -> list[Any]:
    """`select ... where` these columns have one of the values, and `end`, which `more` belongs to.

    No values ask nobody. `select`, `column` and `end` are words of this code, never somebody's.
    """
    wanted = sorted(set(values))
    if not wanted:
        return []
    condition, given = among(column, wanted)
    with connection.cursor() as cursor:
        cursor.execute(" ".join((select, condition, end)), [*given, *more])
        return list(cursor.fetchall())
