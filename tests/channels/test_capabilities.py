"""Once a day a network is asked who we are: changes are facts, and a long no is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import daily
from bankside.channels.health import health, needing_a_person
from bankside.channels.models import Channel
from bankside.networks import contract
from bankside.networks.practice import Practice
from bankside.record import clock
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db
DAY = 86_400


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def facts() -> list[Any]:
    return [payload_of(e.n) for e in Entry.objects.filter(fact="channels.capabilities-changed").order_by("n")]


def a_day(scene: Scene) -> Channel:
    daily.plan()
    scene.later(daily.SPREAD_SECONDS)
    scene.later(DAY - daily.SPREAD_SECONDS)
    return Channel.objects.get(pk=scene.channel.pk)


def says(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """What the network tells of the account from now on."""
    real = Practice.whoami

    def changed(self: Practice) -> contract.Self:
        if isinstance(change, Exception):
            raise change
        return replace(real(self), **change)

    monkeypatch.setattr(Practice, "whoami", changed)


def test_a_day_like_any_other_changes_nothing(scene: Scene) -> None:
    row = a_day(scene)
    assert facts() == [] and row.state == "open" and row.ok_at > NOW


def test_another_limit_or_name_is_recorded_and_used(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scene.channel.account["limits"]
    says(monkeypatch, {"limits": {"limit": 280, "new_limit": 4}, "handle": "@한울은행"})
    row = a_day(scene)
    [fact] = facts()
    assert (fact.handle_before, fact.handle) == (scene.channel.handle, "@한울은행")
    told = dict(zip(fact.names, zip(fact.before, fact.after, strict=True), strict=True))
    assert told["new_limit"] == ("", "4") and told["limit"] == (str(before["limit"]), "280")
    assert row.account["limits"]["limit"] == 280 and row.handle == "@한울은행"
    a_day(scene)
    assert len(facts()) == 1


def test_an_access_that_speaks_for_somebody_else_stops_the_channel(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, {"remote_id": "somebody", "handle": "@somebody"})
    row = a_day(scene)
    assert row.state == "stopped" and "another account (@somebody)" in row.trouble
    assert row.handle == scene.channel.handle


@pytest.mark.parametrize("error", [contract.Gone("Not here."), contract.Refused("No.")])
def test_a_no_of_three_days_needs_a_person_and_a_yes_ends_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    boss = scene.people["administrator"]
    with monkeypatch.context() as refusing:
        says(refusing, error)
        a_day(scene)
        assert (health(a_day(scene)).state, needing_a_person(boss)) == ("well", 0)
        shown = health(a_day(scene))
        a_day(scene)
        assert shown.state == "person" or health(a_day(scene)).state == "person"
        assert needing_a_person(boss) == 1
        assert "since 2026-11-24" in health(Channel.objects.get(pk=scene.channel.pk)).words
    assert health(a_day(scene)).state == "well" and needing_a_person(boss) == 0


def test_a_busy_network_is_asked_again_and_a_dead_grant_stops(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, contract.Later(30, "Busy."))
    assert a_day(scene).refused_since == 0
    says(monkeypatch, contract.Reconnect("The key is no good."))
    assert a_day(scene).state == "stopped"
