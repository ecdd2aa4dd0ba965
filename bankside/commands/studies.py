"""Studies from questionnaires: checking one, and its report. Neither needs a desk, nor a database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bankside.commands import REFUSED, observing
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, say

if TYPE_CHECKING:
    from bankside.measures.study.report import Report
    from bankside.measures.study.responses import Study
    from bankside.measures.study.trouble import Trouble

LANGUAGES = ("en", "ko", "zh-Hans", "nl")


def declare(commands: Commands) -> None:
    """study check, study report."""
    study = group(commands, "study", "Studies from questionnaires.")
    path = flag(
        "path", metavar="FOLDER|FILE", type=Path,
        help="a folder with study.toml and responses.csv, or one of its files",
    )  # fmt: skip
    language = flag("--lang", choices=LANGUAGES, default="en", help="of the words; en unless given")
    earlier = flag("--against", metavar="FOLDER", type=Path, help="an earlier wave: what has changed since")
    table = flag("--csv", metavar="OUT", type=Path, help="also write every figure into this file")
    page = flag("--html", metavar="OUT", type=Path, help="also write the report as one page, to be printed")
    add(study, "check", check, path, language, AS_JSON)
    observing.declare(study)
    add(study, "report", report, path, earlier, language, table, page, AS_JSON)


def check(parsed: argparse.Namespace) -> int | None:
    """Says everything that is wrong with a study and its answers, with file, row and column.

    Exit 1 when something is wrong. Answers that are not counted, because their base does not hold, are said
    too, and are not wrong.
    """
    study = _read(parsed.path, parsed.lang)
    if study is None:
        return REFUSED
    _complain(study.warnings, parsed.lang)
    definition = study.definition
    counts = {
        "questions": len(definition.questions),
        "institutions": len({response.institution for response in study.responses}),
        "waves": [wave for wave in study.waves if wave],
        "warnings": [warning.line for warning in study.warnings],
    }
    say(parsed, counts, lambda _: f"{counts['questions']} questions, {counts['institutions']} institutions")
    return None


def report(parsed: argparse.Namespace) -> int | None:
    """Counts a study: shares with intervals of 95 per cent, by sector, in order, and what has changed.

    Exit 1 when the files are refused; every wrong cell is then named by file, row and column.
    """
    from bankside.measures.study.as_json import as_json
    from bankside.measures.study.report import report as counted

    study = _read(parsed.path, parsed.lang)
    against = _read(parsed.against, parsed.lang) if parsed.against else None
    if study is None or (parsed.against and against is None):
        return REFUSED
    found = counted(study, against)
    _write(parsed, found)
    if parsed.json:
        _complain(study.warnings, parsed.lang)
    say(parsed, as_json(found) if parsed.json else found, lambda _: _printed(found, parsed.lang))
    return None


def _read(path: Path, language: str) -> Study | None:
    from bankside.measures.study.reading import read
    from bankside.measures.study.trouble import Troubles

    try:
        return read(path)
    except Troubles as found:
        _complain(found.troubles, language)
        return None


def _complain(troubles: Sequence[Trouble], language: str) -> None:
    """A line each, on standard error."""
    from bankside.measures.study.printed import calm
    from bankside.measures.study.tongue import speaker

    tell = speaker(language)
    for one in troubles:
        print(calm(" ".join(tell(one.said).split())), file=sys.stderr)


def _printed(found: Report, language: str) -> str:
    from bankside.measures.study.printed import printed
    from bankside.measures.study.sections import Reader
    from bankside.measures.study.tongue import speaker

    return printed(found, Reader(language, speaker(language)))


def _write(parsed: argparse.Namespace, found: Report) -> None:
    """The files that were asked for; a mark of UTF-8 tells spreadsheets how to read the table."""
    if parsed.csv:
        from bankside.measures.study.as_csv import as_csv

        parsed.csv.write_text(as_csv(found, parsed.lang), encoding="utf-8-sig", newline="")
    if parsed.html:
        from bankside.measures.study.as_html import as_html
        from bankside.measures.study.sections import Reader
        from bankside.measures.study.tongue import speaker

        page = as_html(found, Reader(parsed.lang, speaker(parsed.lang)))
        parsed.html.write_text(page, encoding="utf-8")
