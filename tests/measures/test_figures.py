"""Every number equals an independent count over the record, in plain Python, by any group."""

from __future__ import annotations

import datetime

import pytest

from bankside.measures import figures, frames, period, places
from bankside.measures.definitions import MEASURES
from bankside.measures.figures import Figures, Filters
from bankside.measures.projections import COUNTS
from bankside.record import clock, projection
from bankside.record.lane import lane_count
from tests.measures import by_hand, by_hand_worth, generated

pytestmark = pytest.mark.django_db
ZONE = "Asia/Seoul"
GROUPS = ("", *frames.GROUPS)
FACTS = 1_500
FIRST, LAST = datetime.date(2026, 9, 21), datetime.date(2026, 10, 25)


def follow() -> None:
    for lane in range(lane_count()):
        while projection.catch_up(COUNTS, lane):
            pass


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)  # put back whatever the desk made of it


@pytest.fixture
def desk() -> None:
    generated.desk(FACTS)
    follow()


def asked(before: bool = False, filters: Filters | None = None, zone: str = ZONE) -> Figures:
    span = period.chosen(FIRST, LAST, zone)
    return figures.counted(span, filters or Filters(), places.every())


def hand(told: by_hand.Told, span: period.Period) -> by_hand.ByHand:
    there = {place.obj: place for place in places.every()}
    return by_hand.ByHand(told, span.first, span.last, span.zone, clock.now_ms(), there)


def shown(found: Figures, id: str, group: str, before: bool) -> dict[str, tuple[int, int]]:
    """Key -> (base, part) of what says something."""
    return {one.key: (one.base, one.part) for one in found.by(id, group, before=before) if one.base}


def agree(found: Figures, told: by_hand.Told) -> int:
    """Compares everything that is counted both ways; how many figures that were."""
    compared = 0
    for before, span in ((False, found.period), (True, found.period.before())):
        count = hand(told, span)
        for group in GROUPS:
            compared += conversations(found, count, group, before)
            compared += words(found, count, group, before)
            compared += worth(found, count, group, before)
        compared += open_then(found, count, before)
    return compared + courses(found)


def conversations(found: Figures, count: by_hand.ByHand, group: str, before: bool) -> int:
    compared = 0
    for id in by_hand.CASES:
        expected = count.shares(id, group)
        assert shown(found, id, group, before) == expected, (id, group)
        compared += len(expected)
    for id in ("first-answer", "resolution"):
        bands = {
            one.key: (one.base, one.low, one.middle, one.high)
            for one in found.by(id, group, before=before)
            if one.base
        }
        assert bands == count.band(id, group), (id, group)
        compared += len(bands)
    return compared


def words(found: Figures, count: by_hand.ByHand, group: str, before: bool) -> int:
    compared = 0
    for id in ("posts", "likes", "shares", "comments", "response-per-post", "reach-per-post"):
        expected = count.posts(id, group)
        assert shown(found, id, group, before) == expected, (id, group)
        compared += len(expected)
    replies = {key: sum(one.answers for one in said) for key, said in count.said(group).items()}
    assert {k: v for k, (_, v) in shown(found, "replies", group, before).items()} == {
        key: number for key, number in replies.items() if number
    }
    verbs = {
        "acts-messages": "Create",
        "acts-likes": "Like",
        "acts-shares": "Announce",
        "acts-follows": "Follow",
    }
    for id, verb in verbs.items():
        acts = {one.key: one.part for one in found.by(id, group, before=before) if one.part}
        assert acts == dict(count.acts(verb, group)), (id, group)
    return compared + len(replies)


def worth(found: Figures, count: by_hand.ByHand, group: str, before: bool) -> int:
    """Purposes, minutes saved, money, and the card in the groups that it has."""
    expected = by_hand_worth.purposes(count, group) | by_hand_worth.costs(count, group)
    expected["minutes-saved"] = by_hand_worth.minutes(count, group)
    if group in figures.CARD_GROUPS:
        expected |= by_hand_worth.card(count, group)
    for id, by_key in expected.items():
        assert shown(found, id, group, before) == by_key, (id, group)
    return sum(len(by_key) for by_key in expected.values())


def courses(found: Figures) -> int:
    """The strips of a page are drawn by what the figures of each day are worth."""
    for id in MEASURES:
        by_day = found.by(id, "day")
        unknown = MEASURES[id].unit in {"seconds", "share"}
        assert found.course(id) == tuple(one.value if one.base or not unknown else None for one in by_day), id
    return len(MEASURES)


def open_then(found: Figures, count: by_hand.ByHand, before: bool) -> int:
    span = found.period.before() if before else found.period
    for id in ("backlog", "waiting"):
        by_day = [one.part for one in found.by(id, "day", before=before)]
        expected = [count.open_at(end, waiting=id == "waiting") for end in span.starts[1:]]
        assert by_day == expected
        one = found.one(id, before=before)
        assert one is not None and one.part == expected[-1]
        by_network = sum(one.part for one in found.by(id, "network", before=before))
        assert by_network == expected[-1]
    return len(span.days) * 2


@pytest.mark.usefixtures("desk")
def test_every_figure_is_what_a_count_by_hand_gives() -> None:
    assert agree(asked(), by_hand.told()) > 300


@pytest.mark.more
@pytest.mark.usefixtures("desk")
def test_days_begin_at_midnight_where_summer_time_ends() -> None:
    found = asked(zone="Europe/Amsterdam")
    assert (
        max(b - a for a, b in zip(found.period.starts, found.period.starts[1:], strict=False))
        == 25 * 3_600_000
    )
    assert agree(found, by_hand.told()) > 300


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_hundred_thousand_facts() -> None:
    generated.desk(200_000, seed=11)
    follow()
    told = by_hand.told()
    span = period.chosen(datetime.date(2026, 9, 28), datetime.date(2026, 11, 8), ZONE)
    assert agree(figures.counted(span, Filters(), places.every()), told) > 300
