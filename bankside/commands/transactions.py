"""Feeds of card transactions: looked at without a database, or taken in."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from bankside.commands import REFUSED
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

if TYPE_CHECKING:
    from bankside.rewards.payments.finding import Finding, Skipped
    from bankside.rewards.payments.transaction import CardTransaction

FORMATS = ("csv", "iso20022", "iso8583")


def declare(commands: Commands) -> None:
    """transactions check, transactions take."""
    made = group(commands, "transactions", "Feeds of card transactions.")
    flags = (
        flag("file", metavar="FILE"),
        flag("--format", choices=FORMATS, default="csv"),
        flag(
            "--zone", type=int, default=0, metavar="MINUTES", help="east of UTC, for times without an offset"
        ),
        flag(
            "--token-field", type=int, default=63, metavar="N", help="ISO 8583: field of the card's reference"
        ),
        flag("--text", choices=("ascii", "cp500"), default="ascii", help="ISO 8583: cp500 is EBCDIC"),
        flag("--bitmap", choices=("binary", "hex"), default="binary", help="ISO 8583"),
        AS_JSON,
    )
    add(made, "check", check, *flags)
    add(made, "take", take, *flags)


def check(parsed: argparse.Namespace) -> int | None:
    """Reads a feed and says what is wrong, by row and column; takes nothing in. Exit 1: something is."""
    counted, findings = _counted(parsed, lambda batch: Counter(one.kind for one in batch))
    return _told(parsed, counted, findings)


def take(parsed: argparse.Namespace) -> int | None:
    """Reads a feed and takes its transactions in. Twice is once. Exit 1: some rows were not taken."""
    ready()
    from bankside.rewards import payment

    def taken(batch: list[CardTransaction]) -> Counter[str]:
        return Counter(result.outcome for result in payment.take(batch, "s:operator"))

    counted, findings = _counted(parsed, taken)
    return _told(parsed, counted, findings)


def _counted(parsed: argparse.Namespace, done: Any) -> tuple[Counter[str], list[Finding]]:
    """Counts of what became of every row, and the first findings. Rows are taken a thousand at a time."""
    from bankside.rewards.payments.finding import FINDINGS_MAX, Finding, Skipped
    from bankside.rewards.payments.transaction import CardTransaction

    counted: Counter[str] = Counter(wrong=0, skipped=0, card_numbers=0)
    findings: list[Finding] = []
    with Path(parsed.file).open("rb") as stream:
        items = _items(parsed, stream)
        while batch := list(islice(items, 1_000)):
            wrong = [item for item in batch if isinstance(item, Finding)]
            counted["wrong"] += len(wrong)
            counted["card_numbers"] += sum(item.card_number for item in wrong)
            counted["skipped"] += sum(isinstance(item, Skipped) for item in batch)
            findings += wrong[: FINDINGS_MAX - len(findings)]
            counted.update(done([item for item in batch if isinstance(item, CardTransaction)]))
    return counted, findings


def _items(parsed: argparse.Namespace, stream: BinaryIO) -> Iterator[CardTransaction | Finding | Skipped]:
    from bankside.rewards.payments import feed_csv, iso8583, iso20022

    name = Path(parsed.file).name
    match parsed.format:
        case "csv":
            return feed_csv.read(stream, file=name)
        case "iso20022":
            return iso20022.read(stream, file=name, zone_minutes=parsed.zone)
    dialect = iso8583.Dialect(
        token_field=parsed.token_field, text=parsed.text, bitmap=parsed.bitmap, zone_minutes=parsed.zone
    )
    received_ms = Path(parsed.file).stat().st_mtime_ns // 1_000_000
    return iso8583.read(stream, file=name, received_ms=received_ms, dialect=dialect)


def _told(parsed: argparse.Namespace, counted: Counter[str], findings: list[Finding]) -> int | None:
    """The counts on standard output, the findings on standard error."""
    for finding in findings:
        print(finding.said, file=sys.stderr)
    say(parsed, dict(counted), lambda shown: ", ".join(f"{name}: {n}" for name, n in sorted(shown.items())))
    return REFUSED if counted["wrong"] else None
