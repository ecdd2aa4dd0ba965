"""What rooms and networks say to people, in the language of whoever reads it."""

from __future__ import annotations

from django.utils.translation import gettext

from bankside.said import Said
from bankside.web.moments import number


def spoken(words: str) -> str:
    """The words in the active language; what came from people and networks stays as it is."""
    if not isinstance(words, Said):
        return gettext(words) if words else ""
    template = gettext(words.template) if words.template else ""
    if not words.values:
        return template
    return template % {name: _value(value) for name, value in words.values.items()}


def why(trouble: Exception) -> str:
    """What a situation says to people, in the active language."""
    said = trouble.args[0] if trouble.args else ""
    return spoken(said) if isinstance(said, str) else str(trouble)


def _value(value: object) -> object:
    if isinstance(value, Said):
        return spoken(value)
    return number(value) if isinstance(value, int) and not isinstance(value, bool) else value
