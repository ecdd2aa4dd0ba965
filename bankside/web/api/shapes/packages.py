"""Packages of entries, as the API shows and takes them."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import StringConstraints

from bankside.record.package.expression import CHARACTERS_MAX

Why = Annotated[str, StringConstraints(max_length=1_000)]


class PackageCountOut(Schema):
    """How many entries there are."""

    entries: str


class PackageIn(Schema):
    """What a package shall hold, in the language of docs/operate/export.md, and what it is for."""

    where: Annotated[str, StringConstraints(max_length=CHARACTERS_MAX)]
    reason: Why
    language: Literal["en", "ko", "zh-hans", "nl"] = "en"


class TakingIn(Schema):
    """Why it is taken; may be empty for whoever ordered it."""

    reason: Why = ""


class PackageOut(Schema):
    """A package: waiting, making, made, stopped or deleted. `manifest`: SHA-256 of its list of files."""

    obj: str
    where: str
    reason: str
    language: str
    maker: str
    state: str
    trouble: str
    done: str
    expected: str
    files: str
    size: str
    manifest: str
    ordered_at: str | None
    ended_at: str | None


class Packages(Schema):
    """Packages, newest first."""

    items: list[PackageOut]
