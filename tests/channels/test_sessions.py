"""Tokens that end are renewed before they are used, by one at a time, and never by guessing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bankside.channels import connect, connectors, sessions
from bankside.channels.connectors import Session
from bankside.channels.models import Channel, Delivery
from bankside.networks import contract
from bankside.networks.practice import Practice
from bankside.record import clock, jobs
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db
HOUR = 3600


@dataclass
class Authority:
    """Exchanges the newest refresh token for the next pair, and is asked too often for an old one."""

    number: int = 0
    asked: list[str] = field(default_factory=list)
    failing: list[Exception] = field(default_factory=list)

    def renew(self, connector: contract.Connector) -> contract.Tokens:
        given = connector.grant.secrets.get("refresh", "")
        self.asked.append(given)
        if self.failing:
            raise self.failing.pop(0)
        if given != f"refresh-{self.number}":
            raise contract.Reconnect("Refresh token replayed.")
        self.number += 1
        tokens = {"access": f"access-{self.number}", "refresh": f"refresh-{self.number}"}
        return contract.Tokens(secrets=tokens, fresh_until_ms=clock.now_ms() + HOUR * 1000)


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> Authority:
    there = Authority()
    monkeypatch.setattr(Practice, "renew", lambda self: there.renew(self))
    return there


@pytest.fixture
def scene(tmp_path: Path, authority: Authority) -> Iterator[Scene]:
    with clock.frozen(NOW):
        scene = Scene(tmp_path / "network")
        scene.work()
        first = Session({"access": "access-0", "refresh": "refresh-0"})
        sessions.take(scene.channel, sessions.Fresh(first, NOW + HOUR * 1000))
        scene.channel.save()
        yield scene


def row(scene: Scene) -> Channel:
    return Channel.objects.get(pk=scene.channel.pk)


def tokens(scene: Scene) -> dict[str, str]:
    found = connectors.session_of(row(scene))
    assert found is not None
    return found.tokens


def state(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).state


def test_a_connector_gets_the_access_token_and_not_what_renews_it(scene: Scene) -> None:
    assert connectors.connector_of(row(scene)).grant.secrets.get("access") == "access-0"
    assert "refresh" not in connectors.connector_of(row(scene)).grant.secrets
    assert "access" not in connectors.connector_of(row(scene), with_wire=False).grant.secrets
    assert b"access-0" not in bytes(row(scene).session)


def test_tokens_are_renewed_a_little_before_they_end_and_no_sooner(
    scene: Scene, authority: Authority
) -> None:
    scene.later(HOUR - sessions.MARGIN_SECONDS - 5)
    assert authority.asked == []
    scene.later(25)
    assert authority.asked == ["refresh-0"] and tokens(scene)["access"] == "access-1"
    assert row(scene).polled_at == scene.moment, "it was asked with the new ones at once"
    scene.later(HOUR)
    assert authority.asked == ["refresh-0", "refresh-1"]


def test_a_delivery_waits_for_fresh_tokens_and_goes_out_once(scene: Scene, authority: Authority) -> None:
    Channel.objects.update(fresh_until=1)
    authority.failing.append(contract.Later(7, "Busy."))
    delivery = scene.deliver("내일 점검이 있습니다.")
    scene.work()
    assert state(delivery) == "waiting" and delivery.attempts.count() == 0
    scene.later(7)
    scene.later(sessions.BUSY_WAIT_SECONDS)
    assert state(delivery) == "sent" and delivery.attempts.count() == 1
    assert len(scene.network.posts("post")) == 1 and authority.number == 1


def test_while_one_renews_another_waits_and_a_lease_that_ran_out_is_taken_over(
    scene: Scene, authority: Authority
) -> None:
    Channel.objects.update(fresh_until=1)
    slow = row(scene)
    errand = sessions.renewal(slow, stop=connect.stop)
    assert isinstance(errand, jobs.Errand)
    assert sessions.renewal(row(scene), stop=connect.stop) == scene.moment + 1000
    scene.moment += (sessions.LEASE_SECONDS + 1) * 1000
    clock._frozen_ms = scene.moment
    other = sessions.renewal(row(scene), stop=connect.stop)
    assert isinstance(other, jobs.Errand)
    other.after(other.work())
    assert tokens(scene)["refresh"] == "refresh-1"
    late = contract.Tokens(secrets={"access": "late", "refresh": "late"}, fresh_until_ms=scene.moment)
    errand.after(sessions._of(late))
    assert tokens(scene)["refresh"] == "refresh-1", "the answer of the one who slept is not used"


def test_a_dead_grant_stops_the_channel_and_holds_what_waits(scene: Scene, authority: Authority) -> None:
    Channel.objects.update(fresh_until=1)
    authority.number = 5
    delivery = scene.deliver("等待")
    scene.work()
    assert (row(scene).state, row(scene).trouble) == ("stopped", "Refresh token replayed.")
    assert state(delivery) == "held" and delivery.attempts.count() == 0
    assert authority.asked == ["refresh-0"], "it is not asked again"


def test_trouble_that_nobody_understands_is_seen_and_tried_again(scene: Scene, authority: Authority) -> None:
    Channel.objects.update(fresh_until=1)
    authority.failing += [ValueError("?"), contract.Refused("No.")]
    scene.later(5)
    scene.later(60)
    assert row(scene).failures == 2 and "does not renew" in row(scene).trouble
    scene.later(60)
    assert row(scene).failures == 0 and authority.number == 1


def test_a_token_that_the_network_calls_ended_is_renewed_whatever_our_clock_says(
    scene: Scene, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Practice.poll

    def poll(self: Practice, cursor: str, since_ms: int) -> contract.Page:
        if self.grant.secrets["access"] == "access-0":
            raise contract.Expired()
        return real(self, cursor, since_ms)

    monkeypatch.setattr(Practice, "poll", poll)
    scene.later(5)
    assert row(scene).failures == 1
    scene.later(20)
    assert authority.number == 1 and row(scene).failures == 0


def test_a_send_with_an_ended_token_is_made_again_with_a_new_one(
    scene: Scene, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Practice.send

    def send(self: Practice, post: contract.Post, key: str) -> contract.Receipt:
        if self.grant.secrets["access"] == "access-0":
            raise contract.Expired()
        return real(self, post, key)

    monkeypatch.setattr(Practice, "send", send)
    delivery = scene.deliver("een keer is genoeg")
    scene.work()
    scene.later(5)
    scene.later(sessions.BUSY_WAIT_SECONDS)
    assert state(delivery) == "sent" and len(scene.network.posts("post")) == 1 and authority.number == 1


def test_what_an_old_call_says_of_its_token_does_not_end_the_new_one(scene: Scene) -> None:
    old = row(scene)
    fresh = sessions.Fresh(Session({"access": "new", "refresh": "new"}), NOW + 2 * HOUR * 1000)
    sessions._store(old, fresh)
    sessions.note(old, contract.Expired())
    assert row(scene).fresh_until == NOW + 2 * HOUR * 1000


def test_a_person_who_checks_the_channel_waits_for_the_renewal(scene: Scene, authority: Authority) -> None:
    Channel.objects.update(fresh_until=1)
    connect.check(scene.people["administrator"], scene.channel)
    assert authority.number == 1 and sessions.is_fresh(row(scene))
    Channel.objects.update(fresh_until=1)
    authority.failing.append(contract.Reconnect("Gone."))
    with pytest.raises(connect.NotConnected, match="Gone"):
        connect.check(scene.people["administrator"], scene.channel)
    assert row(scene).state == "stopped"


def test_a_session_that_was_moved_or_changed_is_not_opened(scene: Scene) -> None:
    channel = row(scene)
    channel.obj = "0" * 32
    with pytest.raises(ValueError, match="cannot be opened"):
        connectors.session_of(channel)
    Channel.objects.update(fresh_until=1, session=b"nonsense that is long enough")
    delivery = scene.deliver("읽을 수 없음")
    scene.work()
    assert state(delivery) == "refused" and delivery.attempts.count() == 1


def test_removing_the_channel_destroys_its_tokens(scene: Scene) -> None:
    connect.remove(scene.people["administrator"], scene.channel)
    assert bytes(row(scene).session) == b""


def test_what_no_announcement_brought_counts_as_repaired(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poll(self: Practice, cursor: str, since_ms: int) -> contract.Page:
        items = tuple(contract.Item(remote_id=f"i{n}", version="1", raw={"kind": "?"}) for n in range(3))
        return contract.Page(items=items, cursor="7", more=False, unannounced=("i1", "i2"))

    monkeypatch.setattr(Practice, "poll", poll)
    scene.later(5)
    scene.later(5)
    assert row(scene).items_repaired == 2
