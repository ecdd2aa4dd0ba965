"""Numbers that may never be kept: of payment cards, of residents and citizens, and of accounts if so chosen.

Masked at the door, before anything is stored. Pure but for today's date: text in, text out.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final, NamedTuple

from bankside.record import rules_in_force
from bankside.record.numbers import account_numbers, card_codes, number_labels
from bankside.record.numbers.card_numbers import DIGITS_MIN as CARD_DIGITS_MIN
from bankside.record.numbers.card_numbers import Run, candidates
from bankside.record.numbers.chinese_residents import identity_at
from bankside.record.numbers.citizen_numbers import citizen_at, may_say_so
from bankside.record.numbers.digit_runs import Group, digits_in, reading, runs_of
from bankside.record.numbers.resident_numbers import registration_at

PAN: Final = "PAN"
CVV: Final = "CVV"
RRN: Final = "RRN"
CNID: Final = "CNID"
BSN: Final = "BSN"
IBAN: Final = "IBAN"
CLASSES: Final = frozenset({PAN, CVV, RRN, CNID, BSN, IBAN})
"""All of them; a desk masks them all but those that it says it may keep."""

MAY_BE_KEPT: Final = frozenset({IBAN, BSN, CNID})
"""Of these a desk may say so (IDENTIFIERS_KEPT). Cards and registration numbers are never kept."""

NEVER_SAID: Final = CLASSES - {IBAN}
"""What may not go out in the desk's own words. An account to pay to may be said."""

DOTS: Final = "•••"
"""Wherever a number was, there are at least these."""

CODE_DIGITS_MIN: Final = 3
NUMBER_DIGITS_MIN: Final = 8
HEX_CHARACTERS_MIN: Final = 32
URL_CHARACTERS_MAX: Final = 2_000

_ID = re.compile(r"[!-~]{1,300}")
# Ids and digests in hexadecimal.
_HEX: Final = re.compile(
    r"\b(?=[0-9-]{0,127}[a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,128})\b",
    re.IGNORECASE,
)
# Letters between digits: an id such as a parcel's, of which the digits are only a part.
_INSIDE_ID: Final = re.compile(r"[0-9][A-Za-z]{1,2}$")
_LONG_ROW: Final = re.compile(rf"[0-9]{{{CARD_DIGITS_MIN},}}")
_URL: Final = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"']{{1,{URL_CHARACTERS_MAX}}}"
    rf"|(?<![a-z0-9.@])(?:[a-z0-9-]{{1,63}}\.){{1,4}}[a-z]{{2,18}}/[^\s<>\"']{{1,{URL_CHARACTERS_MAX}}}",
    re.IGNORECASE,
)

Place = tuple[int, int, str]
_in_force = CLASSES


class Found(NamedTuple):
    """A number of a class; `start` and `end` in code points of the text as it was given."""

    kind: str
    start: int
    end: int


class Masked(NamedTuple):
    """What may be kept of a text, and the sorted classes of what was taken out of it."""

    text: str
    red: tuple[str, ...]


def kept(text: str) -> str:
    """What may be kept of words that somebody typed: the text of `mask`."""
    return mask(text).text


def in_force() -> frozenset[str]:
    """The classes that this desk masks."""
    return _in_force


def keep(classes: Collection[str]) -> None:
    """From now on these are not masked; done once, at start. Raises ValueError for a class that must be."""
    global _in_force
    if wrong := sorted(set(classes) - MAY_BE_KEPT):
        raise ValueError(
            f"BANKSIDE_IDENTIFIERS_KEPT: {wrong[0]!r} is not one of {', '.join(sorted(MAY_BE_KEPT))}"
        )
    _in_force = CLASSES - frozenset(classes)
    rules_in_force.contribute("record.identifiers", f"masked: {' '.join(sorted(_in_force))}")


def mask(text: str, classes: Collection[str] | None = None) -> Masked:
    """The text with card numbers as `•••• •••• •••• 4242`; nothing is left of codes and persons' numbers."""
    found = find(text, classes)
    if not found:
        return Masked(text, ())
    return Masked(hidden(text, found), tuple(sorted({one.kind for one in found})))


def find(text: str, classes: Collection[str] | None = None) -> tuple[Found, ...]:
    """The numbers of these classes (of those in force) in a text, from left to right, without overlap."""
    classes = _in_force if classes is None else classes
    read = reading(text)
    plain = read.plain
    digits = digits_in(plain)
    if digits < CODE_DIGITS_MIN:
        return ()
    lower = plain.lower()
    places = _numbers(plain, lower) if digits >= NUMBER_DIGITS_MIN else []
    if CVV in classes:
        places += _codes(plain, lower, places)
    if not places:
        return ()
    return tuple(
        [Found(kind, *read.place(start, stop)) for start, stop, kind in sorted(places) if kind in classes]
    )


def hidden(text: str, found: Collection[Found]) -> str:
    """The text with dots for what was found; the last four digits of cards and accounts stay."""
    parts, end = [], 0
    for one in found:
        parts += [text[end : one.start], _shown(one.kind, text[one.start : one.end])]
        end = one.end
    return "".join(parts) + text[end:]


