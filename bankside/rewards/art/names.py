"""What may be printed as a name, handle or address: readable, of one script, and no number of a card.

Everything is normalised (NFKC) first and comes back so. Each refusal is an exception of its own with a
sentence for the person who chose the words.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from bankside.record.numbers import digit_runs
from bankside.rewards.art import lettering
from bankside.rewards.art.sheet import PERSONAL
from bankside.said import Said

NAME_CHARACTERS_MAX: Final = 26  # what a card's name field holds
# A line of 40 is refused: so many letters are no longer taken in at a glance, and copied wrongly.
LINE_CHARACTERS_MAX: Final = 39
TEXT_CHARACTERS_MAX: Final = 120
WORDS_CHARACTERS_MAX: Final = 500  # what is looked at before anything is said about it
NUMBER_DIGITS_MIN: Final = 12
# Card printers have 300 dots an inch. At an em of 1.75 mm the x-height of the address's face (0.48 em) is ten
# of them, the fewest at which e, a and s keep their counters open.
TYPE_MM_MIN: Final = 1.75
ADDRESS_MM: Final = 2.45
HANDLE_MM: Final = 5.6
HANDLE_MM_MIN: Final = 2.2

# Mixtures that are written every day; none of their letters look like those of the other script.
_TOGETHER: Final = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
_IN_NAMES: Final = frozenset(" -.'\u2019\u00b7")
_IN_LINES: Final = frozenset("@._-/:~+\u00b7")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Unprintable(ValueError):
    """Words that cannot go onto a card; each kind says why."""


class TooLong(Unprintable):
    """More letters than can be read, or than the field holds."""


class CannotBeRead(Unprintable):
    """Hidden signs, or letters that the card cannot carry."""


class MixedScripts(Unprintable):
    """Letters of scripts that look alike, in one text."""


class LooksLikeANumber(Unprintable):
    """So many digits in a row that they could be the number of a card."""


@dataclass(frozen=True)
class Line:
    """What is printed about the profile; `address` is empty when it would be too small to read."""

    handle: str
    address: str


def card_name(words: str) -> str:
    """The member's name as it is printed, NFKC, at most 26 characters."""
    name = " ".join(_plain(words).split())
    if not name:
        raise CannotBeRead(Said("There is no name to print."))
    if len(name) > NAME_CHARACTERS_MAX:
        raise TooLong(Said("A name on a card has at most %(most)s characters.", most=NAME_CHARACTERS_MAX))
    _only(name, _IN_NAMES, digits=False)
    return _printable(name)


def personalisation(handle: str, address: str) -> Line:
    """Handle and profile address as printed: the handle alone when the address is too long to be read."""
    short, long = printed_line(handle), _plain(address)
    _only(long, _IN_LINES, digits=True)
    _printable(long)
    if not short:
        raise CannotBeRead(Said("There is no name of a profile to print."))
    fits = 0 < len(long) <= LINE_CHARACTERS_MAX and size(long, lettering.MONO, ADDRESS_MM) >= TYPE_MM_MIN
    return Line(short, long if fits else "")


def printed_line(words: str) -> str:
    """One line about a profile, NFKC; TooLong from 40 characters on, or when it would be too small."""
    line = _plain(words)
    if len(line) > LINE_CHARACTERS_MAX:
        raise TooLong(Said("This name of a profile is too long to be read on a card."))
    _only(line, _IN_LINES, digits=True)
    if size(_printable(line), lettering.MEDIUM, HANDLE_MM) < HANDLE_MM_MIN:
        raise TooLong(Said("This name of a profile is too long to be read on a card."))
    return line


def plain_text(words: str) -> str:
    """Any other words of a card: no hidden signs, no number of a card, letters that can be printed.

    NFC and not NFKC, which would take the wide commas and stops away from Chinese.
    """
    _plain(words)
    plain = unicodedata.normalize("NFC", words).strip()
    if len(plain) > TEXT_CHARACTERS_MAX:
        raise TooLong(Said("A line on a card has at most %(most)s characters.", most=TEXT_CHARACTERS_MAX))
    return _printable(plain)


def no_number(words: str) -> None:
    """LooksLikeANumber when twelve or more digits stand in a row, of any script, however they are parted."""
    for run in digit_runs.runs_of(digit_runs.folded(words)):
        if sum(len(group.digits) for group in run) >= NUMBER_DIGITS_MIN:
            raise LooksLikeANumber(
                Said(
                    "This holds so many digits that it could be the number of a card. Choose something else."
                )
            )


def size(line: str, face: str, most_mm: float) -> float:
    """The em in millimetres at which a line ends before the clear space of the scheme's mark."""
    return lettering.fitting(line, face, most_mm, PERSONAL.width) if line else most_mm


def _plain(words: str) -> str:
    if len(words) > WORDS_CHARACTERS_MAX:
        raise TooLong(Said("A line on a card has at most %(most)s characters.", most=TEXT_CHARACTERS_MAX))
    plain = unicodedata.normalize("NFKC", words).strip()
    if any(unicodedata.category(character) in _HIDDEN for character in plain):
        raise CannotBeRead(Said("This holds signs that cannot be seen. Write it again, letter by letter."))
    no_number(plain)
    _one_script(plain)
    return plain


def _printable(plain: str) -> str:
    if absent := lettering.missing(plain, lettering.SANS):
        raise _unprintable(absent[0])
    return plain


def _only(plain: str, signs: frozenset[str], *, digits: bool) -> None:
    """Letters with at most one mark each, the signs, and digits where they are wanted."""
    before = ""
    for character in plain:
        kind = unicodedata.category(character)
        marks_a_letter = kind == "Mn" and before.startswith("L")
        wanted = kind in {"Lu", "Ll", "Lo", "Lm"} or (digits and character in "0123456789")
        if not (wanted or marks_a_letter or character in signs):
            raise _unprintable(character)
        before = kind


def _unprintable(character: str) -> CannotBeRead:
    return CannotBeRead(Said("The letter %(letter)s cannot be printed.", letter=character))


def _one_script(plain: str) -> None:
    """Latin, Hangul, Han and kana go together as they do every day; anything beside them is refused."""
    found = {_script(character) for character in plain if character.isalpha()}
    if any(found <= together for together in _TOGETHER):
        return
    if len(found) > 1:
        raise MixedScripts(
            Said("This mixes letters of several scripts that can be taken for each other. Use one script.")
        )
    raise CannotBeRead(Said("A card carries Latin, Hangul and Han letters. Write it in one of these."))


def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    first = name.replace("-", " ").partition(" ")[0]
    return "CJK" if first == "IDEOGRAPHIC" else first
