"""Measures through the API: the figures of the room, the entries behind them, problems that say why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from bankside.measures import behind, figures
from bankside.measures.definitions import MEASURES
from bankside.people import staff
from bankside.people.models import Staff
from bankside.record import clock
from bankside.web.measured import choice
from tests.measures import generated
from tests.measures.test_figures import follow
from tests.web.caller import Caller

pytestmark = pytest.mark.django_db
DAYS = {"period": "chosen", "first": "2026-09-21", "last": "2026-10-25"}
QUERY = "&".join(f"{name}={value}" for name, value in DAYS.items())


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)


@pytest.fixture
def auditor() -> Staff:
    generated.desk(500)
    follow()
    return staff.add("meten@hanulbank.example", "Meten", role="auditor", team=None)


def test_every_measure_is_told_with_its_rule(auditor: Staff) -> None:
    items = Caller(auditor).get("/measures")["items"]
    assert [one["id"] for one in items] == list(MEASURES)
    assert all(one["rule"] and one["title"] for one in items)


@pytest.mark.parametrize("group", ["", "day", "network", "lang"])
def test_the_figures_are_those_of_the_room(auditor: Staff, group: str) -> None:
    caller = Caller(auditor)
    found = figures.of(auditor, choice.of(DAYS, figures.zone_of(auditor), 0).period)
    for measure in ("first-answer", "answered", "posts", "cost", "points-moved"):
        said = caller.get(f"/measures/{measure}?{QUERY}&group={group}")
        expected = [{**_without_name(one), "value": one.value} for one in found.by(measure, group)]
        assert said["items"] == expected, measure
        assert said["period"]["first"] == DAYS["first"] and said["unit"] == MEASURES[measure].unit


def _without_name(one: figures.Figure) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "measure"}


def test_the_days_before_are_asked_for(auditor: Staff) -> None:
    said = Caller(auditor).get(f"/measures/opened?{QUERY}&before=true")
    assert (said["period"]["first"], said["period"]["last"]) == ("2026-08-17", "2026-09-20")


def test_the_rows_behind_come_by_pages(auditor: Staff) -> None:
    caller, seen, cursor = Caller(auditor), list[str](), ""
    for _ in range(30):
        page = caller.get(f"/measures/opened/entries?{QUERY}&limit=7&cursor={cursor}")
        seen += [one["n"] for one in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            break
    span = choice.of(DAYS, figures.zone_of(auditor), 0).period
    whole = behind.rows(auditor, "opened", span, limit=200)
    assert len(seen) == len(set(seen)) == page["total"] == whole.total > 7


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/measures/nothing", 404),
        ("/measures/Opened", 422),
        ("/measures/opened?period=eternity", 422),
        ("/measures/opened?period=chosen", 422),
        ("/measures/opened?period=chosen&first=2026-10-02&last=2026-10-01", 422),
        ("/measures/opened?period=chosen&first=2020-01-01&last=2026-10-01", 422),
        ("/measures/opened?group=gender", 422),
        ("/measures/opened/entries?cursor=x", 422),
        ("/measures/opened/entries?limit=9999", 422),
    ],
)
def test_what_cannot_be_told_is_a_problem(path: str, status: int) -> None:
    caller = Caller(staff.add("meten2@hanulbank.example", "Meten", role="auditor", team=None))
    found, said = caller.ask("GET", path)
    assert (found, caller.last["Content-Type"]) == (status, "application/problem+json"), said
    assert said["title"] and said["detail"]


def test_it_is_read_only() -> None:
    caller = Caller(staff.add("meten3@hanulbank.example", "Meten", role="compliance", team=None))
    assert caller.ask("POST", "/measures/opened", {})[0] == 405
    assert caller.ask("DELETE", "/measures/opened")[0] == 405
