"""What computes the measures: one Ibis expression each, over four logical tables, for any engine.

A logical table says for each row which `span` it is in (0 the period, 1 the days before it, 2 earlier) and
which group (`grp`). Whole numbers alone go in and come out, and nothing is rounded but by whole division, so
that DuckDB, Spark and a count by hand agree to the last digit.

The page runs what DuckDB was given for these (`compiled.py`); Ibis itself is asked for long histories.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import ibis

from bankside.measures.columns import (
    COLUMNS,
    EARLIER,
    PURPOSES,
    STEPS,
    WRITERS,
)

MACHINE: Final = WRITERS.index("m")
SECOND_MS: Final = 1000


def tables(group: str = "int64") -> dict[str, Any]:
    """The logical tables without rows, for compiling; `group` is the type of `grp`."""
    return {
        name: ibis.table({"span": "int64", "grp": group} | dict.fromkeys(columns, "int64"), name=name)
        for name, columns in COLUMNS.items()
    }


def expressions(of: Mapping[str, Any]) -> dict[str, Any]:
    """Every expression by name. Those of one table that only count are one expression for all of them:
    `talks`, `posts`, `acts`, `steps` give `<measure>__part` and `<measure>__base` for each span and group."""
    asked = of["talks"].filter(of["talks"].asked == 1)
    recent = asked.filter(asked.span < EARLIER)
    return {
        "talks": _counted(recent, talk_counts(recent)),
        "first-answer": band(first_answer(recent)),
        "resolution": band(resolution(recent)),
        "backlog": running(asked, "closed_day"),
        "waiting": running(asked, "ended_day"),
        "posts": _counted(of["posts"], post_counts(of["posts"])),
        "acts": _counted(of["acts"], act_counts(of["acts"])),
        "steps": _counted(of["steps"], step_counts(of["steps"])),
        **rows_behind(of),
    }


def rows_behind(of: Mapping[str, Any]) -> dict[str, Any]:
    """`<measure>__rows`: what each row adds to the part and to the base, for whoever asks what is behind."""
    asked = of["talks"].filter(of["talks"].asked == 1)
    each = [
        (asked, talk_counts(asked)),
        (of["posts"], post_counts(of["posts"])),
        (of["acts"], act_counts(of["acts"])),
        (of["steps"], step_counts(of["steps"])),
    ]
    return {
        f"{id}__rows": t.select("n", "grp", part=_whole(part), base=_whole(base)).filter(
            lambda row: row.base > 0
        )
        for t, counts in each
        for id, (part, base) in counts.items()
    }


# --- conversations ------------------------------------------------------------------------------------
def talk_counts(t: Any) -> dict[str, tuple[Any, Any]]:
    """Measure -> (part, base), both 0 or 1 or a number for each row; they are summed."""
    every, answered, closed = t.n == t.n, t.answered_at > 0, t.closed_at > 0
    over = (t.due_at < t.as_of) & (~closed | (t.closed_at > t.due_at))
    promised = (t.due_at > 0) & (answered | over)
    public = t.private == 0
    return {
        "opened": _share(every, every),
        "answered": _share(answered, every),
        "answered-public": _share(t.answer_private == 0, answered),
        "answered-private": _share(t.answer_private == 1, answered),
        "answered-by-person": _share(t.answer_by != MACHINE, answered),
        "moved-private": _share(t.moved == 1, public),
        "solved": _share(answered, closed),
        "opened-again": _share(t.turn > 0, every),
        "promises-kept": _share(answered & (t.answered_at <= t.due_at), promised),
    }


def first_answer(t: Any) -> Any:
    """(span, grp, value): whole seconds from the first words to the first answer."""
    there = t.filter(t.answered_at > 0)
    return there.select("span", "grp", value=_seconds(there.answered_at - there.opened_at))


def resolution(t: Any) -> Any:
    """(span, grp, value): whole seconds from the first words until it was closed."""
    there = t.filter(t.closed_at > 0)
    return there.select("span", "grp", value=_seconds(there.closed_at - there.opened_at))


def band(values: Any) -> Any:
    """(span, grp, base, low, middle, high): the values that one in ten, half and nine in ten are within.

    Nearest rank: of n values in order the one at place n/10, n/2, 9n/10, rounded up. Found in a table of how
    often each value is there, which is short, by whole numbers alone.
    """
    each = values.group_by("span", "grp", "value").aggregate(times=values.count())
    up_to = ibis.window(group_by=["span", "grp"], order_by="value", preceding=None, following=0)
    whole = ibis.window(group_by=["span", "grp"])
    each = each.mutate(upto=_whole(each.times.sum().over(up_to)), base=_whole(each.times.sum().over(whole)))
    return each.group_by("span", "grp").aggregate(
        base=each.base.max(),
        low=each.value.min(where=each.upto * 10 >= each.base),
        middle=each.value.min(where=each.upto * 2 >= each.base),
        high=each.value.min(where=each.upto * 10 >= each.base * 9),
    )


def running(t: Any, end: str) -> Any:
    """(grp, day, open): how many had begun and not ended when the day was over; days without change are left
    out."""
    begun = t.select("grp", day=t.opened_day, change=_literal(1))
    ended = t.select("grp", day=t[end], change=_literal(-1))
    each = ibis.union(begun, ended, distinct=False)
    by_day = each.group_by("grp", "day").aggregate(change=_whole(each.change.sum()))
    up_to = ibis.window(group_by="grp", order_by="day", preceding=None, following=0)
    return by_day.select("grp", "day", open=_whole(by_day.change.sum().over(up_to)))


# --- what we said, what others did, the card ----------------------------------------------------------------
def post_counts(t: Any) -> dict[str, tuple[Any, Any]]:
    """Measure -> (part, base) for each row."""
    every, answer, post = t.n == t.n, t.answers == 1, t.answers == 0
    likes = t.likes.fill_null(t.seen_likes)
    shares = t.shares.fill_null(t.seen_shares)
    comments = t.comments.fill_null(t.seen_comments)
    return {
        "posts": _share(post, post),
        "replies": _share(answer, answer),
        "reach-per-post": _sum(t.reach.fill_null(0), post & t.reach.notnull()),
        "likes": _sum(likes, post),
        "shares": _sum(shares, post),
        "comments": _sum(comments, post),
        "response-per-post": _sum(likes + shares + comments, post),
        **{f"purpose-{name}": _share(t.meant == place, every) for place, name in enumerate(PURPOSES)},
        "cost-sent": _sum(t.price.fill_null(0), t.price.notnull()),
    }


def act_counts(t: Any) -> dict[str, tuple[Any, Any]]:
    """Measure -> (part, base); a row stands for `times` acts of the same kind."""
    names = ("acts-messages", "acts-likes", "acts-shares", "acts-follows")
    done = {name: _if(t.verb == place, t.times) for place, name in enumerate(names)}
    counts = {name: (times, times) for name, times in done.items()}
    read = t.price.notnull()
    return counts | {
        "cost-read": (_if(read, t.price.fill_null(0) * t.times), _if(read, t.times)),
    }


def step_counts(t: Any) -> dict[str, tuple[Any, Any]]:
    """Measure -> (part, base)."""
    counted = {
        "members-joined": "joined", "members-left": "left", "profiles-linked": "linked",
        "cards-activated": "activated", "redemptions": "redeemed",
    }  # fmt: skip
    summed = {"points-moved": "posted", "points-redeemed": "redeemed"}
    is_a = {what: t.what == place for place, what in enumerate(STEPS)}
    return {id: _share(is_a[what], is_a[what]) for id, what in counted.items()} | {
        id: _sum(t.amount, is_a[what]) for id, what in summed.items()
    }


def _counted(t: Any, counts: Mapping[str, tuple[Any, Any]]) -> Any:
    sums = {}
    for id, (part, base) in counts.items():
        sums[f"{id}__part"], sums[f"{id}__base"] = _whole(part.sum()), _whole(base.sum())
    return t.group_by("span", "grp").aggregate(**sums)


def _share(part: Any, base: Any) -> tuple[Any, Any]:
    """How many of the rows of the base are of the part."""
    return _if(part & base, _literal(1)), _if(base, _literal(1))


def _sum(amount: Any, base: Any) -> tuple[Any, Any]:
    """How much the rows of the base come to, and how many they are."""
    return _if(base, amount), _if(base, _literal(1))


def _if(condition: Any, amount: Any) -> Any:
    return ibis.ifelse(condition, amount, _literal(0))


def _literal(number: int) -> Any:
    return ibis.literal(number, type="int64")


def _whole(value: Any) -> Any:
    return value.cast("int64")


def _seconds(milliseconds: Any) -> Any:
    return (milliseconds // SECOND_MS).cast("int64")
