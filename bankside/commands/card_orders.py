"""Orders of cards for the bureau, for operators: order, follow, take the file."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

LISTED_MAX = 100


def declare(commands: Commands) -> None:
    """card-order new, list, draw, file."""
    order = group(commands, "card-order", "Orders of cards for the bureau.")
    whole = flag("order", metavar="ORDER", help="the order's obj (32 hex digits)")
    number = flag("cards", type=int, metavar="CARDS", help="how many: those that have waited longest")
    add(order, "new", new_order, number, AS_JSON)
    add(order, "list", list_orders, AS_JSON)
    add(order, "draw", draw_order, whole, AS_JSON)
    out = flag("--out", required=True, metavar="FILE", help="where the ZIP is written")
    why = flag("--reason", required=True, metavar="TEXT", help="what it is for; it goes into the record")
    add(order, "file", take_file, whole, out, why, AS_JSON)


def new_order(parsed: argparse.Namespace) -> None:
    """Orders the approved cards that have waited longest; the worker draws them into one file."""
    ready()
    from bankside.rewards import card_order

    say(parsed, _shown(card_order.order(None, parsed.cards)), _line)


def list_orders(parsed: argparse.Namespace) -> None:
    """What was ordered, the newest first, and how far each is; at most 100."""
    ready()
    from bankside.rewards import card_order

    say(parsed, [_shown(row) for row in card_order.visible_to(None)[:LISTED_MAX]], _line)


def draw_order(parsed: argparse.Namespace) -> None:
    """Has the file drawn again, where it was deleted or drawing was given up."""
    ready()
    from bankside.rewards import card_order

    say(parsed, _shown(card_order.draw_again(None, parsed.order)), _line)


def take_file(parsed: argparse.Namespace) -> None:
    """Writes the file for the bureau, the same bytes each time; it has names, and the reason is recorded."""
    ready()
    from bankside.rewards import card_order

    out = Path(parsed.out)
    if not out.absolute().parent.is_dir():
        raise CommandRefused(f"there is no folder {out.absolute().parent}")
    row, path = card_order.take(None, parsed.order, parsed.reason)
    shutil.copyfile(path, out)
    say(parsed, _shown(row) | {"file": str(out)}, lambda one: f"{one['file']}: {one['cards']} cards")


def _shown(row: Any) -> dict[str, Any]:
    names = ("state", "cards", "done", "left_out", "sha256", "size", "trouble")
    return {"order": row.obj} | {name: getattr(row, name) for name in names}


def _line(one: dict[str, Any]) -> str:
    return (
        f"{one['order']} {one['state']} {one['done']} of {one['cards']} cards {one['sha256'][:12]}".rstrip()
    )
