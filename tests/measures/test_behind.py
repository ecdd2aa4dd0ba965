"""Every number opens the entries that it was counted from: as many rows as the figure has, and no others."""

from __future__ import annotations

import pytest

from bankside.measures import behind, figures
from bankside.measures.definitions import MEASURES
from bankside.measures.figures import Figures, Filters
from bankside.people import policy, staff, teams
from bankside.record import clock, projection
from bankside.record.append import entries_where
from bankside.record.facts.channels import ActivityReceived, CountsRead, PostPublished
from bankside.record.facts.inbox import ConversationClosed, MessageTriaged
from tests.measures import generated
from tests.measures.test_figures import asked, follow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)


@pytest.fixture
def found() -> Figures:
    generated.desk(800, seed=3)
    follow()
    return asked()


def all_rows(found: Figures, id: str, **where: object) -> list[behind.BehindRow]:
    """Every row, a few a page."""
    rows: list[behind.BehindRow] = []
    after = 0
    while True:
        page = behind.rows_of(found, id, after=after, limit=90, **where)  # type: ignore[arg-type]
        rows += page.rows
        after = page.next
        if not after:
            assert page.total == len(rows)
            return rows


def test_as_many_rows_as_the_figure_rests_on(found: Figures) -> None:
    compared = 0
    for id in MEASURES:
        for before in (False, True):
            one = found.one(id, before=before)
            if one is None:
                continue
            rows = all_rows(found, id, before=before)
            assert len(rows) == one.base, id
            if MEASURES[id].unit == "share":
                assert sum(row.hit for row in rows) == one.part
            compared += 1
    assert compared > 50


@pytest.mark.parametrize("group", ["day", "network", "lang", "channel", "market"])
def test_groups_share_out_the_rows(found: Figures, group: str) -> None:
    for id in ("first-answer", "promises-kept", "replies", "acts-likes", "waiting"):
        whole = {row.n for row in all_rows(found, id)}
        parts = []
        for figure in found.by(id, group):
            rows = all_rows(found, id, group=group, key=figure.key)
            assert len(rows) == figure.base, (id, figure)
            parts += [row.n for row in rows]
        if id != "waiting" or group != "day":
            assert sorted(parts) == sorted(whole)


@pytest.mark.parametrize("id", ["likes", "shares", "comments", "reach-per-post", "response-per-post"])
def test_the_amounts_of_the_rows_are_the_number(found: Figures, id: str) -> None:
    figure = found.one(id)
    assert figure is not None and figure.part > 0
    assert sum(row.amount for row in all_rows(found, id)) == figure.part
    for one in found.by(id, "lang"):
        rows = all_rows(found, id, group="lang", key=one.key)
        assert sum(row.amount for row in rows) == one.part


def test_the_entries_are_those_that_say_so(found: Figures) -> None:
    wanted: dict[str, list[tuple[type, ...]]] = {
        "first-answer": [(ActivityReceived,), (PostPublished, ActivityReceived)],
        "solved": [(ActivityReceived,), (PostPublished, ActivityReceived), (ConversationClosed,)],
        "promises-kept": [(ActivityReceived,), (MessageTriaged,), (PostPublished, ActivityReceived)],
        "response-per-post": [(PostPublished,)],
        "acts-likes": [(ActivityReceived,)],
    }
    for id, kinds in wanted.items():
        rows = [row for row in all_rows(found, id) if row.hit]
        numbers = [n for row in rows for n in row.entries]
        entries = {entry.n: entry for n in numbers for entry in entries_where("n = %s", [n])}
        facts = projection.facts_of(list(entries.values()))
        assert rows and all(isinstance(facts[row.n], kinds[0]) for row in rows)
        for row in rows:
            told = [facts[n] for n in row.entries]
            assert all(any(isinstance(fact, kind) for fact in told) for kind in kinds), id
            if row.obj and id not in {"acts-likes", "response-per-post"}:
                assert {entries[n].obj for n in row.entries} == {row.obj}
    numbers = [n for row in all_rows(found, "likes") for n in row.entries]
    entries_behind = [entry for n in numbers for entry in entries_where("n = %s", [n])]
    kinds_behind = {type(fact) for fact in projection.facts_of(entries_behind).values()}
    assert kinds_behind == {PostPublished, CountsRead, ActivityReceived}


def test_only_whom_the_policy_names(found: Figures) -> None:
    team = teams.make("Seoul", "Asia/Seoul")
    hers = staff.add("da-eun@hanul.example", "이다은", role=policy.RESPONDER, team=team)
    nobody = staff.add("key@hanul.example", "Key", role=policy.KEY_CUSTODIAN)
    some = behind.rows(hers, "opened", found.period, limit=5)
    channels = {place.obj for place in found.asked.places if place.market == "KR"}
    assert 0 < some.total < behind.rows_of(found, "opened").total
    assert some.total == behind.rows_of(asked(filters=Filters(channels=tuple(channels))), "opened").total
    assert figures.of(hers, found.period).one("members-joined") is None
    with pytest.raises(policy.NotYours):
        figures.of(nobody, found.period)
    with pytest.raises(policy.NotYours):
        behind.rows(nobody, "opened", found.period)
