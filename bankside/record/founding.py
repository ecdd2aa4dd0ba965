"""What must be there before the first fact: keys, lanes and the desk's own subject."""

from __future__ import annotations

from django.db import transaction

from bankside.record import kek, keys, lane, log_keys, sealed, subjects
from bankside.record.models import Head


def found() -> None:
    """Makes what is missing and keeps what is there; called by `bankside migrate` after the tables.

    The number of lanes is fixed by the first call: 1 on SQLite, 16 on PostgreSQL.
    """
    keys.make_keys()
    log_keys.make()
    kek.forget()
    with transaction.atomic():
        kek.make_first()
        sealed.make_class_keys()
        if not Head.objects.exists():
            Head.objects.bulk_create(Head(lane=number) for number in range(lane.lanes_wanted()))
        subjects.make_desk()
    forget()


def forget() -> None:
    """Drops what this process remembers of keys and lanes, after they were made or restored."""
    lane.lane_count.cache_clear()
    kek.forget()
    sealed.forget()
    subjects.forget()
    log_keys.forget()
