"""One answer: what a cell says, and how it is written again."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bankside.measures.study.definition import Question, number_of
from bankside.measures.study.trouble import NOTHING, near
from bankside.said import Said

CELL_CHARACTERS_MAX: Final = 10_000
BETWEEN: Final = "|"
NONE_CHOSEN: Final = "-"
# What word processors make of a lone hyphen.
_DASHES: Final = frozenset("-‐‑‒–—−－")


class AnswerWrong(ValueError):
    """A cell does not answer its question; `hint` says what would."""

    def __init__(self, message: Said, hint: Said = NOTHING) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Chosen options in the order of the definition, or a number; neither: asked, and none chosen."""

    chosen: tuple[str, ...] = ()
    number: Fraction | None = None


def answer_of(question: Question, cell: str) -> Answer | None:
    """Reads a cell: None when it is empty (not asked, or not answered); AnswerWrong when it is no answer."""
    text = unicodedata.normalize("NFC", cell[: CELL_CHARACTERS_MAX + 1]).strip()
    if len(text) > CELL_CHARACTERS_MAX:
        raise AnswerWrong(Said("A cell has at most %(most)s characters.", most=CELL_CHARACTERS_MAX))
    if not text:
        return None
    if text in _DASHES:
        return Answer()
    if question.kind == "number":
        return Answer(number=_number(question, text))
    if question.kind == "scale" and not question.options:
        return Answer(chosen=(cell_of(Answer(number=_number(question, text))),))
    return _chosen(question, text)


def cell_of(answer: Answer | None) -> str:
    """What stands in the cell of an answer."""
    if answer is None:
        return ""
    if answer.number is not None:
        return f"{Decimal(answer.number.numerator) / Decimal(answer.number.denominator):f}"
    return BETWEEN.join(answer.chosen) or NONE_CHOSEN


def asked(question: Question, answers: Mapping[str, Answer | None], sector: str = "") -> bool:
    """True when the question's base holds for these answers, those that count; unknown counts as no."""
    return question.base is None or question.base.holds(answers, sector) is True


def counted(
    questions: Sequence[Question], answers: Mapping[str, Answer | None], sector: str = ""
) -> dict[str, Answer | None]:
    """The answers that count: one to a question that was not to be asked is none, for later bases too."""
    found: dict[str, Answer | None] = {}
    for question in questions:
        found[question.id] = answers.get(question.id) if asked(question, found, sector) else None
    return found


def same(text: str) -> str:
    """A name or word as it is compared: width, case and spaces make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _number(question: Question, text: str) -> Fraction:
    number = number_of(text)
    if number is None:
        message = Said("“%(text)s” is not a number.", text=text[:60])
        raise AnswerWrong(message, Said("Write it like 1200 or 4.5, without signs for thousands."))
    if question.low is not None and number < question.low:
        raise AnswerWrong(Said("%(text)s is less than %(low)s.", text=text, low=str(question.low)))
    if question.high is not None and number > question.high:
        raise AnswerWrong(Said("%(text)s is more than %(high)s.", text=text, high=str(question.high)))
    return number


def _chosen(question: Question, text: str) -> Answer:
    parts = [part for one in text.split(BETWEEN) if (part := one.strip())]
    whole = _option(question, text)  # an option's words may hold the sign that parts answers
    found = {whole} if whole else {_needed(question, part, len(parts)) for part in parts}
    if question.kind != "multi" and len(found) > 1:
        message = Said("This question takes one answer, here are %(count)s.", count=len(found))
        raise AnswerWrong(message, Said("Only questions of the kind multi take several."))
    return Answer(chosen=tuple(option.id for option in question.options if option.id in found))


def _needed(question: Question, part: str, of: int) -> str:
    if part in _DASHES and of > 1:
        message = Said("“-” says that none was chosen, and others stand beside it.")
        raise AnswerWrong(message, Said("Keep one or the other."))
    if found := _option(question, part):
        return found
    known = [word for option in question.options for word in (option.id, *option.texts.values())]
    nearest = near(part, known)
    if not nearest.values.get("word"):
        nearest = near("", [option.id for option in question.options])
    raise AnswerWrong(Said("“%(text)s” is not an option.", text=part[:60]), nearest)


def _option(question: Question, text: str) -> str:
    """The option meant by its id, else by its words in any language; "" when there is not just one."""
    for option in question.options:
        if option.id == text:
            return option.id
    meant = same(text)
    by_id = {option.id for option in question.options if same(option.id) == meant}
    by_words = {o.id for o in question.options if meant in {same(word) for word in o.texts.values()}}
    for found in (by_id, by_words):
        if len(found) == 1:
            return found.pop()
    return ""
