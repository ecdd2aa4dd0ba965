"""Studies in the desk: written, opened, closed and set up. What they say is counted by `measures/study`.

A study is one text, `study.toml`. Opening freezes it, because what institutions answer is an answer to those
words; closing freezes the answers. Reports are in `study_reports.py`, institutions in `invitations.py`.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.db import transaction

from bankside.measures import study_answers, study_rows
from bankside.measures.models import Respondent, Study
from bankside.measures.study.definition import Definition, words
from bankside.measures.study.read_definition import define_text
from bankside.measures.study.trouble import DefinitionWrong, Trouble
from bankside.measures.study_rows import NoSuchStudy, NotNow, get_managed, get_visible, locked, visible_to
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.measures import StudyClosed, StudyOpened
from bankside.record.identifiers import kept
from bankside.said import Said, numbered

TEXT_CHARACTERS_MAX: Final = 200_000
TITLE_CHARACTERS_MAX: Final = 200
SAMPLE: Final = Path(__file__).with_name("sample_study.toml")

__all__ = [
    "NoSuchStudy", "NotNow", "StudyWrong", "check", "close", "create", "definition_of", "get_managed",
    "get_visible", "open_study", "read", "rewrite", "sample", "set_up", "visible_to",
]  # fmt: skip


class StudyWrong(ValueError):
    """The text is no study; `troubles` say where and why."""

    def __init__(self, troubles: tuple[Trouble, ...]) -> None:
        self.troubles = troubles
        count = len(troubles)
        super().__init__(
            numbered(
                count, "The study has %(count)s mistake.", "The study has %(count)s mistakes.", count=count
            )
        )


class NobodyAsked(ValueError):
    """A study without institutions, or without answers, has nothing to open or close for."""


class NotComparable(ValueError):
    """The study that is to be laid beside is the same one, or asks none of its questions."""


# --- writing --------------------------------------------------------------------------------------------
def check(text: str) -> tuple[Trouble, ...]:
    """What is wrong with a text; () when it is a study."""
    try:
        _defined(text)
    except StudyWrong as wrong:
        return wrong.troubles
    return ()


def create(staff: Staff, text: str, *, source: str = Study.QUESTIONNAIRE) -> Study:
    """A new study as a draft. Raises StudyWrong, NotYours."""
    policy.require(staff, "studies.manage")
    definition = _defined(text := kept(text))
    with transaction.atomic():
        return Study.objects.create(
            title=_title(definition), text=text, sha256=digest(text), source=source, author=staff,
            made_at=clock.now_ms(),
        )  # fmt: skip


def rewrite(staff: Staff, obj: str, text: str) -> Study:
    """Another text for a draft. Raises StudyWrong, NotNow."""
    policy.require(staff, "studies.manage")
    definition = _defined(text := kept(text))
    with transaction.atomic():
        study = locked(obj, Study.DRAFT)
        study.text, study.sha256, study.title = text, digest(text), _title(definition)
        study.save(update_fields=["text", "sha256", "title"])
    return study


def set_up(staff: Staff, obj: str, *, us: str, anonymous: bool, earlier: str = "") -> Study:
    """Which institution is ours, whether names are published, and which study came before.

    Raises NotComparable, NoSuchStudy, NotNow (published).
    """
    policy.require(staff, "studies.manage")
    with transaction.atomic():
        study = locked(obj, Study.DRAFT, Study.OPEN, Study.CLOSED)
        before = get_managed(staff, earlier) if earlier else None
        if before is not None:
            _refuse_strange(study, before)
        study.us, study.anonymous, study.earlier = us.strip()[:TITLE_CHARACTERS_MAX], anonymous, before
        study.save(update_fields=["us", "anonymous", "earlier"])
    return study


def open_study(staff: Staff, obj: str) -> Study:
    """Institutions may answer from now on, and the text stays as it is. Twice is once."""
    policy.require(staff, "studies.manage")
    with transaction.atomic():
        study = locked(obj)
        if study.state == Study.OPEN:
            return study
        study = locked(obj, Study.DRAFT)
        study.state, study.opened_at = Study.OPEN, clock.now_ms()
        study.save(update_fields=["state", "opened_at"])
        fact = StudyOpened(
            study=study.obj, title=study.title, sha256=study.sha256,
            questions=len(definition_of(study).questions),
        )  # fmt: skip
        append(fact, f"measures.study-opened:{study.obj}", actor=staff.actor, obj=study.obj)
    return study


def close(staff: Staff, obj: str) -> Study:
    """Nobody answers any more; what was begun and not finished is left out. Twice is once.

    Raises NobodyAsked when no institution has finished.
    """
    policy.require(staff, "studies.manage")
    with transaction.atomic():
        study = locked(obj)
        if study.state == Study.CLOSED:
            return study
        study = locked(obj, Study.OPEN)
        finished = Respondent.objects.filter(study=study, finished_at__gt=0).count()
        if not finished:
            raise NobodyAsked(Said("No institution has finished. A study without answers cannot be closed."))
        study.state, study.closed_at = Study.CLOSED, clock.now_ms()
        study.save(update_fields=["state", "closed_at"])
        fact = StudyClosed(study=obj, institutions=finished, sha256=study_answers.digest_of_all(study))
        append(fact, f"measures.study-closed:{obj}", actor=staff.actor, obj=obj)
    return study


# --- reading --------------------------------------------------------------------------------------------
def definition_of(study: Study) -> Definition:
    """The questions of a study."""
    return read(study.text)


def sample() -> str:
    """The text that a first study may begin from."""
    return SAMPLE.read_text(encoding="utf-8")


def digest(text: str) -> str:
    """Names a text: the SHA-256 of it."""
    return hashlib.sha256(text.encode()).hexdigest()


def comparable(staff: Staff, study: Study) -> list[Study]:
    """Other studies that ask some of the same questions, newest first."""
    wanted = {question.id for question in definition_of(study).questions}
    others = [row for row in study_rows.visible_to(staff) if row.pk != study.pk]
    return [row for row in others if wanted & {one.id for one in definition_of(row).questions}]


@lru_cache(maxsize=64)
def read(text: str) -> Definition:
    """The questions of a text that has no mistakes."""
    return define_text(text)


def _defined(text: str) -> Definition:
    if len(text) > TEXT_CHARACTERS_MAX:
        words_ = Said("The text is longer than %(number)s characters.", number=TEXT_CHARACTERS_MAX)
        raise StudyWrong((Trouble(file="study.toml", message=words_),))
    try:
        return read(text)
    except DefinitionWrong as wrong:
        raise StudyWrong(wrong.troubles) from None


def _title(definition: Definition) -> str:
    title = words(definition.title, "en")[: TITLE_CHARACTERS_MAX - 70]
    return f"{title}, {definition.year}" if definition.year else title


def _refuse_strange(study: Study, before: Study) -> None:
    mine = {question.id for question in definition_of(study).questions}
    if study.pk == before.pk or not mine & {one.id for one in definition_of(before).questions}:
        raise NotComparable(Said("That study asks none of the same questions."))
