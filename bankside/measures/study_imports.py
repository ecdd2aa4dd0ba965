"""Answers that come in by a file: looked at first, then taken all or not at all.

A file is `responses.csv` or the same as XLSX: a row per institution, a column per question. What is wrong is
named by row and column, all of it, before anything is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from bankside.measures import invitations
from bankside.measures.models import Answer, Respondent, Study
from bankside.measures.sheets import plain
from bankside.measures.studies import definition_of
from bankside.measures.study import responses
from bankside.measures.study.answers import cell_of
from bankside.measures.study.responses import Response
from bankside.measures.study.sheet import table_of
from bankside.measures.study.trouble import ResponsesWrong, Trouble
from bankside.measures.study_rows import get_managed, locked
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.measures import ResponsesImported
from bankside.said import Said, numbered

FILE_BYTES_MAX: Final = 5_000_000
TROUBLES_SHOWN_MAX: Final = 100
Table = Sequence[Sequence[str]]


class FileWrong(ValueError):
    """The file has mistakes, and nothing of it was kept; `troubles` name row and column of each."""

    def __init__(self, troubles: tuple[Trouble, ...]) -> None:
        self.troubles = troubles[:TROUBLES_SHOWN_MAX]
        said = numbered(
            len(troubles), "The file has %(count)s mistake. Nothing of it was kept.",
            "The file has %(count)s mistakes. Nothing of it was kept.", count=len(troubles),
        )  # fmt: skip
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would bring: its rows; institutions new to the study; those that answered already."""

    table: Table
    responses: tuple[Response, ...]
    warnings: tuple[Trouble, ...]
    new: int
    replaced: int


def look(staff: Staff, obj: str, body: bytes, name: str) -> Preview:
    """What a file would bring; nothing is kept. Raises FileWrong, NoSuchStudy, NotYours."""
    study = get_managed(staff, obj)
    if len(body) > FILE_BYTES_MAX:
        words = Said("The file is larger than %(mb)s MB.", mb=str(FILE_BYTES_MAX // 1_000_000))
        raise FileWrong((Trouble(file=name, message=words),))
    try:
        table = [[plain(cell) for cell in row] for row in table_of(body, name)]
    except ResponsesWrong as wrong:
        raise FileWrong(wrong.troubles) from None
    return look_at(study, table, name)


def look_at(study: Study, table: Table, name: str) -> Preview:
    """The same for rows that were read already."""
    try:
        built = responses.build(definition_of(study), table, name)
    except ResponsesWrong as wrong:
        raise FileWrong(wrong.troubles) from None
    known = _known(study)
    there = [known.get((one.institution, one.wave)) for one in built.responses]
    return Preview(
        table=table, responses=built.responses, warnings=built.warnings,
        new=sum(1 for row in there if row is None),
        replaced=sum(1 for row in there if row is not None and row.finished_at),
    )  # fmt: skip


def take(staff: Staff, obj: str, body: bytes, name: str, *, replace: bool = False) -> int:
    """Keeps a whole file; how many institutions. With `replace`, also of those that answered already.

    Raises FileWrong (nothing was kept), NotNow (not open).
    """
    return keep(staff, obj, look(staff, obj, body, name), name, replace=replace)


def keep(staff: Staff, obj: str, looked: Preview, name: str, *, replace: bool) -> int:
    """Keeps what was looked at."""
    with transaction.atomic():
        study = locked(obj, Study.OPEN)
        known = _known(study)
        _refuse_answered(looked, known, name, replace=replace)
        fresh = [one for one in looked.responses if (one.institution, one.wave) not in known]
        _make(study, fresh, known)
        _fill(looked.responses, known)
        digest = _digest(looked.table)
        fact = ResponsesImported(study=obj, rows=len(looked.responses), sha256=digest)
        key = f"measures.responses-imported:{obj}:{digest}:{clock.now_ms()}"
        append(fact, key, actor=staff.actor, obj=obj)
    return len(looked.responses)


# --- inside ---------------------------------------------------------------------------------------------
Known = dict[tuple[str, str], Respondent]


def _known(study: Study) -> Known:
    return {(row.institution, row.wave): row for row in Respondent.objects.filter(study=study)}


def _refuse_answered(looked: Preview, known: Known, name: str, *, replace: bool) -> None:
    if len(known) + looked.new > invitations.INSTITUTIONS_MAX:
        words = Said("A study has at most %(number)s institutions.", number=invitations.INSTITUTIONS_MAX)
        raise FileWrong((Trouble(file=name, message=words),))
    if replace:
        return
    answered = [
        Trouble(
            file=name, row=one.row, column=1, name="institution",
            message=Said("%(name)s has answered already.", name=one.institution),
            hint=Said("Leave the row out, or say that its answers are replaced."),
        )
        for one in looked.responses
        if (row := known.get((one.institution, one.wave))) is not None and row.finished_at
    ]  # fmt: skip
    if answered:
        raise FileWrong(tuple(answered))


def _make(study: Study, fresh: Sequence[Response], known: Known) -> None:
    """Rows for institutions that are new; one that is in several waves has one label in all of them."""
    labels = {row.institution: row.label for row in known.values()}
    unnamed = sorted({one.institution for one in fresh} - labels.keys())
    labels |= dict(zip(unnamed, invitations.new_labels(study, len(unnamed)), strict=True))
    made = [
        Respondent(
            study=study, institution=one.institution, sector=one.sector, wave=one.wave,
            label=labels[one.institution],
        )
        for one in fresh
    ]  # fmt: skip
    Respondent.objects.bulk_create(made)
    rows = Respondent.objects.filter(study=study, obj__in=[row.obj for row in made])
    known |= {(row.institution, row.wave): row for row in rows}


def _fill(given: Sequence[Response], known: Known) -> None:
    now, rows, cells = clock.now_ms(), [], []
    for one in given:
        row = known[one.institution, one.wave]
        row.sector = one.sector or row.sector
        row.begun_at, row.saved_at, row.finished_at = row.begun_at or now, now, now
        row.version += 1
        rows.append(row)
        for question, answer in one.answers.items():
            if value := cell_of(answer):
                cells.append(Answer(respondent=row, question=question, value=value, saved_at=now))
    Answer.objects.filter(respondent__in=[row.pk for row in rows]).delete()
    Answer.objects.bulk_create(cells)
    names = ["sector", "begun_at", "saved_at", "finished_at", "version"]
    Respondent.objects.bulk_update(rows, names, batch_size=500)


def _digest(table: Table) -> str:
    digest = hashlib.sha256()
    for row in table:
        digest.update(("\x1f".join(row) + "\n").encode())
    return digest.hexdigest()
