"""A FAKE of a dealer's interface for KakaoTalk consult talk, after what dealers' documents say (secondary).

No dealer stands here, and the answer to a used serial number is made up: no document that was found tells it.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import httpx

from bankside.networks.contract import Post, Request
from tests.networks.pretended import NOT_REAL, Pretended, asked, said

CHANNEL, SENDER = "_HanulX", "5f" * 20
MINJI, JUN = "aVgNl0xMinji", "bWhOm1yJun"
USED = "-9901"
"""This fake's own code for a serial number that was used before."""
FIELDS = {"user_key", "sender_key", "serial_number", "message_type", "message"}


class PretendedDealer(Pretended):
    """One dealer with one channel of the bank, and chats that people have opened."""

    name = "kakaotalk"
    site = "https://consult.dealer.example"
    settings: ClassVar[dict[str, str]] = {
        "address": f"{site}/v1", "channel": CHANNEL, "sender_key": SENDER, "client_id": "hanulbank",
        "duplicate_code": USED,
    }  # fmt: skip
    secrets = {"client_secret": NOT_REAL, "dealer_word": NOT_REAL, "admin_key": NOT_REAL}
    account = {"remote_id": CHANNEL}

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, tuple[str, str]] = {}
        """By serial number: to whom, and the words."""
        self.open = {MINJI}

    def visible(self) -> list[str]:
        return [words for _, words in self.messages.values()]

    def post(self, number: int) -> Post:
        return Post(text=f"{number}번 답변입니다. Answer {number}.", private=True, thread=MINJI, to=(MINJI,))

    def hook(self, body: Any, word: str = NOT_REAL) -> Request:
        """What the dealer delivers to the address that it was given."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        headers = {"content-type": "application/json"}
        return Request(method="POST", path="/hooks/h", query={"word": word}, headers=headers, body=content)

    def kakao_hook(self, body: Any, resource: str = "Rvy1c2dk", key: str = NOT_REAL) -> Request:
        """What Kakao Developers delivers."""
        headers = {
            "authorization": f"KakaoAK {key}", "x-kakao-resource-id": resource,
            "user-agent": "KakaoOpenAPI/1.0", "content-type": "application/json",
        }  # fmt: skip
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Request(method="POST", path="/hooks/h", query={}, headers=headers, body=content)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/chat/write":
            return said(404, {"message": "no such call"})
        if (
            request.headers.get("ht-client-id") != "hanulbank"
            or request.headers.get("ht-client-secret") != NOT_REAL
        ):
            return said(401, {"message": "wrong client"})
        body = asked(request)
        if set(body) != FIELDS or body["message_type"] != "TX" or len(body["serial_number"]) > 30:
            return said(200, {"code": -1, "message": "InvalidParameterException"})
        if body["sender_key"] != SENDER:
            return said(
                200, {"code": -501, "message": f"InvalidSenderException(senderKey: {body['sender_key']})"}
            )
        if not 1 <= len(body["message"]) <= 1000:
            return said(200, {"code": -1, "message": "message is too long"})
        if body["serial_number"] in self.messages:
            return said(200, {"code": int(USED), "message": "serial_number was used"})
        if body["user_key"] not in self.open:
            return said(200, {"code": -502, "message": "the chat is closed"})
        self.messages[body["serial_number"]] = (body["user_key"], body["message"])
        return said(200, {"code": 0})


def written(number: int, words: str, who: str = MINJI, **more: Any) -> dict[str, Any]:
    """A message of a person, in the form that we read."""
    return {
        "user_key": who, "sender_key": SENDER, "time": 1_795_860_000_000 + number,
        "serial_number": f"in-{number}", "message_type": "TX", "message": words, "session_id": "123212",
        **more,
    }  # fmt: skip


def relation(event: str = "added", **more: Any) -> dict[str, Any]:
    """Somebody added or blocked the channel (Kakao Developers)."""
    return {
        "event": event, "id": "1234567890", "id_type": "app_user_id", "channel_public_id": CHANNEL,
        "channel_uuid": "hanulbank", "updated_at": "2026-11-28T00:00:00Z", **more,
    }  # fmt: skip


SERVER = PretendedDealer
