"""Every call of the connector of YouTube, and every answer of its fake, against Google's discovery file."""

from __future__ import annotations

import json

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import Post
from tests.networks import specs
from tests.networks.pretended.youtube import FILM, VIDEO, PretendedYouTube
from tests.networks.youtube_discovery import FILE, Comparing, document, methods

CALLS = {
    "GET youtube/v3/channels", "GET youtube/v3/commentThreads", "GET youtube/v3/comments",
    "GET youtube/v3/videos", "POST youtube/v3/comments", "PUT youtube/v3/comments",
    "DELETE youtube/v3/comments", "DELETE youtube/v3/videos", "GET youtube/v3/playlistItems",
    "POST youtube/v3/videos", "PUT youtube/v3/videos",
}  # fmt: skip
"""All that the connector ever calls."""
BYTES = "PUT youtube/v3/videos"
"""Of a film: to an address that the call before gave. The file knows only changes of videos by this name."""


@pytest.fixture(autouse=True)
def _file() -> None:
    if reason := specs.missing(FILE):
        pytest.skip(reason)


def test_every_call_and_every_answer_of_the_fake_is_in_the_file() -> None:
    fake = PretendedYouTube()
    fake.page_items = 2
    comparing = Comparing(fake)
    desk = fake.connector(comparing)
    desk.whoami()
    first = [fake.says(f"UCp{n}", f"질문 {n}", at_ms=1_795_000_000_000 + n * 1000) for n in range(5)]
    fake.says("UCwei", "看看这个", status="heldForReview")
    page = desk.poll("", 0)
    answer = desk.send(Post(text="네", in_reply_to=first[4]), "1").remote_id
    desk.send(Post(text="Nee", replaces=answer), "2")
    desk.find("1", Post(text="네", in_reply_to=first[4]))
    desk.find("2", Post(text="Nee", replaces=answer))
    fake.says("UCeve", "thanks", under=first[0])
    for _ in range(3):
        page = desk.poll(page.cursor, 0)
    desk.measure((VIDEO, answer, first[0]))
    desk.remove(answer)
    film = Post(text="지점이 열립니다", title="새 지점", media=(FILM,))
    made = desk.send(film, "3").remote_id
    assert desk.find("3", film)
    desk.remove(made)
    assert comparing.violations == [] and set(comparing.calls) == CALLS


@pytest.mark.parametrize(
    "method, path, params, body, wrong",
    [
        ("GET", "comments", {"part": "snippet", "parentId": "x", "order": "time"}, None, "order is unknown"),
        ("GET", "comments", {"parentId": "x"}, None, "part is required"),
        ("GET", "comments", {"part": "snippet"}, None, "exactly one of"),
        ("GET", "commentThreads", {"part": "text", "id": "x"}, None, "part text is unknown"),
        ("GET", "commentThreads", {"part": "id", "id": "x", "maxResults": "101"}, None, "is not from 1"),
        ("GET", "commentThreads", {"part": "id", "id": "x", "order": "new"}, None, "is none of"),
        ("GET", "channels", {"part": "id", "mine": "yes"}, None, "is no boolean"),
        ("POST", "comments", {"part": "snippet"}, {"snippet": {"text": "x"}}, "body.snippet.text is unknown"),
        ("POST", "comments", {"part": "snippet"}, {"snippet": {"likeCount": "3"}}, "is no integer"),
        ("POST", "comments", {"part": "snippet"}, None, "a body is missing"),
        ("PATCH", "comments", {}, None, "no such method"),
        ("POST", "videos", {"part": "snippet"}, {"snippet": {"name": "x"}}, "body.snippet.name is unknown"),
        ("POST", "videos", {"part": "snippet"}, {"status": {"privacyStatus": "x"}}, "is none of"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_noticed(
    method: str, path: str, params: dict[str, str], body: object, wrong: str
) -> None:
    comparing = Comparing(httpx.MockTransport(lambda _: httpx.Response(500)))
    with httpx.Client(transport=comparing) as client:
        client.request(method, f"https://youtube.googleapis.com/youtube/v3/{path}", params=params, json=body)
    [violation] = comparing.violations
    assert wrong in violation


def test_a_wrong_answer_is_noticed() -> None:
    answer = httpx.Response(
        200, content=json.dumps({"items": [{"id": 7, "snippet": {"name": "x"}}]}).encode()
    )
    comparing = Comparing(httpx.MockTransport(lambda _: answer))
    with httpx.Client(transport=comparing) as client:
        client.get("https://youtube.googleapis.com/youtube/v3/channels?part=id&mine=true")
    assert len(comparing.violations) == 2


def test_the_scope_that_is_asked_for_is_enough_for_every_call() -> None:
    [scope] = network("youtube").connect.scopes
    assert all(scope in methods()[call]["scopes"] for call in CALLS if call != BYTES)


def test_the_host_is_the_one_of_the_file() -> None:
    assert document()["rootUrl"] == f"https://{network('youtube').hosts.fixed[0]}/"
