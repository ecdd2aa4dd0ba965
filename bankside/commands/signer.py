"""The signer of the logs, run by another user than the desk. It reads no settings of the desk."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, say

if TYPE_CHECKING:
    from bankside.record.signer import Signer

HEAD_BYTES_MAX = 262_144


def declare(commands: Commands) -> None:
    """signer."""
    add(
        commands, "signer", signer,
        flag("folder", metavar="FOLDER", help="its own folder: key and memory; in no backup of the desk"),
        flag("--listen", default="", metavar="ADDRESS", help="unix:/a/path or 127.0.0.1:PORT"),
        flag("--host", required=True, metavar="HOST", help="how its logs begin: BANKSIDE_LOG_ORIGIN_HOST"),
        flag("--group", default="", metavar="GROUP", help="whose members reach the socket too"),
        flag("--adopt", default="", metavar="FILE", help="go on from this signed head, and end"),
        flag("--rotate", choices=("begin", "end"), help="change its key, and end"),
        flag("--freeze", default="", metavar="REASON", help="have nothing more signed, and end"),
        flag("--unfreeze", action="store_true", help="have heads signed again, and end"),
        AS_JSON,
    )  # fmt: skip


def signer(parsed: argparse.Namespace) -> None:
    """Signs the heads of the logs, remembers durably what it signed, and refuses what does not go on from it.

    Runs until it is told to end. With --adopt it takes a `checkpoint` that its key has signed as the last
    head, never an older one than it knows, and ends. With --rotate it changes the key, and ends. With
    --freeze the signer of that folder, which may be at work, signs nothing more, also after a restart, until
    --unfreeze.
    """
    if parsed.freeze or parsed.unfreeze:
        return _freeze(parsed)
    from bankside.record.signer import Signer

    one = Signer(Path(parsed.folder), parsed.host)
    try:
        if parsed.adopt:
            head = one.adopt(_read(parsed.adopt))
            told = {"origin": head.origin, "size": head.size}
            say(parsed, told, lambda it: f"goes on from {it['size']} entries of {it['origin']}")
        elif parsed.rotate:
            one.begin_rotation() if parsed.rotate == "begin" else one.end_rotation()
            say(parsed, {"rotation": parsed.rotate}, lambda it: f"rotation: {it['rotation']}")
        else:
            _serve(parsed, one)
    finally:
        one.close()


def _freeze(parsed: argparse.Namespace) -> None:
    """Beside a signer at work: it looks at each request."""
    from bankside.record.signer import freeze, unfreeze

    if parsed.freeze and parsed.unfreeze:
        raise CommandRefused("give --freeze or --unfreeze, not both")
    freeze(Path(parsed.folder), parsed.freeze) if parsed.freeze else unfreeze(Path(parsed.folder))
    told = {"frozen": bool(parsed.freeze)}
    say(parsed, told, lambda it: "signs nothing" if it["frozen"] else "signs again")


def _serve(parsed: argparse.Namespace, one: Signer) -> None:
    from bankside.record.signer_door import door

    if not parsed.listen:
        raise CommandRefused("say where to listen: --listen, which is BANKSIDE_SIGNER of the desk")
    server = door(one, parsed.listen, parsed.group)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    say(parsed, {"signer": parsed.listen}, lambda it: f"Signer on {it['signer']}")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    server.server_close()


def _read(name: str) -> bytes:
    with Path(name).open("rb") as file:
        return file.read(HEAD_BYTES_MAX)
