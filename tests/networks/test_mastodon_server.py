"""The connector against a real server of the Mastodon API, of whatever make, where somebody names one.

BANKSIDE_TEST_MASTODON_URL is its address, `..._TOKEN` a token of the bank's account with the scopes of the
data file, `..._TOKEN2` one of a customer's. No registry has such a server to install, so that these tests are
skipped where nobody names one. They post, privately where they can, and take away what they have posted.
"""

from __future__ import annotations

import io
import ipaddress
import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from bankside.channels import authority
from bankside.networks.catalogue import network
from bankside.networks.contract import Connector, Gone, Grant, Media, Post, Reconnect, Uncertain
from tests import sockets
from tests.networks.mastodon_desk import news
from tests.networks.test_mastodon import PARTS

NAMES = tuple(f"BANKSIDE_TEST_MASTODON_{name}" for name in ("URL", "TOKEN", "TOKEN2"))
URL, BANK, CUSTOMER = (os.environ.get(name, "") for name in NAMES)
HOST = urlsplit(URL).netloc
TEXTS = int(os.environ.get("BANKSIDE_TEST_MASTODON_TEXTS", "20"))
"""Random texts that the server counts; 500 take long, because servers let in 300 calls in 5 minutes."""
ARRIVES_SECONDS_MAX = 30

pytestmark = [pytest.mark.server("mastodon"), pytest.mark.timeout(3600)]


@pytest.fixture(autouse=True)
def _server(monkeypatch: pytest.MonkeyPatch, _sockets: None) -> Iterator[None]:
    if absent := [name for name, value in zip(NAMES, (URL, BANK, CUSTOMER), strict=True) if not value]:
        pytest.skip(f"no server of the Mastodon API: set {', '.join(absent)}")
    if not _is_near():
        sockets.open_wide(monkeypatch)  # whoever names a server elsewhere wants it to be asked
    yield


@pytest.fixture
def connector() -> Connector:
    return desk()


def desk(*, transport: httpx.BaseTransport | None = None, token: str = BANK) -> Connector:
    data, settings, secrets = network("mastodon"), {"server": URL}, {"access_token": token}

    def made(account: dict[str, Any]) -> Connector:
        near = frozenset({HOST}) if _is_near() else frozenset()
        wire = data.wire(settings, secrets=secrets, private_hosts=near, transport=transport)
        return data.connector(Grant(settings=settings, secrets=secrets, account=account), wire)

    return made(asdict(made({}).whoami()) if token == BANK else {})


def customer(method: str, path: str, **how: Any) -> Any:
    """A customer's own hand on the server."""
    headers = {"authorization": f"Bearer {CUSTOMER}"}
    answer = httpx.request(method, f"{URL}/api/v1/{path}", headers=headers, timeout=30, **how)
    answer.raise_for_status()
    return answer.json()


def says(text: str, *, under: str = "", visibility: str = "unlisted") -> str:
    body = {"status": text, "visibility": visibility} | ({"in_reply_to_id": under} if under else {})
    return str(customer("POST", "statuses", json=body)["id"])


def until(ready: Callable[[], Any], what: str) -> Any:
    ends = time.monotonic() + ARRIVES_SECONDS_MAX
    while time.monotonic() < ends:
        if found := ready():
            return found
        time.sleep(1)
    raise AssertionError(f"{what} did not come in {ARRIVES_SECONDS_MAX} s")


def unique(words: str) -> str:
    return f"{words} {uuid.uuid4().hex}"


def picture(alt: str) -> Media:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(made, "PNG")
    return Media(mime="image/png", alt=alt, data=made.getvalue(), name="빨강.png")


def _is_near() -> bool:
    host = urlsplit(URL).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# --- the journey -----------------------------------------------------------------------------------------
def test_a_post_with_a_picture_an_answer_a_change_and_a_removal(connector: Connector) -> None:
    me, words = (
        connector.grant.account["handle"],
        unique("새 지점 · 新分行 https://www.example.com/a?b=1&c=2"),
    )
    began = int(time.time() * 1000) - 5000
    receipt = connector.send(Post(text=words, lang="ko", media=(picture('창구 "A"'),)), uuid.uuid4().hex)
    there = customer("GET", f"statuses/{receipt.remote_id}")
    assert there["media_attachments"][0]["description"] == '창구 "A"'
    question = unique(f"{me} Gefeliciteerd! & <3")
    asked = says(question, under=receipt.remote_id)
    found = until(lambda: news(connector, since_ms=began)[0].get(asked), "the question")
    assert found.text.split(None, 1)[1] == question.split(None, 1)[1]
    assert (found.thread, found.in_reply_to, found.own) == (receipt.remote_id, receipt.remote_id, False)
    answer = connector.send(Post(text="Dank u!", in_reply_to=asked, thread=found.thread), uuid.uuid4().hex)
    shown = customer("GET", f"statuses/{answer.remote_id}")
    assert shown["in_reply_to_id"] == asked and shown["mentions"], "she is told of it"
    connector.send(Post(text="Hartelijk dank!", replaces=answer.remote_id), uuid.uuid4().hex)
    assert "Hartelijk" in customer("GET", f"statuses/{answer.remote_id}")["content"]
    assert connector.measure((receipt.remote_id,))[0].counts["replies"] >= 0
    looked = [news(connector, since_ms=began)[1]]
    customer("DELETE", f"statuses/{asked}")
    until(lambda: _removal(connector, looked, asked), "the removal")
    for id in (answer.remote_id, receipt.remote_id):
        connector.remove(id)
        connector.remove(id)
    assert connector.measure((receipt.remote_id,)) == ()
    with pytest.raises(Gone):
        connector.send(Post(text="te laat", in_reply_to=receipt.remote_id), uuid.uuid4().hex)


