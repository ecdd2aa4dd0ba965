"""Signing in for the bank's own app at a network with one place for all, in every variant. A fake."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.db import transaction

from bankside.channels import authority, connect, connectors, oauth, sessions
from bankside.channels.models import Channel, Delivery, PendingGrant
from bankside.networks import declared
from bankside.networks.contract import Connector, Later, Page, Post, Receipt, Reconnect, Refused, Self, Tokens
from bankside.record import clock, jobs
from tests.channels import invented, on_disk
from tests.scene import Scene
from tests.servers.authority_fake import APP, SECRET, FakeAuthority, over_http

pytestmark = [pytest.mark.network, pytest.mark.django_db]
DAY_MS = 86_400_000


class Example(Connector):
    """Knows who it is by its token, and prolongs one that was signed for."""

    site = ""

    def whoami(self) -> Self:
        token = self.grant.secrets.get("access") or self.grant.secrets.get("access_token", "")
        known = self.wire.get(f"{self.site}/me", headers={"authorization": f"Bearer {token}"}).json()["id"]
        return Self(remote_id=known, handle=f"@{known}", name=known, url="", limits={})

    def poll(self, cursor: str, since_ms: int) -> Page:
        self.whoami()
        return Page(items=(), cursor=f"{cursor}.", more=False)

    def send(self, post: Post, key: str) -> Receipt:
        return Receipt(remote_id=key, url="https://there.example/1")

    def renew(self) -> Tokens:
        secrets = self.grant.secrets
        if "access" not in secrets or secrets["client_secret"] != SECRET:
            raise Reconnect("Nobody has signed in.")
        lasting = f"lasting-{secrets['access']}"
        _fake[0].tokens[lasting] = _fake[0].account
        return Tokens(secrets={"access": lasting}, fresh_until_ms=clock.now_ms() + 60 * DAY_MS)


_fake: list[FakeAuthority] = []


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAuthority]:
    with over_http(FakeAuthority()) as there:
        settings.WIRE_PRIVATE_HOSTS = frozenset({there.url.removeprefix("http://")})
        monkeypatch.setattr(Example, "site", there.url)
        _fake[:] = [there]
        yield there


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "network", moment=clock.now_ms())


@pytest.fixture
def known(fake: FakeAuthority, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the network known in a variant, to the desk and to the fake."""

    def make(**way: Any) -> None:
        fields = ["client_id", *([] if fake.public else ["client_secret"]), "hook_secret", "access_token"]
        secret = {"client_secret", "hook_secret", "access_token"}
        invented.network(
            monkeypatch, Example, connect=invented.oauth(fake.url, **way),
            hosts=invented.hosts(fake.url.removeprefix("http://")),
            settings=tuple(
                invented.setting(f, secret=f in secret, required=f.startswith("client")) for f in fields
            ),
        )  # fmt: skip
        fake.basic, fake.pkce = bool(way.get("basic")), way.get("pkce", True)
        fake.renews = bool(way.get("renews"))

    return make


def begun(scene: Scene, **how: Any) -> str:
    secrets = {"client_secret": SECRET, "hook_secret": "words for hooks"}
    wanted: dict[str, Any] = {"name": "Example", "settings": {"client_id": APP}, "secrets": secrets}
    wanted |= {"team": scene.team, **how}
    return oauth.begin(scene.people["administrator"], invented.NAME, **wanted)


def finished(scene: Scene, back: dict[str, str]) -> Channel:
    return oauth.finish(scene.people["administrator"], state=back["state"], code=back["code"])


def connected(scene: Scene, fake: FakeAuthority) -> Channel:
    return finished(scene, fake.agrees(begun(scene)))


def session_of(channel: Channel) -> connectors.Session:
    found = connectors.session_of(Channel.objects.get(pk=channel.pk))
    assert found is not None
    return found


VARIANTS: dict[str, dict[str, Any]] = {
    "app in the form": {}, "app in a header": {"basic": True}, "without a challenge": {"pkce": False},
    "renewed by the network": {"renews": True, "pkce": False},
    "words to the page": {"basic": True, "extra": {"access_type": "offline"}, "separator": ","},
}  # fmt: skip


