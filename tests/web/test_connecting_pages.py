"""Adding a channel as people of communications do: find the network, see what it takes, follow the steps."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from bankside.channels import form
from bankside.channels.models import Channel
from bankside.networks import declared
from bankside.networks.contract import Connector, Self
from tests.channels import invented
from tests.scene import Scene
from tests.servers.authority_fake import APP, SECRET, FakeAuthority, over_http

At = Callable[[str], Client]
OTHER = "othernet"


class Example(Connector):
    """Whoever has a token is the bank."""

    site = ""

    def whoami(self) -> Self:
        headers = {"authorization": f"Bearer {self.grant.secrets['access']}"}
        known = self.wire.get(f"{self.site}/me", headers=headers).json()["id"]
        return Self(remote_id=known, handle=f"@{known}", name=known, url="", limits={})

    def verify(self, request: Any) -> Any:
        raise NotImplementedError


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAuthority]:
    with over_http(FakeAuthority()) as there:
        settings.WIRE_PRIVATE_HOSTS = frozenset({there.url.removeprefix("http://")})
        monkeypatch.setattr(Example, "site", there.url)
        yield there


@pytest.fixture
def known(fake: FakeAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network for the bank's own app, used in two countries, that asks for approval and takes money."""
    invented.network(
        monkeypatch, Example, connect=invented.oauth(fake.url), access="approval", markets=("KR", "CN"),
        blocked=("NL",), hosts=invented.hosts(fake.url.removeprefix("http://")),
        settings=(invented.setting("client_id"), invented.setting("client_secret", secret=True)),
        prices=(declared.Price(act="post", amount="0.015", currency="USD"),),
        windows=(declared.Window(kind="direct message", hours=24, messages=5),),
    )  # fmt: skip


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_networks_stand_in_groups_by_what_the_desk_can_do(
    scene: Scene, at: At, known: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    invented.network(monkeypatch, Example, name=OTHER, lifecycle="closed")
    page = text_of(at("administrator").get("/channels/new/"))
    here, closed = page.index("The desk connects these"), page.index("Nothing is sent there any more.")
    assert here < page.index(f"/channels/new/{invented.NAME}/") < closed
    assert closed < page.index(f"/channels/new/{OTHER}/") and "needs their approval" in page
    assert "Used in: South Korea, China." in page and "Cannot be reached from: Netherlands." in page


@pytest.mark.parametrize("words", ["example", "EXAMPLE net", "south korea net example", "china  example"])
def test_a_network_is_found_by_its_name_or_its_countries(
    scene: Scene, at: At, known: None, words: str
) -> None:
    page = text_of(at("administrator").get("/channels/new/", {"q": words}))
    found = [one.name for one in form.networks() if f'href="/channels/new/{one.name}/"' in page]
    assert found == [invented.NAME]


def test_what_nobody_has_is_said_and_what_is_typed_stays_in_the_field(
    scene: Scene, at: At, known: None
) -> None:
    page = text_of(at("administrator").get("/channels/new/", {"q": '"><b>없는 것'}))
    assert "No network is called so." in page and "<b>없는 것" not in page.replace('value=""><b>없는 것"', "")
    part = at("administrator").get("/channels/new/", {"q": "example"}, HTTP_HX_REQUEST="true",
                                   HTTP_HX_TARGET="choices")  # fmt: skip
    assert text_of(part).lstrip().startswith('<div id="choices"')


def test_the_page_of_a_network_says_what_it_takes(scene: Scene, at: At, known: None, settings: Any) -> None:
    settings.PUBLIC_URL, settings.PUBLIC_HOST = "https://desk.hanulbank.example", "desk.hanulbank.example"
    page = text_of(at("administrator").get(f"/channels/new/{invented.NAME}/"))
    for words in (
        "the network's approval of your app", "https://desk.hanulbank.example/channels/return/",
        'data-copies="redirect"', "<code>read</code>", "<code>write</code>", "0.015 USD", "within 24 hours",
        "5 messages", "The address for it is made when the account is connected",
    ):  # fmt: skip
        assert words in page
    assert "Connect this account" not in page, "nobody can paste what lets the desk in: she signs in there"
    assert page.count('class="btn act"') == 1


def test_in_every_language_and_for_every_network_the_page_is_whole(scene: Scene, at: At) -> None:
    client = at("administrator")
    for language in ("en", "ko", "zh-hans", "nl"):
        client.cookies["django_language"] = language
        for one in form.networks():
            page = client.get(f"/channels/new/{one.name}/")
            assert page.status_code == 200 and one.title in text_of(page)
        assert client.get("/channels/new/").status_code == 200


@pytest.mark.network
def test_she_signs_in_with_the_app_and_nothing_is_typed_twice(
    scene: Scene, at: At, known: None, fake: FakeAuthority
) -> None:
    browser, path = at("administrator"), f"/channels/new/{invented.NAME}/sign-in/"
    given = {"name": "한울은행 2", "setting:client_id": APP, "setting:poll_seconds": "45"}
    refused = browser.post(path, given)
    page = text_of(refused)
    assert refused.status_code == 422 and "client_secret is missing" in page
    assert (
        "Nothing was kept. Type secrets again." in page and "한울은행 2" in page and f'value="{APP}"' in page
    )
    away = browser.post(path, {**given, "secret:client_secret": SECRET})
    assert SECRET not in text_of(away)
    link = text_of(away).partition(f'href="{fake.url}')[2].partition('"')[0]
    back = browser.get("/channels/return/", fake.agrees(f"{fake.url}{link}"), follow=True)
    channel = Channel.objects.get(network=invented.NAME)
    assert (channel.handle, channel.poll_seconds) == ("@hanulbank", 45)
    page = text_of(back)
    assert (
        f"/hooks/{channel.hook}" in page and 'data-copies="hook"' in page and 'data-copies="redirect"' in page
    )
    seen = text_of(at("author").get(f"/channels/{channel.pk}/"))
    assert channel.hook not in seen and "/channels/return/" not in seen


def test_a_rhythm_that_is_none_is_said_before_she_goes(scene: Scene, at: At, known: None) -> None:
    given = {
        "name": "X",
        "setting:client_id": APP,
        "secret:client_secret": SECRET,
        "setting:poll_seconds": "0",
    }
    refused = at("administrator").post(f"/channels/new/{invented.NAME}/sign-in/", given)
    assert refused.status_code == 422 and "Seconds between two looks" in text_of(refused)


def test_how_the_access_is_stands_on_the_page_and_in_the_api(scene: Scene, at: At, settings: Any) -> None:
    where = scene.channel
    page = text_of(at("author").get(f"/channels/{where.pk}/"))
    assert "The network accepts it." in page and "no end is known" in page
    now = scene.moment
    Channel.objects.filter(pk=where.pk).update(ends_at=now + 3 * 86_400_000, notice_at=now - 1)
    page = text_of(at("author").get(f"/channels/{where.pk}/"))
    assert "ends soon" in page and "Connect the account again before then." in page
    [one] = at("author").get("/api/v1/channels").json()["items"]
    assert (
        one["access"]["state"] == "ending" and one["access"]["ends_at"] and one["health"]["state"] == "person"
    )
    assert one["access"]["renews"] is False and "ends on" in one["access"]["words"]
