"""What one text has that another has not, line by line."""

from __future__ import annotations

import difflib
from typing import Literal, NamedTuple, cast

Sign = Literal["+", "-", " "]


class Line(NamedTuple):
    """A line of a difference: added, removed, or there in both."""

    sign: Sign
    text: str


def diff(older: str, newer: str) -> tuple[Line, ...]:
    """All lines of both texts, in order."""
    lines = difflib.ndiff(older.splitlines(), newer.splitlines())
    return tuple(Line(cast("Sign", line[0]), line[2:]) for line in lines if line[0] in "+- ")
