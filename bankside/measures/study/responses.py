"""The answers of a study: one row per institution and wave, every cell read or refused with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bankside.measures.study.answers import Answer, AnswerWrong, answer_of, asked, counted, same
from bankside.measures.study.definition import Definition, Option, Question, number_of
from bankside.measures.study.trouble import NOTHING, TROUBLES_MAX, ResponsesWrong, Trouble, near
from bankside.said import Said

FILE: Final = "responses.csv"
INSTITUTION, SECTOR, WAVE = "institution", "sector", "wave"
NAME_CHARACTERS_MAX: Final = 200
_FORMULAS: Final = tuple("=+-@\t\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What one institution answered in one wave, as far as it counts. `row`: where it stands, from 1."""

    institution: str
    sector: str = ""
    wave: str = ""
    row: int = 0
    answers: Mapping[str, Answer | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A definition and the answers to it. `warnings`: what was read nevertheless."""

    definition: Definition
    responses: tuple[Response, ...] = ()
    warnings: tuple[Trouble, ...] = ()

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves that have answers, oldest first: as the definition orders them, else by name."""
        there = {response.wave for response in self.responses}
        order = {wave: place for place, wave in enumerate(self.definition.waves)}
        return tuple(sorted(there, key=lambda wave: (order.get(wave, len(order)), *_natural(wave))))

    def wave(self, name: str) -> Study:
        """The answers of one wave alone."""
        return replace(self, responses=tuple(one for one in self.responses if one.wave == name))

    def in_base(self, question: Question) -> tuple[tuple[Response, Answer], ...]:
        """Who was asked this question, with what they said: the question's base."""
        return tuple(
            (response, answer)
            for response in self.responses
            if (answer := response.answers.get(question.id)) is not None
            and asked(question, response.answers, response.sector)
        )


def build(definition: Definition, table: Sequence[Sequence[str]], file: str = FILE) -> Study:
    """Makes a study of a table whose first row that is not blank has the headings.

    ResponsesWrong with every cell that is wrong, up to TROUBLES_MAX.
    """
    reader = _Reader(definition, file)
    responses = tuple(reader.rows(table))
    if not reader.troubles:
        reader.population(responses)
    if reader.troubles:
        raise ResponsesWrong(reader.troubles[:TROUBLES_MAX])
    whole = replace(definition, questions=tuple(_observed(q, responses) for q in definition.questions))
    return Study(definition=whole, responses=responses, warnings=tuple(reader.warnings[:TROUBLES_MAX]))


def from_records(definition: Definition, records: Sequence[Mapping[str, str]], file: str = FILE) -> Study:
    """The same of rows by name: institution, sector, wave and the questions; what is left out is empty."""
    waves = (WAVE,) if any(record.get(WAVE) for record in records) else ()
    names = (INSTITUTION, SECTOR, *waves, *(question.id for question in definition.questions))
    unknown = {name for record in records for name in record} - {*names, WAVE}
    return build(
        definition, [[*names, *unknown], *([r.get(n, "") for n in (*names, *unknown)] for r in records)], file
    )


class _Reader:
    """Collects troubles on the way, so that a person can mend all of them at once."""

    def __init__(self, definition: Definition, file: str) -> None:
        self.definition, self.file = definition, file
        self.troubles: list[Trouble] = []
        self.warnings: list[Trouble] = []
        self.seen: dict[tuple[str, str], int] = {}

    def wrong(self, message: Said, hint: Said = NOTHING, at: tuple[int, int, str] = (0, 0, "")) -> None:
        """`at`: row, column and the name of the column."""
        row, column, name = at
        self.troubles.append(
            Trouble(file=self.file, message=message, hint=hint, row=row, column=column, name=name)
        )

    def rows(self, table: Sequence[Sequence[str]]) -> Iterator[Response]:
        columns: dict[str, int] | None = None
        for row, cells in enumerate(table, 1):
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = self.headings(cells, row)
                if self.troubles:
                    return
            elif (response := self.response(cells, row, columns)) is not None:
                yield response
        if columns is None:
            self.wrong(Said("The file is empty."), Said("Its first row has the headings."))

    def headings(self, cells: Sequence[str], row: int) -> dict[str, int]:
        """Where each column stands, from 0."""
        known = {same(name): name for name in (INSTITUTION, SECTOR, WAVE)}
        known |= {same(question.id): question.id for question in self.definition.questions}
        exact = {question.id for question in self.definition.questions}
        columns: dict[str, int] = {}
        for place, cell in enumerate(cells):
            heading = cell.strip().removeprefix("﻿")
            name = heading if heading in exact else known.get(same(heading), "")
            where = (row, place + 1, heading[:60])
            if name in columns:
                self.wrong(Said("The column %(name)s stands there twice.", name=name), at=where)
            elif name:
                columns[name] = place
            elif heading:
                self.wrong(Said("There is no question of this name."), near(heading, known.values()), where)
        for name in (INSTITUTION, *(question.id for question in self.definition.questions)):
            if name not in columns:
                self.wrong(Said("The column %(name)s is missing.", name=name), at=(row, 0, ""))
        return columns

    def response(self, cells: Sequence[str], row: int, columns: Mapping[str, int]) -> Response | None:
        for place, cell in enumerate(cells):
            if cell.strip() and place not in columns.values():
                self.wrong(Said("This cell has no heading."), at=(row, place + 1, ""))
        label = {name: self.label(cells, row, columns, name) for name in (INSTITUTION, SECTOR, WAVE)}
        if not self.is_new(label, row, columns):
            return None
        answers = {
            question.id: self.answer(question, _cell(cells, columns[question.id]), row, columns[question.id])
            for question in self.definition.questions
        }
        kept = counted(self.definition.questions, answers, label[SECTOR])
        self.warn(answers, kept, row, columns)
        return Response(
            institution=label[INSTITUTION], sector=label[SECTOR], wave=label[WAVE], row=row, answers=kept
        )

    def label(self, cells: Sequence[str], row: int, columns: Mapping[str, int], name: str) -> str:
        if name not in columns:
            return ""
        text = " ".join(_cell(cells, columns[name]).split())
        if len(text) > NAME_CHARACTERS_MAX:
            message = Said("A name has at most %(most)s characters.", most=NAME_CHARACTERS_MAX)
            self.wrong(message, at=(row, columns[name] + 1, name))
        return text

    def is_new(self, label: Mapping[str, str], row: int, columns: Mapping[str, int]) -> bool:
        where = (row, columns[INSTITUTION] + 1, INSTITUTION)
        if not label[INSTITUTION]:
            self.wrong(Said("The institution has no name."), Said("Name it, or empty the row."), where)
            return False
        if WAVE in columns and not label[WAVE]:
            self.wrong(Said("The wave is missing."), at=(row, columns[WAVE] + 1, WAVE))
        key = (same(label[INSTITUTION]), label[WAVE])
        if (first := self.seen.setdefault(key, row)) != row:
            message = Said(
                "“%(name)s” answered already in row %(first)s.", name=label[INSTITUTION], first=str(first)
            )
            self.wrong(message, Said("Keep one of the two rows."), where)
            return False
        return True

    def answer(self, question: Question, cell: str, row: int, place: int) -> Answer | None:
        try:
            return answer_of(question, cell)
        except AnswerWrong as error:
            self.wrong(error.message, error.hint, (row, place + 1, question.id))
            return None

    def warn(
        self,
        answers: Mapping[str, Answer | None],
        kept: Mapping[str, Answer | None],
        row: int,
        columns: Mapping[str, int],
    ) -> None:
        """Answers of institutions that were not to be asked: they stay outside, and somebody should know."""
        for question in self.definition.questions:
            if answers[question.id] is not None and kept[question.id] is None:
                message = Said(
                    "This is not counted: the base %(base)s does not hold here.", base=question.base_text
                )
                place = columns[question.id] + 1
                self.warnings.append(
                    Trouble(file=self.file, row=row, column=place, name=question.id, message=message)
                )

    def population(self, responses: Sequence[Response]) -> None:
        most = self.definition.population
        for wave in sorted({response.wave for response in responses}):
            count = sum(response.wave == wave for response in responses)
            if most is not None and count > most:
                message = Said(
                    "%(count)s institutions answered of a population of %(most)s.", count=count, most=most
                )
                self.wrong(message, Said("Correct population in study.toml."))


def _cell(cells: Sequence[str], place: int) -> str:
    """A cell; "" where the row is short. The apostrophe that keeps a spreadsheet from computing goes."""
    cell = cells[place].strip() if place < len(cells) else ""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULAS) else cell


def _observed(question: Question, responses: Sequence[Response]) -> Question:
    """A scale without options has those that were answered."""
    if question.kind != "scale" or question.options:
        return question
    answers = [response.answers.get(question.id) for response in responses]
    found = {id for answer in answers if answer for id in answer.chosen}
    order = sorted(found, key=lambda id: number_of(id) or 0)
    return replace(question, options=tuple(Option(id=id, written=id) for id in order))


def _natural(wave: str) -> tuple[bool, float, str]:
    number = number_of(wave)
    return (number is None, float(number or 0), wave)
