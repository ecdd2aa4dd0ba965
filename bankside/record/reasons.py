"""Why somebody did what she did: in her words, as they may be kept."""

from __future__ import annotations

from typing import Final

from bankside.record.identifiers import kept
from bankside.said import Said

REASON_CHARACTERS_MAX: Final = 500


class ReasonMissing(ValueError):
    """Nobody said why, or at such length that nobody would read it."""


def reason_of(typed: str, longest: int = REASON_CHARACTERS_MAX) -> str:
    """The words with single spaces, numbers in them masked. Raises ReasonMissing.

    A reason stands in a leaf and outlives those it speaks of, so no number of theirs may stand in it.
    """
    reason = kept(" ".join(typed.split()))
    if not reason:
        raise ReasonMissing(Said("Say why, in a few words; it goes into the record."))
    if len(reason) > longest:
        raise ReasonMissing(Said("A reason has at most %(number)s characters.", number=longest))
    return reason