@pytest.mark.parametrize("way", VARIANTS.values(), ids=VARIANTS)
def test_every_variant_connects_asks_and_renews(
    scene: Scene, fake: FakeAuthority, known: Any, way: dict[str, Any]
) -> None:
    known(**way)
    address = begun(scene)
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{fake.url}/authorize?") and asked["client_id"] == [APP]
    assert asked["scope"] == [way.get("separator", " ").join(("read", "write"))]
    assert ("code_challenge" in asked) is way.get("pkce", True)
    assert {name: asked[name][0] for name in way.get("extra", {})} == way.get("extra", {})
    assert SECRET not in address and "secret" not in str(asked)
    channel = finished(scene, fake.agrees(address))
    assert (channel.state, channel.handle, channel.settings["client_id"]) == ("open", "@hanulbank", APP)
    assert connectors.secrets_of(channel) == {"client_secret": SECRET, "hook_secret": "words for hooks"}
    assert not PendingGrant.objects.exists() and "client_secret" not in session_of(channel).tokens
    before = session_of(channel).tokens["access"]
    assert before.startswith("lasting-") is bool(way.get("renews"))
    Channel.objects.filter(pk=channel.pk).update(fresh_until=1)
    scene.work()
    channel.refresh_from_db()
    assert channel.polled_at and channel.state == "open" and sessions.is_fresh(channel)
    assert session_of(channel).tokens["access"] != before and session_of(channel).authority is not None


def test_a_client_without_a_secret_signs_in_with_a_challenge_alone(
    scene: Scene, fake: FakeAuthority, known: Any
) -> None:
    fake.public = True
    known()
    channel = finished(scene, fake.agrees(begun(scene, secrets={})))
    assert "client_secret" not in fake.asked[-1] and fake.asked[-1]["code_verifier"]
    Channel.objects.filter(pk=channel.pk).update(fresh_until=1)
    scene.work()
    assert sessions.is_fresh(Channel.objects.get(pk=channel.pk))


def test_a_network_that_also_takes_a_pasted_token_asks_for_the_app_only_to_sign_in(
    scene: Scene, fake: FakeAuthority, known: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("client_id", "client_secret", "access_token")
    fields = tuple(invented.setting(n, secret=n != "client_id", required=False) for n in names)
    invented.network(
        monkeypatch, Example, connect=invented.oauth(fake.url), settings=fields,
        hosts=invented.hosts(fake.url.removeprefix("http://")),
    )  # fmt: skip
    with pytest.raises(connect.NotConnected, match="fill in the field 'client_secret' first"):
        begun(scene, secrets={})
    with pytest.raises(connect.NotConnected, match="fill in the field 'client_id' first"):
        begun(scene, settings={}, secrets={"client_secret": SECRET})
    fake.tokens["pasted"] = "hanulbank"
    boss, pasted = scene.people["administrator"], {"access_token": "pasted"}
    channel = connect.add(boss, invented.NAME, name="X", settings={}, secrets=pasted, team=scene.team)
    assert channel.handle == "@hanulbank" and not channel.session


def test_the_app_is_filled_in_before_she_goes(scene: Scene, fake: FakeAuthority, known: Any) -> None:
    known()
    with pytest.raises(connect.NotConnected, match="client_secret is missing"):
        begun(scene, secrets={})
    with pytest.raises(connect.NotConnected, match="client_id is missing"):
        begun(scene, settings={})
    fake.secret = "another"
    with pytest.raises(connect.NotConnected, match="does not accept this sign-in any more: invalid_client"):
        connected(scene, fake)
    assert not Channel.objects.filter(network=invented.NAME).exists()


ANSWERS: dict[str, tuple[int, Any, str]] = {
    "an object": (400, {"error": {"message": "Code was used.", "code": 100}}, "sign-in: Code was used."),
    "a code alone": (401, {"error": "invalid_grant"}, "any more: invalid_grant"),
    "a code and words": (400, {"error": "x", "error_description": "Te laat."}, "sign-in: Te laat."),
    "a no with 200": (200, {"errcode": 40029, "errmsg": "invalid code"}, "sign-in: invalid code"),
    "words beside": (403, {"code": 8, "message": "앱이 없습니다"}, "sign-in: 앱이 없습니다"),
    "no json": (400, b"<html>", "sign-in: answer 400"),
    "a list": (200, [1], "answered something unknown"),
    "a token that is none": (200, {"access_token": 7}, "sign-in: answer 200"),
    "our own secret": (400, {"error_description": f"bad {SECRET}"}, "bad •••"),
}


@pytest.mark.parametrize(("status", "said", "words"), ANSWERS.values(), ids=ANSWERS)
def test_what_a_token_page_says_against_it_is_told(
    scene: Scene, fake: FakeAuthority, known: Any, status: int, said: Any, words: str
) -> None:
    known()
    fake.answers.append((status, said))
    with pytest.raises(connect.NotConnected) as refused:
        connected(scene, fake)
    assert words in str(refused.value) and SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("7200", 7200), (7200, 7200), (60.9, 60), (None, 3600), ("soon", 3600), (True, 3600), (-5, 3600),
     (10**17, authority.SECONDS_MAX)],
)  # fmt: skip
def test_how_long_a_token_holds_is_read_as_it_is_written(
    scene: Scene, fake: FakeAuthority, known: Any, told: Any, seconds: int
) -> None:
    known()
    fake.expires, now = told, clock.now_ms()
    with clock.frozen(now):
        assert connected(scene, fake).fresh_until == now + seconds * 1000


