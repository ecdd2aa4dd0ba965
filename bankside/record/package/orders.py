"""Packages as rows: ordered, made, stopped, taken, deleted. Who may do what is decided above this room.

Every step that gives words away is told to the record before it happens. A package lies in the data folder
for three days, and not a minute longer than its words: an erasure deletes what was made before it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from bankside.record import clock, jobs, readings
from bankside.record.append import append
from bankside.record.facts.examined import PackageMade, PackageOrdered, PackageStopped, PackageTaken
from bankside.record.forgetting import covered
from bankside.record.ids import new_id
from bankside.record.models import Entry, Package
from bankside.record.package import selecting
from bankside.record.package.finishing import SCRATCH
from bankside.record.package.selecting import Outside
from bankside.said import Said

JOB: Final = "record.package"
KEPT_HOURS: Final = 72
LOOK_SECONDS: Final = 20
"""So often it is asked whether an erasure has to delete a package: target 8 gives it 60 seconds."""
LIST_MAX: Final = 100
UNDER_WAY = (Package.WAITING, Package.MAKING)
FORGETS: tuple[str, ...] = (covered.ERASED, covered.EXPIRED, covered.RESTRICTED)


class NoSuchPackage(LookupError):
    """There is no such package."""


class NotThereYet(ValueError):
    """The package is not whole yet, or it is not there any more."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks for. `where` is an expression, `reason` as she typed it; the same `key` is once."""

    maker: str
    where: str
    reason: str
    language: str
    key: str


def count(where: str, outside: Outside) -> int:
    """How many entries a package of this expression would hold now; raises ExpressionWrong."""
    return selecting.count(selecting.selection(where, outside), selecting.newest())


def order(asked: Order, outside: Outside) -> Package:
    """Tells the record, and has it made; raises ExpressionWrong and readings.NotRecorded."""
    known = Package.objects.filter(key=asked.key).first()
    if known is not None:
        return known
    until, obj, now = selecting.newest(), new_id(), clock.now_ms()
    expected = selecting.count(selecting.selection(asked.where, outside), until)
    with transaction.atomic():
        row, made = Package.objects.get_or_create(
            key=asked.key,
            defaults={
                "obj": obj, "maker": asked.maker, "where": asked.where, "reason": asked.reason,
                "language": asked.language, "until": until, "expected": expected, "ordered_at": now,
            },
        )  # fmt: skip
        if made:
            jobs.enqueue(JOB, f"{JOB}:{row.obj}", due_ms=now, data={"obj": row.obj})
            tell_ordered(row.obj, asked, expected, until)
    return row


def tell_ordered(obj: str, asked: Order, entries: int, until: int) -> None:
    """The fact that comes before everything else; raises readings.NotRecorded."""
    fact = PackageOrdered(
        package=obj, where=asked.where, reason=asked.reason, entries=entries, until=until,
        language=asked.language,
    )  # fmt: skip
    readings.tell(fact, f"record.package-ordered:{obj}", actor=asked.maker, obj=obj)


def get(obj: str) -> Package:
    """A package; raises NoSuchPackage."""
    row = Package.objects.filter(obj=obj).first()
    if row is None:
        raise NoSuchPackage(Said("There is no such package."))
    return row


def newest() -> list[Package]:
    """The packages, newest first, at most 100."""
    return list(Package.objects.order_by("-ordered_at", "-id")[:LIST_MAX])


def folder_of(row: Package) -> Path:
    """Where a package lies when it is whole."""
    return Path(settings.DATA) / "packages" / row.obj


def moved(row: Package, done: int) -> bool:
    """Keeps how far it is; False when somebody stopped it meanwhile."""
    changed = Package.objects.filter(pk=row.pk, state__in=UNDER_WAY)
    return changed.update(done=done, state=Package.MAKING, trouble="") > 0


def waits(row: Package, why: str) -> None:
    """Says on the row why it does not go on now."""
    Package.objects.filter(pk=row.pk, state__in=UNDER_WAY).update(trouble=why[:400])


def whole(row: Package, made: PackageMade) -> bool:
    """Keeps that it is whole; False when somebody stopped it meanwhile: then it is to be thrown away."""
    changed = Package.objects.filter(pk=row.pk, state__in=UNDER_WAY)
    return (
        changed.update(
            state=Package.MADE, done=made.entries, manifest=made.manifest, files=made.files, size=made.size,
            trouble="", ended_at=clock.now_ms(),
        )
        > 0
    )  # fmt: skip


def stop(row: Package, actor: str, why: str) -> None:
    """Ends it, under way or whole, and deletes its files; nothing when that was done already."""
    state = Package.STOPPED if row.state in UNDER_WAY else Package.DELETED
    with transaction.atomic():
        living = Package.objects.filter(pk=row.pk, state__in=(*UNDER_WAY, Package.MADE))
        if living.update(state=state, trouble=why[:400], ended_at=clock.now_ms()):
            fact = PackageStopped(package=row.obj, reason=why)
            append(fact, f"record.package-stopped:{row.obj}", actor=actor, obj=row.obj)
    delete_files(row)


def delete_files(row: Package) -> None:
    """Deletes what there is of it on the disk, whole or half."""
    target = folder_of(row)
    shutil.rmtree(target, ignore_errors=True)
    shutil.rmtree(target.with_name(f"{SCRATCH}{target.name}"), ignore_errors=True)


def take(row: Package, actor: str, reason: str) -> Path:
    """The folder of a package, after the fact that she takes it away. Raises NotThereYet, NotRecorded."""
    row.refresh_from_db()
    if row.state == Package.MADE and forgets(row):
        stop(row, ACTOR, FORGOTTEN)
        row.refresh_from_db()
    if row.state != Package.MADE or not folder_of(row).is_dir():
        raise NotThereYet(Said("This package is not here: it is not whole yet, or it was deleted."))
    fact = PackageTaken(package=row.obj, reason=reason)
    readings.tell(fact, f"record.package-taken:{new_id()}", actor=actor, obj=row.obj)
    return folder_of(row)


ACTOR: Final = "s:packages"
FORGOTTEN: Final = Said("Words that it holds were erased or restricted. Order it again.")
OVER: Final = Said("It was kept for three days.")


def watch(row: Package) -> int | None:
    """Looks after a package that is whole: when to look again (ms), None when it is gone."""
    over = row.ended_at + KEPT_HOURS * 3_600_000
    now = clock.now_ms()
    if forgets(row):
        stop(row, ACTOR, FORGOTTEN)
    elif now >= over:
        stop(row, ACTOR, OVER)
    else:
        return min(over, now + LOOK_SECONDS * 1000)
    return None


def forgets(row: Package) -> bool:
    """Whether words were erased, restricted or past their term since it was ordered.

    Whose words a package holds is not kept beside it: an erasure deletes all that were ordered before it.
    """
    return Entry.objects.filter(fact__in=FORGETS, n__gt=row.until).exists()
