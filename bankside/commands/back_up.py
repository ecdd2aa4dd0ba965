"""A copy of the whole desk in one file, its keys in another, and the way back."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bankside.commands.declared import AS_JSON, Commands, add, flag, ready, say

WHY = "Restored from a backup. What was sent since then is not known here: look at what is due."


def declare(commands: Commands) -> None:
    """backup, restore."""
    file = flag("file", metavar="FILE", help="the backup")
    keys = flag("--keys", default="", metavar="FILE", help="the file of its keys (FILE.keys)")
    reason = flag("--reason", default="backup", metavar="TEXT", help="why, for the record (backup)")
    add(commands, "backup", backup, file, keys, reason, AS_JSON)
    add(
        commands, "restore", restore, file, keys,
        flag("--log", default="", metavar="FOLDER", help="the newest copy of the published logs"),
        flag("--trust", default="", metavar="FILE", help="the keys of that log, if they changed since"),
        flag("--without-log", action="store_true", help="there is no newer copy of the log"),
        flag("--old-keys", action="store_true", help="the keys' file may be older than 30 days"),
        flag("--replace", default="", metavar="NAME", help="destroy the desk that is here, of this name"),
        AS_JSON,
    )  # fmt: skip


def backup(parsed: argparse.Namespace) -> None:
    """Writes a backup of the whole desk, while it works, and the file of its keys.

    The backup is unreadable without its keys. Keep them in another place, and destroy them after 30 days:
    then nothing of this backup can be read any more, whoever has a copy. Both files are new;
    nothing is replaced.
    """
    ready()
    from bankside.record.backup import backing_up

    file = Path(parsed.file)
    keys = Path(parsed.keys) if parsed.keys else backing_up.keys_of(file)
    made = backing_up.back_up(file, keys, reason=parsed.reason)
    if not parsed.keys:
        _note(f"{keys} opens this backup. Move it to another place.")
    say(parsed, asdict(made), _made)


def restore(parsed: argparse.Namespace) -> None:
    """Brings a desk back from a backup, into an empty data folder and database.

    A damaged backup is refused before anything is written. What was erased after it is forgotten again: those
    erasures stand in the published log, so give its newest copy. Nothing goes out until somebody says
    `bankside unfreeze`.
    """
    ready()
    from bankside.channels import freeze
    from bankside.record.backup import backing_up, restoring
    from bankside.record.log.trust import parse_trust

    file = Path(parsed.file)
    wish = restoring.Wish(
        file=file, keys=Path(parsed.keys) if parsed.keys else backing_up.keys_of(file),
        log=Path(parsed.log) if parsed.log else None, without_log=parsed.without_log,
        trust=parse_trust(Path(parsed.trust).read_bytes()) if parsed.trust else None,
        replace=parsed.replace, old_keys=parsed.old_keys,
    )  # fmt: skip
    done = restoring.restore(wish, lambda: freeze.freeze(None, WHY), _note)
    say(parsed, asdict(done), _done)


def _made(told: dict[str, Any]) -> str:
    return (
        f"{told['file']}: {told['entries']} entries, {told['rows']} rows, {told['bytes']} bytes\n"
        f"{told['keys']}: destroy it by {told['keys_until']}"
    )


def _done(told: dict[str, Any]) -> str:
    lines = [
        f"restored as of {told['made_at']}: {told['entries']} entries, {told['erasures']} erasures replayed"
    ]
    if told["log"]:
        lines.append(f"of these {told['newer']} were known to the log in {told['log']} alone")
    lines += [f"{origin}: the last {count} entries are lost" for origin, count in told["lost"].items()]
    return "\n".join([*lines, "nothing goes out until `bankside unfreeze`"])


def _note(words: str) -> None:
    print(f"bankside: {words}", file=sys.stderr, flush=True)
