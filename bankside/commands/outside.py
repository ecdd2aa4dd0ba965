"""The brake on everything that goes out."""

from __future__ import annotations

import argparse

from bankside.commands.declared import Commands, add, flag, ready


def declare(commands: Commands) -> None:
    """freeze, unfreeze."""
    add(commands, "freeze", freeze_desk, flag("--reason", default="Frozen at the command line."))
    add(commands, "unfreeze", unfreeze_desk, flag("--reason", default="Unfrozen at the command line."))


def freeze_desk(parsed: argparse.Namespace) -> None:
    """Stops everything that goes out, on every channel; what comes in is kept and read as ever."""
    ready()
    from bankside.channels import freeze

    freeze.freeze(None, parsed.reason)
    print("Frozen: nothing goes out until `bankside unfreeze`.")


def unfreeze_desk(parsed: argparse.Namespace) -> None:
    """Lets what waits go out again."""
    ready()
    from bankside.channels import freeze

    was = freeze.unfreeze(None, parsed.reason)
    print("What waits goes out again." if was else "Nothing was frozen.")
