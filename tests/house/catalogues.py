"""The words of the pages: `python -m tests.house.catalogues` brings every catalogue up to the code.

It adds what is new, drops what is gone and keeps what was translated; a person then fills what is empty.
"""

from __future__ import annotations

import io
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from tests.house import tree

FOLDER = tree.ROOMS / "locale"
LANGUAGES = ("ko", "zh_Hans", "nl")
JINJA = {
    "extensions": "jinja2.ext.i18n,jinja2.ext.do",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "Said": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2),
    "numbered": (2, 3),
}  # fmt: skip


def wanted() -> Catalog:
    """Every message that the code and the pages have, with where it stands."""
    catalogue = Catalog(project="Bankside", charset="utf-8")
    for place, message, context in _messages():
        if message:  # no words are nothing to translate
            catalogue.add(message, locations=[(place, 0)], context=context)
    return catalogue


def _messages() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    for suffix, method, options in ((".py", "python", {}), (".html", "jinja2", JINJA)):
        for file in tree.under("bankside", suffix=suffix):
            source = io.BytesIO((tree.ROOT / file).read_bytes())
            for _, message, _, context in extract(method, source, keywords=KEYWORDS, options=options):
                yield str(file), message, context
    for file in tree.under("bankside/networks", suffix=".toml"):
        for words in shown_of(tomllib.loads(tree.text(file))):
            yield str(file), words, None


def shown_of(network: dict[str, Any]) -> list[str]:
    """The texts of a network's data file that pages show."""
    by_hand = network.get("assist", {}).get("steps", [])
    texts = [network["summary"], *network["connect"]["steps"], *by_hand]
    told = network.get("identity", {})
    texts += [told[name] for name in ("label", "help") if name in told]
    return texts + [setting[name] for setting in network["settings"] for name in ("label", "help")]


def kept(language: str) -> Catalog:
    """The catalogue of a language as it is; empty when there is none."""
    file = path_of(language)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as po:
        return read_po(po, locale=language)


def path_of(language: str) -> Path:
    """Where it lies."""
    return FOLDER / language / "LC_MESSAGES/django.po"


def unfinished(catalogue: Catalog, messages: Catalog) -> list[str]:
    """Messages that a catalogue lacks, leaves empty, or is not sure of."""
    found = []
    for message in messages:
        there = catalogue.get(message.id, message.context) if message.id else message
        strings = (
            (there.string,) if there and isinstance(there.string, str) else (there.string if there else ())
        )
        if message.id and (not strings or not all(strings) or (there and there.fuzzy)):
            found.append(message.id if isinstance(message.id, str) else message.id[0])
    return found


def wrong_places(catalogue: Catalog) -> list[str]:
    """Translations whose places for names and numbers differ from those of the message.

    Languages with one form have that of many: what stands for one thing alone may do without the number.
    """
    for message in catalogue if catalogue.num_plurals == 1 else ():
        if isinstance(message.id, tuple):
            message.id = (message.id[-1], message.id[-1])
    return [f"{message.id}: {error}" for message, errors in catalogue.check() for error in errors]


def main() -> None:
    """Writes all catalogues again."""
    messages = wanted()
    for language in LANGUAGES:
        catalogue = kept(language)
        catalogue.update(messages, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        with path_of(language).open("wb") as po:
            write_po(po, catalogue, width=100, omit_header=False, sort_by_file=True, include_lineno=False)
        left = len(unfinished(kept(language), messages))
        sys.stdout.write(f"{language}: {left} of {len(messages)} to translate\n")


if __name__ == "__main__":
    main()
