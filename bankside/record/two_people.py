"""Acts on what is kept that take two different people: who asked never agrees."""

from __future__ import annotations

import re

from bankside.said import Said

_STAFF = re.compile("u:[0-9a-f]{32}")
_ID = re.compile("[0-9a-f]{32}")


class SamePerson(PermissionError):
    """The second person is the first one."""


class NotAPerson(PermissionError):
    """Only members of staff decide about what is kept; a program does not."""


class NoSuchThing(LookupError):
    """There is no such subject, object, hold or request."""


class NotNow(ValueError):
    """It was decided already, or its turn has not come."""


def other(first: str, second: str) -> tuple[str, str]:
    """The two, sorted, as a leaf names them. Raises SamePerson and NotAPerson."""
    for actor in (first, second):
        person(actor)
    if first == second:
        raise SamePerson(Said("It takes a second person: whoever asked for it cannot agree to it as well."))
    return (first, second) if first < second else (second, first)


def person(actor: str) -> str:
    """The actor, if it is a member of staff."""
    if not _STAFF.fullmatch(actor):
        raise NotAPerson(Said("Only members of staff decide what is kept and what is forgotten."))
    return actor


def name(words: str, *, empty: bool = False) -> str:
    """An id of 32 hex characters; empty where that is allowed. Raises NoSuchThing."""
    said = words.strip().lower()
    if _ID.fullmatch(said) or (empty and not said):
        return said
    raise NoSuchThing(
        Said("%(name)s is not the id of anything here: an id has 32 characters.", name=said[:40])
    )
