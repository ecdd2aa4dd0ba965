"""The strings of pages in four languages: found in the code, kept in .po files, compiled at set-up.

`python -m bankside.web.languages` compiles; with `collect` it first brings the .po files up to date with
the code and says what is not translated yet. Pure Python: no gettext tools are needed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOM = Path(__file__).resolve().parent
HOUSE = ROOM.parent
LOCALE = HOUSE / "locale"
LANGUAGES = {"ko": "ko", "zh_Hans": "zh_Hans", "nl": "nl"}
"""Folder of a language -> its name for the catalogue. English is written in the code."""
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
}  # fmt: skip
DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""In every header, so that a file changes only when a string does."""
METHODS = {".py": "python", ".html": "jinja2.ext.babel_extract"}
TEMPLATE_OPTIONS = {
    "trimmed": "false",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
    "extensions": "jinja2.ext.do",
}

Message = str | tuple[str, ...]


def used() -> dict[Message, list[str]]:
    """Every string that a page may show, and the files it stands in. A plural is a pair."""
    found: dict[Message, list[str]] = {}
    for path in _sources():
        options = TEMPLATE_OPTIONS if path.suffix == ".html" else {}
        for _line, message, _comments, _context in extract_from_file(
            METHODS[path.suffix], path, keywords=KEYWORDS, options=options
        ):
            where = found.setdefault(message, [])
            name = path.relative_to(HOUSE).as_posix()
            if name not in where:
                where.append(name)
    return found


def missing(folder: str) -> list[Message]:
    """What is used but not translated into the language of this folder, or only in part."""
    catalogue = kept(folder)
    return [message for message in used() if not _translated(catalogue, message)]


def kept(folder: str) -> Catalog:
    """The translations of one language as they are written down."""
    path = _po(folder)
    if not path.exists():
        return _empty(folder)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGES[folder], domain="django")


def compile_all() -> int:
    """Writes the .mo files that Django reads, next to the .po files; how many."""
    for folder in LANGUAGES:
        with _po(folder).with_suffix(".mo").open("wb") as file:
            write_mo(file, kept(folder))
    return len(LANGUAGES)


def collect() -> None:
    """Brings the .po files up to date: new strings empty, strings that are gone taken out."""
    strings = used()
    for folder in LANGUAGES:
        old, new = kept(folder), _empty(folder)
        for message, places in sorted(strings.items(), key=lambda pair: (pair[1][0], str(pair[0]))):
            known = old.get(message if isinstance(message, str) else message[0])
            translation = known.string if known and known.id == message else None
            new.add(message, translation, locations=[(place, 0) for place in places])
        _po(folder).parent.mkdir(parents=True, exist_ok=True)
        with _po(folder).open("wb") as file:
            write_po(file, new, width=110, omit_header=False, include_lineno=False)


def _empty(folder: str) -> Catalog:
    header = "# The pages of the desk. Kept by hand; brought up to date by bankside.web.languages."
    return Catalog(
        locale=LANGUAGES[folder], domain="django", project="Bankside", version="0", header_comment=header,
        fuzzy=False, charset="utf-8", copyright_holder="", msgid_bugs_address="Bankside",
        last_translator="Bankside", language_team="Bankside", creation_date=DATE, revision_date=DATE,
    )  # fmt: skip


def _translated(catalogue: Catalog, message: Message) -> bool:
    known = catalogue.get(message if isinstance(message, str) else message[0])
    if known is None or known.id != message or known.fuzzy:
        return False
    strings = known.string if isinstance(known.string, tuple) else (known.string,)
    return all(strings) and (isinstance(message, str) or len(strings) == catalogue.num_plurals)


def _sources() -> Iterator[Path]:
    yield from sorted((ROOM / "templates").rglob("*.html"))
    yield from sorted(path for path in HOUSE.rglob("*.py") if "migrations" not in path.parts)


def _po(folder: str) -> Path:
    return LOCALE / folder / "LC_MESSAGES" / "django.po"


if __name__ == "__main__":
    if "collect" in sys.argv[1:]:
        collect()
    for folder in LANGUAGES:
        for message in missing(folder):
            sys.stderr.write(f"{folder}: not translated: {message!r}\n")
    compile_all()
