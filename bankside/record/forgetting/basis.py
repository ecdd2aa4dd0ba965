"""Why words are erased: codes that stand in the leaf of an erasure. Others of the same form may be given."""

from __future__ import annotations

from typing import NamedTuple

from bankside.said import Said


class Basis(NamedTuple):
    """What a code says. `over_duty`: an order that a duty to keep does not stop; a hold stops all of them."""

    words: str
    over_duty: bool = False


BASES: dict[str, Basis] = {
    "GDPR-17": Basis(Said("A person's wish under Article 17 of the GDPR")),
    "PIPA-36": Basis(
        Said("A person's wish under Article 36 of the Personal Information Protection Act of Korea")
    ),
    "PIPL-47": Basis(
        Said("A person's wish under Article 47 of the Personal Information Protection Law of China")
    ),
    "CONSENT-WITHDRAWN": Basis(Said("The consent that it was kept under was taken back")),
    "MEMBER-LEFT": Basis(Said("A member left the social card and wants to be forgotten")),
    "NOT-OURS": Basis(Said("It should never have been kept")),
    "COURT-ORDER": Basis(Said("A court ordered it"), over_duty=True),
    "AUTHORITY-ORDER": Basis(Said("An authority ordered it"), over_duty=True),
}


def is_over_duty(code: str) -> bool:
    """Whether a duty to keep does not stop an erasure on this basis."""
    return code in BASES and BASES[code].over_duty
