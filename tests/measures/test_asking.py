"""Packed values come from both databases as they are, whatever bytes are in them."""

from __future__ import annotations

from itertools import permutations

import pytest

from bankside.measures import asking
from bankside.measures.models import Incoming

pytestmark = pytest.mark.django_db
VALUES = (bytes(range(256)), b"\0" * 28, b"\xff\xfe\x80", "카드".encode("utf-16"), b"'\"\\\0'")


def test_bytes_are_joined_as_they_are() -> None:
    for place, value in enumerate(VALUES):
        Incoming.objects.create(id=place + 1, obj="o", channel="c", verb="Like", at=place, packed=value)
    found = asking.packed(asking.ACTS, [0, len(VALUES)])
    # PostgreSQL joins in whatever order it reads.
    assert found in {b"".join(order) for order in permutations(VALUES)}
    assert asking.packed(asking.ACTS, [1, 2]) == VALUES[1]


def test_no_rows_are_no_bytes() -> None:
    assert asking.packed(asking.ACTS, [0, 9]) == b""
    assert asking.rows(asking.AGAIN, [0, 9], 1) == [()]
