"""The entries behind a number: every figure opens the entries of the record that it was counted from.

The rows are those that the measure's own expression counts. Of each row the arrival numbers of its entries
are told, and nothing else of it: what they say is asked of the record, which lets in whom it lets in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from bankside.late import numpy as np
from bankside.measures import frames, rules
from bankside.measures.columns import BEFORE, NOW
from bankside.measures.definitions import Measure, get
from bankside.measures.figures import RUNNING, Figures, of
from bankside.measures.frames import Frame
from bankside.measures.models import Count, Incoming, Outgoing, Step, Talk
from bankside.measures.period import Period
from bankside.measures.question import Filters
from bankside.people.models import Staff

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS_MAX: Final = 200
ENTRIES_OF_A_ROW_MAX: Final = 200
# What says so, for each measure of conversations: columns of a Talk with arrival numbers.
ENTRIES: Final[Mapping[str, tuple[str, ...]]] = {
    "opened": ("id", "asked_n"),
    "first-answer": ("id", "answered_n"),
    "resolution": ("id", "closed_n"),
    "answered": ("id", "answered_n"),
    "answered-public": ("id", "answered_n"),
    "answered-private": ("id", "answered_n"),
    "answered-by-person": ("id", "answered_n"),
    "moved-private": ("id", "moved_n"),
    "solved": ("id", "answered_n", "closed_n"),
    "opened-again": ("id",),
    "promises-kept": ("id", "asked_n", "answered_n"),
    "backlog": ("id", "closed_n"),
    "waiting": ("id", "answered_n", "closed_n"),
    "minutes-saved": ("id", "answered_n", "closed_n"),
}
COUNTED_ON: Final = frozenset({"reach-per-post", "likes", "shares", "comments", "response-per-post"})
SAME_ROWS: Final = {"first-answer": "answered", "resolution": "solved"}
SUMS_OF: Final = {"cost": ("cost-sent", "cost-read")}


Chosen: TypeAlias = "NDArray[np.bool_]"


@dataclass(frozen=True, slots=True)
class BehindRow:
    """One thing that was counted: `n` is its own number, `entries` all that say so, in order; UTC ms.

    `hit`: it is of the part, and not only of the base. `obj`: the thing in the record, or empty. `amount`:
    how much of the part it is: of a sum, or of a number for each thing, its own number; else 1 or 0.
    """

    n: int
    entries: tuple[int, ...]
    at: int
    obj: str
    hit: bool
    amount: int


@dataclass(frozen=True, slots=True)
class Behind:
    """`total` rows in all, `hits` of them of the part; these rows; and what to pass as `after` for more (0:
    there are no more)."""

    total: int
    hits: int
    rows: tuple[BehindRow, ...]
    next: int


def rows(
    staff: Staff, id: str, period: Period, filters: Filters | None = None, *, group: str = "", key: str = "",
    before: bool = False, after: int = 0, limit: int = 100,
) -> Behind:  # fmt: skip
    """What a figure that she may see was counted from. Raises NotYours, NoMeasure, and KeyError (group)."""
    figures = of(staff, period, filters)
    try:
        return rows_of(figures, id, group=group, key=key, before=before, after=after, limit=limit)
    finally:
        figures.close()


def rows_of(
    figures: Figures, id: str, *, group: str = "", key: str = "", before: bool = False, after: int = 0,
    limit: int = 100,
) -> Behind:  # fmt: skip
    """The same of figures at hand."""
    measure = get(id)
    if "steps" in measure.tables and not figures.with_card:
        return Behind(0, 0, (), 0)
    found = sorted(set(_hits(figures, measure, group, key, before=before)))
    page = [one for one in found if one[0] > after][: max(1, min(limit, ROWS_MAX))]
    told = tuple(_told(measure, page))
    more = bool(page) and page[-1] != found[-1]
    return Behind(len(found), sum(hit for _, _, hit, _ in found), told, page[-1][0] if more else 0)


Hit = tuple[int, str, bool, int]
"""An arrival number, the table of its row, whether it is of the part, and how much of it."""


def _hits(figures: Figures, measure: Measure, group: str, key: str, *, before: bool) -> Iterator[Hit]:
    """Every row that is counted."""
    if measure.id in RUNNING:
        yield from _open(figures, measure, group, key, before=before)
        return
    for id, only_hits in _counted_by(measure):
        [table] = get(id).tables
        frame = frames.single_acts(figures.asked) if table == "acts" else figures.rows.frame(table)
        within = set(frame.columns["n"][_chosen(figures, table, frame, group, key, before=before)].tolist())
        for row in figures.rows.hits(SAME_ROWS.get(id, id), table, frame):
            if row["n"] in within and (row["part"] or not only_hits):
                yield row["n"], table, row["part"] > 0, row["part"]


def _counted_by(measure: Measure) -> Iterable[tuple[str, bool]]:
    """By which measures its rows are found, and whether only those of the part are meant."""
    if measure.id == "minutes-saved":
        return sorted({(one.counts, True) for one in rules.savings()})
    if measure.id in SUMS_OF:
        return [(id, False) for id in SUMS_OF[measure.id]]
    return [(measure.id, measure.id == "first-answer")]


def _open(figures: Figures, measure: Measure, group: str, key: str, *, before: bool) -> Iterator[Hit]:
    """Conversations that were open, or without an answer, when the day or the period was over."""
    frame, length = figures.rows.frame("talks"), len(figures.period.days)
    last = -1 if before else length - 1
    if group == "day":
        period = figures.period.before() if before else figures.period
        last = [day.isoformat() for day in period.days].index(key) - (length if before else 0)
        group = key = ""
    end = frame.columns["closed_day" if measure.id == "backlog" else "ended_day"]
    there = (frame.columns["asked"] == 1) & (frame.columns["opened_day"] <= last) & (end > last)
    there &= _of_group(figures, "talks", frame, group, key)
    yield from ((n, "talks", True, 1) for n in frame.columns["n"][there].tolist())


def _chosen(figures: Figures, table: str, frame: Frame, group: str, key: str, *, before: bool) -> Chosen:
    """Which rows of a frame are in the span and the group."""
    if group == "day":
        period = figures.period.before() if before else figures.period
        filed = dict(zip((d.isoformat() for d in period.days), frame.keys["day"], strict=True))
        key = filed[key]
    span: Chosen = frame.columns["span"] == (BEFORE if before else NOW)
    return span & _of_group(figures, table, frame, group, key)


def _of_group(figures: Figures, table: str, frame: Frame, group: str, key: str) -> Chosen:
    if not group:
        return np.ones(len(frame), np.bool_)
    keys = frame.keys[group]
    of_group: Chosen = frame.groups[group] == (keys.index(key) if key in keys else -1)
    return of_group


# --- the entries of each row --------------------------------------------------------------------------------
def _told(measure: Measure, page: Sequence[Hit]) -> Iterator[BehindRow]:
    """The rows with their entries, in order of their numbers."""
    by_table: dict[str, list[int]] = {}
    for n, table, *_ in page:
        by_table.setdefault(table, []).append(n)
    found = {
        (table, n): one for table, numbers in by_table.items() for n, one in _READ[table](measure, numbers)
    }
    for n, table, hit, amount in page:
        if (one := found.get((table, n))) is not None:
            entries, at, obj = one
            yield BehindRow(n, tuple(sorted(set(entries) - {0})), at, obj, hit, amount)


Read = Iterator[tuple[int, tuple[Iterable[int], int, str]]]


def _talks(measure: Measure, numbers: Sequence[int]) -> Read:
    names = ENTRIES[measure.id]
    for row in Talk.objects.filter(pk__in=numbers):
        yield row.pk, ([getattr(row, name) for name in names], row.opened_at, row.obj)


def _posts(measure: Measure, numbers: Sequence[int]) -> Read:
    found = list(Outgoing.objects.filter(pk__in=numbers))
    counted: dict[tuple[str, str], list[int]] = {}
    if measure.id in COUNTED_ON:
        things = {row.remote_id for row in found} - {""}
        for channel, remote, n in Count.objects.filter(remote_id__in=things).values_list(
            "channel", "remote_id", "read_n"
        ):
            counted.setdefault((channel, remote), []).append(n)
        seen = Incoming.objects.filter(about__in=things).order_by("id")
        for channel, remote, n in seen.values_list("channel", "about", "id"):
            counted.setdefault((channel, remote), []).append(n)
    for row in found:
        more = counted.get((row.channel, row.remote_id), [])[:ENTRIES_OF_A_ROW_MAX]
        yield row.pk, ([row.pk, *more], row.at, row.obj)


def _acts(measure: Measure, numbers: Sequence[int]) -> Read:
    for row in Incoming.objects.filter(pk__in=numbers):
        yield row.pk, ([row.pk], row.at, row.obj)


def _steps(measure: Measure, numbers: Sequence[int]) -> Read:
    for row in Step.objects.filter(pk__in=numbers):
        yield row.pk, ([row.pk], row.at, "")


_READ: Final = {"talks": _talks, "posts": _posts, "acts": _acts, "steps": _steps}
