"""A study on disk: a folder with study.toml and responses.csv."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bankside.measures.study.read_definition import BODY_CHARACTERS_MAX, define_text
from bankside.measures.study.read_definition import FILE as DEFINITION
from bankside.measures.study.responses import FILE as RESPONSES
from bankside.measures.study.responses import Study, build
from bankside.measures.study.sheet import BODY_BYTES_MAX, table_of
from bankside.measures.study.trouble import DefinitionWrong, ResponsesWrong, Trouble
from bankside.said import Said

SHEETS: Final = (RESPONSES, "responses.xlsx")


def read(path: Path) -> Study:
    """Reads a folder, or one of its files with the other beside it.

    DefinitionWrong or ResponsesWrong with everything that is wrong; OSError when a file cannot be opened.
    """
    if not path.exists():
        message = Said("There is no such file in %(folder)s.", folder=str(path.parent))
        raise DefinitionWrong([Trouble(file=path.name, message=message)])
    folder = path if path.is_dir() else path.parent
    definition = path if path.is_file() and path.suffix == ".toml" else folder / DEFINITION
    there = [folder / name for name in SHEETS if (folder / name).is_file()]
    answers = path if path.is_file() and path.suffix != ".toml" else next(iter(there), folder / RESPONSES)
    for file in (definition, answers):
        if not file.is_file():
            wrong = DefinitionWrong if file == definition else ResponsesWrong
            message = Said("There is no such file in %(folder)s.", folder=str(folder))
            raise wrong([Trouble(file=file.name, message=message)])
    return build(
        define_text(_text(definition), definition.name, titled=False),
        table_of(_bytes(answers), answers.name),
        answers.name,
    )


def _bytes(file: Path) -> bytes:
    with file.open("rb") as body:
        return body.read(BODY_BYTES_MAX + 1)


def _text(file: Path) -> str:
    with file.open("rb") as body:
        found = body.read(4 * BODY_CHARACTERS_MAX + 1)
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DefinitionWrong([Trouble(file=file.name, message=Said("This is not UTF-8."))]) from None
