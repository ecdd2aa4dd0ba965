"""The units in which networks count, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

KNOWN = frozenset(
    {
        gettext_noop("characters"),
        gettext_noop("characters of the title"),
        gettext_noop("bytes"),
        gettext_noop("graphemes"),
    }
)


def unit(name: str) -> str:
    """The unit in the reader's language; a unit that is not known here stays as the network calls it."""
    return gettext(name) if name in KNOWN else name