def mask_tree(
    value: Any, ids: Collection[str] = (), classes: Collection[str] | None = None
) -> tuple[Any, tuple[str, ...]]:
    """A JSON value with every string in it masked, and the classes of all; keys and numbers stay.

    `ids`: names of fields that hold what a machine made to name something. What stands there in one word is
    no number that a person wrote, and stays.
    """
    red: set[str] = set()
    return _masked(value, red, ids, classes), tuple(sorted(red))


def _masked(value: Any, red: set[str], ids: Collection[str], classes: Collection[str] | None) -> Any:
    match value:
        case str():
            masked = mask(value, classes)
            red.update(masked.red)
            return masked.text
        case dict():
            return {
                key: item if key in ids and _is_id(item) else _masked(item, red, ids, classes)
                for key, item in value.items()
            }
        case list() | tuple():
            return [_masked(item, red, ids, classes) for item in value]
        case _:
            return value


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _shown(kind: str, number: str) -> str:
    match kind:
        case "PAN":
            return f"•••• •••• •••• {_last_four(number)}"
        case "IBAN":
            return f"•••• •••• {_last_four(number)}"
        case "RRN":
            return "••••••-•••••••"
        case "CVV":
            return "•••"
        case "BSN":
            return "•••••••••"
        case _:
            return "•••••• •••••••• ••••"


def _last_four(number: str) -> str:
    """Letters and digits, in ASCII, of a number as it was written."""
    return "".join(filter(str.isalnum, reading(number).plain))[-4:].upper()


# --- finding -----------------------------------------------------------------------------------------
def _numbers(plain: str, lower: str) -> list[Place]:
    """Places of all numbers but codes, without overlap, and in no order."""
    if max(map(len, plain.split())) >= HEX_CHARACTERS_MIN:
        plain = _HEX.sub(_blank, plain)
    places: list[Place] = []
    for start, stop in account_numbers.accounts_in(plain):
        places.append((start, stop, IBAN))
        plain = _blanked(plain, start, stop)
    if "/" in plain or "www." in lower:
        plain = _URL.sub(_blank_address, plain)
    dutch = may_say_so(lower)
    digits_min = NUMBER_DIGITS_MIN if dutch else CARD_DIGITS_MIN
    for groups in runs_of(plain, digits_min):
        places += _in_run(plain, groups, dutch, digits_min)
    return places


def _in_run(plain: str, groups: list[Group], dutch: bool, digits_min: int) -> list[Place]:
    """At every group what begins there, surest first; else one further."""
    places: list[Place] = []
    run, at = Run(groups), 0
    last = run.ends[-1] - digits_min
    while at < len(groups) and run.ends[at] <= last:
        until, stop, kind = _at(plain, run, at, dutch)
        if until:
            places.append((groups[at].start, stop, kind))
        at = until or at + 1
    return places


def _at(plain: str, run: Run, at: int, dutch: bool) -> tuple[int, int, str]:
    """The group after the number that begins with group `at`, where it ends and its class; 0 for none."""
    groups, left = run.groups, run.ends[-1] - run.ends[at]
    if left >= 15:
        until, stop = identity_at(plain, groups, at)
        if until:
            return until, stop, CNID
    if left >= 13 and (until := registration_at(plain, groups, at)):
        return until, groups[until - 1].stop, RRN
    if left >= CARD_DIGITS_MIN and (until := _card(plain, run, at)):
        return until, groups[until - 1].stop, PAN
    if dutch and (until := citizen_at(plain, groups, at)):
        return until, groups[until - 1].stop, BSN
    return 0, 0, ""


def _card(plain: str, run: Run, at: int) -> int:
    """The group after the longest card that begins with group `at`; 0 when none does."""
    longest, start = 0, run.groups[at].start
    for one in candidates(run, at, plain):
        stop = run.groups[one.until - 1].stop
        if _INSIDE_ID.search(plain, max(0, start - 3), start):
            continue
        parted = one.until > at + 1
        begin = run.groups[_row_begins(plain, run.groups, at)].start if parted else start
        alone = not one.needs_word and not number_labels.names_another(plain, begin, stop, surely=parted)
        if alone or number_labels.speaks_of_cards(plain, start, stop):
            longest = one.until
    return longest


def _row_begins(plain: str, groups: list[Group], at: int) -> int:
    """The first group of the row of even groups with even gaps in which group `at` stands."""
    gap, size = plain[groups[at].stop : groups[at + 1].start], len(groups[at].digits)
    while at and len(groups[at - 1].digits) == size and plain[groups[at - 1].stop : groups[at].start] == gap:
        at -= 1
    return at


def _codes(plain: str, lower: str, places: list[Place]) -> list[Place]:
    """Codes of cards that are no part of another number."""
    codes: dict[int, Place] = {}
    cards = [(start, stop) for start, stop, kind in places if kind == PAN]
    for start, stop in card_codes.codes_in(plain, lower, cards):
        if not any(one[0] < stop and start < one[1] for one in (*places, *codes.values())):
            codes[start] = (start, stop, CVV)
    return list(codes.values())


def _blank(found: re.Match[str]) -> str:
    return "x" * len(found.group())


def _blank_address(found: re.Match[str]) -> str:
    """Long rows of digits in an address are the names of pages, unless it speaks of cards."""
    address = found.group()
    if number_labels.speaks_of_cards(address, len(address), len(address)):
        return address
    return _LONG_ROW.sub(_blank, address)


def _blanked(plain: str, start: int, stop: int) -> str:
    return plain[:start] + "x" * (stop - start) + plain[stop:]
