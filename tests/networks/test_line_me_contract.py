"""Every call of the LINE connector, and every answer of our fake, against LINE's own files (by Prism)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from bankside.networks.contract import Media, Post, Refused
from tests.networks.pretended.line_me import ANS, FAMILY, MINJI, PretendedLine, event, text
from tests.servers.prism import Checked, Prism, prism

DOCUMENTS = {
    "/oauth2": "channel-access-token",
    "/v2/bot/insight": "insight",
    "/callback": "webhook",
    "/": "messaging-api",
}
"""Which file of LINE's says what stands at which addresses; the first that fits."""
KEY = "123e4567-e89b-12d3-a456-426614174000"
PICTURE = Media(
    mime="image/jpeg", alt="창구", data=b"x", name="a.jpg", url="https://desk.hanulbank.example/media/1"
)


class AllDocuments(httpx.BaseTransport):
    """The fake behind one proxy for each of LINE's files."""

    def __init__(self, running: dict[str, Prism], fake: httpx.BaseTransport) -> None:
        self.checked = {part: proxy.before(fake) for part, proxy in running.items()}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        part = next(part for part in self.checked if request.url.path.startswith(part))
        return self.checked[part].handle_request(request)

    @property
    def calls(self) -> set[str]:
        return {call for checked in self.checked.values() for call in checked.calls}

    @property
    def violations(self) -> list[str]:
        return [found for checked in self.checked.values() for found in checked.violations]


class Receiver(httpx.BaseTransport):
    """Takes every hook, as our hook address does."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json="OK")


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, Prism]]:
    with ExitStack() as stack:
        yield {part: stack.enter_context(prism(f"line/{name}.yml")) for part, name in DOCUMENTS.items()}


@pytest.mark.server("prism")
@pytest.mark.timeout(300)
def test_every_call_is_in_lines_own_documents(running: dict[str, Prism]) -> None:
    fake = PretendedLine()
    through = AllDocuments(running, fake)
    made = fake.connector(through)
    made.renew()
    assert made.whoami().limits["quota_of_month"] == 30000
    sent = made.send(Post(text="마포 지점 안내 👋", media=(PICTURE,) * 4), "v1:c1")
    assert made.send(Post(text="마포 지점 안내 👋", media=(PICTURE,) * 4), "v1:c1") == sent
    made.send(Post(text="네", private=True, thread=MINJI, to=(MINJI,)), "r1:c1")
    made.send(Post(text="네", private=True, thread=MINJI, to=(MINJI,)), "r1:c1")
    made.send(Post(text="Tot morgen.", in_reply_to="4", thread=FAMILY, to=(ANS,)), "r2:c1")
    assert made.measure((sent.remote_id,))[0].counts == {"delivered": 320, "views": 82}
    fake.quota = {"type": "limited", "value": 0}
    with pytest.raises(Refused, match="monthly limit"):
        made.send(Post(text="너무 많다"), "v2:c1")
    assert through.violations == []
    assert through.calls == {
        "POST /oauth2/v3/token", "GET /v2/bot/info", "GET /v2/bot/message/quota",
        "GET /v2/bot/message/quota/consumption", "POST /v2/bot/message/broadcast",
        "POST /v2/bot/message/push", "GET /v2/bot/insight/message/event",
    }  # fmt: skip


@pytest.mark.server("prism")
@pytest.mark.parametrize(
    ("body", "key", "wrong"),
    [
        ({"messages": []}, KEY, "fewer than 1"),
        ({"messages": [{"type": "text", "text": str(n)} for n in range(6)]}, KEY, "more than 5"),
        ({"messages": [{"text": "no type"}]}, KEY, "required property 'type'"),
        ({"messages": [{"type": "text", "text": "x"}]}, "no uuid", "x-line-retry-key"),
    ],
)
def test_a_wrong_call_is_a_violation(running: dict[str, Prism], body: object, key: str, wrong: str) -> None:
    through = AllDocuments(running, PretendedLine())
    with httpx.Client(transport=through) as client:
        headers = {"x-line-retry-key": key, "authorization": "Bearer x"}
        client.post("https://api.line.me/v2/bot/message/broadcast", json=body, headers=headers)
    assert any(wrong in found for found in through.violations), through.violations


@pytest.mark.server("prism")
def test_the_events_of_the_fake_are_in_lines_own_document(running: dict[str, Prism]) -> None:
    fake = PretendedLine()
    good = fake.hook(
        text(1, "지점이 몇 시에 여나요?"), event(2, "follow", replyToken="r", follow={"isUnblocked": False}),
        event(3, "unsend", unsend={"messageId": "4"}),
        text(4, "你好", source={"type": "group", "groupId": FAMILY, "userId": MINJI}),
    )  # fmt: skip
    assert _delivered(running["/callback"], good.body).violations == []
    lacking = fake.hook({k: v for k, v in text(1, "x").items() if k != "webhookEventId"})
    assert _delivered(running["/callback"], lacking.body).violations != []


def _delivered(proxy: Prism, body: bytes) -> Checked:
    checked = proxy.before(Receiver())
    headers = {"content-type": "application/json"}
    with httpx.Client(transport=checked) as client:
        client.post("https://desk.hanulbank.example/callback", content=body, headers=headers)
    return checked
