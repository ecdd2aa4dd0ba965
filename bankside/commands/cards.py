"""Cards: the art of one member's card as a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

KINDS = ("print", "wallet", "proof")


def declare(commands: Commands) -> None:
    """card art."""
    card = group(commands, "card", "The cards of members.")
    add(
        card,
        "art",
        art,
        flag("member", metavar="MEMBER", help="the member's obj (32 hex digits) or number"),
        flag("--kind", required=True, choices=KINDS, help="print and proof: PDF; wallet: PNG"),
        flag("--out", required=True, metavar="FILE", help="where the file is written"),
        flag("--side", default="front", choices=("front", "back"), help="which side (default: front)"),
        AS_JSON,
    )


def art(parsed: argparse.Namespace) -> None:
    """Writes one side of a member's card: for print, for a phone's wallet, or as a proof with its boxes.

    A proof whose FILE ends in .png is a picture. Nothing is written when the words cannot go onto a card.
    """
    ready()
    from bankside.rewards import card
    from bankside.rewards.art import draw

    out = Path(parsed.out)
    if not out.absolute().parent.is_dir():
        raise CommandRefused(f"there is no folder {out.absolute().parent}")
    form: draw.Form = "png" if parsed.kind == "proof" and out.suffix == ".png" else ""
    data = draw.draw(card.artwork(parsed.member), side=parsed.side, kind=parsed.kind, form=form)
    out.write_bytes(data)
    made = {"file": str(out), "kind": parsed.kind, "side": parsed.side, "bytes": len(data)}
    say(parsed, made, lambda one: f"{one['file']}: {one['side']}, {one['kind']}, {one['bytes']} bytes")
