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
    Whole numbers are quantities and get their thousands parted; a number that is a name comes as text. A day
    is a date and a share a Decimal, so that each reader has them as she writes them. A value that is Said
    itself is translated too.
    """

    __slots__ = ("many", "number", "template", "values")

    template: str
    values: dict[str, object]
    many: str
    number: int

    def __new__(cls, template: str, **values: object) -> Self:
        made = super().__new__(cls, template % _shown(values) if values else template)
        made.template, made.values, made.many, made.number = template, values, "", 1
        return made

    @classmethod
    def _of(cls, number: int, one: str, many: str, values: dict[str, object]) -> Self:
        """See `numbered`."""
        made = super().__new__(cls, (one if number == 1 else many) % _shown(values))
        made.template, made.values, made.many, made.number = one, values, many, number
        return made


def numbered(number: int, one: str, many: str, /, **values: object) -> Said:
    """A sentence that reads otherwise of one thing: `numbered(n, "%(n)s row.", "%(n)s rows.", n=n)`.

    `many` is empty on every other Said. What a table keeps is not said so: it is known again by one template.
    """
    return Said._of(number, one, many, values)


def _shown(values: dict[str, object]) -> dict[str, object]:
    """The values in English: thousands are parted, and a day stands as `2026-09-23`."""
    return {name: f"{v:,}" if type(v) is int else v for name, v in values.items()}


def joined(parts: Iterable[object], between: str = " ") -> Said:
    """Several in a row, each translated by itself."""
    values = {f"n{number}": part for number, part in enumerate(parts)}
    return Said(between.join(f"%({name})s" for name in values), **values)
