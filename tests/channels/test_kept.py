from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import kept
from bankside.channels.models import Item
from bankside.networks import contract
from bankside.record import clock
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def row(scene: Scene, remote_id: str = "c1", version: str = "1", text: str = "안녕") -> Item:
    item = contract.Item(remote_id=remote_id, version=version, raw={"text": text})
    return kept.row_of(scene.channel, item, via=kept.HOOK, now_ms=NOW)


def test_an_item_is_kept_once_by_channel_id_and_version(scene: Scene, tmp_path: Path) -> None:
    other = scene.connect("둘째", tmp_path / "second")
    first = [row(scene), row(scene), row(scene, version="2"), row(scene, remote_id="c2")]
    assert len(kept.write(first)) == 3
    assert kept.write(first) == set()
    scene.channel = other
    assert kept.write([row(scene)]) == {(other.pk, "c1", "1")}
    assert Item.objects.count() == 4


def test_a_body_opens_only_where_it_was_sealed(scene: Scene) -> None:
    one, two = row(scene), row(scene, remote_id="c2")
    assert kept.opened(one) == {"text": "안녕"}
    two.body = one.body
    with pytest.raises(ValueError, match="cannot be opened"):
        kept.opened(two)


def test_half_a_character_is_kept_as_it_came(scene: Scene) -> None:
    assert kept.opened(row(scene, text="half \ud83d")) == {"text": "half \ud83d"}


def test_what_no_database_holds_is_shown_and_loses_nothing(scene: Scene) -> None:
    assert kept.opened(row(scene, text="카드\x00 4111\x001111\x001111\x001111")) == {
        "text": "카드\ufffd 4111\ufffd1111\ufffd1111\ufffd1111"
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [("comment:12", "comment:12"), ("a\x00b", "a?b"), ("\ud83d", "?"), ("网" * 20, "网" * 20)],
)
def test_names_of_networks_fit_any_database(text: str, named: str) -> None:
    assert kept.named(text, 200) == named


def test_long_names_stay_different(scene: Scene) -> None:
    one, two = (kept.named("x" * 300 + end, 200) for end in "ab")
    assert one != two
    assert len(one) == len(two) == 200
    assert one == kept.named("x" * 300 + "a", 200)


def test_many_items_take_few_statements(scene: Scene, django_assert_max_num_queries: Any) -> None:
    rows = [row(scene, remote_id=str(n)) for n in range(600)]
    with django_assert_max_num_queries(12):
        assert len(kept.write(rows)) == 600
        assert kept.write(rows) == set()
