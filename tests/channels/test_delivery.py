"""No delivery without consent to its exact words: the room refuses it, and so does the database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from bankside.approvals import consent as consents
from bankside.channels import delivery as deliveries
from bankside.channels import words as exact
from bankside.channels.models import Delivery
from bankside.people import staff
from bankside.record import clock
from bankside.record.ids import new_id
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Any) -> Any:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def ask_again(first: Delivery, scene: Scene, **changes: Any) -> Delivery:
    """The same request with something changed."""
    said = {
        "channel": scene.channel, "purpose": "post", "about": first.about, "version": new_id(),
        "words": deliveries.words_of(first), "digest": first.digest, "consent": first.consent,
        "due_ms": scene.moment, "requested_by": scene.people["author"],
    }  # fmt: skip
    return deliveries.request(**{**said, **changes})


def test_a_consent_to_another_version_or_to_other_words_is_none(scene: Scene) -> None:
    first = scene.deliver("카드 수수료가 바뀝니다.")
    with pytest.raises(deliveries.NoConsent):
        ask_again(first, scene)
    other = replace(deliveries.words_of(first), text="카드 수수료가 없어집니다.")
    with pytest.raises(deliveries.NoConsent):
        ask_again(first, scene, words=other, digest=exact.digest(scene.channel.obj, other))
    with pytest.raises(deliveries.NoConsent):
        ask_again(first, scene, words=other)


def test_a_consent_that_was_taken_back_is_none(scene: Scene) -> None:
    first = scene.deliver("hello")
    consents.void(first.consent.thing, by_actor="s:test", reason="The words changed.")
    scene.work()
    assert Delivery.objects.get().state == "withdrawn"
    assert scene.network.posts() == []


RAW = [
    ("update channels_delivery set digest = %s", ["0" * 64]),
    ("update channels_delivery set consent_id = consent_id + 1", []),
    ("update channels_delivery set version = %s", ["0" * 32]),
    ("update channels_delivery set key = 'another'", []),
    ("delete from channels_delivery", []),
    (
        "insert into channels_delivery (obj, channel_id, key, purpose, about, version, lane, digest,"
        " consent_id, words, requested_by_id, requested_at, state, state_at, due_at, tries, remote_id,"
        " url, handle, note,"
        " fallback) select %s, channel_id, 'raw', purpose, about, version, lane, %s, consent_id, words,"
        " requested_by_id, 0, 'waiting', 0, 0, 0, '', '', '', '', '' from channels_delivery",
        [new_id(), "0" * 64],
    ),
]


@pytest.mark.parametrize(("statement", "values"), RAW)
def test_raw_sql_cannot_send_what_nobody_agreed_to(scene: Scene, statement: str, values: list[str]) -> None:
    scene.deliver("hello")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_raw_sql_cannot_begin_to_send_without_a_standing_consent(scene: Scene) -> None:
    first = scene.deliver("hello")
    consents.void(first.consent.thing, by_actor="s:test", reason="The words changed.")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update channels_delivery set state = 'sending'")


def test_words_lie_sealed_and_open_unchanged(scene: Scene) -> None:
    first = scene.deliver("年报今天发布", title="年报")
    row = Delivery.objects.get(pk=first.pk)
    assert "年报".encode() not in bytes(row.words)
    assert deliveries.words_of(row).title == "年报"


def test_nobody_sees_the_deliveries_of_another_team(scene: Scene) -> None:
    from bankside.people import teams

    delivery = scene.deliver("hello")
    stranger = staff.add(
        "author@busan.example", "Mei Lin", role="author", team=teams.make("Busan", "Asia/Seoul")
    )
    assert list(deliveries.visible_to(scene.people["author"])) == [delivery]
    with pytest.raises(deliveries.NoSuchDelivery):
        deliveries.get_visible(stranger, delivery.obj)


def test_what_has_gone_out_cannot_be_taken_back_here(scene: Scene) -> None:
    first, second = scene.deliver("one"), scene.deliver("two")
    assert deliveries.withdraw(first, by_actor="s:test", reason="Not today.")
    assert not deliveries.withdraw(first, by_actor="s:test", reason="Not today.")
    scene.work()
    assert not deliveries.withdraw(second, by_actor="s:test", reason="Too late.")
    assert [p.text for p in scene.network.posts()] == ["two"]
