"""Public posts against fakes that answer as the documents say: manners, limits, and what is never read.

Real servers are in test_public_posts_server.py. What Mastodon, YouTube and Naver answer is made by us.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bankside.channels.public_posts import (
    ACCOUNT_SECONDS_MAX,
    PAUSE_SECONDS,
    SITE_PAUSE_SECONDS,
    Account,
    Looked,
    Reader,
)
from bankside.networks import catalogue

NOW_MS = 1_790_000_000_000
DAY_MS = 24 * 3_600_000
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>한울은행</title>
<entry><id>1</id><title>금리 공시</title><published>2026-09-20T00:00:00Z</published></entry>
<entry><id>2</id><title>Old</title><published>2020-01-01T00:00:00Z</published></entry></feed>"""


class Fake:
    """Answers by path; what has no answer is 404. Keeps what was asked for and how long it was rested."""

    def __init__(self, answers: Callable[[httpx.Request], httpx.Response | None]) -> None:
        self.asked: list[httpx.Request] = []
        self.rests: list[float] = []
        self._answers = answers

    def read(self, network: str, handle: str = "hanul", address: str = "", **how: Any) -> Looked:
        reader = Reader(
            pause=self.rests.append, clock_ms=lambda: NOW_MS, transport=httpx.MockTransport(self._answer)
        )
        return reader.read(Account(network=network, handle=handle, address=address), **how)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answers(request) or httpx.Response(404)


def moment(days_ago: float) -> str:
    from tests.servers.bluesky import moment as as_text

    return as_text((NOW_MS - days_ago * DAY_MS) / 1000)


def status(id: str, who: str, days_ago: float, **more: Any) -> dict[str, Any]:
    account = {"id": who, "acct": who, "username": who}
    return {
        "id": id,
        "created_at": moment(days_ago),
        "account": account,
        "content": f"<p>{id} text</p>",
        **more,
    }


