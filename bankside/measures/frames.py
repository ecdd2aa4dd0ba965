"""The logical tables of a period, out of the desk's own tables: columns of whole numbers, row beside row.

Every row says in which span it is (the period, or the days before it) and to which group of each kind it
belongs. What hangs on a rule, a price or a market is put in here, so that the expressions need no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bankside.late import numpy as np
from bankside.measures import asking, packing, rules, topics
from bankside.measures.columns import BEFORE, EARLIER, NOW, STEPS, VERBS
from bankside.measures.models import Outgoing
from bankside.measures.question import Question

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUPS: Final = ("day", "network", "market", "lang", "channel")
WHOLE: Final = ""
KINDS_LISTED_MAX: Final = 1 << 20
TAKEN_MAX: Final = 12
Numbers: TypeAlias = "NDArray[np.int64]"
Codes: TypeAlias = "NDArray[np.uint64]"


@dataclass
class Frame:
    """Columns by name, among them `span`; the codes of each kind of group, and what each code stands for."""

    columns: dict[str, Numbers]
    groups: dict[str, Numbers] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def talks(asked: Question) -> Frame:
    """Conversations that were opened in either span, and earlier ones that were open when they began."""
    start, end = asked.start_ms, asked.period.end_ms
    opened = asking.packed(asking.TALKS, [start, end])
    still = asking.packed(asking.STILL_OPEN, [start]) + asking.packed(asking.CLOSED_SINCE, [start, start])
    rows = packing.opened(opened + still, packing.TALK)
    row = _kept(rows, _wanted(asked, rows, rows["flags"] & 1))
    opened_at, answered_at, closed_at = row["opened_at"], row["answered_at"], row["closed_at"]
    flags = row["flags"]
    return _grouped(
        asked, opened_at, row["channel"], row["lang"],
        {
            "n": row["n"], "private": flags & 1, "turn": row["turn"], "opened_at": opened_at,
            "asked": flags >> 1 & 1, "due_at": row["due_at"], "answered_at": answered_at,
            "answer_by": row["answer_by"], "answer_private": flags >> 2 & 1, "moved": flags >> 3 & 1,
            "closed_at": closed_at, "as_of": np.full(len(flags), asked.as_of, np.int64),
            "opened_day": _place_of(asked, opened_at),
            "ended_day": _place_of(asked, _first(answered_at, closed_at)),
            "closed_day": _place_of(asked, closed_at),
        },
    )  # fmt: skip


def posts(asked: Question) -> Frame:
    """Words of ours that appeared in either span. What this desk sent and saw again is there once."""
    span = [asked.start_ms, asked.period.end_ms]
    rows = packing.opened(asking.packed(asking.POSTS, span), packing.OUTGOING)
    there = _wanted(asked, rows, rows["private"])
    there &= ~np.isin(rows["n"], asking.numbers(asking.AGAIN, span))
    row = _kept(rows, there)
    return _grouped(
        asked, row["at"], row["channel"], row["lang"],
        {
            "n": row["n"], "answers": row["answers"], "private": row["private"], "meant": _meant(row),
            "price": _prices_of_posts(asked, row), **_counted(row["n"], span, alone=asked.alone),
            **_seen(row["n"], span, alone=asked.alone),
        },
    )  # fmt: skip


def acts(asked: Question) -> Frame:
    """What others did in either span; a row stands for `times` acts of one kind on one day."""
    row = _acts_read(asked)
    days, width = _place_of(asked, row["at"]) + len(asked.period.days), 2 * len(asked.period.days) + 2
    (channels, channel), (langs, lang) = (_numbered(row[name]) for name in ("channel", "lang"))
    kinds = ((channel * len(langs) + lang) * len(VERBS) + row["verb"]) * width + days
    _, codes = _distinct(kinds, len(channels) * len(langs) * len(VERBS) * width)
    times = np.bincount(codes)
    one_of_each = np.zeros(len(times), np.int64)
    one_of_each[codes] = np.arange(len(codes))
    row = {name: values[one_of_each] for name, values in row.items()}
    return _acts(asked, row, np.zeros(len(times), np.int64), times)


def single_acts(asked: Question) -> Frame:
    """The same with a row for each act."""
    row = _acts_read(asked)
    return _acts(asked, row, row["n"], np.ones(len(row["n"]), np.int64))


def steps(asked: Question) -> Frame:
    """What happened to the social card in either span. It is on no channel and in no language."""
    n, what, network, amount, at = asking.rows(asking.STEPS, [asked.start_ms, asked.period.end_ms], 5)
    moments = _whole(at)
    spans, days = _spans(asked, moments)
    codes, keys = _codes(network)
    return Frame(
        {"n": _whole(n), "what": _coded(what, STEPS), "amount": _whole(amount), "span": spans, "at": moments},
        {WHOLE: np.zeros(len(n), np.int64), "day": days, "network": codes},
        {WHOLE: ("",), "day": _day_keys(asked), "network": keys},
    )


LOADED: Final = {"talks": talks, "posts": posts, "acts": acts, "steps": steps}


# --- columns --------------------------------------------------------------------------------------------
def _wanted(asked: Question, row: Any, private: Any) -> NDArray[np.bool_]:
    """Which of these rows are counted: those on the channels of the question and within its filters."""
    filters = asked.filters
    on = np.array([packing.channel_code(place.obj) for place in asked.places], np.uint64)
    found: NDArray[np.bool_] = np.isin(row["channel"], on)
    if filters.langs:
        known = [packing.language_code(lang) for lang in filters.langs if lang == packing.primary(lang)]
        found &= np.isin(row["lang"], np.array(known, np.uint64))
    if filters.private is not None:
        found &= (private > 0) == filters.private
    return found


def _acts_read(asked: Question) -> dict[str, Any]:
    row = packing.opened(asking.packed(asking.ACTS, [asked.start_ms, asked.period.end_ms]), packing.INCOMING)
    return _kept(row, _wanted(asked, row, row["private"]))


def _acts(asked: Question, row: dict[str, Any], n: Numbers, times: Numbers) -> Frame:
    return _grouped(
        asked, row["at"], row["channel"], row["lang"],
        {"n": n, "verb": row["verb"], "times": times, "price": _prices_of_acts(asked, row)},
    )  # fmt: skip


def _prices_of_acts(asked: Question, row: dict[str, Any]) -> Any:
    """Millionths for each that was read; missing where nothing is asked."""
    found = _missing(len(row["at"]))
    for place in asked.places:
        if "read" in place.prices:
            found[row["channel"] == np.uint64(packing.channel_code(place.obj))] = place.prices["read"]
    return found


def _grouped(asked: Question, at: Numbers, channel: Codes, lang: Codes, columns: dict[str, Any]) -> Frame:
    """With the groups that hang on when, on which channel and in which language it was."""
    spans, days = _spans(asked, at)
    there = sorted(asked.places, key=lambda place: packing.channel_code(place.obj))
    of_places = np.array([packing.channel_code(place.obj) for place in there], np.uint64)
    codes = np.searchsorted(of_places, channel).astype(np.int64)
    languages, of_language = _numbered(lang)
    groups = {WHOLE: np.zeros(len(at), np.int64), "day": days, "channel": codes, "lang": of_language}
    keys: dict[str, tuple[str, ...]] = {
        WHOLE: ("",), "day": _day_keys(asked), "channel": tuple(place.obj for place in there),
        "lang": tuple(packing.language_of(code) for code in languages.tolist()),
    }  # fmt: skip
    for name in ("network", "market"):
        by_channel, keys[name] = _codes([getattr(place, name) for place in there])
        groups[name] = by_channel[codes] if len(codes) else codes
    return Frame(columns | {"span": spans, "at": at}, groups, keys)


def cells(frame: Frame, names: Sequence[str]) -> tuple[Numbers, Numbers]:
    """The finest groups that these kinds of groups make: the code of each row's, and the codes of each kind
    that a code stands for, a row for each."""
    each, kinds = np.zeros(len(frame), np.int64), 1
    for name in names:
        each = each * (len(frame.keys[name]) + 1) + frame.groups[name] + 1
        kinds *= len(frame.keys[name]) + 1
    found, codes = _distinct(each, kinds)
    parts = []
    for name in reversed(names):
        found, code = np.divmod(found, len(frame.keys[name]) + 1)
        parts.append(code - 1)
    return codes, np.stack(parts[::-1], axis=1) if parts else np.zeros((0, 0), np.int64)


def _kept(row: Any, wanted: Any) -> dict[str, Any]:
    """The columns of the rows that are wanted, each by itself: quicker to go through than rows."""
    return {name: row[name][wanted] for name in row.dtype.names}


def _numbered(values: Codes) -> tuple[Codes, Numbers]:
    """What is among these values, in order, and the place there of each. Few different ones are taken out one
    after the other, which is quicker than to put all of them in order."""
    found, rest = list[np.uint64](), values
    while len(rest) and len(found) < TAKEN_MAX:
        found.append(rest[0])
        rest = rest[rest != rest[0]]
    distinct = np.unique(values) if len(rest) else np.array(sorted(found), np.uint64)
    return distinct, np.searchsorted(distinct, values).astype(np.int64)


def _distinct(codes: Numbers, kinds: int) -> tuple[Numbers, Numbers]:
    """The same for numbers from 0 to below `kinds`: few kinds are ticked off a list and not put in order."""
    if kinds > KINDS_LISTED_MAX:
        found, places = np.unique(codes, return_inverse=True)
        return found, places.astype(np.int64)
    there = np.zeros(kinds, np.bool_)
    there[codes] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]


def _spans(asked: Question, at: Numbers) -> tuple[Numbers, Numbers]:
    """The span of each moment, and which day of its span it is in; -1 for earlier ones."""
    days = _place_of(asked, at)
    length = len(asked.period.days)
    spans = np.where(days >= 0, NOW, np.where(days >= -length, BEFORE, EARLIER)).astype(np.int64)
    within = np.where(days >= 0, days, np.where(days >= -length, days + length, -1)).astype(np.int64)
    return spans, within


def _place_of(asked: Question, at: Numbers) -> Numbers:
    """The day of each moment, counted from the first of the period; the days before are below 0.

    What is earlier than both spans is on the day before them, what is later or never on the day after.
    """
    length = len(asked.period.days)
    starts = np.array([*asked.period.before().starts[:-1], *asked.period.starts], np.int64)
    day_ms = int(starts[1] - starts[0])
    if (np.diff(starts) == day_ms).all():  # no day is longer than another: nothing has to be looked for
        found = np.clip((at - starts[0]) // day_ms, -1, 2 * length) - length
    else:
        found = np.searchsorted(starts, at, side="right").astype(np.int64) - 1 - length
    return np.where(at == 0, length, found).astype(np.int64)


def _day_keys(asked: Question) -> tuple[str, ...]:
    return tuple(day.isoformat() for day in asked.period.days)


def _seen(numbers: Numbers, span: Sequence[int], *, alone: bool) -> dict[str, Numbers]:
    """What people did with each of our posts, as far as we saw it."""
    acts = _whole(()) if alone else asking.numbers(asking.SEEN, [False, *span])
    ids, verbs = np.divmod(acts, len(VERBS))
    places, there = _places(numbers, ids)
    named = {"seen_likes": "Like", "seen_shares": "Announce", "seen_comments": "Create"}
    return {
        name: np.bincount(places[there & (verbs == VERBS.index(verb))], minlength=len(numbers))
        for name, verb in named.items()
    }


def _places(numbers: Numbers, wanted: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Where each id stands among the numbers, and whether it does."""
    order = np.argsort(numbers, kind="stable")
    if not len(numbers):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    found = order[np.minimum(np.searchsorted(numbers, wanted, sorter=order), len(numbers) - 1)]
    return found, numbers[found] == wanted


