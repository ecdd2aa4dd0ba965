"""What the Bluesky connector makes of texts, keys, cursors and strange answers, without a network."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from bankside.networks.bluesky.place import WATCHED_MAX, WATCHED_PER_LOOK, Place, Reach
from bankside.networks.bluesky.record import key_of, marks, record_of, shown_post, size_of
from bankside.networks.bluesky.said import activities, ms_of, said_ms
from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Connector,
    Expired,
    Grant,
    Later,
    Media,
    Post,
    Reconnect,
    Refused,
    Uncertain,
)

ME = "did:plc:bank"
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


def connector(answer: Any, **limits: int) -> Connector:
    """A connector whose server says one thing to everything; `answer` may be an exception."""
    data = network("bluesky")
    settings = {"identifier": "bank.test", "service": "https://pds.example", "directory": ""}

    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer  # type: ignore[no-any-return]

    wire = data.wire(settings, transport=httpx.MockTransport(handle))
    grant = Grant(settings=settings, secrets={"access": "t"}, account={"remote_id": ME, "limits": limits})
    return data.connector(grant, wire)


# --- keys ----------------------------------------------------------------------------------------------
def test_a_delivery_has_one_key_of_the_form_and_time_that_the_network_takes() -> None:
    keys = [key_of(f"version:{n}") for n in range(5000)]
    assert key_of("version:7") == keys[7] and len(set(keys)) == 5000
    assert all(TID.fullmatch(key) for key in keys)
    alphabet = "234567abcdefghijklmnopqrstuvwxyz"
    times = [sum(alphabet.index(c) << 5 * n for n, c in enumerate(reversed(k))) >> 10 for k in keys]
    assert min(times) >= 1_682_899_200 * 10**6 and max(times) < 1_753_300_000 * 10**6  # May 2023 to July 2025


# --- what is marked in a text --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Emoji 👩‍👩‍👧 @kim.test", [("mention", 25, 34, "kim.test")]),
        ("@Kim.Test님 안녕", [("mention", 0, 9, "kim.test")]),
        ("(@kim.test)", [("mention", 1, 10, "kim.test")]),
        ("mail kim@hanulbank.example", []),
        ("자세히 https://hanulbank.example/ir에서 보세요", [("link", 10, 38, "https://hanulbank.example/ir")]),
        ("see (https://hanulbank.example/a?b=c&d).", [("link", 5, 38, "https://hanulbank.example/a?b=c&d")]),
        ("Wiki https://nl.wikipedia.org/wiki/Bank_(geld), ja", [
            ("link", 5, 46, "https://nl.wikipedia.org/wiki/Bank_(geld)")]),
        ("op hanulbank.com/jaar.", [("link", 3, 21, "https://hanulbank.com/jaar")]),
        ("HTTP://HANULBANK.EXAMPLE!", [("link", 0, 24, "HTTP://HANULBANK.EXAMPLE")]),
        ("年报 #实际 #2026 #2026년 ＃실적!", [
            ("tag", 7, 14, "实际"), ("tag", 21, 29, "2026년"), ("tag", 30, 39, "실적")]),
        ("no#tag and # and #!", []),
        ("https://hanulbank.example/#news #news", [
            ("link", 0, 31, "https://hanulbank.example/#news"), ("tag", 32, 37, "news")]),
        ("https:// http://. www", []),
    ],
)  # fmt: skip
def test_links_mentions_and_tags_are_marked_by_their_bytes(
    text: str, expected: list[tuple[str, int, int, str]]
) -> None:
    record = record_of(Post(text=text, lang="ko"), "2026-11-24T10:00:00.000Z", {"kim.test": "did:plc:kim"})
    found = []
    for facet in record.get("facets", []):
        [feature] = facet["features"]
        kind = feature["$type"].partition("#")[2]
        to = feature[{"link": "uri", "tag": "tag", "mention": "did"}[kind]]
        found.append((kind, *facet["index"].values(), to))
    assert found == [(k, s, e, "did:plc:kim" if k == "mention" else to) for k, s, e, to in expected]
    assert record["langs"] == ["ko"] and record["text"] == text


def test_a_name_that_nobody_has_stays_plain_text() -> None:
    assert "facets" not in record_of(Post(text="@nobody.test hello"), "", {"nobody.test": ""})


def test_no_text_takes_long_to_mark() -> None:
    for text in (
        "@" * 3000,
        "#" * 3000,
        "https://" * 400,
        "a." * 1500,
        "@a." * 1000,
        "https://a/" + "(" * 3000,
    ):
        marks(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://bsky.app/profile/kim.test/post/3abc", ("kim.test", "3abc")),
        ("a https://bsky.app/profile/did:plc:kim/post/3abc?x=1, b", ("did:plc:kim", "3abc")),
        ("https://bsky.app/profile/kim.test", None),
        ("https://evil.example/https://bsky.app/profile/kim.test/post/3abc", None),
    ],
)
def test_the_address_of_a_post_is_known(text: str, expected: tuple[str, str] | None) -> None:
    assert shown_post(text) == expected


def test_the_size_of_a_picture_is_told_and_of_nonsense_is_not() -> None:
    assert size_of(b"not a picture") is None and size_of(b"") is None


# --- what it counts ------------------------------------------------------------------------------------
def test_a_text_must_fit_in_characters_and_in_bytes() -> None:
    made = connector(None)
    assert made.preview(Post(text="가" * 300)).findings == ()
    assert "301 characters" in made.preview(Post(text="가" * 301)).findings[0]
    assert "bytes" in made.preview(Post(text="👨‍👩‍👧‍👦" * 200)).findings[0]


def test_the_servers_own_limit_of_a_picture_counts() -> None:
    picture = Media(mime="image/png", alt="", data=b"x" * 1_500_000, name="a.png")
    assert connector(None).preview(Post(text="x", media=(picture,))).findings == ()
    assert (
        "1,000,000"
        in connector(None, image_bytes=1_000_000).preview(Post(text="x", media=(picture,))).findings[0]
    )


# --- the cursor ----------------------------------------------------------------------------------------
def test_a_cursor_is_short_and_comes_back_as_it_was() -> None:
    watched = [f"did:plc:{'k' * 24}/{n:013d}/abcdefgh" for n in range(WATCHED_MAX)]
    replies = {f"{n:013d}": n for n in range(100)}
    place = Place(since_ms=1, words=Reach(done_ms=2), replies=replies, watched=watched, turn=9)
    assert Place.of(str(place), 7) == place and len(str(place)) < 9000


@pytest.mark.parametrize(
    "cursor", ["nonsense", "{", "[]", '{"words":{"done_ms":"x"}}', '{"watched":7}', "3.4.5"]
)
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str) -> None:
    assert Place.of(cursor, 7) == Place(since_ms=7)


def test_everything_that_is_watched_has_its_turn() -> None:
    place = Place(watched=[f"w{n}" for n in range(60)])
    seen = set()
    for turn in range(60 // WATCHED_PER_LOOK + 1):
        seen |= set(Place(watched=place.watched, turn=turn).in_turn())
    assert seen == set(place.watched)


# --- strange answers -----------------------------------------------------------------------------------
def said(status: int, error: str = "", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": error, "message": "words"} if error else {}, headers=headers)


@pytest.mark.parametrize(
    ("answer", "read", "write"),
    [
        (said(400, "ExpiredToken"), Expired, Expired),
        (said(401, "invalid_token", **{"www-authenticate": 'DPoP error="invalid_token"'}), Expired, Expired),
        (said(401, "AuthMissing"), Reconnect, Reconnect),
        (said(400, "InvalidToken"), Reconnect, Reconnect),
        (said(429, "RateLimitExceeded", **{"retry-after": "9"}), Later, Later),
        (said(500, "InternalServerError"), Later, Uncertain),
        (said(502, "UpstreamFailure"), Later, Uncertain),
        (said(400, "InvalidRequest"), Refused, Refused),
        (httpx.Response(200, content=b"<html>"), Later, Uncertain),
        (httpx.Response(200, json={"something": "else"}), Later, Uncertain),
        (httpx.ConnectError("x"), Later, Later),
        (httpx.ReadError("x"), Later, Uncertain),
    ],
)
def test_every_answer_means_one_of_the_five(
    answer: Any, read: type[Exception], write: type[Exception]
) -> None:
    with pytest.raises(read):
        connector(answer).poll("", 0)

    def only_the_write(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return said(400, "RecordNotFound")
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    with pytest.raises(write) as raised:
        connector(only_the_write).send(Post(text="안녕"), "v1:c1")
    assert type(raised.value) is write or issubclass(type(raised.value), write)


def test_a_record_that_stands_there_already_is_never_written_over() -> None:
    asked: list[dict[str, Any]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and not asked:
            return said(400, "RecordNotFound")
        if request.method == "GET":
            uri = f"at://{ME}/app.bsky.feed.post/{key_of('v1:c1')}"
            value = {"text": "안녕", "createdAt": "2026-11-24T10:00:00.000Z"}
            return httpx.Response(200, json={"uri": uri, "cid": "c", "value": value})
        asked.append(json.loads(request.content))
        return said(400, "InvalidSwap")

    receipt = connector(handle).send(Post(text="안녕"), "v1:c1")
    assert receipt.published_ms == 1_795_514_400_000
    assert asked[0]["swapRecord"] is None and asked[0]["rkey"] == key_of("v1:c1")


def test_other_words_under_the_same_key_are_not_taken_for_ours() -> None:
    there = {"uri": f"at://{ME}/app.bsky.feed.post/x", "cid": "c", "value": {"text": "other"}}
    with pytest.raises(Refused, match="Other words"):
        connector(httpx.Response(200, json=there)).find("k", Post(text="ours"))


# --- reading -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("raw", [{"post": {}}, {"post": {"uri": 7}}, {"act": []}, {"gone": None}])
def test_what_is_broken_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        activities(raw, ME)


@pytest.mark.parametrize("raw", [{}, {"something": 1}])
def test_what_is_unknown_says_nothing(raw: dict[str, Any]) -> None:
    assert activities(raw, ME) == ()


@pytest.mark.parametrize(
    ("moment", "ms"),
    [
        ("2026-11-24T10:00:00.000Z", 1_795_514_400_000),
        ("2026-11-24T19:00:00+09:00", 1_795_514_400_000),
        ("2026-11-24T10:00:00", 1_795_514_400_000),
        ("yesterday", 0),
        ("", 0),
        ("0001-01-01T00:00:00Z", 0),
    ],
)
def test_moments_are_read_leniently(moment: str, ms: int) -> None:
    assert ms_of(moment) == ms


def test_nobody_speaks_later_than_the_network_saw_it() -> None:
    from bankside.networks.bluesky.said import Author, PostView

    def view(created: Any) -> PostView:
        return PostView("at://x/y/z", "c", Author("d"), {"createdAt": created}, "2026-11-24T10:00:00.000Z")

    assert said_ms(view("2030-01-01T00:00:00.000Z")) == 1_795_514_400_000
    assert said_ms(view("2026-11-24T09:00:00.000Z")) == 1_795_510_800_000
    assert said_ms(view(7)) == said_ms(view(None)) == 1_795_514_400_000
