"""What each row adds to the measures that are summed: one text for every engine.

`t` is a logical table (columns.py) whose columns compare and add, be they Ibis expressions or arrays;
`either` gives an amount where a condition holds, and 0 elsewhere. Each measure has its part and its base: 0
or 1 or a number for each row. What can be missing has `fill_null` and `notnull`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from bankside.measures.columns import PURPOSES, STEPS, WRITERS

MACHINE: Final = WRITERS.index("m")
Either = Callable[[Any, Any], Any]
Counts = dict[str, tuple[Any, Any]]
"""Measure -> (part, base)."""


def talks(t: Any, either: Either) -> Counts:
    """Of conversations."""
    every, answered, closed = t.n == t.n, t.answered_at > 0, t.closed_at > 0
    over = (t.due_at < t.as_of) & (~closed | (t.closed_at > t.due_at))
    promised = (t.due_at > 0) & (answered | over)
    public = t.private == 0
    return {
        "opened": _share(either, every, every),
        "answered": _share(either, answered, every),
        "answered-public": _share(either, t.answer_private == 0, answered),
        "answered-private": _share(either, t.answer_private == 1, answered),
        "answered-by-person": _share(either, t.answer_by != MACHINE, answered),
        "moved-private": _share(either, t.moved == 1, public),
        "solved": _share(either, answered, closed),
        "opened-again": _share(either, t.turn > 0, every),
        "promises-kept": _share(either, answered & (t.answered_at <= t.due_at), promised),
    }


def posts(t: Any, either: Either) -> Counts:
    """Of words of ours."""
    every, answer, post = t.n == t.n, t.answers == 1, t.answers == 0
    likes = t.likes.fill_null(t.seen_likes)
    shares = t.shares.fill_null(t.seen_shares)
    comments = t.comments.fill_null(t.seen_comments)
    return {
        "posts": _share(either, post, post),
        "replies": _share(either, answer, answer),
        "reach-per-post": _sum(either, t.reach.fill_null(0), post & t.reach.notnull()),
        "likes": _sum(either, likes, post),
        "shares": _sum(either, shares, post),
        "comments": _sum(either, comments, post),
        "response-per-post": _sum(either, likes + shares + comments, post),
        **{f"purpose-{name}": _share(either, t.meant == at, every) for at, name in enumerate(PURPOSES)},
        "cost-sent": _sum(either, t.price.fill_null(0), t.price.notnull()),
    }


def acts(t: Any, either: Either) -> Counts:
    """Of what others did; a row stands for `times` acts of the same kind."""
    names = ("acts-messages", "acts-likes", "acts-shares", "acts-follows")
    done = {name: either(t.verb == place, t.times) for place, name in enumerate(names)}
    counts = {name: (times, times) for name, times in done.items()}
    read = t.price.notnull()
    cost = either(read, t.price.fill_null(0) * t.times), either(read, t.times)
    return counts | {"cost-read": cost}


def steps(t: Any, either: Either) -> Counts:
    """Of what happened to the card."""
    counted = {
        "members-joined": "joined", "members-left": "left", "profiles-linked": "linked",
        "cards-activated": "activated", "redemptions": "redeemed",
    }  # fmt: skip
    summed = {"points-moved": "posted", "points-redeemed": "redeemed"}
    is_a = {what: t.what == place for place, what in enumerate(STEPS)}
    return {id: _share(either, is_a[what], is_a[what]) for id, what in counted.items()} | {
        id: _sum(either, t.amount, is_a[what]) for id, what in summed.items()
    }


def _share(either: Either, part: Any, base: Any) -> tuple[Any, Any]:
    """How many of the rows of the base are of the part."""
    return either(part & base, 1), either(base, 1)


def _sum(either: Either, amount: Any, base: Any) -> tuple[Any, Any]:
    """How much the rows of the base come to, and how many they are."""
    return either(base, amount), either(base, 1)