def test_tokens_that_lie_inside_the_answer_are_found(scene: Scene, fake: FakeAuthority, known: Any) -> None:
    known()
    fake.shape = "inside"
    assert session_of(connected(scene, fake)).tokens["refresh"].startswith("refresh-")


def test_connecting_again_keeps_deliveries_the_cursor_and_the_secrets_of_hooks(
    scene: Scene, fake: FakeAuthority, known: Any
) -> None:
    known()
    channel = connected(scene, fake)
    scene.work()
    scene.channel = Channel.objects.get(pk=channel.pk)
    cursor, hook = scene.channel.cursor, scene.channel.hook
    fake.tokens.clear()
    connect.stop(scene.channel, "Taken back.")
    delivery = scene.deliver("내일도 문을 엽니다")
    scene.work()
    assert Delivery.objects.get(pk=delivery.pk).state == "held"
    address = begun(scene, settings={}, secrets={}, channel=scene.channel)
    again = finished(scene, fake.agrees(address))
    assert (again.pk, again.state, again.cursor, again.hook) == (channel.pk, "open", cursor, hook)
    assert connectors.secrets_of(again)["hook_secret"] == "words for hooks"
    scene.work()
    assert Delivery.objects.get(pk=delivery.pk).state == "sent"
    other = begun(scene, settings={}, secrets={}, channel=again)
    with pytest.raises(connect.NotConnected, match="another account"):
        finished(scene, fake.agrees(other, "somebody"))


def test_a_setting_is_changed_without_signing_in_again(scene: Scene, fake: FakeAuthority, known: Any) -> None:
    known()
    channel = connected(scene, fake)
    before, boss = session_of(channel), scene.people["administrator"]
    changed = connect.reconnect(boss, channel, {"hook_secret": "other"}, {"poll_seconds": "90"})
    assert changed.poll_seconds == 90 and session_of(changed) == before
    assert connectors.secrets_of(changed)["hook_secret"] == "other"
    fake.tokens["pasted"] = "hanulbank"
    pasted = connect.reconnect(boss, changed, {"access_token": "pasted"})
    assert not pasted.session and connectors.secrets_of(pasted)["access_token"] == "pasted"
    address = begun(scene, settings={}, secrets={}, channel=pasted)
    signed = finished(scene, fake.agrees(address))
    assert "access_token" not in connectors.secrets_of(signed) and signed.session


