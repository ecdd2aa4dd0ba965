"""A member shows on the real network who she is, and nothing more; what she does there is then hers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bankside.channels import authority, connect, profiles
from bankside.channels.looked_up import NotProved
from bankside.channels.models import Channel
from bankside.networks import txt
from bankside.networks.contract import Reconnect
from bankside.record import clock, subjects
from tests.channels.test_profiles import Names
from tests.scene import Scene
from tests.servers.bluesky import Bluesky, Person
from tests.servers.bluesky_consent import agrees

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.django_db, pytest.mark.timeout(900)]


@pytest.fixture
def scene(tmp_path: Path, bluesky: Bluesky, settings: Any) -> Iterator[Scene]:
    """A desk whose bank is on the network, so that its channel says where accounts are looked up."""
    settings.WIRE_PRIVATE_HOSTS = frozenset({bluesky.host, bluesky.plc.removeprefix("http://")})
    made, bank = Scene(tmp_path / "network"), bluesky.account("hanulbank")
    chosen = {**bluesky.settings(bank), "directory": bluesky.plc}
    connect.add(
        made.people["administrator"], "bluesky", name="Bluesky", settings=chosen,
        secrets={"app_password": bank.app_password()}, team=made.team,
    )  # fmt: skip
    yield made
    clock._frozen_ms = None  # the scene has moved it on


@pytest.fixture
def minji(bluesky: Bluesky) -> Person:
    return bluesky.account("minji")


def proved(person: Person, typed: str, state: str = "s1") -> profiles.Profile:
    away = profiles.away("bluesky", typed, state=state, apps=Names())
    back = agrees(person, away.address)
    return profiles.back(away.kept, state=back["state"], code=back["code"], issuer=back["iss"])


def test_she_signs_in_and_is_known_by_the_id_that_stays(
    scene: Scene, bluesky: Bluesky, minji: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    real = authority.exchanged

    def exchanged(at: authority.Authority, me: authority.Client, **how: Any) -> authority.Granted:
        given.append((at, me, how["key"], real(at, me, **how)))
        got: authority.Granted = given[-1][-1]
        return got

    monkeypatch.setattr(authority, "exchanged", exchanged)
    seen = proved(minji, f"@{minji.handle}")
    assert (seen.subject, seen.handle) == (minji.did, f"@{minji.handle}")
    assert seen.url.endswith(minji.did) and seen.account_since_ms > 1_600_000_000_000
    assert not Channel.objects.filter(account__remote_id=minji.did).exists()
    [(at, me, key, token)] = given
    with pytest.raises(Reconnect):
        authority.refreshed(at, me, refresh=token.refresh_token, key=key)
    assert profiles.reader("bluesky", minji.did)() == seen


def test_least_is_asked_for_and_whoever_refuses_proves_nothing(
    scene: Scene, bluesky: Bluesky, minji: Person
) -> None:
    away = profiles.away("bluesky", minji.handle, state="s1", apps=Names())
    named = parse_qs(urlsplit(away.address).query)["client_id"][0]
    assert parse_qs(urlsplit(named).query)["scope"] == ["atproto"]
    back = agrees(minji, away.address, refuses=True)
    with pytest.raises(NotProved, match="access_denied"):
        profiles.back(away.kept, state="s1", code="", error=back["error"], issuer=back["iss"])
    with pytest.raises(NotProved, match="Nobody on Bluesky"):
        profiles.away("bluesky", "nobody.test", state="s", apps=Names())


def test_who_signs_in_is_linked_whatever_name_was_typed(
    scene: Scene, minji: Person, bluesky: Bluesky
) -> None:
    other = bluesky.account("jisoo")
    assert proved(other, minji.handle).subject == other.did


def test_what_she_says_to_the_bank_is_then_known_as_hers(
    scene: Scene, bluesky: Bluesky, minji: Person
) -> None:
    from bankside.record.append import entries_where

    seen = proved(minji, minji.handle)
    channel = Channel.objects.get(network="bluesky")
    bank_handle = channel.handle.removeprefix("@")
    bank = Person(bluesky, bank_handle, str(channel.account["remote_id"]), "", "")
    minji.mention(bank, "안녕하세요")
    wanted = subjects.subject_of("bluesky", seen.subject)

    def heard() -> bool:
        from bankside.record import jobs

        jobs.again(connect.poll_key(channel), scene.moment)
        scene.later(61)
        return bool(entries_where("subj = %s and fact = %s", [wanted, "channels.activity-received"]))

    assert any(heard() for _ in range(10))


def test_her_domain_may_say_it_instead(scene: Scene, minji: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = profiles.asked("bluesky", "dns", minji.handle, token="tok")
    assert (asked.text, asked.where) == ("bankside-proof=tok", minji.handle)
    said: dict[str, list[str]] = {}
    monkeypatch.setattr(txt, "records_of", lambda domain, servers: said.get(domain, []))
    with pytest.raises(NotProved, match="does not say it yet"):
        profiles.looked(asked.kept)
    said[minji.handle] = ["bankside-proof=tok"]
    assert profiles.looked(asked.kept).subject == minji.did
