"""Signing in where the desk first makes itself known, and where tokens last. The server here is a fake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bankside.channels import authority, connect, connectors, oauth, sessions
from bankside.channels.models import Channel, PendingGrant
from bankside.networks.catalogue import network
from bankside.networks.contract import Post
from bankside.record import clock
from tests.networks import mastodon_openapi as document
from tests.scene import Scene
from tests.servers.mastodon_fake import TOKEN, FakeMastodon
from tests.servers.mastodon_http import over_http

pytestmark = [pytest.mark.network, pytest.mark.django_db]
NAME = "mastodon"
TEN_YEARS_SECONDS = 10 * 366 * 86_400


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeMastodon]:
    with over_http(FakeMastodon()) as there:
        settings.WIRE_PRIVATE_HOSTS = frozenset({there.url.removeprefix("http://")})
        yield there


@pytest.fixture
def scene(tmp_path: Path, fake: FakeMastodon) -> Scene:
    return Scene(tmp_path / "network", moment=clock.now_ms())


def begun(scene: Scene, fake: FakeMastodon, **how: Any) -> str:
    wanted: dict[str, Any] = {"name": "Mastodon", "settings": {"server": fake.url}, "team": scene.team, **how}
    return oauth.begin(scene.people["administrator"], NAME, **wanted)


def finished(scene: Scene, back: dict[str, str]) -> Channel:
    given = {"state": back["state"], "code": back.get("code", ""), "error": back.get("error", "")}
    return oauth.finish(scene.people["administrator"], **given)


def session_of(channel: Channel) -> connectors.Session:
    found = connectors.session_of(channel)
    assert found is not None
    return found


@pytest.mark.parametrize("newest", [True, False], ids=["with metadata", "without metadata"])
def test_who_signs_in_and_agrees_connects_a_channel_that_speaks(
    scene: Scene, fake: FakeMastodon, newest: bool
) -> None:
    fake.newest_api = newest
    address = begun(scene, fake)
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"] == [" ".join(network(NAME).connect.scopes)]
    assert asked["code_challenge_method"] == ["S256"] and "client_secret" not in asked
    channel = finished(scene, fake.agrees(address))
    assert (channel.state, channel.handle) == ("open", f"@hanulbank@{fake.home}")
    assert not channel.secrets and not PendingGrant.objects.exists()
    connector = connectors.connector_of(channel)
    assert set(connector.grant.secrets) == {"access"}, "the connector gets neither secret nor renewal"
    connector.send(Post(text="안녕하세요"), "v1:c1")
    assert fake.words() == ["안녕하세요"]


def test_the_token_lasts_until_it_is_taken_back(scene: Scene, fake: FakeMastodon) -> None:
    channel = finished(scene, fake.agrees(begun(scene, fake)))
    with clock.frozen(clock.now_ms() + TEN_YEARS_SECONDS * 1000):
        assert sessions.is_fresh(channel)
    fake.tokens.clear()
    with clock.frozen(clock.now_ms()):
        scene.later(3600)
    channel.refresh_from_db()
    assert channel.state == "stopped" and "invalid" in channel.trouble
    back = fake.agrees(begun(scene, fake, settings={}, channel=channel))
    assert finished(scene, back).state == "open" and Channel.objects.filter(network=NAME).count() == 1


def test_a_token_that_ends_and_cannot_be_renewed_asks_for_a_person(scene: Scene, fake: FakeMastodon) -> None:
    channel = finished(scene, fake.agrees(begun(scene, fake)))
    Channel.objects.filter(pk=channel.pk).update(fresh_until=1)
    scene.work()
    channel.refresh_from_db()
    assert channel.state == "stopped" and "nothing to renew it with" in channel.trouble


def test_a_token_that_ends_and_can_be_renewed_is_renewed_with_the_secret(
    scene: Scene, fake: FakeMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = finished(scene, fake.agrees(begun(scene, fake)))
    before = session_of(channel)
    assert before.tokens["client_secret"] == "secret-of-client-1" and before.client_id == "client-1"
    kept = connectors.Session({**before.tokens, "refresh": "r1"}, before.authority, before.client_id)
    connectors.seal_session(channel, kept)
    Channel.objects.filter(pk=channel.pk).update(session=channel.session, fresh_until=1)
    asked: list[dict[str, Any]] = []

    def refreshed(at: authority.Authority, me: authority.Client, **how: Any) -> authority.Granted:
        asked.append(how | {"secret": me.secret})
        return authority.Granted(access_token=before.tokens["access"], token_type="Bearer", expires_in=600)

    monkeypatch.setattr(authority, "refreshed", refreshed)
    scene.work()
    channel.refresh_from_db()
    assert asked == [{"refresh": "r1", "key": "", "secret": "secret-of-client-1"}]
    assert channel.state == "open" and session_of(channel).tokens == kept.tokens


def test_a_refusal_a_wrong_secret_and_another_account_connect_nothing(
    scene: Scene, fake: FakeMastodon
) -> None:
    with pytest.raises(connect.NotConnected, match="did not let us in \\(access_denied\\)"):
        finished(scene, fake.agrees(begun(scene, fake), refuses=True))
    back = fake.agrees(begun(scene, fake))
    for app in fake.apps.values():
        app["secret"] = "another"
    with pytest.raises(connect.NotConnected, match="does not accept this sign-in any more"):
        finished(scene, back)
    assert not Channel.objects.filter(network=NAME).exists()
    channel = finished(scene, fake.agrees(begun(scene, fake)))
    address = begun(scene, fake, settings={}, channel=channel)
    with pytest.raises(connect.NotConnected, match="another account"):
        finished(scene, fake.agrees(address, "somebody"))


def test_a_server_that_makes_nobody_known_and_one_that_is_none_are_said(
    scene: Scene, fake: FakeMastodon
) -> None:
    fake.failing["POST /api/v1/apps"] = [
        (403, {"error": "This server is closed"}, {}),
        (200, {"id": "1"}, {}),
    ]
    for words in ("This server is closed", "answered something unknown"):
        with pytest.raises(connect.NotConnected, match=words):
            begun(scene, fake)
    assert not PendingGrant.objects.exists()


def test_a_token_of_ones_own_connects_too_and_each_takes_the_others_place(
    scene: Scene, fake: FakeMastodon
) -> None:
    staff, secrets = scene.people["administrator"], {"access_token": TOKEN}
    settings = {"server": fake.url}
    channel = connect.add(staff, NAME, name="Mastodon", settings=settings, secrets=secrets, team=scene.team)
    assert channel.settings["visibility"] == "public" and channel.account["limits"]["limit"] == 500
    channel = finished(scene, fake.agrees(begun(scene, fake, settings={}, channel=channel)))
    assert connectors.secrets_of(channel) == {} and session_of(channel).client_id
    channel = connect.reconnect(staff, channel, secrets)
    assert connectors.secrets_of(channel) == secrets and not channel.session
    with pytest.raises(connect.NotConnected, match="invalid"):
        connect.add(staff, NAME, name="Falsch", settings=settings, secrets={"access_token": "wrong"})


def test_making_itself_known_and_the_exchange_are_calls_of_the_document(
    scene: Scene, fake: FakeMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := document.missing():
        pytest.skip(reason)
    answer, found, asked = fake.answer, list[str](), list[str]()

    def comparing(request: Any) -> Any:
        if not request.url.path.startswith(("/.well-known/oauth-protected", "/api/v2", "/api/v1/accounts")):
            found.extend(document.of_request(request))
            asked.append(request.url.path)
        return answer(request)

    monkeypatch.setattr(fake, "answer", comparing)
    finished(scene, fake.agrees(begun(scene, fake)))
    assert asked == ["/.well-known/oauth-authorization-server", "/api/v1/apps", "/oauth/token"]
    # The document has a list of addresses, and servers before 4.3 one address: all of them take one.
    assert found == []
