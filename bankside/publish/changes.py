"""What changed between two texts, word by word, for whoever has to agree to the newer one.

A word is a run of letters, as Korean and Dutch write them; a figure with its sign is one word; Han, which
sets no spaces, is compared character by character.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

Op = Literal["same", "gone", "new"]
Change = tuple[Op, str]

COMPARISONS_MAX = 4_000_000

_TOKEN = re.compile(
    r"[+-]?\d+(?:[.,:]\d+)*[%‰]?"  # 0.58% · 0,61 · 10:17
    r"|[\u3400-\u4dbf\u4e00-\u9fff]"  # one character of Han
    r"|(?:(?![\u3400-\u4dbf\u4e00-\u9fff])[^\W\d_])+(?:['’-](?![\u3400-\u4dbf\u4e00-\u9fff])[^\W\d_]+)*"
    r"|\s+|.",
    re.DOTALL,
)


def changes(before: str, after: str) -> list[Change]:
    """Pieces of both texts in order: same and gone together are `before`, same and new are `after`."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle = _compare(old[head : len(old) - tail], new[head : len(new) - tail])
    pieces = [("same", "".join(old[:head])), *middle, ("same", "".join(old[len(old) - tail :]))]
    return _joined([(op, text) for op, text in pieces if text])


def _common(old: list[str], new: list[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _compare(old: list[str], new: list[str]) -> list[Change]:
    if len(old) * len(new) > COMPARISONS_MAX:  # nothing would be gained by looking at it word by word
        return [("gone", "".join(old)), ("new", "".join(new))]
    found: list[Change] = []
    for op, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if op == "equal":
            found.append(("same", "".join(old[a:b])))
        else:
            found += [("gone", "".join(old[a:b])), ("new", "".join(new[c:d]))]
    return found


def _joined(pieces: list[Change]) -> list[Change]:
    """A space between two changed words changed with them: one stroke instead of two."""
    spread: list[Change] = []
    for place, (op, text) in enumerate(pieces):
        inside = 0 < place < len(pieces) - 1
        if op == "same" and inside and text.isspace():
            spread += [("gone", text), ("new", text)]
        else:
            spread.append((op, text))
    joined: list[Change] = []
    for same, run in groupby(spread, key=lambda piece: piece[0] == "same"):
        group = list(run)
        if same:
            joined.append(("same", "".join(text for _, text in group)))
            continue
        for op in ("gone", "new"):
            if text := "".join(text for one, text in group if one == op):
                joined.append((op, text))
    return joined
