"""What computes the measures: one Ibis expression each, over four logical tables, for any engine.

A logical table says for each row which `span` it is in (0 the period, 1 the days before it, 2 earlier) and
which group (`grp`). Whole numbers alone go in and come out, and nothing is rounded but by whole division, so
that DuckDB, Spark and a count by hand agree to the last digit.

What each row adds stands in each_row.py. Ibis is asked for long histories; a page counts with arrays
(counting.py), and the rows behind a number are found by what DuckDB was given for these (`compiled.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bankside.late import ibis
from bankside.measures import each_row
from bankside.measures.columns import COLUMNS, EARLIER

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
        "talks": _counted(recent, each_row.talks(recent, _either)),
        "first-answer": band(first_answer(recent)),
        "resolution": band(resolution(recent)),
        "backlog": running(asked, "closed_day"),
        "waiting": running(asked, "ended_day"),
        "posts": _counted(of["posts"], each_row.posts(of["posts"], _either)),
        "acts": _counted(of["acts"], each_row.acts(of["acts"], _either)),
        "steps": _counted(of["steps"], each_row.steps(of["steps"], _either)),
        **rows_behind(of),
    }


def rows_behind(of: Mapping[str, Any]) -> dict[str, Any]:
    """`<measure>__rows`: what each row adds to the part and to the base, for whoever asks what is behind."""
    asked = of["talks"].filter(of["talks"].asked == 1)
    each = [
        (asked, each_row.talks(asked, _either)),
        (of["posts"], each_row.posts(of["posts"], _either)),
        (of["acts"], each_row.acts(of["acts"], _either)),
        (of["steps"], each_row.steps(of["steps"], _either)),
    ]
    return {
        f"{id}__rows": t.select("n", "grp", part=_whole(part), base=_whole(base)).filter(
            lambda row: row.base > 0
        )
        for t, counts in each
        for id, (part, base) in counts.items()
    }


# --- conversations ------------------------------------------------------------------------------------
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


def _counted(t: Any, counts: Mapping[str, tuple[Any, Any]]) -> Any:
    sums = {}
    for id, (part, base) in counts.items():
        sums[f"{id}__part"], sums[f"{id}__base"] = _whole(part.sum()), _whole(base.sum())
    return t.group_by("span", "grp").aggregate(**sums)


def _either(condition: Any, amount: Any) -> Any:
    whole = _literal(amount) if isinstance(amount, int) else amount
    return ibis.ifelse(condition, whole, _literal(0))


def _literal(number: int) -> Any:
    return ibis.literal(number, type="int64")


def _whole(value: Any) -> Any:
    return value.cast("int64")


def _seconds(milliseconds: Any) -> Any:
    return (milliseconds // SECOND_MS).cast("int64")
