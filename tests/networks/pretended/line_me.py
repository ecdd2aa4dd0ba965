"""A FAKE of LINE's Messaging API, in memory, after LINE's OpenAPI files of 2026-07-01: LINE is not here.

It keeps retry keys for ever, where LINE keeps them for a day at least.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import uuid
from typing import Any
from urllib.parse import parse_qs

import httpx

from bankside.networks.contract import Request
from tests.networks.pretended import NOT_REAL, Pretended, asked, said

BOT = "U" + "0b" * 16
MINJI = "U" + "1a" * 16
ANS = "U" + "2c" * 16
FAMILY = "C" + "3d" * 16
CHANNEL = "2008123456"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FIELDS = {"text": {"type", "text"}, "image": {"type", "originalContentUrl", "previewImageUrl"}}


class PretendedLine(Pretended):
    """One Official Account with a quota, and what was sent from it."""

    name = "line_me"
    site = "https://api.line.me"
    settings = {"channel_id": CHANNEL}
    secrets = {"channel_secret": NOT_REAL, "access": NOT_REAL}
    account = {"remote_id": BOT}

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, list[dict[str, Any]]]] = []
        """To whom (empty: everybody), and the messages."""
        self.accepted: dict[str, dict[str, Any]] = {}
        """By retry key: the request that was accepted and what it made."""
        self.requests = 0
        self.quota: dict[str, Any] = {"type": "limited", "value": 30000}

    # --- what the bank said, and what people say -----------------------------------------------------------
    def visible(self) -> list[str]:
        return [m["text"] for _, messages in self.sent for m in messages if m["type"] == "text"]

    def hook(self, *events: dict[str, Any], secret: str = NOT_REAL) -> Request:
        """What LINE delivers to the hook address."""
        body = {"destination": BOT, "events": list(events)}
        return self.signed(json.dumps(body, ensure_ascii=False).encode(), secret)

    def signed(self, body: bytes, secret: str = NOT_REAL) -> Request:
        """A request with the signature of this body."""
        made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        headers = {"x-line-signature": made, "content-type": "application/json; charset=utf-8"}
        return Request(method="POST", path="/hooks/h", query={}, headers=headers, body=body)

    # --- answering -----------------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        place = f"{request.method} {request.url.path}"
        if place == "POST /oauth2/v3/token":
            return self._token(request)
        if request.headers.get("authorization") != f"Bearer {NOT_REAL}":
            return said(401, {"message": "Authentication failed. Confirm that the access token is valid."})
        match place:
            case "GET /v2/bot/info":
                return said(200, {
                    "userId": BOT, "basicId": "@012abcde", "displayName": "Hanul Bank 하늘은행",
                    "chatMode": "chat", "markAsReadMode": "manual",
                })  # fmt: skip
            case "GET /v2/bot/message/quota":
                return said(200, self.quota)
            case "GET /v2/bot/message/quota/consumption":
                return said(200, {"totalUsage": len(self.sent)})
            case "GET /v2/bot/insight/message/event":
                return self._insight(request.url.params["requestId"])
            case "POST /v2/bot/message/push" | "POST /v2/bot/message/broadcast":
                return self._send(request, everybody=place.endswith("broadcast"))
        return said(404, {"message": "Not found"})

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if form.get("grant_type") != "client_credentials":
            return said(400, {"error": "invalid_request", "error_description": "grant_type"})
        if (form.get("client_id"), form.get("client_secret")) != (CHANNEL, NOT_REAL):
            return said(400, {"error": "invalid_client", "error_description": "invalid client_secret"})
        return said(200, {"token_type": "Bearer", "access_token": NOT_REAL, "expires_in": 899})

    def _send(self, request: httpx.Request, *, everybody: bool) -> httpx.Response:
        key, body = request.headers.get("x-line-retry-key", ""), asked(request)
        self.requests += 1
        number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"request {self.requests}"))
        if wrong := _wrong(body, key, everybody):
            details = [{"message": "May not be empty or unknown", "property": wrong}]
            body = {"message": "The request body has 1 error(s)", "details": details}
            return said(400, body, {"x-line-request-id": number})
        if self.quota.get("value") == 0:
            return said(
                429, {"message": "You have reached your monthly limit."}, {"x-line-request-id": number}
            )
        if known := self.accepted.get(key):
            named = {"x-line-request-id": number, "x-line-accepted-request-id": known["request"]}
            again = {"message": "The retry key is already accepted", **known["made"]}
            return said(409, again, named)
        self.sent.append((body.get("to", ""), body["messages"]))
        made = {} if everybody else {"sentMessages": [
            {"id": f"5{len(self.sent):017d}{n}"} for n, _ in enumerate(body["messages"])
        ]}  # fmt: skip
        self.accepted[key] = {"request": number, "made": made}
        return said(200, made, {"x-line-request-id": number})

    def _insight(self, number: str) -> httpx.Response:
        if number not in {known["request"] for known in self.accepted.values()}:
            return said(400, {"message": "invalid requestId"})
        overview = {
            "requestId": number, "timestamp": 1_795_860_000, "delivered": 320, "uniqueImpression": 82,
            "uniqueClick": None, "uniqueMediaPlayed": None, "uniqueMediaPlayed100Percent": None,
        }  # fmt: skip
        return said(200, {"overview": overview, "messages": [], "clicks": []})


def _wrong(body: dict[str, Any], key: str, everybody: bool) -> str:
    """The first field that the documents do not allow; empty when all is well."""
    if not UUID.fullmatch(key):
        return "X-Line-Retry-Key"
    if set(body) != ({"messages"} if everybody else {"messages", "to"}):
        return next(iter(set(body) ^ {"messages", "to"}), "to")
    if not everybody and not re.fullmatch(r"[UCR][0-9a-f]{32}", body["to"]):
        return "to"
    if not 1 <= len(body["messages"]) <= 5:
        return "messages"
    for number, message in enumerate(body["messages"]):
        if set(message) != FIELDS.get(message.get("type")):
            return f"messages[{number}].type"
        if not 1 <= len(message.get("text", "x").encode("utf-16-le")) // 2 <= 5000:
            return f"messages[{number}].text"
        addresses = [value for name, value in message.items() if name.endswith("Url")]
        if not all(address.startswith("https://") and len(address) <= 2000 for address in addresses):
            return f"messages[{number}].originalContentUrl"
    return ""


def event(
    number: int, kind: str = "message", *, who: str = MINJI, again: bool = False, **more: Any
) -> dict[str, Any]:
    """An event as LINE delivers it (webhook.yml)."""
    return {
        "type": kind, "mode": "active", "timestamp": 1_795_860_000_000 + number,
        "webhookEventId": f"01JDTEST{number:018d}", "deliveryContext": {"isRedelivery": again},
        "source": {"type": "user", "userId": who}, **more,
    }  # fmt: skip


def text(number: int, words: str, **more: Any) -> dict[str, Any]:
    """A message of words."""
    message = {"type": "text", "id": f"4{number:017d}", "text": words, "quoteToken": f"quote-{number}"}
    return event(number, replyToken=f"reply-{number}", message=message | more.pop("message", {}), **more)


SERVER = PretendedLine
