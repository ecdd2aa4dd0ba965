"""What an examiner asks the record for: fields of a form, turned into the expression of packages."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from bankside.inbox import examined
from bankside.inbox.examined import Hit
from bankside.people.models import Staff
from bankside.record import finding
from bankside.record.log.leaf import FIXED_TYPES
from bankside.record.package import selecting
from bankside.record.package.selecting import Outside, Selection
from bankside.record.reading import Listed
from bankside.web.packaged import plans

EVERYTHING: Final = "all"
STATES: Final = ("readable", "erased", "restricted", "held")
_ID = re.compile("[0-9a-f]{32}")
_ACTOR = re.compile("[us]:[0-9a-z.-]{1,40}")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_ROOM = re.compile("[a-z]{2,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The fields as they stand in the address. `what` is a room or a type of leaf; days are of the reader."""

    words: str = ""
    person: str = ""
    channel: str = ""
    first: str = ""
    last: str = ""
    what: str = ""
    state: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The fields for links that keep them."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name))}


@dataclass(frozen=True, slots=True)
class Found:
    """A page of entries, or of entries that hold the words; `next`: give it as `before`, 0 at the end."""

    where: str
    entries: tuple[Listed, ...] = ()
    hits: tuple[Hit, ...] = ()
    next: int = 0


def find(reader: Staff | None, where: str, words: str = "", *, before: int = 0, limit: int = 50) -> Found:
    """What an expression means, or of it what holds the words. Raises ExpressionWrong; for words, and for an
    account in the expression, as `examined.said`."""
    chosen = selected(reader, where)
    if words.strip():
        hits = examined.said(reader, words, chosen, before=before, limit=limit)
        return Found(where, hits=tuple(hits), next=hits[-1].place if len(hits) == limit else 0)
    rows = finding.entries(chosen, before=before, limit=limit)
    return Found(where, entries=tuple(rows), next=rows[-1].n if len(rows) == limit else 0)


def selected(reader: Staff | None, where: str) -> Selection:
    """The condition of an expression; raises ExpressionWrong, and for an account as `examined.account`."""
    return selecting.selection(where or EVERYTHING, outside(reader))


def outside(reader: Staff | None) -> Outside:
    """What other rooms know, for this reader: whoever asks whose an account is reads."""
    return replace(plans.OUTSIDE, accounts=partial(examined.account, reader))


def expression(reader: Staff | None, asked: Asked, zone: ZoneInfo) -> str:
    """The same as an expression; `all` when nothing narrows it. For a name raises as `examined.persons`."""
    parts = [
        _person(reader, asked.person.strip()),
        f"channel = {_quoted(asked.channel)}" if asked.channel else "",
        f"time >= {moment}" if (moment := _day(asked.first, zone)) else "",
        f"time < {moment}" if (moment := _day(asked.last, zone, after=1)) else "",
        _what(asked.what),
        f"state = {asked.state}" if asked.state in STATES else "",
    ]
    return " and ".join(part for part in parts if part) or EVERYTHING


def _person(reader: Staff | None, name: str) -> str:
    """A subject, somebody of the staff, an account of a network, or whoever is called so in conversations."""
    if not name:
        return ""
    if _ID.fullmatch(name):
        return f"(subject = {name} or actor = u:{name})"
    if _ACTOR.fullmatch(name) or _ADDRESS.fullmatch(name):
        return f"actor = {_quoted(name)}"
    if ":" in name:
        return f"account = {_quoted(name)}"
    found = examined.persons(reader, name)
    return f"subject in ({', '.join(found)})" if found else f"account = {_quoted(name)}"


def _what(what: str) -> str:
    if not what:
        return ""
    is_room = _ROOM.fullmatch(what) and what not in FIXED_TYPES
    return f"room = {what}" if is_room else f"type = {_quoted(what)}"


def _day(day: str, zone: ZoneInfo, after: int = 0) -> str:
    """The first moment of a day of the reader, `after` days later, as the expression writes it."""
    try:
        chosen = date.fromisoformat(day) + timedelta(days=after)
    except (ValueError, OverflowError):
        return ""
    return f"{datetime.combine(chosen, time(), zone).astimezone(UTC):%Y-%m-%dT%H:%M}Z"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
