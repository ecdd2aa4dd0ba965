"""Cards: the art of one member's card as a file, and her points as a pass for a wallet."""

from __future__ import annotations

import argparse
from pathlib import Path

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

KINDS = ("print", "wallet", "proof")
WALLETS = ("apple", "google")
NUMBER_DIGITS_MAX = 11
REASON = flag(
    "--reason", default="one card, by the operator", metavar="TEXT",
    help="what it is for; it goes into the record",
)  # fmt: skip


def declare(commands: Commands) -> None:
    """card art and card pass."""
    card = group(commands, "card", "The cards of members.")
    add(
        card,
        "art",
        art,
        flag("member", metavar="MEMBER", help="the member's obj (32 hex digits) or number"),
        flag("--kind", required=True, choices=KINDS, help="print and proof: PDF; wallet: PNG"),
        flag("--out", required=True, metavar="FILE", help="where the file is written"),
        flag("--side", default="front", choices=("front", "back"), help="which side (default: front)"),
        REASON,
        AS_JSON,
    )
    add(
        card,
        "pass",
        points_pass,
        flag("member", metavar="MEMBER", help="the member's obj (32 hex digits) or number"),
        flag("--wallet", required=True, choices=WALLETS, help="apple: a .pkpass; google: an address"),
        flag("--out", required=True, metavar="FILE", help="where the file is written"),
        flag("--code", action="store_true", help="with the code of her card, while it leads somewhere"),
        REASON,
        AS_JSON,
    )


def art(parsed: argparse.Namespace) -> None:
    """Writes one side of a member's card: for print, for a phone's wallet, or as a proof with its boxes.

    A proof whose FILE ends in .png is a picture. Nothing is written when the words cannot go onto a card.
    """
    ready()
    from bankside.people import exports
    from bankside.rewards import card
    from bankside.rewards.art import draw

    out = _out(parsed.out)
    form: draw.Form = "png" if parsed.kind == "proof" and out.suffix == ".png" else ""
    data = draw.draw(card.artwork(parsed.member), side=parsed.side, kind=parsed.kind, form=form)
    exports.told(None, "card-art", parsed.reason, rows=1)
    out.write_bytes(data)
    made = {"file": str(out), "kind": parsed.kind, "side": parsed.side, "bytes": len(data)}
    say(parsed, made, lambda one: f"{one['file']}: {one['side']}, {one['kind']}, {one['bytes']} bytes")


def points_pass(parsed: argparse.Namespace) -> None:
    """Writes a member's points as a pass: the signed file for Apple Wallet, or the address for Google Wallet.

    The address also makes the class that all Google passes share, so opening one once is enough for that.
    Nothing is written while the wallet is not set up; what is missing is said.
    """
    ready()
    from bankside.people import exports
    from bankside.rewards import member, points_in_wallet

    out = _out(parsed.out)
    by_number = parsed.member.isdecimal() and len(parsed.member) <= NUMBER_DIGITS_MAX
    who = member.by_number(int(parsed.member)) if by_number else member.get(parsed.member)
    if parsed.wallet == "apple":
        data = points_in_wallet.apple_file(who, code=parsed.code)
    else:
        address = points_in_wallet.google_address(who, code=parsed.code, with_class=True)
        data = f"{address}\n".encode()
    exports.told(None, "points-pass", parsed.reason, rows=1)
    out.write_bytes(data)
    made = {"file": str(out), "wallet": parsed.wallet, "bytes": len(data)}
    say(parsed, made, lambda one: f"{one['file']}: {one['wallet']}, {one['bytes']} bytes")


def _out(path: str) -> Path:
    """Where to write, if there is such a folder."""
    out = Path(path)
    if not out.absolute().parent.is_dir():
        raise CommandRefused(f"there is no folder {out.absolute().parent}")
    return out
