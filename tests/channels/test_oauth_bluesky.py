"""Signing in at a real server instead of giving a password: away, back, and tokens renewed one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connect, connectors, oauth, sessions
from bankside.channels.models import Channel, PendingGrant
from bankside.networks.contract import Post
from bankside.people.policy import NotYours
from bankside.record import clock, jobs
from tests.channels import on_disk
from tests.scene import Scene
from tests.servers.bluesky import Bluesky, Person
from tests.servers.bluesky_consent import agrees

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.django_db, pytest.mark.timeout(900)]


@pytest.fixture
def bank(bluesky: Bluesky) -> Person:
    return bluesky.account("hanulbank")


@pytest.fixture
def scene(tmp_path: Path, bluesky: Bluesky, settings: Any) -> Iterator[Scene]:
    settings.WIRE_PRIVATE_HOSTS = frozenset({bluesky.host, bluesky.plc.removeprefix("http://")})
    yield Scene(tmp_path / "network", moment=clock.now_ms())


def begun(scene: Scene, bluesky: Bluesky, person: Person, name: str = "Bluesky") -> str:
    settings = bluesky.settings(person)
    return oauth.begin(
        scene.people["administrator"], "bluesky", name=name, settings=settings, team=scene.team
    )


def finished(scene: Scene, back: dict[str, str]) -> Channel:
    given = {"state": back["state"], "code": back.get("code", ""), "issuer": back.get("iss", "")}
    return oauth.finish(scene.people["administrator"], **given, error=back.get("error", ""))


def test_who_signs_in_and_agrees_connects_a_channel_that_speaks(
    scene: Scene, bluesky: Bluesky, bank: Person
) -> None:
    channel = finished(scene, agrees(bank, begun(scene, bluesky, bank)))
    assert (channel.state, channel.handle, channel.account["remote_id"]) == (
        "open",
        f"@{bank.handle}",
        bank.did,
    )
    assert not channel.secrets and not PendingGrant.objects.exists()
    connector = connectors.connector_of(channel)
    assert "refresh" not in connector.grant.secrets and "dpop_key" in connector.grant.secrets
    receipt = connector.send(Post(text="안녕하세요"), "v1:c1")
    assert [row["uri"] for row in bank.records()] == [receipt.remote_id]
    assert connector.poll("", 0).cursor


def test_what_came_back_is_good_once_for_the_one_who_went_and_for_ten_minutes(
    scene: Scene, bluesky: Bluesky, bank: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = agrees(bank, begun(scene, bluesky, bank))
    other = scene.people["auditor"]
    with pytest.raises(connect.NotConnected, match="or elsewhere"):
        oauth.finish(other, state=back["state"], code=back["code"], issuer=back["iss"])
    with clock.frozen(clock.now_ms() + 11 * 60_000), pytest.raises(connect.NotConnected, match="10 minutes"):
        finished(scene, back)
    finished(scene, back)
    with pytest.raises(connect.NotConnected, match="or elsewhere"):
        finished(scene, back)


def test_another_issuer_a_refusal_and_another_account_connect_nothing(
    scene: Scene, bluesky: Bluesky, bank: Person
) -> None:
    back = agrees(bank, begun(scene, bluesky, bank))
    with pytest.raises(connect.NotConnected, match="Somebody else has answered"):
        finished(scene, {**back, "iss": "https://evil.example"})
    refused = agrees(bank, begun(scene, bluesky, bank), refuses=True)
    with pytest.raises(connect.NotConnected, match="did not let us in \\(access_denied\\)"):
        finished(scene, refused)
    assert not Channel.objects.filter(network="bluesky").exists()
    channel, other = finished(scene, agrees(bank, begun(scene, bluesky, bank))), bluesky.account("somebody")
    wanted = {"settings": {"identifier": other.handle}, "channel": channel}
    address = oauth.begin(scene.people["administrator"], "bluesky", **wanted)
    with pytest.raises(connect.NotConnected, match="another account"):
        finished(scene, agrees(other, address))


def test_only_an_administrator_goes_and_a_taken_name_is_said_before_she_goes(
    scene: Scene, bluesky: Bluesky, bank: Person
) -> None:
    for role in ("author", "approver", "responder", "auditor"):
        with pytest.raises(NotYours):
            oauth.begin(scene.people[role], "bluesky", name="X", settings=bluesky.settings(bank))
    with pytest.raises(connect.NameTaken):
        begun(scene, bluesky, bank, name="한울은행")
    with pytest.raises(connect.NotConnected, match="Nobody signs in"):
        oauth.begin(scene.people["administrator"], "practice", name="X", settings={})


def test_a_password_and_a_sign_in_take_each_others_place(
    scene: Scene, bluesky: Bluesky, bank: Person
) -> None:
    staff, secrets = scene.people["administrator"], {"app_password": bank.app_password()}
    channel = connect.add(
        staff, "bluesky", name="Bluesky", settings=bluesky.settings(bank), secrets=secrets, team=scene.team
    )
    assert connectors.secrets_of(channel) == secrets
    channel = finished(scene, agrees(bank, oauth.begin(staff, "bluesky", settings={}, channel=channel)))
    assert connectors.secrets_of(channel) == {} and session_of(channel).authority
    channel = connect.reconnect(staff, channel, secrets)
    assert connectors.secrets_of(channel) == secrets and not session_of(channel).authority


def test_a_job_renews_what_has_ended_before_it_asks(scene: Scene, bluesky: Bluesky, bank: Person) -> None:
    channel = finished(scene, agrees(bank, begun(scene, bluesky, bank)))
    before = session_of(channel)
    Channel.objects.filter(pk=channel.pk).update(fresh_until=1)
    scene.work()
    channel.refresh_from_db()
    assert channel.polled_at and channel.state == "open" and sessions.is_fresh(channel)
    assert session_of(channel).tokens["refresh"] != before.tokens["refresh"]
    assert session_of(channel).tokens["dpop_key"] == before.tokens["dpop_key"]


def test_a_refresh_token_that_was_used_before_stops_the_channel_for_a_person(
    scene: Scene, bluesky: Bluesky, bank: Person
) -> None:
    channel = finished(scene, agrees(bank, begun(scene, bluesky, bank)))
    before = session_of(channel)
    Channel.objects.filter(pk=channel.pk).update(fresh_until=1)
    scene.work()
    channel.refresh_from_db()
    connectors.seal_session(channel, before)
    Channel.objects.filter(pk=channel.pk).update(session=channel.session, fresh_until=1)
    jobs.again(connect.poll_key(channel), clock.now_ms())
    scene.work()
    channel.refresh_from_db()
    assert channel.state == "stopped" and "does not accept this sign-in any more" in channel.trouble
    assert (
        finished(
            scene,
            agrees(bank, oauth.begin(scene.people["administrator"], "bluesky", settings={}, channel=channel)),
        ).state
        == "open"
    )


def test_many_renew_at_once_and_one_does_it(
    tmp_path: Path, bluesky: Bluesky, bank: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight threads of one desk find the tokens ended. Used twice, the old ones would end the grant."""
    hosts = f"{bluesky.host},{bluesky.plc.removeprefix('http://')}"
    monkeypatch.setenv("BANKSIDE_WIRE_PRIVATE_HOSTS", hosts)
    desk = on_disk.found(tmp_path)
    said = desk.run(
        f"""
        from concurrent.futures import ThreadPoolExecutor
        from django.db import connection
        from bankside.channels import authority, oauth, sessions
        from bankside.people import staff
        from tests.servers.bluesky import Bluesky, Person
        from tests.servers.bluesky_consent import agrees
        person = Person(None, {bank.handle!r}, {bank.did!r}, {bank.password!r}, "")
        boss = staff.add("sanne@hanulbank.example", "Sanne Vos", role="administrator")
        settings = {{"service": {bluesky.url!r}, "identifier": person.handle}}
        back = agrees(person, oauth.begin(boss, "bluesky", name="Bluesky", settings=settings))
        there = oauth.finish(boss, state=back["state"], code=back["code"], issuer=back["iss"])
        real, asked = authority.refreshed, []
        authority.refreshed = lambda *given, **how: (asked.append(1), real(*given, **how))[1]
        for _ in range(3):
            Channel.objects.filter(pk=there.pk).update(fresh_until=1)
            gate = threading.Barrier(8)
            def renew(number):
                gate.wait()
                try:
                    return sessions.is_fresh(sessions.renew_now(Channel.objects.get(pk=there.pk)))
                finally:
                    connection.close()
            with ThreadPoolExecutor(8) as pool:
                assert all(pool.map(renew, range(8)))
        print(len(asked), connect.check(boss, there).state)
        """
    )
    assert said == "3 open"


def session_of(channel: Channel) -> connectors.Session:
    found = connectors.session_of(channel)
    assert found is not None
    return found
