"""Public posts read from real servers, as strangers read them, counted again from what was done there."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from bankside.channels.public_posts import Account, Looked, Reader
from bankside.measures.observation.posts import Activity, Post, activity
from tests.servers.bluesky import POST, Bluesky, moment
from tests.servers.wordpress import WordPress

pytestmark = pytest.mark.timeout(900)
NOW_SECONDS = 1_760_000_000
MINUTES = (7, 90, 31)
"""After how many minutes each question is answered; a fourth has no answer."""


def at(minutes: float) -> str:
    return moment(NOW_SECONDS + minutes * 60)


def figures(looked: Looked) -> Activity:
    rows = [
        Post(id=p.id, at_ms=p.at_ms, own=p.own, answers=p.answers, text=p.text, lang=p.lang)
        for p in looked.posts
    ]
    return activity(rows, since_ms=looked.since_ms, until_ms=looked.at_ms)


@pytest.mark.server("bluesky")
def test_posts_questions_and_answers_of_an_account(bluesky: Bluesky, settings: Any) -> None:
    bank, kim = bluesky.account("hanulpublic"), bluesky.account("kimpublic")
    settings.WIRE_PRIVATE_HOSTS = frozenset({bluesky.appview.removeprefix("http://")})
    posts = [
        bank.post(text, langs=[lang], createdAt=at(0))
        for text, lang in (("새 금리 안내", "ko"), ("Nieuwe actie", "nl"))
    ]
    old = bank.post("Long ago", createdAt=at(-200 * 24 * 60))
    asked = [kim.reply(posts[0], f"question {n}", createdAt=at(10 + n)) for n in range(len(MINUTES) + 1)]
    last = ""
    for n, (question, minutes) in enumerate(zip(asked, MINUTES, strict=False)):
        last = bank.reply(question, "answer", root=posts[0], createdAt=at(10 + n + minutes)).uri
    for uri in (posts[1].uri, old.uri, asked[-1].uri, last):
        bluesky.wait_for(uri)
    reader = Reader(
        lent={"bluesky": {"service": bluesky.appview}}, pause=lambda _: None,
        clock_ms=lambda: (NOW_SECONDS + 24 * 3600) * 1000,
    )  # fmt: skip
    looked = reader.read(Account(network="bluesky", handle=bank.handle, address=""))
    assert looked.why == "" and looked.answers and looked.unread == 0
    found = figures(looked)
    assert (found.own, found.replies, found.asked, found.answered) == (5, 3, 4, 3)
    assert found.minutes_median == statistics.median(MINUTES)
    assert dict(found.languages) == {"ko": 1, "nl": 1} and dict(found.purposes) == {
        "information": 1,
        "brand": 1,
    }
    kept = repr(looked)
    assert kim.did not in kept and kim.handle not in kept and bank.did not in kept
    assert not any(post.text for post in looked.posts if not post.own)
    assert (
        bank.records(POST) and reader.read(Account(network="bluesky", handle="nobody.test", address="")).why
    )


@pytest.mark.server("wordpress")
def test_articles_comments_and_answers_of_a_blog(wordpress: WordPress, settings: Any) -> None:
    settings.WIRE_PRIVATE_HOSTS = frozenset({wordpress.host})
    reader = Reader(pause=lambda _: None)
    account = Account(network="wordpress", handle=wordpress.host, address=f"{wordpress.url}/")
    before = figures(reader.read(account))
    one = wordpress.api(
        "POST", "posts", json={"title": "연차보고서 공시", "content": "x", "status": "publish"}
    )
    wordpress.api("POST", "posts", json={"title": "Draft", "content": "x", "status": "draft"})
    names = ("Minji Kim", "Jan de Vries")
    asked = [wordpress.comment(one["id"], name, f"Vraag van {name}") for name in names]
    wordpress.api(
        "POST", "comments", json={"post": one["id"], "parent": asked[0], "content": "네, 그렇습니다."}
    )
    waiting = [c for c in wordpress.comments(one["id"]) if c["status"] != "approved"]
    for comment in waiting:  # a visitor sees what was let through
        wordpress.api("POST", f"comments/{comment['id']}", json={"status": "approved"})
    looked = reader.read(account)
    assert looked.why == "" and looked.answers
    found = figures(looked)
    assert found.own - before.own == 2 and found.replies - before.replies == 1
    assert (found.asked - before.asked, found.answered - before.answered) == (2, 1)
    assert found.purposes["information"] - before.purposes.get("information", 0) == 1
    assert not any(name in repr(looked) for name in names)


@pytest.mark.server("wordpress")
def test_the_feed_of_a_blog_and_a_place_without_one(wordpress: WordPress, settings: Any) -> None:
    settings.WIRE_PRIVATE_HOSTS = frozenset({wordpress.host})
    made = wordpress.api("POST", "posts", json={"title": "보안 점검", "content": "x", "status": "publish"})
    address = f"{wordpress.url}/nowhere"  # no interface under it, and its feed is that of the blog or none
    assert (
        made["id"]
        and Reader(pause=lambda _: None)
        .read(Account(network="wordpress", handle=wordpress.host, address=address))
        .why
    )
    feed = f"{wordpress.url}/feed/"
    looked = Reader(pause=lambda _: None).read(Account(network="web_feeds", handle="", address=feed))
    assert looked.why == "" and not looked.answers
    assert any("보안 점검" in post.text for post in looked.posts) and all(post.own for post in looked.posts)
