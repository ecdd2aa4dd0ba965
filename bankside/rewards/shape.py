"""The shape of a text in 64 bits (SimHash, Charikar 2002): texts that are nearly the same differ in few bits.

Two shapes that differ in three bits or fewer share at least one of four parts of 16 bits, which is how
near-duplicates are found by an index; those that differ in up to `DISTANCE_MAX` mostly do. The text cannot
be had back from its shape.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from bankside.late import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DISTANCE_MAX: Final = 6
BITS, PART_BITS = 64, 16
SHINGLE = 4
CHARACTERS_READ_MAX: Final = 2_000
CHARACTERS_MIN: Final = 12  # shorter ones are alike by chance
_KEPT = re.compile(r"[^\w]+|_")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[@#＠＃][\w.-]+")
# Odd numbers that mix 64 bits well: the golden ratio's, and those of splitmix64 (Steele et al., 2014).
_STEPS: Final = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93)


def of(text: str) -> int | None:
    """The shape of a text as a signed 64-bit number; None for one too short to compare.

    Case, spaces, punctuation, addresses and names are left out: what copies differ in.
    """
    plain = _KEPT.sub("", _ADDRESS.sub("", unicodedata.normalize("NFKC", text[:CHARACTERS_READ_MAX])).lower())
    if len(plain) < CHARACTERS_MIN:
        return None
    signs = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    count = len(signs) - SHINGLE + 1
    shingles = sum(
        (signs[at : at + count] * np.uint64(_STEPS[at]) for at in range(SHINGLE)), np.zeros(count, np.uint64)
    )
    bits = np.unpackbits(_mixed(np.unique(shingles)).view(np.uint8).reshape(-1, 8), axis=1)
    ahead = bits.sum(axis=0, dtype=np.int64) * 2 > len(bits)
    return int(np.packbits(ahead).view(np.int64)[0])


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of each number on every bit of the result (the last steps of splitmix64)."""
    numbers = (numbers ^ numbers >> np.uint64(30)) * np.uint64(_STEPS[1])
    numbers = (numbers ^ numbers >> np.uint64(27)) * np.uint64(_STEPS[2])
    return numbers ^ numbers >> np.uint64(31)


def parts(shape: int) -> tuple[int, int, int, int]:
    """Its four parts of 16 bits."""
    plain = shape & (1 << BITS) - 1
    a, b, c, d = (plain >> (PART_BITS * place) & 0xFFFF for place in range(4))
    return a, b, c, d


def distance(one: int, other: int) -> int:
    """In how many of the 64 bits they differ."""
    return ((one ^ other) & (1 << BITS) - 1).bit_count()
