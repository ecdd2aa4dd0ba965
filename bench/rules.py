"""Rules over acts in one plain loop, and the check of a whole programme, in this process alone."""

from __future__ import annotations

import random
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bankside.rewards.rules import walk
from bankside.rewards.rules.act import Act
from bankside.rewards.rules.programme import Programme, awards, check, load, rules_for

SAMPLE = Path(__file__).resolve().parent.parent / "bankside/rewards/rules/sample.toml"
KINDS = (*["reply", "purchase"] * 3, "poll", "post", "share", "feedback", "report")
CHECKS = 10
T = TypeVar("T")


def measure(size: int) -> dict[str, float]:
    """Over `size` acts: `rules-rate` in acts a second through all rules of the sample programme,
    `rules-against-walk` how many times faster that is than walking the nodes, and of the check of the
    programme `rules-check-ms` and `rules-check-ratio`, against tomllib reading the same text."""
    text = SAMPLE.read_text(encoding="utf-8")
    programme, acts = load(text), _invented(size)
    paid, seconds = _timed(lambda: _all(programme, acts))
    some = acts[: max(1, size // 20)]
    expected, walking = _timed(lambda: _walked(programme, some))
    assert _all(programme, some) == expected
    assert paid > 0
    check_seconds, ratio = _checks(text)
    return {
        "rules-rate": size / seconds,
        "rules-against-walk": walking / len(some) / (seconds / size),
        "rules-check-ms": check_seconds * 1_000,
        "rules-check-ratio": ratio,
    }


def _all(programme: Programme, acts: list[Act]) -> int:
    return sum(points for act in acts for _, points in awards(programme, act))


def _walked(programme: Programme, acts: list[Act]) -> int:
    rules = rules_for(programme)
    total = 0
    for act in acts:
        for rule in rules[act.network, act.kind]:
            fits = (act.own_thread or not rule.own_thread) and rule.campaign in ("", act.campaign)
            total += walk.award(rule.when, rule.points, act) if fits else 0
    return total


def _checks(text: str) -> tuple[float, float]:
    """The best seconds of a check, and its best ratio to tomllib alone."""
    pairs = []
    for _ in range(CHECKS):
        found, seconds = _timed(lambda: check(text))
        assert found.programme is not None
        assert found.examples
        pairs.append((seconds, seconds / _timed(lambda: tomllib.loads(text))[1]))
    return min(seconds for seconds, _ in pairs), min(ratio for _, ratio in pairs)


def _timed(what: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    done = what()
    return done, time.perf_counter() - started


def _invented(count: int) -> list[Act]:
    chance = random.Random(26)
    return [
        Act(
            source=f"e:{n}", seq=n, member=n % 997, network="examplenet", kind=chance.choice(KINDS),
            at=n, day=0,
            own_thread=chance.random() < 0.9, campaign="festival-26", text_len=chance.randint(0, 300),
            quality=chance.randint(40, 100), account_age=chance.randint(0, 900), depth=chance.randint(0, 9),
            amount=chance.randint(0, 90_000), tier=chance.randint(0, 3),
        )
        for n in range(count)
    ]  # fmt: skip
