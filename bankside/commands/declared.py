"""How a command is declared: a function, its name, and its flags in one place."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

Command = Callable[[argparse.Namespace], "int | None"]
Commands = Any  # argparse keeps the type of its sub-parsers to itself


def add(
    commands: Commands, name: str, command: Command, *flags: tuple[Sequence[str], dict[str, Any]]
) -> None:
    """Declares one command; its help is the first line of its docstring, its description the whole."""
    words = (command.__doc__ or "").strip()
    one = commands.add_parser(name, help=words.splitlines()[0], description=words)
    for names, options in flags:
        one.add_argument(*names, **options)
    one.set_defaults(command=command)


def group(commands: Commands, name: str, about: str) -> Commands:
    """A command of commands, such as `channel add`."""
    one = commands.add_parser(name, help=about, description=about)
    return one.add_subparsers(title="commands", metavar="COMMAND", required=True)


def flag(*names: str, **options: Any) -> tuple[Sequence[str], dict[str, Any]]:
    """One flag or argument, in argparse's own words."""
    return names, options


AS_JSON = flag("--json", action="store_true", help="print JSON")


def say(parsed: argparse.Namespace, value: Any, line: Callable[[Any], str] = str) -> None:
    """Prints a value, or each of a list: as JSON when that was asked for, else a line each."""
    if parsed.json:
        json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    for one in value if isinstance(value, list) else [value]:
        print(line(one))


def ready() -> None:
    """Django's settings, rooms and database, for commands that need them."""
    import django

    django.setup()