def _removal(connector: Connector, looked: list[str], id: str) -> bool:
    """Whether one more look, behind the last one, tells that it is gone."""
    found, cursor = news(connector, looked[-1])
    looked.append(cursor)
    return id in found and found[id].verb == "Delete"


def test_a_private_message_comes_and_is_answered_to_her_alone(connector: Connector) -> None:
    began = int(time.time() * 1000) - 5000
    asked = says(unique(f"{connector.grant.account['handle']} geheim"), visibility="direct")
    found = until(lambda: news(connector, since_ms=began)[0].get(asked), "the message")
    assert found.private and found.thread == f"direct:{found.actor.remote_id}"
    post = Post(text=unique("Antwoord"), in_reply_to=asked, private=True, to=(found.actor.remote_id,))
    receipt = connector.send(post, uuid.uuid4().hex)
    assert customer("GET", f"statuses/{receipt.remote_id}")["visibility"] == "direct"
    connector.remove(receipt.remote_id)
    customer("DELETE", f"statuses/{asked}")


class LosesAnswers(httpx.BaseTransport):
    """The server takes what is written, and its answer never arrives."""

    def __init__(self) -> None:
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        answer.read()
        if request.method == "POST" and request.url.path.endswith("/statuses"):
            raise httpx.ReadError("The answer was lost.")
        return answer


@pytest.mark.parametrize("tries", [5])
def test_a_lost_answer_is_found_and_what_was_said_is_there_once(connector: Connector, tries: int) -> None:
    losing, asked = desk(transport=LosesAnswers()), says(unique("x"))
    for number in range(tries):
        answer: dict[str, Any] = {"in_reply_to": asked} if number % 2 else {}
        once, post = uuid.uuid4().hex, Post(text=unique("하나뿐인 말 <3 https://www.example.com"), **answer)
        assert connector.find(once, post) is None
        with pytest.raises(Uncertain):
            losing.send(post, once)
        found = connector.find(once, post)
        assert found is not None
        assert sum(post.text.split()[-1] in content for content in _own()) == 1
        connector.remove(found.remote_id)
    customer("DELETE", f"statuses/{asked}")


def _own() -> list[str]:
    headers = {"authorization": f"Bearer {BANK}"}
    me = httpx.get(f"{URL}/api/v1/accounts/verify_credentials", headers=headers).json()["id"]
    listed = httpx.get(f"{URL}/api/v1/accounts/{me}/statuses?limit=40", headers=headers).json()
    return [str(status["content"]) for status in listed]


def test_a_dead_token_asks_for_a_new_connection() -> None:
    dead = desk(token="no-such-token")
    for call in (dead.whoami, lambda: dead.poll("", 0), lambda: dead.send(Post(text="x"), "k")):
        with pytest.raises(Reconnect):
            call()


def test_the_server_counts_as_we_do_at_its_limit_and_one_above(connector: Connector) -> None:
    """Random texts with emoji, Hangul, Han and combining marks. A server that counts otherwise fails here."""
    limit, chance = connector.preview(Post(text="x")).counts[0].limit, random.Random(20261125)
    pieces = [(piece, length) for piece, length in PARTS if "@" not in piece]
    for _ in range(TEXTS):
        text, used = "", 0
        while used < limit:
            piece, length = chance.choice(pieces)
            if used + length <= limit and not (piece == "🇰🇷" and text.endswith("🇰🇷")):
                text, used = text + piece, used + length
        assert _taken(text) and not _taken(text + "가"), text


def _taken(text: str) -> bool:
    headers = {"authorization": f"Bearer {BANK}"}
    body = {"status": text, "visibility": "direct"}
    answer = httpx.post(f"{URL}/api/v1/statuses", headers=headers, json=body, timeout=30)
    if answer.status_code == 200:
        httpx.delete(f"{URL}/api/v1/statuses/{answer.json()['id']}", headers=headers, timeout=30)
    assert answer.status_code in {200, 400, 422}, answer.text
    return answer.status_code == 200


def test_the_desk_makes_itself_known_and_finds_where_to_sign_in(settings: Any) -> None:
    """As far as it goes without a person: the page asks somebody to sign in."""
    settings.WIRE_PRIVATE_HOSTS = frozenset({HOST}) if _is_near() else frozenset()
    data = network("mastodon")
    way = data.connect.oauth
    assert way is not None
    at = authority.found_for(URL, authorize=way.authorize, token=way.token)
    me = authority.registered(URL, way.register, data.name, data.connect.scopes)
    address = authority.where_to_sign_in(
        at, me, state="s", verifier=authority.new_verifier(), scope=" ".join(data.connect.scopes), hint="",
        key="", pushed=False,
    )  # fmt: skip
    assert me.secret and httpx.get(address, follow_redirects=True, timeout=30).status_code == 200
