"""A reading is told to the record before anything of it is shown. What cannot be told is not shown.

Rooms that show what customers wrote, or give it away, tell so by `tell` and by nothing else: so there is one
place at which reading fails closed.
"""

from __future__ import annotations

import logging

from django.db import transaction

from bankside.record.append import Entry, append
from bankside.said import Said

log = logging.getLogger(__name__)


class NotRecorded(RuntimeError):
    """The record did not take the reading, for whatever reason; nothing was shown."""


def tell(fact: object, key: str, *, actor: str, obj: str, lane: int = 0) -> Entry:
    """Records that somebody reads or takes away what customers wrote; durable when it returns.

    Raises NotRecorded. Called outside of other transactions, or else durable when that one is.
    """
    try:
        with transaction.atomic():
            return append(fact, key, actor=actor, obj=obj, lane=lane)
    except Exception as trouble:
        log.exception("a reading could not be recorded: %s", type(trouble).__name__)
        raise NotRecorded(
            Said("It could not be recorded that you read this, and without that nothing is shown. Try again.")
        ) from trouble
