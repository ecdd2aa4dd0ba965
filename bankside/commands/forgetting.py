"""Forgetting and keeping: words that are erased or hidden, and holds that come before that."""

from __future__ import annotations

import argparse
from typing import Any

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

REASON = flag("--reason", required=True, help="why; it goes into the record")
SUBJECT = flag("--subject", required=True, metavar="ID", help="the subject, 32 characters")
OBJECT = flag("--object", default="", metavar="OBJ", help="that one thing alone, 32 characters")


def declare(commands: Commands) -> None:
    """erase; hold add, release, list, restrict, lift, restricted."""
    add(
        commands, "erase", erase,
        SUBJECT, OBJECT,
        flag("--basis", required=True, metavar="CODE", help="why, such as GDPR-17 or COURT-ORDER"),
        flag("--by", required=True, metavar="EMAIL", help="who asks for it"),
        flag("--and", required=True, metavar="EMAIL", dest="second", help="who agrees; somebody else"),
        flag("--reason", default="", help="in a few words; it goes into the record"), AS_JSON,
    )  # fmt: skip
    holds = group(commands, "hold", "legal holds, and words that are shown to nobody")
    add(
        holds, "add", place,
        flag("kind", choices=("subject", "object", "channel")), flag("target", metavar="ID"),
        flag("--by", required=True, metavar="EMAIL"), REASON, AS_JSON,
    )  # fmt: skip
    add(
        holds, "release", release,
        flag("hold", metavar="ID"), flag("--by", required=True, metavar="EMAIL"), REASON, AS_JSON,
    )  # fmt: skip
    add(holds, "list", shown, AS_JSON)
    add(
        holds, "restrict", restrict, SUBJECT, OBJECT, flag("--by", required=True, metavar="EMAIL"), REASON,
        AS_JSON,
    )  # fmt: skip
    add(
        holds, "lift", lift, SUBJECT, OBJECT,
        flag("--by", required=True, metavar="EMAIL", help="who asks for it"),
        flag("--and", required=True, metavar="EMAIL", dest="second", help="who agrees; somebody else"),
        REASON, AS_JSON,
    )  # fmt: skip
    add(holds, "restricted", hidden, AS_JSON)


def erase(parsed: argparse.Namespace) -> None:
    """Erases a person's words, or those about one thing, in the name of two people who may.

    Done when it returns: keys, words, derived tables, index and files. If a legal hold or a duty to keep
    comes first, the words are restricted, it says so, and it is done when that ends.
    """
    ready()
    from bankside.people import keeping, staff

    first, second = staff.by_email(parsed.by), staff.by_email(parsed.second)
    row = keeping.erase(first, second, parsed.subject, parsed.object, parsed.basis, parsed.reason)
    if row.state == row.WAITING:
        raise CommandRefused(f"nothing was erased, the words are restricted: {row.why}")
    told = {"request": row.obj, "state": row.state, "entry": row.entry}
    say(parsed, told, lambda one: f"{one['state']}: request {one['request']}, entry {one['entry']}")


def place(parsed: argparse.Namespace) -> None:
    """Keeps everything of a subject, an object or a channel from being erased."""
    ready()
    from bankside.people import keeping, staff

    row = keeping.place(staff.by_email(parsed.by), parsed.kind, parsed.target, parsed.reason)
    say(parsed, _hold(row), _line)


def release(parsed: argparse.Namespace) -> None:
    """Ends a hold that somebody else placed."""
    ready()
    from bankside.people import keeping, staff

    row = keeping.release(staff.by_email(parsed.by), parsed.hold, parsed.reason)
    say(parsed, _hold(row), _line)


def shown(parsed: argparse.Namespace) -> None:
    """Prints the holds in force."""
    ready()
    from bankside.record.forgetting import holding

    say(parsed, [_hold(row) for row in holding.in_force()], _line)


def restrict(parsed: argparse.Namespace) -> None:
    """Hides a subject's words, or those about one thing: kept, and shown to nobody until two people agree.

    Also what comes later from the same subject. Twice is once.
    """
    ready()
    from bankside.people import keeping, staff

    row = keeping.restrict(staff.by_email(parsed.by), parsed.subject, parsed.object, parsed.reason)
    say(parsed, _restriction(row), _restricted_line)


def lift(parsed: argparse.Namespace) -> None:
    """Shows restricted words again, in the name of two people who may."""
    ready()
    from bankside.people import keeping, staff

    first, second = staff.by_email(parsed.by), staff.by_email(parsed.second)
    keeping.show_again(first, second, parsed.subject, parsed.object, parsed.reason)
    told = {"subject": parsed.subject, "object": parsed.object, "restricted": False}
    say(parsed, told, lambda one: f"{one['subject']} {one['object']}".rstrip() + "  is shown again")


def hidden(parsed: argparse.Namespace) -> None:
    """Prints what is restricted now, newest first."""
    ready()
    from bankside.record.forgetting import restricted

    say(parsed, [_restriction(row) for row in restricted.all_of()], _restricted_line)


def _restriction(row: Any) -> dict[str, Any]:
    return {"subject": row.subj, "object": row.about, "reason": row.reason, "lift_asked": bool(row.lift_by)}


def _restricted_line(one: dict[str, Any]) -> str:
    return f"{one['subject']} {one['object']}".rstrip() + f"  restricted: {one['reason']}"


def _hold(row: Any) -> dict[str, Any]:
    return {
        "hold": row.obj, "kind": row.kind, "target": row.target, "reason": row.reason,
        "in_force": not row.released_at,
    }  # fmt: skip


def _line(one: dict[str, Any]) -> str:
    state = "in force" if one["in_force"] else "released"
    return f"{one['hold']}  {one['kind']} {one['target']}  {state}: {one['reason']}"
