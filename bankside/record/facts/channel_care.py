"""Facts about the care of channels: what was read again, what their networks allow, and when an access ends.

`channel` is the channel's obj.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("channels.reconciled", leaf="recon")
@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Once a day a channel is read again from 24 hours before. `seen` items stand there; `missing` of them
    had come neither by hook nor by asking, and are here now. `whole` false: the network did not let us read
    to the end. `day` is the UTC day, `2026-11-28`.
    """

    channel: str
    day: str
    seen: int
    missing: int
    whole: bool


@fact("channels.access-ending")
@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEnding:
    """What lets the desk in ends soon, and only a person can connect the account again. Said once."""

    channel: str
    ends_ms: int


@fact("channels.capabilities-changed")
@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilitiesChanged:
    """The network calls the account by another name, or allows it something else than the day before.

    `names` are limits as the connector calls them, `before` and `after` their numbers, empty for none.
    """

    channel: str
    handle_before: str
    handle: str
    names: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
