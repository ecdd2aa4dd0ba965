"""Past acts from a seed, and the plain loop that says what a programme would have paid for them."""

from __future__ import annotations

import datetime
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from bankside.rewards.rules.act import Act
from bankside.rewards.rules.programme import Programme, load
from bankside.rewards.rules.replay import Happened

SAMPLE = Path("bankside/rewards/rules/sample.toml")
DAY_MS = 86_400_000
FIRST_DAY = 20_600
KINDS = (
    "reply",
    "reply",
    "reply",
    "purchase",
    "purchase",
    "feedback",
    "poll",
    "post",
    "share",
    "report",
    "link",
)


def sample() -> Programme:
    return load(SAMPLE.read_text(encoding="utf-8"))


def acts(seed: int, *, members: int, count: int, days: int = 40) -> list[Act]:
    """Acts in the order of arrival, many of one member close together."""
    chance = random.Random(seed)
    at, made = FIRST_DAY * DAY_MS, []
    for seq in range(count):
        at += chance.choice((0, 1, 1_000, 60_000, 2 * days * DAY_MS // count))
        kind = chance.choice(KINDS)
        made.append(
            Act(
                source=f"e:{seq}", seq=seq, member=chance.randrange(members) ** 2, network="examplenet",
                kind=kind, at=at, day=at // DAY_MS,
                campaign="festival-26" if kind in ("post", "share") else "",
                evidence=chance.choice(("platform", "member_token", "platform", "claimed")),
                lang=chance.choice(("ko", "nl")), own_thread=chance.random() < 0.9,
                disclosed=chance.random() < 0.6, text_len=chance.randint(0, 300),
                quality=chance.randint(40, 100), account_age=chance.randint(60, 900),
                depth=chance.randint(0, 9), amount=chance.randint(0, 90_000), tier=chance.randint(0, 3),
                first=chance.random() < 0.5,
            )
        )  # fmt: skip
    return made


def happened(some: Iterable[Act]) -> list[Happened]:
    """Acts of which nothing was taken back."""
    return [Happened(act) for act in some]


def paid(programme: Programme, past: list[Act]) -> dict[tuple[str, int], tuple[int, int]]:
    """(rule, member) -> points and awards, one act after the other."""
    last: dict[tuple[str, int], int] = {}
    used: Counter[tuple[str, int, int]] = Counter()
    times: Counter[tuple[str, int, int]] = Counter()
    funds: Counter[str] = Counter()
    found: dict[tuple[str, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for act in sorted(past, key=lambda act: act.seq):
        for rule, points in programme.awards(act):
            who, window = (rule.id, act.member), act.day if rule.per == "day" else _month(act.day)
            if rule.cls == "B" and not act.disclosed:
                continue
            if rule.cooldown_ms and act.at - last.get(who, -(2**60)) < rule.cooldown_ms:
                continue
            last[who] = act.at
            key = (*who, window)
            times[key] += 1
            points = min(points, rule.cap_points - used[key]) if times[key] <= rule.cap_times else 0
            used[key] += points
            points = min(points, rule.fund - funds[rule.id]) if rule.fund else points
            funds[rule.id] += points
            if points:
                found[who] = (found[who][0] + points, found[who][1] + 1)
    return dict(found)


def _month(day: int) -> int:
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    return date.year * 12 + date.month
