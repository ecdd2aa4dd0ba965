from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bankside.channels import channel as channels
from bankside.channels import connect
from bankside.channels.channel import NoSuchChannel
from bankside.people.policy import NotYours
from bankside.record import clock
from tests.people.team import person, team
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def test_channels_are_seen_by_their_team_and_by_those_with_a_role_in_the_whole_desk(scene: Scene) -> None:
    other = connect.add(
        None, "practice", name="Amsterdam", settings={"folder": str(scene.folder)}, secrets={},
        team=team("Amsterdam"),
    )  # fmt: skip
    author, boss = scene.people["author"], scene.people["administrator"]
    assert list(channels.visible_to(author)) == [scene.channel]
    assert list(channels.visible_to(boss)) == [other, scene.channel]
    assert list(channels.visible_to(person())) == []
    assert channels.get_visible(author, scene.channel.obj) == scene.channel
    assert channels.get_visible(author, str(scene.channel.pk)) == scene.channel
    for number in (other.pk, other.obj, "0", "", "²", "9" * 40, "'; drop table"):
        with pytest.raises(NoSuchChannel):
            channels.get_visible(author, number)
    connect.remove(boss, other)
    assert list(channels.visible_to(boss)) == [scene.channel]
    assert set(channels.visible_to(boss, with_removed=True)) == {scene.channel, other}


def test_an_act_has_an_actor_once_policy_allows_it(scene: Scene) -> None:
    boss = scene.people["administrator"]
    assert channels.acting(boss, "channel.connect", scene.team) == boss.actor
    assert channels.acting(None, "channel.connect", scene.team) == "s:setup"
    with pytest.raises(NotYours):
        channels.acting(scene.people["author"], "channel.connect", scene.team)
