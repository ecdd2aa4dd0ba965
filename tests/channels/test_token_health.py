from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connect, daily, token_health
from bankside.channels.authority import Authority
from bankside.channels.connectors import Session
from bankside.channels.health import health, needing_a_person
from bankside.channels.models import Channel
from bankside.channels.sessions import Fresh
from bankside.networks import declared
from bankside.networks.contract import Connector, Page, Self, Tokens
from bankside.record import clock
from bankside.record.models import Entry
from tests.channels import invented
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db
DAY = 86_400
AT = Authority(
    issuer="https://a.example", authorization_endpoint="", token_endpoint="https://a.example/token"
)


class Example(Connector):
    def whoami(self) -> Self:
        return Self(remote_id="1", handle="@hanulbank", name="한울은행", url="", limits={})

    def poll(self, cursor: str, since_ms: int) -> Page:
        return Page(items=(), cursor="1", more=False)

    def renew(self) -> Tokens:
        return Tokens(secrets={"access": "next"}, fresh_until_ms=clock.now_ms() + 60 * DAY * 1000)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def token(life_seconds: int, refresh_life_seconds: int = 0) -> declared.Token:
    return declared.Token(kind="Key", life_seconds=life_seconds, refresh_life_seconds=refresh_life_seconds)


def added(scene: Scene, fresh: Fresh | None = None) -> Channel:
    secrets = {"client_secret": "s"} if fresh else {"client_secret": "s", "access_token": "t"}
    channel = connect.add(
        scene.people["administrator"], invented.NAME, name="Example", settings={"client_id": "a"},
        secrets=secrets, team=scene.team, session=fresh,
    )  # fmt: skip
    return Channel.objects.get(pk=channel.pk)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(*tokens: declared.Token, **way: Any) -> None:
        fields = (
            invented.setting("client_id"), invented.setting("client_secret", secret=True),
            invented.setting("access_token", secret=True, required=False),
        )  # fmt: skip
        connecting = invented.oauth("https://a.example", **way)
        invented.network(monkeypatch, Example, connect=connecting, settings=fields, tokens=tokens)

    return make


def signed(seconds: int, **tokens: str) -> Fresh:
    return Fresh(Session({"access": "a", **tokens}, AT, "a"), clock.now_ms() + seconds * 1000)


def endings() -> int:
    return Entry.objects.filter(fact="channels.access-ending").count()


def test_a_token_that_nobody_can_prolong_is_told_seven_days_before_and_recorded_once(
    scene: Scene, known: Any
) -> None:
    known(token(3600))
    channel = added(scene, signed(60 * DAY))
    assert channel.ends_at == NOW + 60 * DAY * 1000
    assert token_health.access(channel).state == "good" and not token_health.access(channel).renews
    boss = scene.people["administrator"]
    scene.later(53 * DAY - 1)
    assert (health(fresh(channel)).state, needing_a_person(boss), endings()) == ("well", 0, 0)
    scene.later(2)
    daily.plan()
    scene.later(daily.SPREAD_SECONDS)
    shown = health(fresh(channel))
    assert shown.state == "person" and "ends on 2027-01-23" in shown.words and needing_a_person(boss) == 1
    assert (token_health.access(fresh(channel)).state, endings()) == ("ending", 1)
    for _ in range(3):
        scene.later(DAY)
        daily.plan()
        scene.later(daily.SPREAD_SECONDS)
    assert endings() == 1
    with clock.frozen(channel.ends_at + 1):
        assert token_health.access(fresh(channel)).state == "ended"
    again = connect.reconnect(boss, fresh(channel), {}, session=signed(60 * DAY))
    assert token_health.access(again).state == "good" and needing_a_person(boss) == 0


@pytest.mark.django_db(transaction=True)
def test_it_is_recorded_in_a_transaction_of_its_own(scene: Scene, known: Any) -> None:
    known()
    channel = added(scene, signed(60))
    with clock.frozen(NOW + 50_000):
        assert token_health.notice(channel) and token_health.notice(channel) and endings() == 1


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def test_a_short_life_is_told_in_its_last_quarter(scene: Scene, known: Any) -> None:
    known()
    channel = added(scene, signed(8 * 3600))
    assert (channel.ends_at - channel.notice_at) == 2 * 3600 * 1000


@pytest.mark.parametrize(
    ("tokens", "way", "session", "ends_days"),
    [
        ((token(60 * DAY),), {}, None, 60),
        ((token(0), token(60)), {}, None, 0),
        ((), {}, None, 0),
        ((token(7200),), {}, {"refresh": "r"}, 0),
        ((token(7200, 365 * DAY),), {}, {"refresh": "r"}, 365),
        ((token(60 * DAY),), {"renews": True}, {}, 0),
    ],
    ids=["typed in", "typed in for ever", "not known", "renewed", "renewed for a year", "prolonged there"],
)
def test_the_end_is_what_a_person_has_to_know(
    scene: Scene, known: Any, tokens: Any, way: Any, session: Any, ends_days: int
) -> None:
    known(*tokens, **way)
    channel = added(scene, None if session is None else signed(7200, **session))
    assert channel.ends_at == (NOW + ends_days * DAY * 1000 if ends_days else 0)
    assert token_health.access(channel).renews is (session is not None)


def test_a_new_refresh_token_begins_its_life_again_and_the_same_one_does_not(
    scene: Scene, known: Any
) -> None:
    known(token(7200, 100 * DAY))
    channel = added(scene, signed(7200, refresh="r1"))
    first = channel.ends_at
    with clock.frozen(NOW + 50 * DAY * 1000):
        from bankside.channels import sessions

        sessions.take(channel, signed(7200, refresh="r1"))
        assert channel.ends_at == first
        sessions.take(channel, signed(7200, refresh="r2"))
        assert channel.ends_at == first + 50 * DAY * 1000


def test_another_setting_does_not_make_a_typed_token_younger(scene: Scene, known: Any) -> None:
    known(token(60 * DAY))
    channel = added(scene)
    boss, first = scene.people["administrator"], channel.ends_at
    with clock.frozen(NOW + 10 * DAY * 1000):
        connect.reconnect(boss, channel, {}, {"poll_seconds": "60"})
        assert fresh(channel).ends_at == first
        connect.reconnect(boss, channel, {"access_token": "another"})
        assert fresh(channel).ends_at == first + 10 * DAY * 1000


def test_what_passes_is_not_what_needs_a_person(scene: Scene, known: Any) -> None:
    known()
    channel = added(scene)
    Channel.objects.filter(pk=channel.pk).update(failures=2)
    assert token_health.access(fresh(channel)).state == "trouble"
    connect.stop(channel, "The token was taken back.")
    revoked = token_health.access(fresh(channel))
    assert revoked.state == "revoked" and "Connect the account again" in revoked.words
    assert revoked.proved_ms == NOW
    bare = Channel.objects.get(pk=scene.channel.pk)
    bare.secrets = b""
    assert token_health.access(bare).state == "none"
