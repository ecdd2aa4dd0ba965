"""What others signed of the logs: the list of what is kept, and taking the heads out now."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bankside.commands import REFUSED
from bankside.commands.declared import flag, ready, say

if TYPE_CHECKING:
    from bankside.record.evidence import Kept

LAST = 20
SIGNED = ("cosigned", "stamp")
FLAGS = (
    flag("--lane", type=int, default=None, help="of one lane (all)"),
    flag("--year", type=int, default=None, help="of one year (all)"),
    flag("--last", type=int, default=LAST, help=f"so many heads of each log, the newest ({LAST}); 0 for all"),
    flag("--now", action="store_true", help="first ask authorities and bring the copies, without waiting"),
)


@dataclass(frozen=True)
class Line:
    """One kept file. `time`: what stands in it, empty for a head; `holds`: yes, no and why, or unknown."""

    log: str
    size: int
    kind: str
    by: str
    time: str
    holds: str
    path: str


def evidence(parsed: argparse.Namespace) -> int:
    """Lists what is kept of heads: cosigned by witnesses, time-stamped by authorities; each is checked.

    With --now the authorities are asked and the copies brought first. Exit 1 when a file does not hold, or
    when an authority or a copy is behind.
    """
    ready()
    from bankside.channels import notary
    from bankside.record import evidence as kept

    standing = [one for one in notary.do_now() if one.trouble] if parsed.now else []
    lines = [_line(one) for one in kept.kept(parsed.lane, parsed.year, last=max(parsed.last, 0))]
    say(parsed, [asdict(one) for one in lines], _words)
    for row in standing if not parsed.json else ():
        print(f"{row.name} log {row.lane}/{row.year}: {row.trouble}")
    return REFUSED if standing or any(one.holds.startswith("no") for one in lines) else 0


def _words(line: dict[str, Any]) -> str:
    said = f"{line['log']} {line['size']} {line['kind']} {line['by']}".rstrip()
    return f"{said} {line['time']} {line['holds']} {line['path']}".replace("  ", " ")


def _line(one: Kept) -> Line:
    from bankside.channels import kept_checks
    from bankside.record import clock
    from bankside.record.shards import origin_of

    found = kept_checks.of(one)
    by, time = one.name if one.kind in SIGNED else "", clock.iso(found.at) if found.at else ""
    origin = origin_of(one.lane, one.year)
    return Line(origin, one.size, one.kind, by, time, found.holds, one.path)
