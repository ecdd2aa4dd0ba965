"""What is drawn on a member's card: her profile, her name, a voice for each profile that she linked.

A voice is made by an HMAC of the link under a key of the desk: it is hers alone, and nobody can tell from the
picture which profile it stands for.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.utils.translation import gettext, override

from bankside.record import sealed
from bankside.rewards import short_link
from bankside.rewards.art import names
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.draw import SMALL_PRINT_LINES_MAX, Form, Kind, Side, draw
from bankside.rewards.models import Card, Link

KEY_CLASS: Final = "card"
DRAWN_MAX: Final = 64
"""Drawings that a process keeps at hand; a front is about 330 kB."""


def printed(link: Link, *, on_line: bool) -> names.Line:
    """Handle and address as they are printed; the address is empty when it is not wanted, or too long.

    Raises the exceptions of `art.names` for what cannot be printed.
    """
    return names.personalisation(link.handle, address_of(link) if on_line else "")


def address_of(link: Link) -> str:
    """The address of a profile as people read it: without https://, and with its name in place of an id."""
    parts = urlsplit(link.url)
    shown = f"{parts.netloc}{parts.path}".rstrip("/").removeprefix("www.").split("/")
    name = link.handle.removeprefix("@")
    return "/".join(name if part == link.subject else part for part in shown)


def artwork_of(card: Card) -> Artwork:
    """The card as it is printed, in the member's language."""
    with override(card.member.language):
        return Artwork(
            bank=settings.CARD_BANK, product=settings.CARD_PRODUCT, handle=card.handle, address=card.line,
            name=card.name, theme=card.theme, voices=tuple(voice(obj) for obj in card.voices),
            qr_text=short_link.address_of(card), caption=gettext("Scan to see the profile."),
            motto=settings.CARD_MOTTO, small_print=small_print(), lang=card.member.language,
        )  # fmt: skip


def small_print() -> tuple[str, ...]:
    """The lines of the bank under the motto, two at most."""
    lines = (line.strip() for line in settings.CARD_SMALL_PRINT.split("|"))
    return tuple(line for line in lines if line)[:SMALL_PRINT_LINES_MAX]


def voice(obj: str) -> bytes:
    """32 bytes for a link, the same for ever on this desk, telling nothing."""
    return bytes.fromhex(sealed.mac(KEY_CLASS, f"voice|{obj}"))


def digest_of(art: Artwork) -> str:
    """SHA-256 (hex) of everything that is drawn."""
    drawn = {name: getattr(art, name) for name in art.__dataclass_fields__}
    return hashlib.sha256(msgspec.json.encode(drawn, order="sorted")).hexdigest()


@lru_cache(maxsize=DRAWN_MAX)
def drawn(art: Artwork, side: Side, kind: Kind, form: Form = "") -> bytes:
    """The picture; the last ones are at hand."""
    return draw(art, side=side, kind=kind, form=form)
