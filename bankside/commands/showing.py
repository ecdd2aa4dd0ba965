"""One entry of the record, as its page shows it: leaf, proof, words and versions."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bankside.commands.declared import flag, ready, say

if TYPE_CHECKING:
    from bankside.people.models import Staff
    from bankside.record.reading import Listed

FLAGS = (
    flag("entry", metavar="ENTRY", help="its number or id in the record"),
    flag("--versions", action="store_true", help="also its versions, and what changed from the one before"),
    flag("--by", required=True, metavar="EMAIL", help="who reads"),
    flag("--reason", required=True, metavar="WORDS", help="why; it goes into the record"),
)
# As wdiff writes it.
_MARKS = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}


def show(parsed: argparse.Namespace) -> None:
    """Shows an entry: its leaf, how it is proved, and its words to somebody who may read them.

    With --versions also the version before it, and what is gone and new between the two. That these words are
    read, by whom and why, is in the record before they are shown. Restricted and erased words are not shown.
    """
    ready()
    from bankside.people import policy, reader, staff
    from bankside.record import reading
    from bankside.record.reasons import reason_of

    person, reason = staff.by_email(parsed.by), reason_of(parsed.reason)
    policy.require(person, reader.READ)
    row = reading.place_of(parsed.entry)
    told = _entry(row) | {"proof": _proof(row)} | _words(person, row, reason)
    say(parsed, told | _versions(person, row, told, reason) if parsed.versions else told, _page)


def _entry(row: Listed) -> dict[str, Any]:
    import json

    from bankside.record import clock, shards

    names = ("n", "id", "fact", "type", "actor", "obj", "subj", "lane", "seq", "hash")
    told = {name: getattr(row, name) for name in names}
    return told | {"t": clock.iso(row.t), "year": shards.name_of(row.year), "leaf": json.loads(row.leaf)}


def _proof(row: Listed) -> dict[str, Any]:
    """Under which head it is proved and who signed that; `why` when it is not."""
    from bankside.record import entry_proof
    from bankside.record.reading import NoSuchEntry

    try:
        found = entry_proof.proved(row)
    except NoSuchEntry as not_proved:
        return {"why": str(not_proved)}
    signed = [one.key.name for one in found.signed]
    return {
        "origin": found.head.origin,
        "index": found.proof.index,
        "size": found.head.size,
        "signed": signed,
    }


def _words(person: Staff, row: Listed, reason: str) -> dict[str, Any]:
    """The words and their state; of those that are restricted or erased the state alone."""
    from bankside.people import reader
    from bankside.record.forgetting.restricted import Restricted

    try:
        opened = reader.words(person, row.n, reason)
    except Restricted:
        return {"state": "restricted", "words": None}
    if opened is None:
        return {"state": "erased", "words": None}
    return {"state": "readable", "words": opened.said}


def _versions(person: Staff, row: Listed, told: dict[str, Any], reason: str) -> dict[str, Any]:
    from bankside.record import clock, versions
    from bankside.web.staff.record_versions import compared

    all_of = versions.of(row)
    before = versions.before(row, all_of)
    older = None if before is None else {"n": before.n} | _words(person, before, reason)
    both = older is not None and older["words"] is not None and told["words"] is not None
    fields = compared(older["words"], told["words"]) if older is not None and both else []
    return {
        "versions": [{"n": one.n, "t": clock.iso(one.t), "actor": one.actor} for one in all_of],
        "before": older,
        "changes": [{"name": one.name, "pieces": one.pieces} for one in fields if one.differs],
    }


def _page(told: dict[str, Any]) -> str:
    """All of it as lines, for a terminal."""
    proof = told["proof"]
    under = f"under {proof['size']} entries of {proof['origin']}" if "size" in proof else proof["why"]
    if proof.get("signed"):
        under += f", signed by {', '.join(proof['signed'])}"
    lines = [f"entry {told['n']}  {told['t']}  {told['fact']}  {told['actor']}"]
    lines += [f"leaf   {name}: {value}" for name, value in told["leaf"].items()]
    lines += [f"proof  {under}", *_said("words", told)]
    for one in told.get("versions", ()):
        lines.append(
            f"{'this  ' if one['n'] == told['n'] else '      '} {one['n']}  {one['t']}  {one['actor']}"
        )
    if before := told.get("before"):
        lines += _said(f"before {before['n']}", before)
    lines += [f"change {one['name']}: {_marked(one['pieces'])}" for one in told.get("changes", ())]
    return "\n".join(lines)


def _said(head: str, told: dict[str, Any]) -> list[str]:
    from bankside.web.staff.entries import flat

    if told["words"] is None:
        return [f"{head}  {told['state']}: not shown"]
    return [f"{head}  {name}: {value}" for name, value, _ in flat(told["words"], "", "") if value]


def _marked(pieces: Any) -> str:
    return "".join(_MARKS[kind].format(text) for kind, text in pieces)
