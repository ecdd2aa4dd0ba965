"""What institutions answer: saved page by page through a link, finished, opened again, put together.

An answer is kept as it would stand in responses.csv. Questions that are not asked because of an earlier
answer keep what was said to them and count for nothing; so nothing is lost by going back and forth.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from bankside.measures.models import Answer, Respondent, Study
from bankside.measures.study import answers as engine
from bankside.measures.study.definition import Definition, Question
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.measures import InstitutionAnswered
from bankside.said import Said

QUESTIONS_A_PAGE_MAX: Final = 3
SAVES_MAX: Final = 5_000
NONE: Final = "-"
Cells = Mapping[str, str]


class StudyOver(ValueError):
    """The study was closed: nothing can be answered any more."""


class Finished(ValueError):
    """The institution has finished; it opens its answers again before it changes them."""


class AnswersMissing(ValueError):
    """There is not one answer: nothing to finish."""


class TooOften(ValueError):
    """So many savings are no person's."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one answer, and what may be written."""

    question: str
    message: str
    hint: str = ""


# --- pages of questions ---------------------------------------------------------------------------------
def pages_of(definition: Definition, sector: str, cells: Cells) -> list[tuple[Question, ...]]:
    """The questions that are asked after these answers, a few on a page.

    A question that hangs on an earlier answer never stands on the page of that answer.
    """
    groups: list[list[Question]] = []
    for question in definition.questions:
        last = groups[-1] if groups else None
        if last and last[0].base_text == question.base_text and len(last) < QUESTIONS_A_PAGE_MAX:
            last.append(question)
        else:
            groups.append([question])
    there = {question.id for question in asked(definition, sector, cells)}
    kept = (tuple(one for one in group if one.id in there) for group in groups)
    return [group for group in kept if group]


def asked(definition: Definition, sector: str, cells: Cells) -> list[Question]:
    """The questions that are asked after these answers, in order."""
    answers = {question.id: _answer(question, cells) for question in definition.questions}
    there: list[Question] = []
    for question in definition.questions:
        if engine.asked(question, answers, sector):
            there.append(question)
        else:
            answers[question.id] = None  # what hangs on a question that is not asked is not asked either
    return there


def cells_of(row: Respondent) -> dict[str, str]:
    """What an institution has said so far, by question."""
    return dict(Answer.objects.filter(respondent=row).values_list("question", "value"))


def read(question: Question, chosen: Sequence[str]) -> tuple[str, Mistake | None]:
    """A cell from what a form sent for one question (ids of options, `-`, or a number), or what is wrong."""
    given = [one.strip() for one in chosen if one.strip()]
    if NONE in given and len(given) > 1:
        words = Said("Choose either some of them or none of them.")
        return "", Mistake(question.id, words)
    try:
        return engine.cell_of(engine.answer_of(question, "|".join(given))), None
    except engine.AnswerWrong as wrong:
        return "", Mistake(question.id, wrong.args[0], getattr(wrong, "hint", ""))


# --- what is done ---------------------------------------------------------------------------------------
def save(row: Respondent, cells: Cells) -> None:
    """Keeps the answers of a page; an empty one is taken away. Raises StudyOver, Finished, TooOften."""
    now = clock.now_ms()
    with transaction.atomic():
        row = _open_row(row)
        if row.finished_at:
            raise Finished(Said("The answers are finished. Open them again to change one."))
        if row.saves >= SAVES_MAX:
            raise TooOften(Said("This form was saved too often. Ask whoever sent the link."))
        kept = [
            Answer(respondent=row, question=name, value=value, saved_at=now)
            for name, value in cells.items()
            if value
        ]
        Answer.objects.filter(respondent=row, question__in=list(cells)).delete()
        Answer.objects.bulk_create(kept)
        row.begun_at, row.saved_at, row.saves = row.begun_at or now, now, row.saves + 1
        row.save(update_fields=["begun_at", "saved_at", "saves"])


def finish(row: Respondent, definition: Definition) -> Respondent:
    """The institution has answered, until it opens its answers again. Twice is once.

    Raises AnswersMissing, StudyOver.
    """
    with transaction.atomic():
        row = _open_row(row)
        if row.finished_at:
            return row
        counted = _counted(row, definition)
        if not counted:
            raise AnswersMissing(Said("Not one question has an answer yet."))
        row.finished_at, row.version = clock.now_ms(), row.version + 1
        row.save(update_fields=["finished_at", "version"])
        _tell_answered(row, counted, actor=f"s:respondent-{row.obj[:8]}")
    return row


def reopen(row: Respondent) -> Respondent:
    """The answers may be changed again; until they are finished anew the institution does not count."""
    with transaction.atomic():
        row = _open_row(row)
        row.finished_at = 0
        row.save(update_fields=["finished_at"])
    return row


def speak(row: Respondent, language: str) -> None:
    """The form, and reminders, speak this language from now on."""
    Respondent.objects.filter(pk=row.pk).update(language=language)


# --- put together ---------------------------------------------------------------------------------------
def records_of(study: Study, *, anonymous: bool = False) -> list[dict[str, str]]:
    """The rows of responses.csv of those who finished, by name or (`anonymous`) by label."""
    rows = list(Respondent.objects.filter(study=study, finished_at__gt=0).order_by("institution", "wave"))
    said: dict[int, dict[str, str]] = {row.pk: {} for row in rows}
    found = Answer.objects.filter(respondent__study=study, respondent__finished_at__gt=0)
    for who, question, value in found.values_list("respondent", "question", "value"):
        said[who][question] = value
    records = [_record(row, said[row.pk], anonymous=anonymous) for row in rows]
    return sorted(records, key=lambda one: (one["institution"], one["wave"])) if anonymous else records


def digest_of_all(study: Study) -> str:
    """Names all answers of a study: the SHA-256 of its rows as JSON."""
    return _digest(records_of(study))


def _record(row: Respondent, cells: Cells, *, anonymous: bool) -> dict[str, str]:
    name = row.label if anonymous else row.institution
    return {"institution": name, "sector": row.sector, "wave": row.wave, **cells}


def _answer(question: Question, cells: Cells) -> engine.Answer | None:
    try:
        return engine.answer_of(question, cells.get(question.id, ""))
    except engine.AnswerWrong:
        return None  # kept under an earlier text of a draft


def _counted(row: Respondent, definition: Definition) -> dict[str, str]:
    """Only what was asked."""
    cells = cells_of(row)
    there = asked(definition, row.sector, cells)
    return {question.id: cells[question.id] for question in there if cells.get(question.id)}


def _tell_answered(row: Respondent, cells: Cells, *, actor: str) -> None:
    fact = InstitutionAnswered(
        study=row.study.obj, respondent=row.obj, version=row.version, answers=len(cells),
        sha256=_digest(cells),
    )  # fmt: skip
    append(fact, f"measures.institution-answered:{row.obj}:{row.version}", actor=actor, obj=row.study.obj)


def _digest(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _open_row(row: Respondent) -> Respondent:
    """The row held, while its study takes answers."""
    held = Respondent.objects.select_for_update(of=("self",)).select_related("study").get(pk=row.pk)
    if held.study.state != Study.OPEN:
        raise StudyOver(Said("The study is closed. Nothing can be answered any more."))
    return held
