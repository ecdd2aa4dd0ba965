"""What is drawn on one card. Every word comes from the caller, in the member's language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork:
    """One member's card, both sides. There is no field for a card number, an expiry or a code.

    `voices`: 32 bytes for each linked network, 1 to 6, made with an HMAC. `qr_text`: the revocable short
    link of the bank, never the profile; empty for a card without one. `address`: profile address, left out
    of the drawing when it is too long. `mark_reserve`: where the scheme's mark goes, "lower right" or "upper
    right". `lang` chooses the forms of Han letters. Empty texts are left out.
    """

    bank: str
    product: str
    handle: str
    address: str
    name: str
    theme: str
    voices: tuple[bytes, ...]
    qr_text: str
    motto: str = ""
    small_print: tuple[str, ...] = ()
    caption: str = ""
    valid_label: str = ""
    code_label: str = ""
    mark_reserve: str = "lower right"
    lang: str = "en"
