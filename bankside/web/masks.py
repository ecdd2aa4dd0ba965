"""Draws what was hidden on arrival (`•••• •••• •••• 4242`) as a mask, so that nobody takes it for words."""

from __future__ import annotations

import re

from django.utils.translation import gettext
from markupsafe import Markup, escape

HIDDEN = re.compile(r"•{2,}(?:[ \-]?(?:•{2,}|\d{1,6}))*")


def masked(text: str) -> Markup:
    """The text, escaped, with every masked number in a `.mask` that says why."""
    if "••" not in text:
        return escape(text)
    title = gettext("Number hidden on arrival")
    pieces: list[Markup] = []
    end = 0
    for found in HIDDEN.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        pieces.append(Markup('<span class="mask" title="{}">{}</span>').format(title, found.group()))
        end = found.end()
    return Markup("").join([*pieces, escape(text[end:])])
