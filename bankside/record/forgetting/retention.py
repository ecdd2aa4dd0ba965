"""How long words are kept: classes as data, one of which every leaf names when it is written (`ret`).

The term of a class is counted in whole months from the day of the entry, in UTC, and ends with the last day.
What counts is what the class says now or ever said before, whichever is longer: terms grow and never shrink.
"""

from __future__ import annotations

import re
import tomllib
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

FILE = Path(__file__).with_suffix(".toml")
MONTHS_MAX = 12 * 200
CLASSES_MAX = 100
DAY_MS = 86_400_000
_NAME = re.compile("[A-Z0-9-]{1,32}")


class RetentionWrong(ValueError):
    """The file of classes breaks a rule; the message names the class and the rule."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class of retention. `months` 0: for ever; `duty`: a wish to be forgotten waits for its end."""

    name: str
    months: int
    duty: bool
    law: str
    falls_on: tuple[str, ...]


def classes() -> dict[str, Class]:
    """The classes in force, by name. Raises RetentionWrong."""
    return _read(str(settings.RETENTION_FILE or FILE))


def class_of(fact: str, leaf: str) -> str:
    """The class that falls on a fact: by its name first, then its type, then its room; empty for none."""
    return _class_of(fact, leaf, str(settings.RETENTION_FILE or FILE))


def ends_ms(t: int, months: int) -> int:
    """When an entry of time `t` (ms) is past a term: the first moment (ms) after its last day, in UTC.

    Of a day that the last month lacks, such as the 29th of February, the next day is the last one.
    """
    last = _shifted(datetime.fromtimestamp(t // 1000, UTC).date(), months)
    return _midnight(last + timedelta(days=1))


def past_before_ms(now: int, months: int) -> int:
    """Entries of times before this moment (ms) are past a term of so many months at `now`."""
    yesterday = datetime.fromtimestamp(now // 1000, UTC).date() - timedelta(days=1)
    years, month = divmod(yesterday.year * 12 + yesterday.month - 1 - months, 12)
    if years < 1:
        return -(2**53)
    day = date(years, month + 1, min(yesterday.day, monthrange(years, month + 1)[1]))
    # A day of a month that was longer, three at most, ends with the same last day.
    while ends_ms(_midnight(day + timedelta(days=1)), months) <= now:
        day += timedelta(days=1)
    return _midnight(day + timedelta(days=1))


def rules() -> str:
    """The file in force as its text; part of the rules whose fingerprint stands in every leaf."""
    return Path(settings.RETENTION_FILE or FILE).read_text("utf-8")


def _shifted(day: date, months: int) -> date:
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= monthrange(years, month + 1)[1]:
        return date(years, month + 1, day.day)
    return date(years, month + 1, monthrange(years, month + 1)[1]) + timedelta(days=1)


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


@lru_cache(maxsize=4096)
def _class_of(fact: str, leaf: str, path: str) -> str:
    falls = {what: one.name for one in _read(path).values() for what in one.falls_on}
    room = f"{fact.partition('.')[0]}."
    return falls.get(fact) or falls.get(leaf) or falls.get(room) or ""


@lru_cache(maxsize=8)
def _read(path: str) -> dict[str, Class]:
    try:
        told = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as wrong:
        raise RetentionWrong(f"{path} cannot be read: {wrong}") from None
    if len(told) > CLASSES_MAX:
        raise RetentionWrong(f"{path} has more than {CLASSES_MAX} classes")
    found = {name: _class(name, fields) for name, fields in told.items()}
    seen: dict[str, str] = {}
    for one in found.values():
        for what in one.falls_on:
            if seen.setdefault(what, one.name) != one.name:
                raise RetentionWrong(f"{what} falls under {seen[what]} and under {one.name}")
    return found


def _class(name: str, fields: object) -> Class:
    if not _NAME.fullmatch(name) or not isinstance(fields, dict):
        raise RetentionWrong(f"{name!r} is no name of a class: A-Z, 0-9 and dashes, at most 32")
    if set(fields) != {"months", "duty", "law", "falls_on"}:
        raise RetentionWrong(f"{name} needs months, duty, law and falls_on, and nothing else")
    months, falls_on = fields["months"], fields["falls_on"]
    if type(months) is not int or not 0 <= months <= MONTHS_MAX:
        raise RetentionWrong(f"{name}: months is a whole number from 0 (for ever) to {MONTHS_MAX}")
    if not isinstance(falls_on, list) or not all(isinstance(what, str) for what in falls_on):
        raise RetentionWrong(f"{name}: falls_on is a list of names")
    return Class(name, months, bool(fields["duty"]), str(fields["law"]), tuple(falls_on))
