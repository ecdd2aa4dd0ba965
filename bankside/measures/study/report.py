"""The report of a study: the figures of every question, computed once for pages, files and the command."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.measures.study.answers import Answer
from bankside.measures.study.change import Change, change
from bankside.measures.study.counting import Place, Share, Use, numbers, ranking, shares, use
from bankside.measures.study.crosstab import CrossTable, by_sector, sectors_of
from bankside.measures.study.definition import Definition, NoSuchQuestion, Question
from bankside.measures.study.responses import Response, Study
from bankside.measures.study.spans import Span, spans_of
from bankside.measures.study.spread import Spread, spread_of
from bankside.measures.study.trouble import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One question. `base`: who was asked; `none`: of these, who chose none; `outside`: all the others.

    `spans`: of a question for a number, how many institutions say what, in spans of one width.
    """

    question: Question
    base: int
    none: int
    outside: int
    options: tuple[Share, ...]
    use: Use | None = None
    spread: Spread | None = None
    spans: tuple[Span, ...] = ()
    ranking: tuple[Place, ...] = ()
    by_sector: CrossTable | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole study, of one wave. `before`: what it is compared with, a wave or a year; "" for nothing."""

    definition: Definition
    wave: str
    institutions: int
    sectors: tuple[str, ...]
    questions: tuple[Figures, ...]
    warnings: tuple[Trouble, ...] = ()
    before: str = ""
    compared: bool = False


def report(study: Study, against: Study | None = None) -> Report:
    """Counts the latest wave, and compares it with the latest of `against`, or with the wave before."""
    waves = study.waves
    now = study.wave(waves[-1]) if waves else study
    then = _latest(against) if against else study.wave(waves[-2]) if len(waves) > 1 else None
    tables: dict[str, CrossTable | None] = {}
    found = []
    for question in now.definition.questions:
        asked = now.in_base(question)
        tables[question.id] = by_sector(now, question, asked, tables)
        found.append(_figures(now, question, asked, tables[question.id], _changed(then, question, asked)))
    return Report(
        definition=now.definition,
        wave=waves[-1] if waves else "",
        institutions=len(now.responses),
        sectors=sectors_of(now),
        questions=tuple(found),
        warnings=study.warnings,
        before=_name(then) if then else "",
        compared=then is not None,
    )


def _latest(study: Study) -> Study:
    return study.wave(study.waves[-1]) if study.waves else study


def _name(study: Study) -> str:
    return (study.waves[-1] if study.waves else "") or study.definition.year


def _figures(
    study: Study, question: Question, asked: tuple[tuple[Response, Answer], ...], table: CrossTable | None,
    changed: Change | None,
) -> Figures:  # fmt: skip
    answers = [answer for _, answer in asked]
    population = study.definition.population
    options = shares(question, answers, population)
    ordered = question.kind in ("scale", "number")
    return Figures(
        question=question,
        base=len(answers),
        none=sum(not answer.chosen and answer.number is None for answer in answers),
        outside=len(study.responses) - len(answers),
        options=options,
        use=use(answers, population) if question.kind == "multi" else None,
        spread=spread_of(numbers(question, answers)) if ordered else None,
        spans=spans_of(numbers(question, answers)) if question.kind == "number" else (),
        ranking=() if ordered else ranking(options),
        by_sector=table,
        change=changed,
    )


def _changed(
    then: Study | None, question: Question, now: tuple[tuple[Response, Answer], ...]
) -> Change | None:
    if then is None:
        return None
    try:
        before = then.definition.question(question.id)
    except NoSuchQuestion:
        return None
    return change(before, then.in_base(before), question, now)
