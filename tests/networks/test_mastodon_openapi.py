"""Every call of the connector against the OpenAPI document of Mastodon 4.7.0, and the fake's answers too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bankside.networks.contract import Post
from tests.networks import mastodon_openapi as document
from tests.networks.mastodon_desk import desk, image, news
from tests.networks.recorder import recordings
from tests.servers.mastodon_fake import HOME, TOKEN, FakeMastodon

CALLS = {
    "DELETE /api/v1/statuses/{id}", "GET /api/v1/accounts/verify_credentials",
    "GET /api/v1/accounts/{id}/statuses", "GET /api/v1/media/{id}", "GET /api/v1/notifications",
    "GET /api/v1/statuses", "GET /api/v1/statuses/{id}", "GET /api/v1/statuses/{id}/context",
    "GET /api/v1/statuses/{id}/source", "GET /api/v2/instance", "POST /api/v1/statuses",
    "POST /api/v2/media", "PUT /api/v1/statuses/{id}",
}  # fmt: skip
"""All that the connector ever calls, beside GET /api/v1/instance of older servers."""


@pytest.fixture(autouse=True)
def _document() -> None:
    if reason := document.missing():
        pytest.skip(reason)


def test_every_call_and_every_answer_of_the_fake_is_in_the_document() -> None:
    fake = FakeMastodon(slow_media=3)
    comparing = document.Comparing(httpx.MockTransport(fake))
    connector = desk(fake, transport=comparing)
    connector.locate()
    post = connector.send(
        Post(text="새 지점 https://hanulbank.example", lang="ko", media=(image(),)), "1"
    ).remote_id
    asked = fake.says("minji@elsewhere.example", f"@hanulbank@{HOME} 왜요?", under=post, media=[])
    private = fake.says("sanne", "@hanulbank geheim", visibility="direct")
    for kind in ("favourite", "reblog", "follow", "poll"):
        fake.does(kind, "sanne", "" if kind == "follow" else post)
    for n in range(60):
        fake.says(f"c{n}@elsewhere.example", f"@hanulbank@{HOME} {n}")
    _, cursor = news(connector)
    answer = connector.send(Post(text="네", in_reply_to=asked), "2").remote_id
    connector.send(Post(text="ja", in_reply_to=private, private=True, to=(f"sanne@{HOME}",)), "3")
    connector.send(Post(text="아니요", replaces=answer), "4")
    connector.find("4", Post(text="아니요", replaces=answer))
    connector.find("5", Post(text="没有", in_reply_to=asked))
    news(connector, cursor)
    connector.measure((post, answer, "999"))
    connector.remove(answer)
    assert comparing.violations == []
    assert set(comparing.calls) == CALLS


def test_every_recorded_call_and_answer_is_in_the_document() -> None:
    compared = 0
    for path in recordings("mastodon"):
        for exchange in json.loads(path.read_text("utf-8"))["exchanges"]:
            request = _request(exchange["request"])
            if "multipart" not in request.headers.get("content-type", ""):  # its body is kept as a digest
                assert document.of_request(request) == [], path.name
            if exchange["answer"].get("body") and not _is_made_to_fail(path):
                assert document.of_answer(request, _answer(exchange["answer"])) == [], path.name
            compared += 1
    assert compared > 60


@pytest.mark.parametrize(
    ("method", "address", "body", "wrong"),
    [
        ("GET", "/api/v1/statusez", None, "no such call"),
        ("PATCH", "/api/v1/statuses", None, "no such call"),
        ("GET", "/api/v1/notifications?limit=many", None, "limit"),
        ("GET", "/api/v1/notifications?newest=1", None, "no parameter newest"),
        ("POST", "/api/v1/statuses", {"text": "x"}, "status"),
        ("POST", "/api/v1/statuses", {"status": "x", "visibility": "secret"}, "visibility"),
        ("POST", "/api/v1/statuses", {"status": "x", "lang": "ko"}, "no field lang"),
        ("POST", "/api/v1/statuses", {"status": "x", "media_ids": "7"}, "media_ids"),
        ("PUT", "/api/v1/statuses/7", {"status": 7}, "status"),
    ],
)
def test_a_wrong_call_is_noticed(method: str, address: str, body: Any, wrong: str) -> None:
    found = document.of_request(httpx.Request(method, f"https://{HOME}{address}", json=body))
    assert found and any(wrong in what for what in found)


def test_a_wrong_answer_is_noticed() -> None:
    request = httpx.Request("GET", f"https://{HOME}/api/v1/statuses/7")
    assert document.of_answer(request, httpx.Response(200, json={"id": 7}))
    assert document.of_answer(request, httpx.Response(418, json={}))


def _request(kept: dict[str, Any]) -> httpx.Request:
    headers, url = {**kept["headers"], "x-token": TOKEN}, f"https://{HOME}{kept['address']}"
    if "json" in kept:
        return httpx.Request(kept["method"], url, headers=headers, content=json.dumps(kept["json"]).encode())
    return httpx.Request(kept["method"], url, headers=headers)


def _answer(kept: dict[str, Any]) -> httpx.Response:
    return httpx.Response(kept["status"], headers=kept["headers"], content=kept["body"].encode())


def _is_made_to_fail(path: Path) -> bool:
    """Answers that no Mastodon gives: of a proxy before it, or of a server that only resembles one."""
    return path.stem in {
        "send-fails-502-html",
        "send-fails-200-nonsense",
        "send-fails-403-no-right",
        "whoami-older-server",
    }
