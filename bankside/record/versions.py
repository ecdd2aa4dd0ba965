"""The versions of one thing: entries that a chain of `prev` ties together, or that tell the same of it."""

from __future__ import annotations

from typing import Final

import msgspec

from bankside.record import reading
from bankside.record.reading import Listed

ENTRIES_MAX: Final = 200


def of(listed: Listed) -> list[Listed]:
    """All versions, oldest first, this one among them; at most the newest 200 entries are looked at.

    Without a chain: every entry with the same fact about the same thing, such as each submission of a post.
    """
    if not listed.obj:
        return [listed]
    about = reading.entries(obj=listed.obj, limit=ENTRIES_MAX)[::-1]
    chain = _chain(listed, about)
    if len(chain) == 1:
        chain = [one for one in about if one.fact == listed.fact]
    return chain if any(one.n == listed.n for one in chain) else [listed]


def before(listed: Listed, versions: list[Listed]) -> Listed | None:
    """The version from which this one was made; None for the first."""
    prev = prev_of(listed)
    named = next((one for one in versions if one.id == prev), None)
    earlier = [one for one in versions if one.n < listed.n]
    return named or (earlier[-1] if earlier else None)


def prev_of(listed: Listed) -> str:
    """The id of the version before, as the leaf has it; empty when it names none."""
    return str(msgspec.json.decode(listed.leaf).get("prev", ""))


def _chain(listed: Listed, about: list[Listed]) -> list[Listed]:
    """Everything that hangs together with this entry, backward and forward."""
    prevs = {one.id: prev_of(one) for one in about}
    known = {listed.id}
    for one in reversed(about):  # backward, newest first
        if one.id in known and prevs[one.id]:
            known.add(prevs[one.id])
    for one in about:  # forward, oldest first
        if prevs[one.id] in known:
            known.add(one.id)
    return [one for one in about if one.id in known]
