"""The brake on everything that goes out."""

from __future__ import annotations

import argparse

from bankside.commands.declared import AS_JSON, Commands, add, flag, ready, say


def declare(commands: Commands) -> None:
    """freeze, unfreeze."""
    why = "why; it goes into the record"
    add(
        commands,
        "freeze",
        freeze_desk,
        flag("--reason", default="Frozen at the command line.", help=why),
        AS_JSON,
    )
    add(
        commands,
        "unfreeze",
        unfreeze_desk,
        flag("--reason", default="Unfrozen at the command line.", help=why),
        AS_JSON,
    )


def freeze_desk(parsed: argparse.Namespace) -> None:
    """Stops everything that goes out, on every channel; what comes in is kept and read as ever."""
    ready()
    from bankside.channels import freeze
    from bankside.record import clock

    row = freeze.freeze(None, parsed.reason)
    shown = {"frozen": True, "reason": row.reason, "at": clock.iso(row.at)}
    say(parsed, shown, lambda _: "Frozen: nothing goes out until `bankside unfreeze`.")


def unfreeze_desk(parsed: argparse.Namespace) -> None:
    """Lets what waits go out again."""
    ready()
    from bankside.channels import freeze

    was = freeze.unfreeze(None, parsed.reason)
    words = "What waits goes out again." if was else "Nothing was frozen."
    say(parsed, {"frozen": False, "was": was}, lambda _: words)
