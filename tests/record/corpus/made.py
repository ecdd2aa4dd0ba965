"""The corpus: texts in four languages, each with the numbers in it that must be found, and where."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from tests.record.corpus import forms, look_alikes, numbers, words

LANGUAGES = ("en", "nl", "ko", "zh")


class Text(NamedTuple):
    """A text; `kind` is "" and the places are 0 when nothing in it may be masked."""

    text: str
    kind: str
    start: int
    end: int
    about: str


def texts(count: int, seed: int, *, held_out: bool = False) -> list[Text]:
    """So many texts, half of them with a number that may not be kept; the same for the same seed."""
    chance = Random(seed)
    ways = forms.HELD_OUT if held_out else forms.KNOWN
    made = []
    for at in range(count):
        language = LANGUAGES[at % 4]
        made.append(_with_number(chance, language, ways) if at // 4 % 2 else _without(chance, language))
    return made


def _with_number(chance: Random, language: str, ways: list[forms.Form]) -> Text:
    kind, make, sentences, shape = chance.choice(_KINDS)
    number = make(chance)
    sentence = chance.choice(sentences[language])
    written = shape(number, chance, ways)
    if kind == "RRN" and "-" not in written and not numbers.has_korean_check(number):
        sentence = words.KOREAN[language][0]  # without hyphen and check digit only a word tells
    before, after = sentence.split("{}")
    return Text(f"{before}{written}{after}", kind, len(before), len(before) + len(written), sentence)


def _without(chance: Random, language: str) -> Text:
    about, make = chance.choice(look_alikes.KINDS)
    sentence = chance.choice(words.LOOK_ALIKES[language][about])
    return Text(sentence.replace("{}", make(chance)), "", 0, 0, make.__name__)


Shape = Callable[[str, Random, list[forms.Form]], str]


def _any_form(number: str, chance: Random, ways: list[forms.Form]) -> str:
    return chance.choice(ways)(number, chance)


def _korean_form(number: str, chance: Random, ways: list[forms.Form]) -> str:
    parted = chance.choice((f"{number[:6]}-{number[6:]}",) * 5 + (f"{number[:6]} - {number[6:]}", number))
    way = chance.choice(ways)
    return _unparted(way, chance)(parted) if chance.random() < 0.4 else parted


def _chinese_form(number: str, chance: Random, ways: list[forms.Form]) -> str:
    parted = chance.choice(
        (number, number, number, f"{number[:6]} {number[6:14]} {number[14:]}", number.lower())
    )
    return _unparted(chance.choice(ways), chance)(parted) if chance.random() < 0.3 else parted


def _dutch_form(number: str, chance: Random, ways: list[forms.Form]) -> str:
    return chance.choice(
        (
            number,
            number,
            number,
            f"{number[:4]}.{number[4:6]}.{number[6:]}",
            " ".join((number[:3], number[3:6], number[6:])),
        )
    )


def _account_form(number: str, chance: Random, ways: list[forms.Form]) -> str:
    return chance.choice(
        (
            number,
            numbers.fours(number),
            numbers.fours(number),
            number.lower(),
            numbers.fours(number, "."),
            numbers.fours(number, "-"),
        )
    )


def _unparted(way: forms.Form, chance: Random) -> Callable[[str], str]:
    """The digits of another script, where the form is only that; the gaps stay as they were."""

    def written(number: str) -> str:
        sample = way("1", chance)
        return "".join(way(c, chance) if c.isdigit() else c for c in number) if len(sample) == 1 else number

    return written


def _plain(number: str, chance: Random, ways: list[forms.Form]) -> str:
    return number


def _code(chance: Random) -> str:
    return numbers.digits(chance, chance.choice((3, 3, 3, 4)))


_KINDS: list[tuple[str, Callable[[Random], str], dict[str, list[str]], Shape]] = [
    *[("PAN", numbers.card, words.CARD, _any_form)] * 6,
    ("CVV", _code, words.CODE, _plain),
    *[("RRN", numbers.korean, words.KOREAN, _korean_form)] * 2,
    *[("CNID", numbers.chinese, words.CHINESE, _chinese_form)] * 2,
    ("BSN", numbers.dutch, words.DUTCH, _dutch_form),
    *[("IBAN", numbers.account, words.ACCOUNT, _account_form)] * 2,
]
_OLD = ("CNID", numbers.chinese_old, words.CHINESE_OLD, _plain)
_KINDS.append(_OLD)