def by_path(answers: dict[str, Any]) -> Fake:
    """JSON, or text where it is a text."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        found = answers.get(request.url.path)
        if found is None or isinstance(found, httpx.Response):
            return found
        return httpx.Response(200, text=found) if isinstance(found, str) else httpx.Response(200, json=found)

    return Fake(answer)


# --- what nobody may read --------------------------------------------------------------------------------
@pytest.mark.parametrize("data", catalogue.load().values(), ids=lambda data: data.name)
def test_every_network_says_how_it_is_read_or_why_not(data: catalogue.NetworkData) -> None:
    told = data.public
    assert told is not None and told.note
    assert (told.by == "feed") <= bool(told.feed) and bool(told.of) <= bool(told.setting)
    assert told.setting in {"", *(one.name for one in data.settings)}
    if told.by == "interface":
        assert "public_posts" in vars(data.connector_class())
    if told.by == "nothing":
        fake = by_path({})
        looked = fake.read(data.name, address="https://there.example/hanul")
        assert looked.why == told.note and fake.asked == [] and looked.posts == ()


def test_an_unknown_network_is_said() -> None:
    assert "no network" in by_path({}).read("examplenet").why


# --- manners ---------------------------------------------------------------------------------------------
def test_robots_is_asked_first_and_kept_to() -> None:
    closed = {"/robots.txt": "User-agent: *\nDisallow: /feeds/", "/feeds/videos.xml": ATOM}
    fake = by_path(closed)
    looked = fake.read("youtube", "channel/UCabcdefghijklmnopqrstuv")
    assert "robots.txt" in looked.why and fake.paths == ["/robots.txt"]


def test_a_feed_is_read_with_its_pauses_and_our_name() -> None:
    fake = by_path({"/feeds/videos.xml": ATOM})
    looked = fake.read("youtube", "channel/UCabcdefghijklmnopqrstuv")
    assert looked.why == "" and not looked.answers
    assert [post.text.strip() for post in looked.posts] == ["금리 공시"], (
        "what is older than 90 days is not read"
    )
    assert looked.since_ms == NOW_MS - 90 * DAY_MS, "the feed reaches back behind the window"
    assert fake.paths == ["/robots.txt", "/feeds/videos.xml"] and fake.rests == [SITE_PAUSE_SECONDS]
    assert all(request.headers["user-agent"].startswith("Bankside (+") for request in fake.asked)
    assert dict(fake.asked[-1].url.params) == {"channel_id": "UCabcdefghijklmnopqrstuv"}


def test_a_name_that_leads_to_no_feed_is_said() -> None:
    fake = by_path({})
    assert "name" in fake.read("youtube", "@hanul").why and fake.asked == []


@pytest.mark.parametrize("rules", ["User-agent: *\nCrawl-delay: 60", httpx.Response(503)])
def test_a_site_that_wants_to_be_left_alone_is(rules: Any) -> None:
    fake = by_path({"/robots.txt": rules, "/feed": ATOM})
    assert fake.read("web_feeds", address="https://hanul.example/feed").why and fake.paths == ["/robots.txt"]


def test_feeds_of_networks_without_code_and_of_sites() -> None:
    fake = by_path({"/hanul_bank.xml": ATOM, "/rss": ATOM, "/rss/": ATOM})
    assert len(fake.read("naver_blog", "hanul_bank", "https://blog.naver.com/hanul_bank").posts) == 1
    assert fake.asked[-1].url.host == "rss.blog.naver.com"
    assert len(fake.read("ghost_org", "news.hanul.example", "https://news.hanul.example").posts) == 1


def test_a_blog_that_has_closed_its_interface_is_read_by_its_feed() -> None:
    fake = by_path({"/feed/": ATOM, "/wp-json/wp/v2/posts": httpx.Response(401)})
    looked = fake.read("wordpress", "blog.hanul.example", "https://blog.hanul.example/")
    assert looked.why == "" and len(looked.posts) == 1 and not looked.answers
    assert "/wp-json/wp/v2/posts" in fake.paths


def test_nothing_begins_when_there_is_no_time() -> None:
    fake = by_path({"/feeds/videos.xml": ATOM})
    looked = fake.read("youtube", "channel/UCabcdefghijklmnopqrstuv", seconds_max=1.0)
    assert "time" in looked.why and ACCOUNT_SECONDS_MAX > 1
    assert fake.paths == ["/robots.txt"]


# --- a server of the fediverse, pretended -----------------------------------------------------------------
def pretended(threads: int = 1, *, noindex: bool = False, busy: bool = False) -> Fake:
    own = [status(f"p{n}", "1", n + 1, replies_count=1, language="nl") for n in range(threads)]
    answers: dict[str, Any] = {
        "/api/v1/accounts/lookup": {"id": "1", "noindex": noindex}, "/api/v1/accounts/1/statuses": own,
    }  # fmt: skip
    for n in range(threads):
        asked = status(f"q{n}", "kim", n + 0.9, in_reply_to_id=f"p{n}")
        replied = status(f"r{n}", "1", n + 0.8, in_reply_to_id=f"q{n}")
        aside = status(f"x{n}", "lee", n + 0.8, in_reply_to_id=f"q{n}", visibility="private")
        below = {"ancestors": [], "descendants": [asked, replied, aside]}
        answers[f"/api/v1/statuses/p{n}/context"] = httpx.Response(429) if busy and n else below
    return by_path(answers)


def test_a_thread_is_read_without_names() -> None:
    fake = pretended()
    looked = fake.read("mastodon", "hanul@social.example", "https://social.example/@hanul")
    assert [(p.id, p.own, p.answers, p.lang) for p in looked.posts] == [
        ("1", True, "", "nl"), ("2", False, "1", ""), ("3", True, "2", ""),
    ]  # fmt: skip
    assert [p.text for p in looked.posts] == ["p0 text", "", "r0 text"] and "kim" not in repr(looked)
    assert fake.rests == [PAUSE_SECONDS] * 2 and "/robots.txt" not in fake.paths
    assert not any("authorization" in request.headers for request in fake.asked)


def test_threads_are_read_up_to_a_limit_and_what_is_left_is_said() -> None:
    looked = pretended(39 + 6).read("mastodon", "hanul@social.example", "https://social.example/@hanul")
    assert looked.unread == 5 and sum(not p.own for p in looked.posts) == 40


def test_a_busy_server_ends_reading_and_what_was_read_is_good() -> None:
    looked = pretended(3, busy=True).read("mastodon", "hanul@social.example", "https://social.example/@hanul")
    assert looked.why == "" and looked.unread == 2 and sum(not p.own for p in looked.posts) == 1


def test_whoever_asks_not_to_be_looked_through_is_not() -> None:
    looked = pretended(noindex=True).read("mastodon", "hanul@social.example", "https://social.example/@hanul")
    assert "machines" in looked.why and looked.posts == ()
    author = {"did": "did:plc:a", "labels": [{"val": "!no-unauthenticated"}]}
    view = {"uri": "at://a/b/c", "author": author, "record": {}, "indexedAt": moment(1)}
    fake = by_path({"/xrpc/app.bsky.feed.getAuthorFeed": {"feed": [{"post": view}]}})
    assert "signed in" in fake.read("bluesky", "hanulbank.example").why


@pytest.mark.parametrize(
    "answer", [httpx.Response(401), httpx.Response(200, text="no json"), httpx.Response(500)]
)
def test_trouble_is_said_and_never_raised(answer: httpx.Response) -> None:
    fake = by_path({"/api/v1/accounts/lookup": answer})
    assert fake.read("mastodon", "hanul@social.example", "https://social.example/@hanul").why
