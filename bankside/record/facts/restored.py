"""Facts about copies of the desk: that one was made, and that the desk goes on from one."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("record.backed-up", leaf="export")
@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A backup of the whole desk was made. Its keys' file has to be destroyed at `keys_until_ms`.

    `backup` is its id, `sha256` that of the whole file, `by` the account of the machine that asked for it.
    """

    backup: str
    sha256: str
    keys_until_ms: int
    by: str
    reason: str


@fact("record.restored")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRestored:
    """The desk goes on from a backup of `made_ms`; nothing goes out until a person lets it.

    `erasures` is how many were replayed, `newer` how many of them the backup did not know; `lost` is how many
    entries the published log has that the backup has not. `log` says whether one was looked at.
    """

    backup: str
    made_ms: int
    by: str
    erasures: int
    newer: int
    lost: int
    log: bool