def _counted(numbers: Numbers, span: Sequence[int], *, alone: bool) -> dict[str, Any]:
    """What networks count on each of our posts; missing where they do not."""
    told = _whole(()) if alone else asking.numbers(asking.COUNTED, [False, *span])
    ids, *counts = told.reshape(-1, 5).T
    places, there = _places(numbers, ids)
    found = {}
    for name, values in zip(("reach", "likes", "shares", "comments"), counts, strict=True):
        known = there & (values != asking.NOT_COUNTED)
        found[name] = _missing(len(numbers))
        found[name][places[known]] = values[known]
    return found


def _meant(row: dict[str, Any]) -> Numbers:
    """What each is for, by the rule in force: asked once for each kind of words that there is."""
    rule, known = rules.purposes(), topics.known()
    each = row["topics"] << 4 | row["kind"] << 2 | row["private"] << 1 | row["answers"]
    kinds, codes = _distinct(each, 1 << len(known) + 4)
    served = [
        rules.SERVED.index(
            rule.of(
                answers=bool(kind & 1), private=bool(kind & 2), kind=packing.KINDS[kind >> 2 & 3],
                topics=[topic for place, topic in enumerate(known) if kind >> 4 + place & 1],
            )
        )
        for kind in kinds.tolist()
    ]  # fmt: skip
    return np.array(served, np.int64)[codes] if served else codes