def test_a_renewal_during_a_change_of_settings_is_not_lost(
    scene: Scene, fake: FakeAuthority, known: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known()
    channel = connected(scene, fake)
    real = Example.whoami

    def meanwhile(self: Example) -> Self:
        monkeypatch.setattr(Example, "whoami", real)
        Channel.objects.filter(pk=channel.pk).update(fresh_until=1)
        sessions.renew_now(Channel.objects.get(pk=channel.pk))
        return real(self)

    monkeypatch.setattr(Example, "whoami", meanwhile)
    connect.reconnect(scene.people["administrator"], channel, {}, {"poll_seconds": "90"})
    assert session_of(channel).tokens["refresh"] in fake.refreshes, "the newest one is kept"


def test_a_new_secret_of_the_app_is_used_from_then_on(scene: Scene, fake: FakeAuthority, known: Any) -> None:
    known()
    channel = connected(scene, fake)
    fake.secret = "the next one"
    connect.reconnect(scene.people["administrator"], channel, {"client_secret": "the next one"})
    Channel.objects.filter(pk=channel.pk).update(fresh_until=1)
    scene.work()
    channel.refresh_from_db()
    assert channel.state == "open" and sessions.is_fresh(channel)


def test_a_network_that_cannot_prolong_now_connects_nothing(
    scene: Scene, fake: FakeAuthority, known: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(renews=True)
    for error in (Later(5, "Busy."), Refused("No."), Reconnect("Over.")):

        def fails(self: Example, error: Exception = error) -> Tokens:
            raise error

        monkeypatch.setattr(Example, "renew", fails)
        with pytest.raises(connect.NotConnected):
            connected(scene, fake)
    assert not Channel.objects.filter(network=invented.NAME).exists()


def test_four_threads_renew_once(
    tmp_path: Path, fake: FakeAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one desk on a disk. Used twice, a refresh token would end the grant."""
    monkeypatch.setenv("BANKSIDE_WIRE_PRIVATE_HOSTS", fake.url.removeprefix("http://"))
    fake.basic = True
    before = fake.token({"grant_type": "authorization_code", "code": agreed(fake)}, shown())[1]
    said = on_disk.found(tmp_path).run(
        f"""
        from concurrent.futures import ThreadPoolExecutor
        import pytest
        from django.db import connection
        from bankside.channels import authority, connectors, sessions
        from tests.channels import invented, on_disk
        from tests.channels.test_oauth_apps import Example
        from tests.servers.authority_fake import APP, SECRET
        Example.site, host = {fake.url!r}, {fake.url.removeprefix("http://")!r}
        fields = invented.setting("client_id"), invented.setting("client_secret", secret=True)
        invented.network(pytest.MonkeyPatch(), Example, connect=invented.oauth(Example.site, basic=True),
                         hosts=invented.hosts(host), settings=fields)
        at = authority.fixed(Example.site + "/authorize", Example.site + "/token")
        tokens = {{"access": {before["access_token"]!r}, "refresh": {before["refresh_token"]!r}}}
        there = connect.add(None, invented.NAME, name="Example", settings={{"client_id": APP}},
                            secrets={{"client_secret": SECRET}},
                            session=sessions.Fresh(connectors.Session(tokens, at, APP), 1))
        for _ in range(3):
            Channel.objects.filter(pk=there.pk).update(fresh_until=1)
            gate = threading.Barrier(4)
            def renew(number):
                gate.wait()
                try:
                    return sessions.is_fresh(sessions.renew_now(Channel.objects.get(pk=there.pk)))
                finally:
                    connection.close()
            with ThreadPoolExecutor(4) as pool:
                assert all(pool.map(renew, range(4)))
        print(connect.check(None, Channel.objects.get(pk=there.pk)).state)
        """
    )
    assert (
        said == "open" and len([one for one in fake.asked if one.get("grant_type") == "refresh_token"]) == 3
    )


def agreed(fake: FakeAuthority) -> str:
    """A code that somebody has agreed to."""
    fake.pkce = False
    return fake.agrees(f"{fake.url}/authorize?response_type=code&state=x")["code"]


def shown() -> str:
    """Name and secret of the app, as a header shows them."""
    return "Basic " + base64.b64encode(f"{APP}:{quote(SECRET, safe='')}".encode()).decode()


def test_client_credentials_are_exchanged_by_the_connector(
    scene: Scene, fake: FakeAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Exchanges(Example):
        def renew(self) -> Tokens:
            if self.grant.secrets.get("client_secret") != SECRET:
                raise Reconnect("The app is not known.")
            access = f"access-{len(fake.tokens)}"
            fake.tokens[access] = "hanulbank"
            return Tokens(secrets={"access": access}, fresh_until_ms=clock.now_ms() + 7_200_000)

    way = declared.Connect(method="client-credentials", steps=(), session=True)
    fields = (invented.setting("client_id"), invented.setting("client_secret", secret=True))
    there = invented.hosts(fake.url.removeprefix("http://"))
    invented.network(monkeypatch, Exchanges, connect=way, settings=fields, hosts=there)
    boss, secrets = scene.people["administrator"], {"client_secret": SECRET}
    wanted: dict[str, Any] = {"name": "Example", "settings": {"client_id": APP}, "team": scene.team}
    with pytest.raises(connect.NotConnected, match="The app is not known"):
        connect.add(boss, invented.NAME, secrets={"client_secret": "wrong"}, **wanted)
    channel = connect.add(boss, invented.NAME, secrets=secrets, **wanted)
    assert session_of(channel).tokens == {"access": "access-0"} and channel.fresh_until
    with transaction.atomic():
        Channel.objects.filter(pk=channel.pk).update(fresh_until=1)
        jobs.again(connect.poll_key(channel), clock.now_ms())
    scene.work()
    assert session_of(channel).tokens == {"access": "access-1"}
