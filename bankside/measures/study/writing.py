"""Writes a study as its two files again, for whoever made one in memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from bankside.measures.study.answers import cell_of
from bankside.measures.study.definition import Definition, Option, Question, Texts
from bankside.measures.study.read_definition import FILE as DEFINITION
from bankside.measures.study.responses import FILE as RESPONSES
from bankside.measures.study.responses import Study


def write(study: Study, folder: Path) -> None:
    """Writes study.toml and responses.csv into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DEFINITION).write_text(definition_text(study.definition), encoding="utf-8")
    (folder / RESPONSES).write_text(responses_text(study), encoding="utf-8", newline="")


def definition_text(definition: Definition) -> str:
    """The definition as TOML; reading it gives the same definition."""
    return "\n".join(_definition(definition)) + "\n"


def responses_text(study: Study) -> str:
    """The answers as CSV, with an apostrophe before names that a spreadsheet would compute."""
    file = io.StringIO()
    waves = ["wave"] if any(response.wave for response in study.responses) else []
    names = ["institution", "sector", *waves, *(question.id for question in study.definition.questions)]
    out = csv.writer(file)
    out.writerow(names)
    for response in study.responses:
        label = [neutral(response.institution), neutral(response.sector), *([response.wave] if waves else [])]
        answers = [response.answers.get(question.id) for question in study.definition.questions]
        out.writerow([*label, *(neutral(cell_of(answer)) for answer in answers)])
    return file.getvalue()


def neutral(cell: str) -> str:
    """The cell with an apostrophe in front when a spreadsheet would compute it; `-` and numbers stay."""
    computed = cell.startswith(tuple("=+-@\t\r")) and not cell[1:].replace(".", "", 1).isdecimal()
    return f"'{cell}" if computed and cell != "-" else cell


def _definition(definition: Definition) -> Iterator[str]:
    yield "[study]"
    yield f"title = {_texts(definition.title)}"
    if definition.year:
        yield f"year = {_word(definition.year)}"
    if definition.unit:
        yield f"unit = {_texts(definition.unit)}"
    if definition.population is not None:
        yield f"population = {definition.population}"
    yield f"suppress = {definition.suppress}"
    if definition.waves:
        yield f"waves = [{', '.join(map(_word, definition.waves))}]"
    for question in definition.questions:
        yield from _question(question)


def _question(question: Question) -> Iterator[str]:
    yield from ("", "[[question]]", f"id = {_word(question.id)}", f"kind = {_word(question.kind)}")
    if question.texts:
        yield f"text = {_texts(question.texts)}"
    if question.options:
        yield from _options(question.options)
    if question.base_text:
        yield f"base = {_word(question.base_text)}"
    for name, bound in (("min", question.low), ("max", question.high)):
        if bound is not None:
            yield f"{name} = {_bound(bound)}"
    if question.said:
        yield f"finding = {_texts(question.said)}"


def _options(options: Sequence[Option]) -> Iterator[str]:
    if not any(option.texts for option in options):
        yield f"options = [{', '.join(_id(option) for option in options)}]"
        return
    yield "options = ["
    for option in options:
        text = f", text = {_texts(option.texts)}" if option.texts else ""
        yield f"  {{id = {_id(option)}{text}}},"
    yield "]"


def _id(option: Option) -> str:
    return str(option.written) if isinstance(option.written, int) else _word(option.id)


def _texts(texts: Texts) -> str:
    if set(texts) == {""}:
        return _word(texts[""])
    return "{" + ", ".join(f"{_word(key)} = {_word(text)}" for key, text in texts.items()) + "}"


def _word(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's too, but for the delete sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _bound(bound: Fraction) -> str:
    return str(bound.numerator) if bound.denominator == 1 else repr(float(bound))
