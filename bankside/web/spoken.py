"""What rooms and networks say to people, in the language of whoever reads it.

A table and the record keep the English sentence alone. It is known again by its template, which the catalogue
has: what was recorded for everybody is read by each in her own language.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import read_mo
from django.conf import settings
from django.utils.translation import get_language, gettext, ngettext, to_locale

from bankside.said import Said
from bankside.web.moments import number, weekday_date

CHARACTERS_MAX = 1_000  # a longer text is not looked at
LETTERS_MIN = 10  # a template with fewer letters of its own would be found in what others wrote
SENTENCES_MAX = 6
_PLACE = re.compile(r"%\((\w+)\)s")
_END = re.compile(r"(?<=[.:;!?]) ")


def spoken(words: str) -> str:
    """The words in the active language; what came from people and networks stays as it is."""
    if isinstance(words, Said):
        return _filled(words)
    if not words or (language := get_language() or "en") == "en" or len(words) > CHARACTERS_MAX:
        return words
    return _known_again(words, language)


def why(trouble: Exception) -> str:
    """What a situation says to people, in the active language."""
    said = trouble.args[0] if trouble.args else ""
    return spoken(said) if isinstance(said, str) else str(trouble)


def _filled(said: Said) -> str:
    if not said.values:
        return spoken(said.template)
    template = ngettext(said.template, said.many, said.number) if said.many else gettext(said.template)
    return template % {name: _value(value) for name, value in said.values.items()}


def _value(value: object) -> object:
    match value:
        case Said():
            return spoken(value)
        case bool():
            return value
        case int():
            return number(value)
        case Decimal():
            return number(float(value))
        case date():
            return weekday_date(value)
    return value


# --- what was recorded -----------------------------------------------------------------------------------
@lru_cache(maxsize=2_000)
def _known_again(words: str, language: str) -> str:
    if (plain := gettext(words)) != words:
        return plain
    for longest, template in _templates(_catalogue(language)):
        if longest in words and (found := _shape(template).fullmatch(words)):
            return gettext(template) % {name: _inner(value) for name, value in found.groupdict().items()}
    ends = [end.start() for end in _END.finditer(words)][:SENTENCES_MAX]
    for end in reversed(ends):
        if (first := _known_again(words[:end], language)) != words[:end]:
            return f"{first} {_known_again(words[end + 1 :], language)}"
    return words


def _inner(value: str) -> str:
    """A sentence within the sentence is known again, too; a name or a number is left alone."""
    return spoken(value) if value.endswith(".") else value


def _catalogue(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / to_locale(language) / "LC_MESSAGES" / "django.mo"


@lru_cache(maxsize=10)
def _templates(catalogue: Path) -> list[tuple[str, str]]:
    """The templates of a catalogue, those with most letters of their own first.

    Each with its longest piece, by which most are passed over.
    """
    if not catalogue.exists():
        return []
    with catalogue.open("rb") as file:
        templates = [message.id for message in read_mo(file) if isinstance(message.id, str)]
    known = sorted(((_own_letters(one), one) for one in templates if _PLACE.search(one)), reverse=True)
    return [(_longest(one), one) for letters, one in known if letters >= LETTERS_MIN]


def _own_letters(template: str) -> int:
    return sum(sign.isalpha() for sign in _PLACE.sub("", template))


def _longest(template: str) -> str:
    """The longest piece between two places."""
    return max(_PLACE.split(template)[::2], key=len).replace("%%", "%")


@lru_cache(maxsize=1_000)
def _shape(template: str) -> re.Pattern[str]:
    parts, seen = [], set[str]()
    for place, text in enumerate(_PLACE.split(template)):
        if place % 2 == 0:
            parts.append(re.escape(text.replace("%%", "%")))
        else:
            parts.append(f"(?P={text})" if text in seen else f"(?P<{text}>.+?)")
            seen.add(text)
    return re.compile("".join(parts), re.S)
