"""What the looks of a card are called, on members' pages and in the studio."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, gettext_noop

TITLES: Final = {"ink": gettext_noop("Ink"), "paper": gettext_noop("Paper"), "forest": gettext_noop("Forest")}


def titled() -> list[tuple[str, str]]:
    """Each look and its title in the reader's language."""
    return [(name, gettext(title)) for name, title in TITLES.items()]
