"""What members spent: files for the bank's other systems, yearly values, and codes of partners."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

if TYPE_CHECKING:
    from bankside.rewards.models import MadeFile
    from bankside.rewards.statement import Made

KINDS = ("statement-credit", "gift")
KNOWN_LINES_MAX = 20
OUT = flag("--out", required=True, metavar="FILE", help="where the file is written")
REASON = flag("--reason", required=True, metavar="TEXT", help="what it is for; it goes into the record")


def declare(commands: Commands) -> None:
    """spending waiting, make, files, file, values, codes."""
    made = group(commands, "spending", "What members spent, on its way out of the bank.")
    add(made, "waiting", waiting, AS_JSON)
    key = flag("--key", default="", metavar="KEY", help="the same key is the same file, such as the day")
    add(
        made, "make", make, flag("kind", metavar="KIND", choices=KINDS, help=" or ".join(KINDS)), key, AS_JSON
    )
    add(made, "files", files, AS_JSON)
    add(
        made,
        "file",
        file,
        flag("obj", metavar="OBJ", help="the file's obj (32 hex digits)"),
        OUT,
        REASON,
        AS_JSON,
    )
    add(made, "values", values, flag("year", metavar="YEAR", type=int), OUT, REASON, AS_JSON)
    add(
        made, "codes", codes, flag("choice", metavar="CHOICE", help="the choice that is paid with them"),
        flag("file", metavar="FILE", help="one code a line"), AS_JSON,
    )  # fmt: skip


def waiting(parsed: argparse.Namespace) -> None:
    """Shows what no file has taken yet, by kind, and the codes of partners that are left."""
    ready()
    from bankside.rewards import partner_codes, statement

    waits = {kind: statement.waiting(None, kind) for kind in statement.KINDS}
    shown: list[dict[str, Any]] = [
        {"kind": kind, "lines": one.lines, "totals": one.totals} for kind, one in waits.items()
    ]
    stock = partner_codes.stock(None)
    shown += [
        {"kind": "code", "choice": one.choice.id, "left": one.left, "given": one.given} for one in stock
    ]
    say(parsed, shown, _waits)


def make(parsed: argparse.Namespace) -> None:
    """Takes what waits into a file and prints its obj first. Twice with the same --key is once."""
    ready()
    from bankside.record.ids import new_id
    from bankside.rewards import statement

    say(parsed, _of(statement.make(None, parsed.kind, parsed.key or new_id()).file), _line)


def files(parsed: argparse.Namespace) -> None:
    """Lists the files of statement credits and gifts that were made, the newest first, at most 100."""
    ready()
    from bankside.rewards import statement

    say(parsed, [_of(row) for row in statement.files(None)], _line)


def file(parsed: argparse.Namespace) -> None:
    """Writes a file that was made, the very same bytes every time. Who took it and why is recorded first."""
    ready()
    from bankside.rewards import statement

    out = _out(parsed.out)
    _write(parsed, out, statement.taken(None, parsed.obj, parsed.reason))


def values(parsed: argparse.Namespace) -> None:
    """Writes what a year was worth to each member, by origin. Who took it and why is recorded first."""
    ready()
    from bankside.rewards import yearly_values

    out = _out(parsed.out)
    _write(parsed, out, yearly_values.taken(None, parsed.year, parsed.reason))


def codes(parsed: argparse.Namespace) -> None:
    """Takes in a partner's codes, one a line, all or none. Twice is once; lines that were there are named."""
    ready()
    from bankside.rewards import partner_codes

    with Path(parsed.file).open("rb") as stream:
        lines = partner_codes.lines_of(stream.read(partner_codes.BYTES_MAX + 1))
    done = partner_codes.import_codes(None, parsed.choice, lines)
    shown = {"choice": parsed.choice, "new": done.new, "known": list(done.known)}
    say(parsed, shown, _imported)


def _out(path: str) -> Path:
    """Where to write, if there is such a folder; asked before anything is recorded."""
    out = Path(path)
    if not out.absolute().parent.is_dir():
        raise CommandRefused(f"there is no folder {out.absolute().parent}")
    return out


def _write(parsed: argparse.Namespace, out: Path, made: Made) -> None:
    """Whole or not at all: another system may be waiting for the file."""
    part = out.with_name(f"{out.name}.part")
    part.write_bytes(made.body)
    part.replace(out)
    shown = _of(made.file) | {"out": str(out), "bytes": len(made.body)}
    say(
        parsed, shown, lambda one: f"{one['out']}: {one['rows']} lines, {one['bytes']} bytes, {one['sha256']}"
    )


def _of(row: MadeFile) -> dict[str, Any]:
    from bankside.record import clock

    names = ("obj", "kind", "rows", "totals", "sha256", "by")
    return {name: getattr(row, name) for name in names} | {"made": clock.iso(row.made_at)}


def _line(shown: dict[str, Any]) -> str:
    """The obj first, for scripts."""
    return f"{shown['obj']} {shown['made']} {shown['kind']} {shown['rows']} lines, {_sums(shown['totals'])}"


def _waits(shown: dict[str, Any]) -> str:
    if shown["kind"] == "code":
        return f"{shown['choice']}: {shown['left']} codes left, {shown['given']} given"
    return f"{shown['kind']}: {shown['lines']} lines wait, {_sums(shown['totals'])}"


def _sums(totals: dict[str, int]) -> str:
    """Sums in minor units."""
    return " ".join(f"{currency} {total}" for currency, total in totals.items()) or "nothing"


def _imported(shown: dict[str, Any]) -> str:
    known = ", ".join(str(number) for number in shown["known"][:KNOWN_LINES_MAX])
    more = ", ..." if len(shown["known"]) > KNOWN_LINES_MAX else ""
    there = f"; {len(shown['known'])} were there already (line {known}{more})" if known else ""
    return f"{shown['choice']}: {shown['new']} new codes{there}"
