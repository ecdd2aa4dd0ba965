"""Why an award is what it is, as its posting says it: JSON on one line, under the digest of the batch.

What follows from the posting itself or from the version of the programme is not said again. In this order:
`item` (a digest of which item on which channel, 32 hex; absent for what is none), `kind` and `network` of the
act, `asked` (points before limits, when they were cut) and `cut` (the limit), `entry` (arrival number in the
record, when the source does not name it), `acted` (when the act was recorded, UTC ms, when it was paid
later), `saw` (what the rule saw of the act). No tab, line end or backslash is in it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from bankside.rewards.ledger.candidate import Candidate

# Where the item begins, for the index by which awards of an item are found (0004_one_row).
BEGIN: Final = '{"item":"'
ITEM_AT, ITEM_INDEXED = len(BEGIN) + 1, 16
RECORDED: Final = "e:"  # a source that names its entry


class Why(msgspec.Struct, frozen=True, gc=False):
    """The same, read again. `asked` -1: as many as were given; `saw` is JSON."""

    kind: str
    network: str
    saw: msgspec.Raw
    item: str = ""
    asked: int = -1
    cut: str = ""
    entry: int = 0
    acted: int = 0


read = msgspec.json.Decoder(Why).decode


def why_of(c: Candidate, points: int, reason: str) -> str:
    """What the posting of an award says."""
    item = f'{BEGIN}{c.remote}",' if c.remote else "{"
    more = f',"asked":{c.points},"cut":"{reason}"' if reason or c.points != points else ""
    if c.entry and c.source != f"{RECORDED}{c.entry}":
        more += f',"entry":{c.entry}'
    if c.acted:
        more += f',"acted":{c.acted}'
    return f'{item}"kind":"{c.kind}","network":"{c.network}"{more},"saw":{c.inputs}}}'


def entry_of(source: str, said: Why) -> int:
    """The arrival number of the act in the record; 0 when it is not there."""
    return int(source[len(RECORDED) :]) if source.startswith(RECORDED) and not said.entry else said.entry


def seen(values: dict[str, Any]) -> str:
    """What a rule saw, as JSON that may stand in the journal: signs that JSON would escape are others."""
    text = _encode(values).decode()
    return _encode(_plain(values)).decode() if "\\" in text else text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if not isinstance(value, str):
        return value
    plain = value.replace('"', "'").replace("\\", "/")
    return "".join(" " if sign < " " else sign for sign in plain)


_encode = msgspec.json.Encoder().encode
