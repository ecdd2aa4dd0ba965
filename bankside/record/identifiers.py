"""Numbers that may never be kept: payment cards (PAN) and Korean resident registration numbers (RRN).

Masked at the door, before anything is stored. Pure but for today's date: text in, text out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple

from bankside.record.card_numbers import DIGITS_MIN, Run, card_at, without_others
from bankside.record.digit_runs import Group, digits_in, folded, runs_of
from bankside.record.resident_numbers import registration_at

PAN: Final = "PAN"
RRN: Final = "RRN"


_ID = re.compile(r"[!-~]{1,300}")


class Masked(NamedTuple):
    """What may be kept of a text, and the sorted classes of what was taken out of it."""

    text: str
    red: tuple[str, ...]


def mask(text: str) -> Masked:
    """The text with card numbers as `•••• •••• •••• 4242` and registration numbers as `••••••-•••••••`."""
    plain = folded(text)
    found = list(_numbers(plain)) if digits_in(plain) >= DIGITS_MIN else []
    if not found:
        return Masked(text, ())
    parts, end = [], 0
    for start, stop, kind in found:
        parts += [text[end:start], _shown(kind, plain[start:stop])]
        end = stop
    return Masked("".join(parts) + text[end:], tuple(sorted({kind for _, _, kind in found})))


def mask_tree(value: Any, ids: Collection[str] = ()) -> tuple[Any, tuple[str, ...]]:
    """A JSON value with every string in it masked, and the classes of all; keys and numbers stay.

    `ids`: names of fields that hold what a machine made to name something. What stands there in one word is
    no number that a person wrote, and stays.
    """
    red: set[str] = set()
    return _masked(value, red, ids), tuple(sorted(red))


def _masked(value: Any, red: set[str], ids: Collection[str]) -> Any:
    match value:
        case str():
            masked = mask(value)
            red.update(masked.red)
            return masked.text
        case dict():
            return {
                key: item if key in ids and _is_id(item) else _masked(item, red, ids)
                for key, item in value.items()
            }
        case list() | tuple():
            return [_masked(item, red, ids) for item in value]
        case _:
            return value


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _shown(kind: str, number: str) -> str:
    if kind == RRN:
        return "••••••-•••••••"
    return "•••• •••• •••• " + "".join(filter(str.isdigit, number))[-4:]


def _numbers(plain: str) -> Iterator[tuple[int, int, str]]:
    """Places of all numbers, from left to right, without overlap."""
    for groups in runs_of(without_others(plain)):
        if sum(len(g.digits) for g in groups) >= DIGITS_MIN:
            yield from _in_run(plain, groups)


def _in_run(plain: str, groups: list[Group]) -> Iterator[tuple[int, int, str]]:
    """At every group: the longest card that begins there, else a registration number, else one further."""
    run, at = Run(groups), 0
    while at < len(groups):
        until, kind = card_at(run, at), PAN
        if not until:
            until, kind = registration_at(plain, groups, at), RRN
        if until:
            yield groups[at].start, groups[until - 1].stop, kind
        at = until or at + 1
