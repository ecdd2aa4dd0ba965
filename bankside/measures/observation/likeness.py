"""Whether one name looks like another: for telling an institution's own accounts from imitations. Pure."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Final

NAME_CHARACTERS_MAX: Final = 80
CORE_CHARACTERS_MIN: Final = 4
ALIKE: Final = 0.74
LOOKS: Final = str.maketrans(
    "0135$ıіӏαаеорсухѕԁɡ", "olesslllaaeopcyxsdg"
)  # digits and letters of other alphabets that look like Latin ones (unicode.org/reports/tr39, a few of them)
COMMON: Final = re.compile(
    r"official|global|corp|group|inc|ltd|the|online|news|press|media|company|community|channel|in/|@|bank|banking"
    r"|은행|银行|verzekering(?:en)?|nederland|korea|china"
)
PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("i", "l"))


def bare(name: str) -> str:
    """Letters and digits alone, in lower case and composed."""
    name = unicodedata.normalize("NFKC", name[:NAME_CHARACTERS_MAX]).lower()
    name = name.rpartition("/")[2] if "/" in name else name
    name = name.lstrip("@").partition("@")[0]
    return re.sub(r"[\W_]+", "", name)


def skeleton(name: str) -> str:
    """The name as an eye in a hurry sees it: what looks the same is the same."""
    seen = bare(name).translate(LOOKS)
    for pair, one in PAIRS:
        seen = seen.replace(pair, one)
    return seen


def imitates(name: str, real: str) -> bool:
    """Whether a name can be taken for a real one that it is not: it looks the same, or by one letter."""
    one, two = bare(name), bare(real)
    if one == two or min(len(one), len(two)) < CORE_CHARACTERS_MIN:
        return False
    short, long = sorted((one, two), key=len)
    if long.startswith(short) and long[len(short) :] != short[-1]:
        return False  # cut off where a network takes no more letters, or with something added; not hanull
    if skeleton(name) == skeleton(real):
        return True
    return len(two) > 5 and _one_letter_apart(one, two)


def akin(name: str, names: frozenset[str]) -> bool:
    """Whether a name looks as if it belongs to one of these names, whatever is added to it."""
    one = bare(name)
    core = COMMON.sub("", one)
    for other in names:
        two = bare(other)
        if not two:
            continue
        rest = COMMON.sub("", two)
        if rest and core and (_holds(core, rest) or _holds(one, two)):
            return True
        if SequenceMatcher(None, one, two, autojunk=False).ratio() >= ALIKE:
            return True
    return False


def _holds(one: str, two: str) -> bool:
    """Whether the shorter stands in the longer, and is long enough to mean something."""
    short, long = sorted((one, two), key=len)
    enough = CORE_CHARACTERS_MIN if short.isascii() else 2
    return (
        short == long
        or (len(short) >= enough and short in long)
        or (len(short) >= 3 and long.startswith(short))
    )


def _one_letter_apart(one: str, two: str) -> bool:
    """Whether one letter is another, is missing, is too many, or two have changed places."""
    if abs(len(one) - len(two)) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    rest, other = one[at:], two[at:]
    swapped = len(rest) > 1 and rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return rest[1:] == other[1:] or rest[1:] == other or rest == other[1:] or swapped
