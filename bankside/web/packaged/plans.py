"""What a package is made of: entries from the record, files from the channels, words in a language."""

from __future__ import annotations

from typing import Any, Final

from bankside.channels import packaged
from bankside.people import packages
from bankside.record.models import Package
from bankside.record.package import making, selecting
from bankside.record.package.making import Plan
from bankside.record.package.selecting import Selection
from bankside.web.packaged import examiner
from bankside.web.packaged.labels import labels

OUTSIDE: Final = selecting.Outside(packaged.OBJECTS, packaged.channels_named, packages.actors_named)


def of(row: Package) -> Plan:
    """The plan of an order; raises ExpressionWrong when a channel or person of it is gone."""
    about = {"id": row.obj, "where": row.where, "made": making.now(), "until": row.until}
    return plan(selecting.selection(row.where, OUTSIDE), row.until, about, row.language)


def plan(chosen: Selection, until: int, about: dict[str, Any], language: str) -> Plan:
    """The plan of what was chosen, up to arrival number `until`."""
    return Plan(
        chosen=chosen, until=until, about=about | {"language": language}, labels=labels(language),
        natives=packaged.natives_of, examiner=examiner.page(),
    )  # fmt: skip
