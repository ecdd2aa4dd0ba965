"""The figures of one question: how many chose what, of those who were asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bankside.measures.study.answers import Answer
from bankside.measures.study.definition import Option, Question
from bankside.measures.study.proportion import percent, rounded, wilson
from bankside.measures.study.spread import PLACES


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`count` of `base`; percent with its interval to one decimal, None when the base is empty."""

    option: Option | None = None
    count: int
    base: int
    percent: Decimal | None
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How many options institutions chose: one at least, two at least, and on average (two decimals)."""

    at_least_one: Share
    several: Share
    mean: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a ranking as in sport: two that are joint 2nd are followed by a 4th."""

    rank: int
    joint: bool
    option: Option
    count: int


def share(count: int, base: int, population: int | None, option: Option | None = None) -> Share:
    """A share with its interval."""
    low, high = wilson(count, base, population) or (None, None)
    return Share(option=option, count=count, base=base, percent=percent(count, base), low=low, high=high)


def shares(question: Question, answers: Sequence[Answer], population: int | None) -> tuple[Share, ...]:
    """How many chose each option, in the order of the definition."""
    base = len(answers)
    counts = {option.id: 0 for option in question.options}
    for answer in answers:
        for id in answer.chosen:
            counts[id] += 1
    return tuple(share(counts[option.id], base, population, option) for option in question.options)


def use(answers: Sequence[Answer], population: int | None) -> Use:
    """How many options were chosen at once."""
    base = len(answers)
    sizes = [len(answer.chosen) for answer in answers]
    return Use(
        at_least_one=share(sum(size >= 1 for size in sizes), base, population),
        several=share(sum(size >= 2 for size in sizes), base, population),
        mean=rounded(Fraction(sum(sizes), base), PLACES) if base else None,
    )


def ranking(found: Sequence[Share]) -> tuple[Place, ...]:
    """The options by how many chose them, most first; equals share a place, in the definition's order."""
    order = sorted(found, key=lambda one: -one.count)
    return tuple(
        Place(
            rank=1 + sum(other.count > one.count for other in found),
            joint=sum(other.count == one.count for other in found) > 1,
            option=one.option, count=one.count,
        )
        for one in order
        if one.option is not None
    )  # fmt: skip


def numbers(question: Question, answers: Sequence[Answer]) -> list[Fraction]:
    """What was answered to a scale or a number, as numbers; who chose none has none."""
    if question.kind == "number":
        return [answer.number for answer in answers if answer.number is not None]
    return [question.values[answer.chosen[0]] for answer in answers if answer.chosen]
