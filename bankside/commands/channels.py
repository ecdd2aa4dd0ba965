"""The bank's accounts on networks, from the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

if TYPE_CHECKING:
    from bankside.channels.models import Channel


def declare(commands: Commands) -> None:
    """channel add, list, check, pause, resume, remove."""
    channel = group(commands, "channel", "The bank's accounts on networks.")
    add(
        channel, "add", connect_channel,
        flag("network", metavar="NETWORK"),
        flag("--name", required=True, help="as staff see it"),
        flag("--setting", action="append", default=[], metavar="KEY=VALUE"),
        flag("--secret", action="append", default=[], metavar="KEY=ENV_OR_FILE",
             help="the name of an environment variable, or of a file, that holds the secret"),
        flag("--team", default="", help="whose channel it is; left out: the whole desk"),
        AS_JSON,
    )  # fmt: skip
    add(channel, "list", list_channels, AS_JSON)
    which = flag("channel", metavar="CHANNEL", help="name, number or id")
    add(channel, "check", check_channel, which, AS_JSON)
    add(
        channel,
        "pause",
        pause_channel,
        which,
        flag("--reason", default="Paused at the command line."),
        AS_JSON,
    )
    add(channel, "resume", resume_channel, which, AS_JSON)
    add(channel, "remove", remove_channel, which, AS_JSON)


def connect_channel(parsed: argparse.Namespace) -> None:
    """Connects an account, after asking the network who it is. Secrets stand in the environment or a file."""
    ready()
    from bankside.channels import connect
    from bankside.people import teams

    team = teams.get(parsed.team) if parsed.team else None
    secrets = {key: _secret(key, where) for key, where in _pairs(parsed.secret)}
    made = connect.add(
        None,
        parsed.network,
        name=parsed.name,
        settings=dict(_pairs(parsed.setting)),
        secrets=secrets,
        team=team,
    )
    say(parsed, _shown(made), _line)


def list_channels(parsed: argparse.Namespace) -> None:
    """Every channel with its state."""
    ready()
    from bankside.channels.channel import every

    say(parsed, [_shown(row) for row in every()], _line)


def check_channel(parsed: argparse.Namespace) -> None:
    """Asks the network once more who we are and what it allows."""
    from bankside.channels import connect

    say(parsed, _shown(connect.check(None, _channel(parsed.channel))), _line)


def pause_channel(parsed: argparse.Namespace) -> None:
    """Stops a channel until it is resumed; what goes out waits."""
    from bankside.channels import connect

    say(parsed, _shown(connect.pause(None, _channel(parsed.channel), parsed.reason)), _line)


def resume_channel(parsed: argparse.Namespace) -> None:
    """Lets a paused channel run again."""
    from bankside.channels import connect

    say(parsed, _shown(connect.resume(None, _channel(parsed.channel))), _line)


def remove_channel(parsed: argparse.Namespace) -> None:
    """Takes a channel off the desk and destroys its secrets; the record keeps what was said."""
    from bankside.channels import connect

    say(parsed, _shown(connect.remove(None, _channel(parsed.channel))), _line)


def _channel(wanted: str) -> Channel:
    ready()
    from bankside.channels.channel import named

    return named(wanted)


def _shown(row: Channel) -> dict[str, Any]:
    return {
        "id": str(row.pk), "obj": row.obj, "network": row.network, "name": row.name, "handle": row.handle,
        "state": row.state, "hook": f"/hooks/{row.hook}", "trouble": row.trouble,
    }  # fmt: skip


def _line(shown: dict[str, Any]) -> str:
    return f"{shown['id']:>4}  {shown['state']:<8} {shown['network']:<12} {shown['name']}  {shown['handle']}"


def _pairs(given: Iterable[str]) -> Iterable[tuple[str, str]]:
    for pair in given:
        key, sign, value = pair.partition("=")
        if not sign:
            raise CommandRefused("a setting or secret has no =; write KEY=VALUE, or KEY=ENV_OR_FILE")
        yield key, value


def _secret(key: str, where: str) -> str:
    """A secret from an environment variable or a file: on a command line others could read it.

    What was given instead is not repeated: it may be the secret itself.
    """
    if where in os.environ:
        return os.environ[where]
    if Path(where).is_file():
        return Path(where).read_text().strip()
    raise CommandRefused(
        f"the secret {key} names neither an environment variable nor a file; put the secret into one of them"
    )
