from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bankside.channels import freeze
from bankside.people.policy import NotYours
from bankside.record import clock
from bankside.record.models import Entry
from bankside.record.reasons import ReasonMissing
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def test_nothing_goes_out_while_the_desk_is_frozen_and_all_of_it_afterwards(scene: Scene) -> None:
    boss = scene.people["administrator"]
    row = freeze.freeze(boss, " False rumours. ")
    assert (row.reason, row.by, row.at) == ("False rumours.", boss, NOW)
    scene.deliver("동결 중")
    scene.network.customer_says("지금도 읽히나요?")
    scene.later(60)
    assert scene.network.posts() == []
    assert Entry.objects.filter(fact="channels.activity-received").count() == 1
    assert freeze.unfreeze(boss, "It is over.")
    scene.later(5)
    assert len(scene.network.posts()) == 1
    names = Entry.objects.filter(fact__contains="frozen").order_by("n").values_list("fact", "actor")
    assert list(names) == [
        ("channels.desk-frozen", boss.actor), ("channels.desk-unfrozen", boss.actor),
    ]  # fmt: skip


def test_freezing_twice_keeps_the_first_and_can_be_done_again_later(scene: Scene) -> None:
    first = freeze.freeze(scene.people["administrator"], "First.")
    assert freeze.freeze(None, "Second.").reason == first.reason
    assert freeze.unfreeze(None, "Done.")
    assert not freeze.unfreeze(None, "Done.")
    assert freeze.frozen() is None
    freeze.freeze(None, "Third.")
    frozen = freeze.frozen()
    assert frozen is not None
    assert frozen.reason == "Third."
    assert Entry.objects.filter(fact="channels.desk-frozen").count() == 2


def test_an_approver_of_any_team_may_pull_the_brake_and_not_release_it(scene: Scene) -> None:
    freeze.freeze(scene.people["approver"], "Stop.")
    with pytest.raises(NotYours):
        freeze.unfreeze(scene.people["approver"], "Go.")
    for role in ("author", "responder", "auditor"):
        with pytest.raises(NotYours):
            freeze.freeze(scene.people[role], "Stop.")
    assert freeze.frozen()


def test_a_reason_is_given(scene: Scene) -> None:
    with pytest.raises(ReasonMissing, match="Say why"):
        freeze.freeze(scene.people["administrator"], "  ")
    assert freeze.frozen() is None
