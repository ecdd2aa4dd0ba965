"""Words for people: an English sentence that still knows its template and its values.

Rooms and networks say why they refuse in these; whoever shows them (`web/spoken.py`) says the same in the
reader's language. A log, a table and the record hold the English, which is no one reader's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self


class Said(str):
    """A whole sentence, or a word of one: `Said("%(name)s is paused.", name=channel.name)`.

    The template is written out where it is said, because the catalogues are made from what stands there.
    Whole numbers are quantities and get their thousands parted; a number that is a name comes as text.
    A value that is Said itself is translated too.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        shown = {name: f"{v:,}" if type(v) is int else v for name, v in values.items()}
        made = super().__new__(cls, template % shown if values else template)
        made.template, made.values = template, values
        return made


def joined(parts: Iterable[object], between: str = " ") -> Said:
    """Several in a row, each translated by itself."""
    values = {f"n{number}": part for number, part in enumerate(parts)}
    return Said(between.join(f"%({name})s" for name in values), **values)
