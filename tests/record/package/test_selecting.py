from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bankside.record import clock
from bankside.record.append import Entry
from bankside.record.models import Hold
from bankside.record.package import selecting
from bankside.record.package.expression import ExpressionWrong
from bankside.record.package.selecting import Outside
from tests.record.package import small

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(settings: Any, tmp_path: Path) -> list[Entry]:
    settings.LOG_FOLDER = tmp_path / "log"
    return small.tell(6, publish=False)


def chosen(where: str, outside: Outside | None = None) -> list[int]:
    """Arrival numbers, and that counting agrees with them."""
    selection, until = selecting.selection(where, outside or Outside()), selecting.newest()
    found = [row.n for part in selecting.rows(selection, until) for row in part]
    assert found == sorted(found) and len(found) == selecting.count(selection, until)
    return found


def test_each_field_selects_what_it_says(said: list[Entry]) -> None:
    first, second = said[0], said[1]
    year = clock.iso(first.t)[:4]
    for where in (
        f"subject = {first.subj}", "account = practice:account:0", f"object = {first.obj}",
        f"conversation = {first.n}", f"conversation = {first.obj}", f"entry = {first.n}",
        f"entry = {first.id}",
    ):  # fmt: skip
        assert chosen(where) == [first.n], where
    assert chosen(f"entry in ({first.n}, {second.id})") == [first.n, second.n]
    everything = [entry.n for entry in said]
    for where in (
        "all", "actor = s:intake", "type = post.in", "fact = channels.activity-received", "room = channels",
        f"period = {year}", "time >= 2020-01-01", "state = readable", "not state = erased", "state != erased",
    ):  # fmt: skip
        assert chosen(where) == everything, where
    for where in ("type = read", "room = inbox", "time < 2020-01-01", "period = 2019", "type != post.in"):
        assert chosen(where) == [], where


def test_states_are_erased_restricted_and_held(said: list[Entry]) -> None:
    small.erase(said[0])
    small.restrict(said[1])
    Hold.objects.create(
        obj="b" * 32, kind="object", target=said[2].obj, reason="a test", placed_by="s:test", placed_at=1
    )
    assert chosen("state = erased") == [said[0].n]
    assert chosen("state = restricted") == [said[1].n]
    assert chosen("state = held") == [said[2].n]
    assert chosen("state = readable") == [entry.n for entry in said[2:]]
    assert chosen("state in (erased, held)") == [said[0].n, said[2].n]


def test_channels_and_people_are_asked_of_those_who_know_them(said: list[Entry]) -> None:
    outside = Outside(
        objects=f"select 'k' as channel, '{said[3].obj}' as about",
        channels_named=lambda name: ["k"] if name == "Hanul Bank" else [],
        actors_named=lambda address: ["s:intake"] if address == "a@hanul.example" else [],
    )
    assert chosen('channel = "Hanul Bank"', outside) == [said[3].n]
    assert len(chosen("actor = a@hanul.example", outside)) == 6
    Hold.objects.create(
        obj="b" * 32, kind="channel", target="k", reason="a test", placed_by="s:test", placed_at=1
    )
    assert chosen("state = held", outside) == [said[3].n]
    for where, column in (('channel = "No Bank"', 1), ("all and account = practice:nobody", 9)):
        with pytest.raises(ExpressionWrong) as wrong:
            chosen(where, outside)
        assert (wrong.value.line, wrong.value.column) == (1, column)


def test_what_arrives_later_is_left_out(said: list[Entry]) -> None:
    selection, until = selecting.selection("all", Outside()), said[2].n
    assert selecting.count(selection, until) == 3
    assert [row.n for part in selecting.rows(selection, until) for row in part] == [e.n for e in said[:3]]


def test_many_are_read_in_parts(said: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selecting, "ROWS_PER_QUERY", 2)
    assert chosen("all") == [entry.n for entry in said]


def test_a_value_is_never_a_part_of_the_statement(said: list[Entry]) -> None:
    outside = Outside(channels_named=lambda name: [name])
    assert chosen('channel = "x\') or 1=1 --"', outside) == []
