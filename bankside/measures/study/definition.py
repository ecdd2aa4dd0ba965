"""A study as its author defined it: questions, their options and who is asked what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from bankside.said import Said

if TYPE_CHECKING:
    from bankside.measures.study.condition import Condition

Kind = Literal["single", "multi", "scale", "number"]
Texts = Mapping[str, str]

KINDS: Final[tuple[Kind, ...]] = ("single", "multi", "scale", "number")
LANGUAGES: Final = ("en", "ko", "zh-Hans", "nl")
SUPPRESS_DEFAULT: Final = 3  # a cell of a cross-table with fewer institutions is not shown


class NoSuchQuestion(LookupError):
    """The study has no such question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer to choose. `written`: its id as it stands in study.toml, a text or a whole number."""

    id: str
    texts: Texts = field(default_factory=dict)
    written: str | int = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `low` and `high` bound a number; `said` is a sentence's end, with {option} in it."""

    id: str
    kind: Kind
    texts: Texts = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    base: Condition | None = None
    base_text: str = ""
    low: Fraction | None = None
    high: Fraction | None = None
    said: Texts = field(default_factory=dict)

    def option(self, id: str) -> Option | None:
        """The option of that id."""
        return next((option for option in self.options if option.id == id), None)

    @property
    def values(self) -> Mapping[str, Fraction]:
        """What each option of a scale stands for: the number that it is, or its place from 1."""
        if self.kind != "scale":
            return {}
        numbers = [number_of(option.id) for option in self.options]
        if any(number is None for number in numbers):
            return {option.id: Fraction(place) for place, option in enumerate(self.options, 1)}
        return {o.id: n for o, n in zip(self.options, numbers, strict=True) if n is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A whole study. `population`: how many institutions there are; `suppress`: see SUPPRESS_DEFAULT."""

    title: Texts
    year: str = ""
    unit: Texts = field(default_factory=dict)
    population: int | None = None
    suppress: int = SUPPRESS_DEFAULT
    waves: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()

    def question(self, id: str) -> Question:
        """The question of that id, or NoSuchQuestion."""
        for question in self.questions:
            if question.id == id:
                return question
        raise NoSuchQuestion(Said("There is no question %(id)s.", id=id))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which it has texts, in the order of the desk."""
        there = {language for texts in self._texts() for language in texts}
        return tuple(language for language in LANGUAGES if language in there)

    def _texts(self) -> Iterator[Texts]:
        yield self.title
        for question in self.questions:
            yield question.texts
            yield from (option.texts for option in question.options)


def words(texts: Texts, language: str) -> str:
    """The words in a language; else those for every language, else English, else the first; "" when none."""
    for one in (language, "", "en"):
        if texts.get(one):
            return texts[one]
    return next(iter(texts.values()), "")


def named(option: Option, language: str) -> str:
    """An option as people read it: its words, else its id."""
    return words(option.texts, language) or option.id


def asked_as(question: Question, language: str) -> str:
    """A question as people read it: its words, else its id."""
    return words(question.texts, language) or question.id


DIGITS_MAX: Final = 15


def number_of(text: str) -> Fraction | None:
    """A number written as 12, -3 or 4.5; None when it is not one, or has more than DIGITS_MAX digits."""
    whole, point, part = text.strip().removeprefix("-").partition(".")
    plain = all(digits.isascii() and digits.isdecimal() for digits in ((whole, part) if point else (whole,)))
    if not plain or len(whole) + len(part) > DIGITS_MAX:
        return None
    return Fraction(text.strip())
