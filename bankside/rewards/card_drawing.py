"""The job that draws an order: some cards at a time in a thread, then one file of them all.

Each side that is drawn is a file named by a digest of everything on it, so a worker that was killed goes on
where it was, and what lies there half is drawn again. Only a whole file gets its name.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.db import models, transaction

from bankside.record import clock, jobs
from bankside.record.append import append
from bankside.record.durable import sync_folder
from bankside.record.facts.rewards import CardsOrdered
from bankside.record.ids import new_id
from bankside.record.jobs import Errand
from bankside.record.models import Job
from bankside.rewards import card_face, card_order
from bankside.rewards.art import bureau, names
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.draw import SIDES, Side
from bankside.rewards.models import Card, Member, Order
from bankside.said import Said

CARDS_PER_SLICE: Final = 20
LOOK_SECONDS: Final = 20
"""So often it is asked whether a file names somebody who is forgotten, as with packages."""
SYSTEM: Final = "s:card"
OPERATOR: Final = "s:operator"
# Putting the drawn sides together is reading and writing: a second for 20 cards on a slow disk.
TOGETHER_SECONDS_MIN, TOGETHER_CARDS_PER_SECOND = 120, 20


class Drawn(NamedTuple):
    """A file that was put together, not yet under its name."""

    path: Path
    sha256: str
    size: int


Art = tuple[str, Artwork]


@jobs.handler(card_order.JOB)
def go_on(job: Job) -> int | Errand[object] | None:
    """One slice, or the file of all; and looking after the file until it is deleted."""
    row = Order.objects.filter(obj=job.data["obj"]).first()
    if row is None or row.state not in (Order.MADE, Order.DRAWING):
        return None
    return _watched(row) if row.state == Order.MADE else _slice(row)


def _slice(row: Order) -> Errand[object] | int | None:
    listed = list(_cards(row)[row.done : row.done + CARDS_PER_SLICE])
    if not listed:
        return _all_drawn(row)
    arts = [(one.obj, card_face.artwork_of(one)) for one in listed]
    return Errand(work=partial(_draw, card_order.scratch_of(row), arts), after=partial(_went, row, len(arts)))


def _draw(scratch: Path, arts: Sequence[Art]) -> list[str]:
    """Draws what is not there yet; the cards (obj) that cannot be drawn."""
    _folder(scratch)
    failed = []
    for obj, art in arts:
        try:
            for side in SIDES:
                _side(scratch, art, side)
        except names.Unprintable:
            failed.append(obj)
    sync_folder(scratch)
    return failed


def _went(row: Order, count: int, answer: object) -> int:
    if isinstance(answer, Exception) or not isinstance(answer, list):
        _in_trouble(row, Said("The cards cannot be drawn just now; it is tried again."))
        raise answer if isinstance(answer, Exception) else TypeError("drawing answers with a list")
    left_out = Card.objects.filter(order=row, obj__in=answer).update(order=None)
    Order.objects.filter(pk=row.pk, state=Order.DRAWING).update(
        done=models.F("done") + count - left_out, cards=models.F("cards") - left_out,
        left_out=models.F("left_out") + left_out, trouble="",
    )  # fmt: skip
    return clock.now_ms()


# --- one file of all -----------------------------------------------------------------------------------
def _all_drawn(row: Order) -> Errand[object] | None:
    listed = _settled(row)
    if not listed:
        Order.objects.filter(pk=row.pk).update(state=Order.EMPTY, trouble="")
        shutil.rmtree(card_order.scratch_of(row), ignore_errors=True)
        return None
    arts = [(one.obj, card_face.artwork_of(one)) for one in listed]
    return Errand(
        work=partial(_together, card_order.scratch_of(row), arts, row.made_at, settings.CARD_PRODUCT),
        after=partial(_whole, row, [one.pk for one in listed]),
        lease_seconds=TOGETHER_SECONDS_MIN + len(arts) // TOGETHER_CARDS_PER_SECOND,
    )


def _settled(row: Order) -> list[Card]:
    """The cards that go, after those that cannot any more were let go of."""
    with transaction.atomic():
        go = list(_going(row).values_list("pk", flat=True))
        let_go = Card.objects.filter(order=row).exclude(pk__in=go).update(order=None)
        Order.objects.filter(pk=row.pk).update(cards=len(go), left_out=models.F("left_out") + let_go)
    return list(_cards(row))


def _together(scratch: Path, arts: Sequence[Art], made_at: int, design: str) -> Drawn:
    _folder(scratch)
    path = scratch / f"cards-{new_id()}.zip"
    with path.open("w+b") as out:
        bureau.write(out, arts, made_at_ms=made_at, design=design, side_of=partial(_side, scratch))
        out.flush()
        os.fsync(out.fileno())
        out.seek(0)
        sha256 = hashlib.file_digest(out, "sha256").hexdigest()
    return Drawn(path, sha256, path.stat().st_size)


def _whole(row: Order, numbers: list[int], answer: object) -> int:
    if not isinstance(answer, Drawn):
        _in_trouble(row, Said("The file cannot be put together just now; it is tried again."))
        raise answer if isinstance(answer, Exception) else TypeError("a file was to be put together")
    target = card_order.file_of(row)
    with transaction.atomic():
        now = _going(row).select_for_update(of=("self",), no_key=True)
        if sorted(now.values_list("pk", flat=True)) != sorted(numbers):
            return clock.now_ms()  # somebody changed hers meanwhile: put together without it
        answer.path.replace(target)
        sync_folder(target.parent)
        _ordered(row, answer)
    shutil.rmtree(card_order.scratch_of(row), ignore_errors=True)
    return clock.now_ms() + LOOK_SECONDS * 1000


def _ordered(row: Order, drawn: Drawn) -> None:
    """Keeps that it is whole; and tells the record, unless it knows this very file."""
    other = Said("The file is not the same as before: members have left, or words of the bank have changed.")
    trouble = other if row.sha256 and row.sha256 != drawn.sha256 else ""
    Order.objects.filter(pk=row.pk).update(
        state=Order.MADE, sha256=drawn.sha256, size=drawn.size, drawn_at=clock.now_ms(), trouble=str(trouble)
    )
    hers = Card.objects.filter(order=row)
    hers.filter(state=Card.APPROVED).update(state=Card.ORDERED, version=models.F("version") + 1)
    if row.sha256 == drawn.sha256:
        return
    objs = tuple(hers.order_by("pk").values_list("obj", flat=True))
    key = f"rewards.cards-ordered:{row.obj}" + (f":{drawn.sha256}" if row.sha256 else "")
    actor = f"u:{row.by}" if row.by else OPERATOR
    fact = CardsOrdered(order=row.obj, cards=objs, sha256=drawn.sha256)
    append(fact, key, actor=SYSTEM if row.sha256 else actor, obj=row.obj)


def _cards(row: Order) -> models.QuerySet[Card]:
    return Card.objects.filter(order=row).select_related("member", "link").order_by("pk")


def _going(row: Order) -> models.QuerySet[Card]:
    """The first time what may still be ordered; later whatever has not been emptied."""
    if row.sha256:
        return _cards(row).exclude(handle="")
    return _cards(row).filter(state=Card.APPROVED, member__status=Member.ACTIVE, link__unlinked_at=0)


def _folder(scratch: Path) -> None:
    """There, and for nobody but us: parents that are made on the way would be for everybody."""
    scratch.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch.mkdir(exist_ok=True, mode=0o700)


def _side(scratch: Path, art: Artwork, side: Side) -> bytes:
    """A side as it is printed: as it was drawn before, or drawn now."""
    path = scratch / f"{card_face.digest_of(art)}-{side}.pdf"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        data = bureau.printed(art, side)
    half = path.with_suffix(f".{new_id()}")
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return data


def _in_trouble(row: Order, why: Said) -> None:
    Order.objects.filter(pk=row.pk).update(trouble=str(why))


def _watched(row: Order) -> int | None:
    over, now = row.drawn_at + card_order.KEPT_HOURS * 3_600_000, clock.now_ms()
    if now >= over or card_order.names_somebody_gone(row):
        card_order.drop(row)
        return None
    return min(over, now + LOOK_SECONDS * 1000)