def _prices_of_posts(asked: Question, row: dict[str, Any]) -> Any:
    """Millionths for each; missing where nothing is asked."""
    found = _missing(len(row["at"]))
    kinds = row["purpose"] << 3 | row["private"] << 2 | row["link"] << 1 | row["answers"]
    for place in asked.places:
        if place.prices:
            each = _or_missing([_price(place.prices, code) for code in range(len(packing.PURPOSES) * 8)])
            on_it = row["channel"] == np.uint64(packing.channel_code(place.obj))
            found[on_it] = each[kinds[on_it]]
    return found


def _price(prices: Mapping[str, int], kind: int) -> int | None:
    """As `networks.price` has it: an answer without a price of its own is a post."""
    purpose, private, link, answers = kind >> 3, bool(kind & 4), bool(kind & 2), bool(kind & 1)
    if packing.PURPOSES[purpose] == Outgoing.OUTSIDE:
        return None
    if private:
        return prices.get("private")
    acts = (*(("reply",) if answers else ()), *(("post-with-link",) if link else ()), "post")
    return next((prices[act] for act in acts if act in prices), None)


def _codes(values: Sequence[Any]) -> tuple[Numbers, tuple[Any, ...]]:
    """A small number for each value, and what each stands for."""
    known: dict[Any, int] = {}
    codes = np.fromiter((known.setdefault(value, len(known)) for value in values), np.int64, len(values))
    return codes, tuple(known)


def _coded(values: Sequence[str], names: Sequence[str]) -> Numbers:
    places = {name: place for place, name in enumerate(names)}
    return np.fromiter((places.get(value, -1) for value in values), np.int64, len(values))


def _whole(values: Sequence[Any]) -> Numbers:
    return np.array(values, np.int64)


def _true(values: Numbers) -> Numbers:
    return (values > 0).astype(np.int64)


def _first(one: Numbers, other: Numbers) -> Numbers:
    """The earlier of two moments, of which 0 is never."""
    return np.where(one == 0, other, np.where(other == 0, one, np.minimum(one, other))).astype(np.int64)


def _missing(count: int) -> Any:
    """A column in which everything is missing, as yet."""
    return np.ma.array(np.zeros(count, np.int64), mask=np.ones(count, np.bool_))


def _or_missing(values: Sequence[int | None]) -> Any:
    """A column in which None is missing."""
    missing = [value is None for value in values]
    return np.ma.array([value or 0 for value in values], np.int64, mask=missing)
