"""One institution among its peers: its value for every question that has one, and its place."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bankside.measures.study.answers import Answer, same
from bankside.measures.study.counting import numbers
from bankside.measures.study.definition import Question
from bankside.measures.study.proportion import rounded
from bankside.measures.study.responses import Study
from bankside.measures.study.spread import PLACES, quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`rank` of `of`, the largest value first, as in sport; `middle` is the median of the others.

    `value`: how many options were chosen (multi), or the number, or the place on the scale. `others`: theirs.
    """

    question: Question
    value: Fraction
    rank: int
    joint: bool
    of: int
    middle: Decimal | None
    others: tuple[tuple[str, Fraction], ...]


def standing(study: Study, institution: str) -> tuple[Standing, ...]:
    """The places of an institution in the latest wave; none for questions that it was not asked."""
    now = study.wave(study.waves[-1]) if study.waves else study
    found = []
    for question in now.definition.questions:
        values = {
            r.institution: v for r, a in now.in_base(question) if (v := _value(question, a)) is not None
        }
        mine = next((v for name, v in values.items() if same(name) == same(institution)), None)
        if mine is not None:
            found.append(_placed(question, institution, mine, values))
    return tuple(found)


def _value(question: Question, answer: Answer) -> Fraction | None:
    if question.kind == "multi":
        return Fraction(len(answer.chosen))
    if question.kind == "single":
        return None
    return next(iter(numbers(question, [answer])), None)


def _placed(question: Question, institution: str, mine: Fraction, values: dict[str, Fraction]) -> Standing:
    others = tuple((name, v) for name, v in sorted(values.items()) if same(name) != same(institution))
    order = sorted(value for _, value in others)
    return Standing(
        question=question,
        value=mine,
        rank=1 + sum(value > mine for value in order),
        joint=mine in order,
        of=len(values),
        middle=rounded(quantile(order, Fraction(1, 2)), PLACES) if order else None,
        others=others,
    )
