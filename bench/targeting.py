"""Targeting: who each of 1,000 offers is for, beside reading the bytes of their bitmaps; and one member's."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bankside.rewards.columns import Columns
from bankside.rewards.rules import walk
from bankside.rewards.rules.expression import Expression, parse
from bankside.rewards.rules.fields import MEMBER
from bankside.rewards.targeting import Bitmaps, Targets, unpacked

OFFERS = 1_000
INTERESTS = 60
LANGUAGES = ("ko", "zh-Hans", "nl", "en")
ROUNDS = 5
ASKED = 200
COMPARED = 20


def measure(size: int) -> dict[str, float]:
    """1,000 offers and `size` members. `targeting-read`: seconds of counting everybody for every offer in
    parts of those of reading the same bytes, one bitmap a call; `targeting-build`: of making all bitmaps,
    likewise; `targeting-one`: milliseconds of one member against all; `targeting-wrong`: answers that were
    not those of the rules' interpreter."""
    chance = random.Random(5)
    asked = [parse(condition(chance), MEMBER, "bool") for _ in range(OFFERS)]
    targets, columns = Targets(asked), members(size)
    bitmaps = Bitmaps(columns)
    build = _seconds(lambda: [bitmaps.of(one) for one in targets.predicates])
    uses = [bitmaps.of(targets.predicates[number]) for number in targets.uses]
    pairs = [(_seconds(bitmaps.evaluate, targets), _seconds(_read, uses)) for _ in range(ROUNDS)]
    return {
        "targeting-read": statistics.median(ours / bare for ours, bare in pairs),
        "targeting-build": build / statistics.median(bare for _, bare in pairs),
        "targeting-one": 1000 * _one(targets, columns, chance),
        "targeting-wrong": _wrong(asked, targets, bitmaps, chance),
    }


def condition(chance: random.Random) -> str:
    """What an offer may ask: three to six questions, one of them with a choice, as programmes have them."""
    parts = [_question(chance) for _ in range(chance.randint(3, 6))]
    return " && ".join([*parts, f"({_question(chance)} || {_question(chance)})"])


def members(count: int) -> Columns:
    """So many members of an invented bank."""
    chance = np.random.default_rng(3)
    columns = Columns(np.arange(1, count + 1, dtype=np.int64), chance.integers(0, 2**63, count, np.uint64))
    rows = np.arange(count)
    columns.put("tier", rows, chance.integers(0, 4, count))
    columns.put("tenure", rows, chance.integers(0, 240, count))
    columns.put("spend", rows, chance.integers(0, 3_000_000, count))
    columns.put("active_days", rows, chance.integers(0, 31, count))
    columns.put("link_days", rows, chance.integers(0, 1_000, count))
    columns.put_languages(rows, [LANGUAGES[n] for n in chance.integers(0, len(LANGUAGES), count)])
    declared = chance.integers(0, INTERESTS, (count, 3)).tolist()
    columns.put_interests(rows, [[f"interest-{n}" for n in row] for row in declared])
    return columns


def _question(chance: random.Random) -> str:
    kind = chance.randrange(7)
    match kind:
        case 0:
            return f"tier >= {chance.randint(1, 3)}"
        case 1:
            return f"tenure >= {2 * chance.randint(1, 60)}"
        case 2:
            return f"spend {chance.choice(['>=', '<'])} {20_000 * chance.randint(1, 100)}"
        case 3:
            return f"active_days >= {chance.randint(1, 30)}"
        case 4:
            return f"link_days < {10 * chance.randint(1, 60)}"
        case 5:
            return f'{chance.choice(["", "!"])}(language == "{chance.choice(LANGUAGES)}")'
        case _:
            return f'interest in ["interest-{chance.randrange(INTERESTS)}"]'


def _read(uses: list[Any]) -> None:
    """Reads every byte that an offer asks for: the quickest of numpy's ways, and a call for each use as in
    evaluating, so that at small sizes the calls are on both sides."""
    for bits in uses:
        np.maximum.reduce(bits)


def _one(targets: Targets, columns: Columns, chance: random.Random) -> float:
    """Seconds of one member, the median of many."""
    seen = [columns.row(chance.randint(1, len(columns))) for _ in range(ASKED)]
    targets.one(seen[0])
    return statistics.median(_seconds(targets.one, one) for one in seen)


def _wrong(asked: list[Expression], targets: Targets, bitmaps: Bitmaps, chance: random.Random) -> float:
    count = len(bitmaps.columns)
    found = bitmaps.evaluate(targets, keep=count <= 100_000)
    wrong = 0
    for member in chance.sample(range(1, count + 1), COMPARED):
        seen = bitmaps.columns.row(member)
        right = [walk.holds(one, seen) for one in asked]
        wrong += sum(a != b for a, b in zip(targets.one(seen), right, strict=True))
        for bits, truth in zip(found.bitmaps, right, strict=False):
            wrong += bool(unpacked(bits, count)[member - 1]) != truth
    return wrong


def _seconds(work: Callable[..., Any], *given: Any) -> float:
    started = time.perf_counter()
    work(*given)
    return time.perf_counter() - started
