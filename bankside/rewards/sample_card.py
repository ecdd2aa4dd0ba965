"""The card of nobody: what the studio draws from words that are typed, to see how a design comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings

from bankside.rewards import card, card_face
from bankside.rewards.art import names
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.draw import draw

SIDES = ("front", "back")
VOICES_MAX = 6
CHARACTERS_MAX = 100
SAMPLE_CODE = "sample"
DEFAULTS = {
    "theme": "ink", "handle": "@minji.park", "address": "social.example/@minji.park", "holder": "PARK MINJI",
    "voices": "3", "side": "front",
}  # fmt: skip
# The fields whose words are printed, and what looks at each.
PRINTED: Final[Mapping[str, Callable[[str], object]]] = {
    "handle": lambda words: names.personalisation(words, ""),
    "address": lambda words: names.personalisation(DEFAULTS["handle"], words),
    "holder": names.card_name,
}


def given(query: Mapping[str, str]) -> dict[str, str]:
    """What stands in the fields; what is missing or unknown is as in the sample."""
    found = {name: query.get(name, default)[:CHARACTERS_MAX] for name, default in DEFAULTS.items()}
    if found["theme"] not in card.THEMES:
        found["theme"] = DEFAULTS["theme"]
    if found["side"] not in SIDES:
        found["side"] = DEFAULTS["side"]
    if found["voices"] not in {str(number + 1) for number in range(VOICES_MAX)}:
        found["voices"] = DEFAULTS["voices"]
    return found


def refused(words: Mapping[str, str]) -> dict[str, names.Unprintable]:
    """The fields whose words cannot be printed, each with what says why."""
    found = {}
    for field, look in PRINTED.items():
        try:
            look(words[field])
        except names.Unprintable as why:
            found[field] = why
    return found


def proof(words: Mapping[str, str]) -> bytes:
    """The proof as SVG. Raises what art/names.py names for words that cannot be printed."""
    made = (hashlib.sha256(f"{words['handle']} {number}".encode()) for number in range(int(words["voices"])))
    art = Artwork(
        bank=settings.CARD_BANK, product=settings.CARD_PRODUCT, handle=words["handle"],
        address=words["address"], name=words["holder"], theme=words["theme"],
        voices=tuple(one.digest() for one in made), qr_text=f"{settings.PUBLIC_URL}/c/{SAMPLE_CODE}",
        motto=settings.CARD_MOTTO, small_print=card_face.small_print(),
    )  # fmt: skip
    return draw(art, side="back" if words["side"] == "back" else "front", kind="proof", form="svg")
