"""A package of entries for an examiner, made by the operator at the machine."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, ready, say

if TYPE_CHECKING:
    from bankside.record.facts.examined import PackageMade
    from bankside.record.package.making import Plan

LANGUAGES = ("en", "ko", "zh-hans", "nl")
TOLD_SECONDS = 1.0
SIGNED_SECONDS_MAX = 60.0
OUT_NAME_CHARACTERS_MAX = 200


def declare(commands: Commands) -> None:
    """export."""
    where = flag("--where", required=True, metavar="EXPRESSION", help="which entries; all for every one")
    reason = flag("--reason", required=True, metavar="TEXT", help="what it is for; it goes into the record")
    out = flag("--out", required=True, metavar="FOLDER", help="a folder that is not there yet")
    language = flag("--language", default="en", choices=LANGUAGES, help="of its pages (en)")
    add(commands, "export", export, where, reason, out, language, AS_JSON)


def export(parsed: argparse.Namespace) -> None:
    """Makes a package: entries with their words, pages, media, load files, proofs and a signed manifest.

    The reason is recorded before anything is written. The folder appears when it is whole; `verify FOLDER`
    checks it without this desk. How far it is, standard error tells.
    """
    ready()
    from bankside.people import exports
    from bankside.record import seal
    from bankside.record.ids import new_id
    from bankside.record.package import making, orders, selecting
    from bankside.web.packaged import plans

    target, reason = _target(parsed.out), exports.reason_of(parsed.reason)
    chosen, until = selecting.selection(parsed.where, plans.OUTSIDE), selecting.newest()
    asked = orders.Order(exports.OPERATOR, parsed.where, reason, parsed.language, key=new_id())
    obj, expected = new_id(), selecting.count(chosen, until)
    orders.tell_ordered(obj, asked, expected, until)
    seal.seal_all()
    about = {"id": obj, "where": parsed.where, "made": making.now(), "until": until}
    made = _made(plans.plan(chosen, until, about, parsed.language), target, obj, expected)
    told = asdict(made) | {"folder": str(target)}
    say(parsed, told, lambda one: f"{one['folder']}: {one['entries']} entries, {one['files']} files")


def _made(plan: Plan, target: Path, obj: str, expected: int) -> PackageMade:
    from bankside.people import exports
    from bankside.record.package import finishing, making

    scratch = finishing.scratch_of(target)
    _follow(making.make(plan, scratch), expected)
    end = time.monotonic() + SIGNED_SECONDS_MAX
    while True:
        try:
            made = finishing.vouch(scratch, obj, exports.OPERATOR)
            break
        except finishing.NotSignedYet as not_yet:
            if time.monotonic() > end:
                raise CommandRefused(str(not_yet)) from None
            time.sleep(TOLD_SECONDS)
    finishing.place(scratch, target)
    return made


def _follow(steps: Iterator[int], expected: int) -> None:
    """Does all steps, and tells once a second how far it is where somebody looks on."""
    told = time.monotonic()
    for done in steps:
        if sys.stderr.isatty() and time.monotonic() - told > TOLD_SECONDS:
            told = time.monotonic()
            print(f"\r{done} of {expected}", end="", file=sys.stderr, flush=True)


def _target(out: str) -> Path:
    target = Path(out).absolute()
    if target.exists():
        raise CommandRefused(f"{out} is there already; name a folder that is not")
    if not target.parent.is_dir() or len(target.name) > OUT_NAME_CHARACTERS_MAX:
        raise CommandRefused(f"{target.parent} is no folder in which one could be made")
    return target
