"""The command line: `bankside COMMAND`. One file per group of commands.

Exit 0: done. Exit 1: refused, with the reason on standard error. Exit 2: misused, with the usage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

DONE, REFUSED, MISUSED = 0, 1, 2


class CommandRefused(Exception):
    """A command could not do what was asked; the message says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bankside.settings")
    parsed = parser().parse_args(arguments)
    try:
        code: int | None = parsed.command(parsed)
    except KeyboardInterrupt:
        return DONE
    except _refusals() as refused:
        if os.environ.get("BANKSIDE_LOG_LEVEL") == "DEBUG":
            raise
        print(f"bankside: {_words(refused)}", file=sys.stderr)
        return REFUSED
    return DONE if code is None else code


def parser() -> argparse.ArgumentParser:
    """All commands with their help; no database and no settings are needed to read it."""
    from bankside.commands import (
        accounts,
        back_up,
        card_orders,
        cards,
        channels,
        credit,
        desk,
        forgetting,
        keys,
        log,
        measuring,
        members,
        outside,
        packages,
        programmes,
        readings,
        record,
        searching,
        shop_codes,
        signer,
        spending,
        studies,
        transactions,
        words,
    )

    root = argparse.ArgumentParser(prog="bankside", description="One desk for a bank's social networks.")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in (
        desk, back_up, accounts, channels, outside, log, keys, signer, record, searching, packages, readings,
        forgetting, words, members, cards, card_orders, programmes, transactions, shop_codes, spending,
        credit, studies, measuring,
    ):  # fmt: skip
        group.declare(commands)
    return root


def _refusals() -> tuple[type[Exception], ...]:
    """What is an answer and not a mistake of ours; asked for only when something was raised."""
    from django.db import DatabaseError

    return (CommandRefused, ValueError, LookupError, OSError, RuntimeError, DatabaseError)


def _words(error: Exception) -> str:
    """The message; KeyError would put it in quotation marks, and a database says nothing of what to do."""
    from django.db import DatabaseError

    if isinstance(error, DatabaseError):
        return f"the database cannot be used ({error}); on a new or upgraded desk run `bankside migrate`"
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
