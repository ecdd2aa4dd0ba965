"""A questionnaire as an institution sees it: its pages, its answers in her language, what is still open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from django.http import QueryDict

from bankside.measures import study_answers
from bankside.measures.models import Respondent
from bankside.measures.studies import definition_of
from bankside.measures.study.definition import Question, asked_as, named, words
from bankside.measures.study_answers import NONE, Mistake
from bankside.web.moments import number
from bankside.web.pages import html_lang
from bankside.web.spoken import spoken

NUMBER_CHARACTERS_MAX = 40
FIELD = "q."
COMMA: Final = re.compile(r"^(-?\d+),(\d|\d\d)$")
POINT: Final = re.compile(r"-?\d+\.(\d|\d\d)")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option with its words."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands on a page: what was said, also when it was wrong, and what is wrong."""

    id: str
    place: int
    kind: str
    text: str
    choices: tuple[Choice, ...]
    typed: str
    none: bool
    wrong: str
    hint: str
    bounds: tuple[str, str]

    @property
    def answered(self) -> bool:
        """Whether it has an answer."""
        return self.none or bool(self.typed) or any(choice.chosen for choice in self.choices)


class Form:
    """What one institution is asked after the answers that it has given so far."""

    def __init__(self, row: Respondent) -> None:
        self.row, self.language = row, html_lang()
        self.definition = definition_of(row.study)
        self.cells: dict[str, str] = study_answers.cells_of(row)
        self.pages = study_answers.pages_of(self.definition, row.sector, self.cells)
        self._places = {
            one.id: place for place, one in enumerate((one for page in self.pages for one in page), 1)
        }

    @property
    def title(self) -> str:
        """The study's title."""
        return words(self.definition.title, self.language)

    @property
    def questions(self) -> int:
        """How many are asked."""
        return len(self._places)

    @property
    def questions_most(self) -> int:
        """How many are asked at most, whatever is answered."""
        return len(self.definition.questions)

    @property
    def answered(self) -> int:
        """How many of them have an answer."""
        return sum(1 for name in self._places if self.cells.get(name))

    @property
    def missing(self) -> list[Asked]:
        """Those that have none."""
        return [one for page in range(1, len(self.pages) + 1) for one in self.page(page) if not one.answered]

    @property
    def first_open(self) -> int:
        """The first page with a question that has no answer, from 1; one past the last when there is none."""
        for place, page in enumerate(self.pages, 1):
            if not all(self.cells.get(question.id) for question in page):
                return place
        return len(self.pages) + 1

    def page(self, number: int) -> list[Asked]:
        """The questions of a page, from 1, as they were answered."""
        return [
            self._asked(question, self.cells.get(question.id, "").split("|")) for question in self.of(number)
        ]

    def of(self, number: int) -> tuple[Question, ...]:
        """The questions of a page, from 1; () when there is no such page."""
        return self.pages[number - 1] if 0 < number <= len(self.pages) else ()

    def page_of(self, question: str) -> int:
        """On which page a question stands."""
        for place, page in enumerate(self.pages, 1):
            if any(one.id == question for one in page):
                return place
        return 1

    def sent(self, number: int, given: QueryDict) -> tuple[dict[str, str], list[Asked]]:
        """The cells of a page's form; and, when something is wrong, the page with all as it was sent."""
        cells: dict[str, str] = {}
        mistakes: dict[str, Mistake] = {}
        for question in self.of(number):
            cell, mistake = study_answers.read(question, _sent(question, given.getlist(FIELD + question.id)))
            cells[question.id] = cell
            if mistake is not None:
                mistakes[question.id] = mistake
        if not mistakes:
            return cells, []
        return {}, [
            self._asked(one, given.getlist(FIELD + one.id), mistakes.get(one.id)) for one in self.of(number)
        ]

    def in_words(self, asked: Asked) -> str:
        """An answer as one line."""
        chosen = ", ".join(choice.words for choice in asked.choices if choice.chosen)
        return chosen or asked.typed

    def _typed(self, said: str) -> str:
        """A number as it was typed, with the reader's decimal sign."""
        typed = said[:NUMBER_CHARACTERS_MAX]
        return typed.replace(".", ",") if self.language == "nl" and POINT.fullmatch(typed) else typed

    def _asked(self, question: Question, said: list[str], mistake: Mistake | None = None) -> Asked:
        chosen = {one.strip() for one in said if one.strip()}
        typed = question.kind == "number" or not question.options
        return Asked(
            id=question.id, place=self._places[question.id], kind="number" if typed else question.kind,
            text=asked_as(question, self.language),
            choices=tuple(
                Choice(option.id, named(option, self.language), option.id in chosen)
                for option in question.options
            ),
            typed=self._typed(next(iter(said), "")) if typed else "",
            none=NONE in chosen, wrong=spoken(mistake.message) if mistake else "",
            hint=spoken(mistake.hint) if mistake else "", bounds=_bounds(question),
        )  # fmt: skip


def _sent(question: Question, said: list[str]) -> list[str]:
    """What was sent; of a number the decimal comma becomes a point. Three digits after it may be thousands,
    and are left for the answer to be refused."""
    return [COMMA.sub(r"\1.\2", one.strip()) for one in said] if question.kind == "number" else said


def _bounds(question: Question) -> tuple[str, str]:
    """The least and the greatest number as the reader writes them; "" for none."""
    low, high = question.low, question.high
    return ("" if low is None else _number(low), "" if high is None else _number(high))


def _number(value: Fraction) -> str:
    return number(int(value) if value.denominator == 1 else float(value))
