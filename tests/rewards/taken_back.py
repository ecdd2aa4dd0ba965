"""What one random play wrote is gone before the next begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def taken_back() -> Iterator[None]:
    """Everything that is written inside is undone at its end, in the transaction of the test.

    A point, not a transaction: each act inside is one of its own, with locks of its own.
    """
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
