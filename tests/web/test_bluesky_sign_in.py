"""An administrator signs in at the network itself, by the pages of the desk, and comes back to a channel."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from bankside.channels.models import Channel
from tests.scene import Scene
from tests.servers.bluesky import Bluesky, Person
from tests.servers.bluesky_consent import agrees

At = Callable[[str], Client]
pytestmark = [pytest.mark.server("bluesky"), pytest.mark.timeout(900)]


@pytest.fixture
def bank(bluesky: Bluesky) -> Person:
    return bluesky.account("hanulbank")


@pytest.fixture(autouse=True)
def _near(bluesky: Bluesky, settings: Any) -> Iterator[None]:
    settings.WIRE_PRIVATE_HOSTS = frozenset({bluesky.host, bluesky.plc.removeprefix("http://")})
    yield


def link_in(page: Any) -> str:
    """Where the page leads out of the desk."""
    found = re.search(r'class="btn act" href="(http[^"]+)"', page.content.decode())
    assert found, page.content.decode()[:2000]
    return html.unescape(found[1])


def form(bluesky: Bluesky, bank: Person) -> dict[str, str]:
    return {"name": "Bluesky", **{f"setting:{n}": v for n, v in bluesky.settings(bank).items()}}


def test_she_goes_agrees_and_comes_back_to_a_channel(
    scene: Scene, at: At, bluesky: Bluesky, bank: Person
) -> None:
    browser = at("administrator")
    assert "Sign in at Bluesky" in browser.get("/channels/new/bluesky/").content.decode()
    away = browser.post("/channels/new/bluesky/sign-in/", form(bluesky, bank))
    assert away.status_code == 200 and bluesky.host in away.content.decode()
    back = browser.get("/channels/return/", agrees(bank, link_in(away)))
    channel = Channel.objects.get(network="bluesky")
    assert (back.status_code, back["Location"]) == (303, f"/channels/{channel.pk}/")
    assert channel.account["remote_id"] == bank.did
    page = browser.get(back["Location"]).content.decode()
    assert "Connected." in page and f"/channels/{channel.pk}/sign-in/" in page

    away = browser.post(f"/channels/{channel.pk}/sign-in/", {})
    again = browser.get("/channels/return/", agrees(bank, link_in(away)))
    assert again["Location"] == f"/channels/{channel.pk}/" and Channel.objects.count() == 2


def test_what_goes_wrong_is_said_on_a_page(scene: Scene, at: At, bluesky: Bluesky, bank: Person) -> None:
    browser = at("administrator")
    away = browser.post("/channels/new/bluesky/sign-in/", form(bluesky, bank))
    refused = browser.get("/channels/return/", agrees(bank, link_in(away), refuses=True), follow=True)
    assert "did not let us in" in refused.content.decode()
    nameless = browser.post(
        "/channels/new/bluesky/sign-in/", {**form(bluesky, bank), "name": ""}, follow=True
    )
    assert "Give the channel a name" in nameless.content.decode()
    other = at("auditor").get("/channels/return/", {"state": "x", "code": "y"})
    assert other.status_code == 403
    assert not Channel.objects.filter(network="bluesky").exists()


def test_a_network_reads_who_we_are(scene: Scene, settings: Any) -> None:
    settings.PUBLIC_URL, settings.PUBLIC_HOST = "https://desk.hanulbank.example", "desk.hanulbank.example"
    told = Client().get("/channels/client/bluesky.json").json()
    assert told["client_id"] == "https://desk.hanulbank.example/channels/client/bluesky.json"
    assert told["redirect_uris"] == [
        "https://desk.hanulbank.example/channels/return/", "https://desk.hanulbank.example/m/links/return/"
    ]  # fmt: skip
    assert told["dpop_bound_access_tokens"] is True and told["scope"] == "atproto transition:generic"
    assert Client().get("/channels/client/practice.json").status_code == 404
    assert Client().get("/channels/client/nothing.json").status_code == 404
