"""A small package for tests: a few conversations in four languages, and hostile words."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction

from bankside.record import seal, subjects
from bankside.record.append import Draft, Entry, append_many
from bankside.record.facts.channels import ActivityReceived, ActorSeen, Seen
from bankside.record.facts.examined import PackageMade
from bankside.record.ids import new_id
from bankside.record.models import Payload, Restriction
from bankside.record.package import finishing, making, selecting
from bankside.record.package.opened import Words
from bankside.record.package.selecting import Outside, Row

HOSTILE = '</script><img src=x onerror=alert(1)>\u202e=HYPERLINK("http://x.example")þ\x14'
SAID = (
    ("Amelia Ward", "en", "The app signs me out every time."),
    ("박서연", "ko", "어제 보낸 송금이 아직 들어오지 않았어요."),
    ("王立", "zh", "我的卡在国外不能用了。"),
    ("Sanne de Vries", "nl", "Hoe kan ik mijn limiet verhogen?"),
    (f"=1+1{HOSTILE}", "en", HOSTILE),
)
ABOUT = {"id": "a" * 32, "where": "all", "made": "2026-11-29T09:00:00.000Z", "until": 0}


def received(number: int, *, text: str = "", obj: str = "") -> Draft:
    """Something that a customer wrote; the number chooses who and in which language."""
    name, lang, usual = SAID[number % len(SAID)]
    if number >= len(SAID):
        name, usual = f"Guest {number}", f"Number {number}"
    account = f"account:{number}"
    seen = Seen(
        remote_id=f"comment:{number}", version="1", verb="Create", kind="Note", text=text or usual, lang=lang,
        actor=ActorSeen(remote_id=account, handle=f"@guest{number}", name=name), published_ms=1,
    )  # fmt: skip
    return Draft(
        fact=ActivityReceived(channel="c" * 32, network="practice", seen=seen, via="poll"),
        key=f"small:{number}", actor="s:intake", obj=obj or new_id(),
        subj=subjects.subject_of("practice", account), src_t=1,
    )  # fmt: skip


def tell(count: int = 6, *, publish: bool = True) -> list[Entry]:
    """So many entries in the record."""
    with transaction.atomic():
        entries = append_many([received(number) for number in range(count)])
    if publish:
        seal.seal_all()
    return entries


def erase(entry: Entry) -> None:
    """The words of one entry are gone, as after an erasure."""
    Payload.objects.filter(n=entry.n).delete()


def restrict(entry: Entry) -> None:
    """The words of one entry are shown to nobody."""
    Restriction.objects.create(subj=entry.subj, reason="a test", placed_by="s:test", placed_at=1)


def made(
    target: Path, where: str = "all", *, outside: Outside | None = None, natives: Iterable[making.Found] = ()
) -> PackageMade:
    """A package at `target`; `natives` belong to the first entry that has words."""
    left = list(natives)

    def of(row: Row, words: Words) -> list[making.Found]:
        found, left[:] = list(left), []
        return found

    chosen = selecting.selection(where, outside or Outside())
    scratch = finishing.scratch_of(target)
    plan = making.Plan(chosen, selecting.newest(), ABOUT, natives=of, examiner=b"<!doctype html>")
    for _ in making.make(plan, scratch):
        pass
    told = finishing.vouch(scratch, "a" * 32, "s:test")
    finishing.place(scratch, target)
    return told


def copy(package: Path, to: Path) -> Path:
    """The same package elsewhere, to be damaged."""
    shutil.copytree(package, to)
    return to
