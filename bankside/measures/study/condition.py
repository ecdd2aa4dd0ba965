"""What a base asks of earlier answers: read nodes, which hold, do not hold, or cannot be known.

An empty cell makes what is asked of it unknown, and unknown stays unknown under `not`; a base that is unknown
puts the institution outside, like one that is false. `-` is a known answer: nothing was chosen.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Literal

from bankside.measures.study.answers import Answer, same
from bankside.measures.study.definition import number_of

Answers = Mapping[str, Answer | None]
Sign = Literal["==", "!=", "<", "<=", ">", ">="]
SIGNS: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """Any of these options was chosen."""

    question: str
    options: frozenset[str]

    def holds(self, answers: Answers, sector: str = "") -> bool | None:
        """True, False, or None when it cannot be known."""
        answer = answers.get(self.question)
        return None if answer is None else not self.options.isdisjoint(answer.chosen)


@dataclass(frozen=True, slots=True)
class Compared:
    """A number, a place on a scale, or how many options were chosen, beside a number."""

    question: str
    sign: Sign
    number: Fraction
    values: Mapping[str, Fraction] = field(default_factory=dict)
    counted: bool = False

    def holds(self, answers: Answers, sector: str = "") -> bool | None:
        """True, False, or None when it cannot be known. No number is not equal to any, nor more, nor less."""
        answer = answers.get(self.question)
        if answer is None:
            return None
        number = Fraction(len(answer.chosen)) if self.counted else self._number(answer)
        return self.sign == "!=" if number is None else SIGNS[self.sign](number, self.number)

    def _number(self, answer: Answer) -> Fraction | None:
        if answer.number is not None or not answer.chosen:
            return answer.number
        return self.values.get(answer.chosen[0], number_of(answer.chosen[0]))


@dataclass(frozen=True, slots=True)
class Answered:
    """The cell is not empty. This is always known."""

    question: str

    def holds(self, answers: Answers, sector: str = "") -> bool | None:
        """True or False."""
        return answers.get(self.question) is not None


@dataclass(frozen=True, slots=True)
class OfSector:
    """The institution is of one of these sectors."""

    sectors: frozenset[str]

    def holds(self, answers: Answers, sector: str = "") -> bool | None:
        """True, False, or None when no sector is given."""
        return same(sector) in self.sectors if sector else None


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Condition

    def holds(self, answers: Answers, sector: str = "") -> bool | None:
        """True, False, or None when it cannot be known."""
        inner = self.of.holds(answers, sector)
        return None if inner is None else not inner


@dataclass(frozen=True, slots=True)
class Both:
    """Both hold; false as soon as one is false."""

    left: Condition
    right: Condition

    def holds(self, answers: Answers, sector: str = "") -> bool | None:
        """True, False, or None when it cannot be known."""
        found = {self.left.holds(answers, sector), self.right.holds(answers, sector)}
        return False if False in found else (None if None in found else True)


@dataclass(frozen=True, slots=True)
class Either:
    """One of them holds; true as soon as one is true."""

    left: Condition
    right: Condition

    def holds(self, answers: Answers, sector: str = "") -> bool | None:
        """True, False, or None when it cannot be known."""
        found = {self.left.holds(answers, sector), self.right.holds(answers, sector)}
        return True if True in found else (None if None in found else False)


Condition = Chosen | Compared | Answered | OfSector | Not | Both | Either


def questions_of(condition: Condition) -> frozenset[str]:
    """The questions that it asks about."""
    match condition:
        case Not(of=inner):
            return questions_of(inner)
        case Both(left=left, right=right) | Either(left=left, right=right):
            return questions_of(left) | questions_of(right)
        case OfSector():
            return frozenset()
        case _:
            return frozenset({condition.question})
