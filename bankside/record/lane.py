"""Lanes: independent gapless sequences, so that several workers can follow the record at once."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from django.conf import settings
from django.db import connection

from bankside.record.models import Head


class NotSetUp(RuntimeError):
    """The record has no lanes yet."""


def lane_of(network: str, channel_obj: str, peer: str) -> int:
    """The lane of an exchange: first 4 bytes of SHA-256(network|channel|peer) mod N.

    `peer` is the root of the remote thread, the item's own id when that is unknown, or the other
    party of a private exchange: fields that every redelivery carries unchanged (DESIGN section 10).
    """
    digest = hashlib.sha256(f"{network}|{channel_obj}|{peer}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % lane_count()


@lru_cache(maxsize=1)
def lane_count() -> int:
    """N, fixed when the tables are made: 1 on SQLite, 16 on PostgreSQL."""
    count = Head.objects.count()
    if not count:
        raise NotSetUp("the record has no lanes; run `bankside migrate`")
    return count


def lanes_wanted() -> int:
    """How many lanes a fresh database gets."""
    return settings.LANES_POSTGRESQL if connection.vendor == "postgresql" else 1
