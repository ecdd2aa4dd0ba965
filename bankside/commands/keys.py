"""The key that wraps all other keys: how it stands, changing it, moving it to another provider."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import Any

from bankside.commands import REFUSED
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

ACT = "key.rotate"
TWO = (
    flag("--by", required=True, metavar="EMAIL", help="one of the two people whom this takes"),
    flag("--and", required=True, dest="second", metavar="EMAIL", help="the other one"),
)


def declare(commands: Commands) -> None:
    """key status, key rotate, key move."""
    key = group(commands, "key", "The key that wraps all other keys, and who keeps it.")
    add(key, "status", status, AS_JSON)
    add(key, "rotate", rotate, *TWO, AS_JSON)
    provider = flag("provider", metavar="PROVIDER", help="file, passphrase, pkcs11 or transit")
    end = flag("--end", action="store_true", help="take away what the provider before has wrapped")
    add(key, "move", move, provider, end, *TWO, AS_JSON)


def status(parsed: argparse.Namespace) -> int:
    """Who keeps the wrapping key, which generations there are, and what should be another way.

    Exit 1 when the key cannot be had.
    """
    ready()
    from bankside.record import key_report

    told = key_report.report()
    say(parsed, asdict(told), lambda _: "\n".join(told.lines()))
    return REFUSED if told.state == key_report.DROPPED else 0


def rotate(parsed: argparse.Namespace) -> None:
    """Makes a new wrapping key, wraps every other key with it, and destroys the one before.

    The desk works meanwhile. If it is cut short, nothing is lost: the same command goes on. It takes two
    people who may change the key. A backup that is made meanwhile may not open: make one afterwards.
    """
    ready()
    from bankside.record import rewrapping

    first, second = _two(parsed)
    changed = rewrapping.rotate(first, second, progress=lambda words: print(words, file=sys.stderr))
    say(parsed, asdict(changed), _changed)


def move(parsed: argparse.Namespace) -> None:
    """Gives the wrapping key to another provider as well; with --end takes it away from the one before.

    In between, set BANKSIDE_KEY_PROVIDER to the new one and start every process again. No other key is
    touched. To the provider of now: wraps by the newest key that it has. It takes two people.
    """
    ready()
    from bankside.record import rewrapping

    first, second = _two(parsed)
    step = rewrapping.leave if parsed.end else rewrapping.move
    say(parsed, asdict(step(parsed.provider, first, second)), _changed)
    if not parsed.end:
        print(
            f"Now set BANKSIDE_KEY_PROVIDER={parsed.provider}, start every process again, and then:"
            f" bankside key move {parsed.provider} --end",
            file=sys.stderr,
        )


def _two(parsed: argparse.Namespace) -> tuple[str, str]:
    """The two as actors, who both may."""
    from bankside.people import pairs, staff

    first, second = staff.by_email(parsed.by), staff.by_email(parsed.second)
    pairs.require_two(first, second, ACT)
    return first.actor, second.actor


def _changed(told: dict[str, Any]) -> str:
    destroyed = ", ".join(map(str, told["destroyed"])) or "none"
    return f"generation {told['generation']}; destroyed: {destroyed}; {told['wrapped']} keys wrapped anew"
