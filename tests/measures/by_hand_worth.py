"""Purposes, minutes saved, what networks cost and the card, counted again from the record in plain Python.

As in `by_hand.py` nothing of `bankside.measures` is used but the ids; the rules as they came are written out.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from bankside.record.facts import rewards as r
from tests.measures.by_hand import ByHand, Said

Figures = dict[str, tuple[int, int]]
"""Key -> (base, part) of what has a base."""
TOPICS = Path(__file__).parents[2] / "bankside" / "measures" / "topics.toml"
CARD: dict[str, tuple[type, str]] = {
    "members-joined": (r.MemberJoined, ""), "members-left": (r.MemberLeft, ""),
    "profiles-linked": (r.ProfileLinked, ""), "cards-activated": (r.CardActivated, ""),
    "redemptions": (r.PointsRedeemed, ""), "points-redeemed": (r.PointsRedeemed, "points"),
    "points-moved": (r.BatchPosted, "points"),
}  # fmt: skip


def purposes(count: ByHand, group: str) -> dict[str, Figures]:
    """Which part of all words of ours served what, by the rule as it came."""
    found: dict[str, Figures] = defaultdict(dict)
    for key, said in count.said(group).items():
        served = [_purpose(one) for one in said]
        for purpose in ("contact", "relations", "information", "brand"):
            found[f"purpose-{purpose}"][key] = len(said), served.count(purpose)
    return found


def minutes(count: ByHand, group: str) -> Figures:
    """Three in ten solved conversations spare a visit of 45 minutes, five in ten a call of 12."""
    solved = {key: part for key, (_, part) in count.shares("solved", group).items() if part}
    return {key: (number, number * (30 * 45 + 50 * 12) // 100) for key, number in solved.items()}


def costs(count: ByHand, group: str) -> dict[str, Figures]:
    """Millionths for what was sent, what was read, and both."""
    sent: dict[str, list[int]] = defaultdict(list)
    for key, said in count.said(group).items():
        prices = [_price(one, count.places[one.channel].prices) for one in said if not one.outside]
        sent[key] += [price for price in prices if price is not None]
    read: dict[str, list[int]] = defaultdict(list)
    for _, channel, _, _, at, lang in count.told.acts:
        prices_there = count.places[channel].prices
        if "read" in prices_there and count.within(at):
            read[count.key(group, channel, lang, at)].append(prices_there["read"])
    both = {key: sent.get(key, []) + read.get(key, []) for key in sent.keys() | read.keys()}
    named = {"cost-sent": sent, "cost-read": read, "cost": both}
    return {
        id: {key: (len(each), sum(each)) for key, each in by_key.items() if each}
        for id, by_key in named.items()
    }


def card(count: ByHand, group: str) -> dict[str, Figures]:
    """What happened in the programme, in all, by day or by network."""
    found: dict[str, Figures] = {}
    for id, (kind, amount) in CARD.items():
        numbers: dict[str, list[int]] = defaultdict(list)
        for _, at, fact in count.told.steps:
            if isinstance(fact, kind) and count.within(at):
                keys = {"": "", "day": count.day(at).isoformat(), "network": getattr(fact, "network", "")}
                numbers[keys[group]].append(getattr(fact, amount) if amount else 1)
        found[id] = {key: (len(each), sum(each)) for key, each in numbers.items()}
    return found


# --- one thing --------------------------------------------------------------------------------------------
def _purpose(one: Said) -> str:
    if one.answers or one.words.private:
        return "contact"
    named = _topics(_text(one))
    if named & {"results", "security", "service", "rates"}:
        return "information"
    if named & {"community", "people"}:
        return "relations"
    if named & {"campaign", "product"}:
        return "brand"
    return "information" if one.words.kind.lower() in {"article", "page"} else "relations"


def _price(one: Said, prices: dict[str, int]) -> int | None:
    if one.words.private:
        return prices.get("private")
    named = ["reply"] if one.answers else []
    named += ["post-with-link"] if "http://" in _text(one) or "https://" in _text(one) else []
    return next((prices[name] for name in [*named, "post"] if name in prices), None)


def _text(one: Said) -> str:
    return f"{one.words.title}\n{one.words.text}"


@lru_cache(maxsize=1_000)
def _topics(text: str) -> frozenset[str]:
    """The topics one of whose words is there: a Latin one between other signs than letters and digits."""
    words = " ".join(word for word in text.split() if not word.startswith("http")).casefold()
    parts = "".join(sign if sign.isalnum() else " " for sign in words).split()
    spaced = f" {' '.join(parts)} "
    return frozenset(
        topic for topic, names in _named()
        if any(f" {name} " in spaced if name.isascii() else name in words for name in names)
    )  # fmt: skip


@lru_cache(maxsize=1)
def _named() -> list[tuple[str, list[str]]]:
    told: Any = tomllib.loads(TOPICS.read_text(encoding="utf-8"))["topic"]
    return [(one["id"], [word.casefold() for word in one["words"]]) for one in told]
