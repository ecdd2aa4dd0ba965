"""What a report says, in one language, from the same catalogues as the pages; without Django."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from bankside.said import Said

Say = Callable[[str], str]
LOCALE: Final = Path(__file__).resolve().parents[2] / "locale"
FOLDERS: Final = {"ko": "ko", "zh-Hans": "zh_Hans", "nl": "nl"}


def speaker(language: str) -> Say:
    """What turns a Said, or a plain msgid, into words of the language; English without a catalogue."""
    catalogue = _catalogue(language)

    def say(words: str) -> str:
        if not isinstance(words, Said) or not words.values:
            msgid = words.template if isinstance(words, Said) else words
            return catalogue.gettext(msgid) if msgid else ""
        values = {name: shown(value) for name, value in words.values.items()}
        if words.many:
            return catalogue.ngettext(words.template, words.many, words.number) % values
        return catalogue.gettext(words.template) % values

    def shown(value: object) -> object:
        if isinstance(value, Said):
            return say(value)
        return number(value, language) if type(value) in (int, Decimal) else value

    return say


def number(value: object, language: str) -> str:
    """A whole or decimal number as people of the language write it."""
    text = f"{value:,}"
    return text.translate({ord(","): ".", ord("."): ","}) if language == "nl" else text


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    folder = FOLDERS.get(language)
    if folder is None:
        return gettext.NullTranslations()
    return gettext.translation("django", LOCALE, [folder], fallback=True)
