"""Entries with their facts, for readers of the record that have no cursor by lane."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bankside.record import projection
from bankside.record.append import SELECT, Entry
from bankside.record.facts.channels import ActivityChanged, ActivityReceived, ActivityRemoved
from bankside.record.facts.rewards import ActReported, ProfileLinked
from bankside.record.projection import Follower
from bankside.rewards.asked import rows

ACTIVITIES = (ActivityReceived, ActivityChanged, ActivityRemoved)
READ = (*ACTIVITIES, ActReported, ProfileLinked)


class _Reader(Follower):
    """Keeps what it is told; it has no cursor and is not registered."""

    name = "rewards.reading"
    facts = READ
    told: Sequence[tuple[Entry, Any]] = ()

    @contextmanager
    def batch(self, told: Sequence[tuple[Entry, Any]]) -> Iterator[None]:
        self.told = [(entry, fact) for entry, fact in told if fact is not None]
        yield

    def take(self, entry: Entry, fact: Any) -> tuple[()]:
        """Nothing for a single entry."""
        return ()


def with_facts(entries: Iterable[Entry]) -> list[tuple[Entry, Any]]:
    """These entries with their facts, in order; those whose words were erased are left out."""
    reader = _Reader()
    projection.deliver(reader, entries)
    return list(reader.told)


def at(numbers: Iterable[int]) -> list[tuple[Entry, Any]]:
    """The entries of these arrival numbers with their facts."""
    found = rows(f"{SELECT} where", "n", numbers, "order by n")
    plain = [(*columns, bytes(leaf)) for *columns, leaf in found]
    return with_facts(Entry(*row) for row in plain)
