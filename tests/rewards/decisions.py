"""Decisions about acts as tests look at them: awards and everything else, wherever they are kept."""

from __future__ import annotations

from typing import Any

from django.db import connection

from bankside.rewards import decided
from bankside.rewards.decided import Decided
from bankside.rewards.models import Unchecked

_SOURCES = "select source from rewards_earned union select source from rewards_posting where kind = 'earn'"


def decisions(**wanted: Any) -> list[Decided]:
    """Those with these values, in order of arrival."""
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES)
        sources = [source for (source,) in cursor.fetchall()]
    found = [one for one in decided.of_sources(sources) if wanted.items() <= one._asdict().items()]
    return sorted(found, key=lambda one: (one.entry, one.source, one.rule))


def decision(**wanted: Any) -> Decided:
    """The only one with these values."""
    [found] = decisions(**wanted)
    return found


def look_again() -> None:
    """The fraud checks have yet to look at every award."""
    batches = {one.number // 65_536 for one in decisions() if one.number}
    Unchecked.objects.all().delete()
    Unchecked.objects.bulk_create(Unchecked(batch=batch, after=batch * 65_536 - 1) for batch in batches)
