"""Facts about what ties the logs together and what others keep of them."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEnd:
    """A log at the end of a day: `rows` entries in the record, and its last head of `size` and `root` (hex).

    A log that was never published has size 0 and no root.
    """

    lane: int
    year: int
    rows: int
    size: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDay:
    """What came in on a channel in a day. `channel` is its obj, `state` how it stood at the end.

    `by_hook`, `by_poll`: items as they came. `repaired`: those of them that asking found and no hook had
    brought; `missing`: those that only the daily reading again found. `gaps_opened`: how often it began to
    miss something, which is a stop, a pause, or news that no hook told of; `gaps_closed`: how often it ended.
    """

    channel: str
    by_hook: int
    by_poll: int
    repaired: int
    missing: int
    gaps_opened: int
    gaps_closed: int
    state: str


@fact("record.day-reconciled", leaf="recon")
@dataclass(frozen=True, slots=True, kw_only=True)
class DayReconciled:
    """A day of the desk is over: the ends of all logs in one entry, and what came in on each channel.

    `day` is `2026-11-28` in `zone`, from `from_ms` up to and without `until_ms`. The logs stand as they were
    when this was written. The entry's `prev` is the day that was reconciled before.
    """

    day: str
    zone: str
    from_ms: int
    until_ms: int
    logs: tuple[LogEnd, ...]
    channels: tuple[ChannelDay, ...]


@fact("record.evidence-missed", leaf="gap")
@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceMissed:
    """Somebody outside was away, and does again what it is asked. `kind` is cosigned, stamp or copy.

    From `from_ms` to `until_ms` no head of this log between `size_before` and `size` entries reached it.
    """

    kind: str
    name: str
    lane: int
    year: int
    size_before: int
    size: int
    from_ms: int
    until_ms: int
