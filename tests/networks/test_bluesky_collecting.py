"""Nothing that is said to us on a real Bluesky network is missed, and nothing comes in that is not news."""

from __future__ import annotations

import time

import pytest

from bankside.networks.bluesky.place import Place
from bankside.networks.bluesky.record import POST
from bankside.networks.contract import (
    Activity,
    Post,
)
from tests.networks.bluesky_desk import desk, key, news, ref
from tests.servers.bluesky import LIKE, Bluesky, Person, Ref, moment, wait

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.timeout(900)]
AT_ONCE = 8


@pytest.fixture
def bank(bluesky: Bluesky) -> Person:
    return bluesky.account("hanulbank")


@pytest.fixture
def kim(bluesky: Bluesky) -> Person:
    return bluesky.account("kim")


def test_an_answer_that_nobody_was_told_of_is_found(bluesky: Bluesky, bank: Person, kim: Person) -> None:
    """It is indexed before the post that it answers, and so never announced."""
    connector = desk(bluesky, bank)
    post = ref(bank, connector.send(Post(text="곧 말씀드리겠습니다."), key()))
    bluesky.wait_for(post.uri)
    _, cursor = news(connector)
    words = bank.records()[0]["value"]
    bank.delete(post.uri)
    bluesky.wait_for(post.uri, gone=True)
    early = kim.reply(post, "너무 빠른 질문", wait=False)
    bluesky.wait_for(early.uri)
    bank.put(post.uri, words)
    bluesky.wait_for(post.uri)
    page = connector.poll(cursor, 0)
    began = time.monotonic()
    while early.uri not in {item.remote_id for item in page.items}:
        assert time.monotonic() - began < 10
        time.sleep(0.5)
        page = connector.poll(page.cursor, 0)
    assert page.unannounced == (early.uri,)
    assert early.uri not in {told["uri"] for told in bank.notifications()}
    assert connector.poll(page.cursor, 0).unannounced == ()


def test_answers_at_the_very_moment_are_all_found(bluesky: Bluesky, bank: Person) -> None:
    connector = desk(bluesky, bank)
    asked = set()
    for number in range(AT_ONCE):
        post = ref(bank, connector.send(Post(text=f"질문 받습니다 {number}"), key()))
        asked.add(bluesky.account("quick").reply(post, "저요!", wait=False).uri)
    found: dict[str, Activity] = {}
    cursor = ""

    def all_found() -> bool:
        nonlocal cursor
        some, cursor = news(connector, cursor)
        found.update(some)
        return asked <= found.keys()

    wait(all_found, "all answers", 15)


def test_a_long_list_is_read_to_its_end_and_then_only_what_is_new(
    bluesky: Bluesky, bank: Person, kim: Person
) -> None:
    connector = desk(bluesky, bank)
    post = ref(bank, connector.send(Post(text="많은 질문"), key()))
    bluesky.wait_for(post.uri)
    replies = [
        {"$type": POST, "text": f"nr. {n}", "createdAt": moment(time.time() - 1 + n / 1000), "reply": {
            "root": post.strong, "parent": post.strong}}
        for n in range(230)
    ]  # fmt: skip
    for some in (replies[:115], replies[115:]):
        kim.create_many(POST, some)
    asked = {"uris": post.uri}
    counted = "app.bsky.feed.getPosts"
    wait(lambda: bank.call("GET", counted, asked)["posts"][0]["replyCount"] == 230, "all replies")
    found, cursor = news(connector)
    assert {a.text for a in found.values()} == {f"nr. {n}" for n in range(230)}
    assert len(cursor) < 9000
    one = kim.reply(post, "nog een")
    bluesky.wait_for(one.uri)
    found, cursor = news(connector, cursor)
    assert one.uri in found


def test_a_late_word_behind_many_likes_is_found(bluesky: Bluesky, bank: Person, kim: Person) -> None:
    """Notifications stand where their author's clock has them; words have a list of their own."""
    connector, many = desk(bluesky, bank), 110
    dated = {"$type": POST, "createdAt": moment()}
    bank.create_many(POST, [{**dated, "text": f"nr. {n}"} for n in range(many)])
    posts = [Ref(row["uri"], row["cid"]) for row in bank.records()]
    for post in posts:
        bluesky.wait_for(post.uri)
    _, cursor = news(connector)
    # The network parts its pages by the millisecond alone: what happens in the same one may be lost there.
    begun = time.time() - 1
    likes = [
        {"$type": LIKE, "subject": post.strong, "createdAt": moment(begun + n / 1000)}
        for n, post in enumerate(posts)
    ]
    kim.create_many(LIKE, likes)
    wait(lambda: len(bank.notifications()) == 100, "the likes")
    found, cursor = news(connector, cursor)
    late = kim.mention(bank, "late", createdAt=moment(time.time() - 300))
    bluesky.wait_for(late.uri)
    assert late.uri not in {told["uri"] for told in bank.notifications()}, "it is not among the newest"
    more, cursor = news(connector, cursor)
    assert late.uri in more
    assert sum(a.verb == "Like" for a in {**found, **more}.values()) == many


def test_nothing_from_before_the_channel_was_connected_comes_in(
    bluesky: Bluesky, bank: Person, kim: Person
) -> None:
    old = kim.mention(bank, "oud")
    bluesky.wait_for(old.uri)
    wait(lambda: bool(bank.notifications()), "the notification")
    time.sleep(0.1)
    since_ms = int(time.time() * 1000)
    new = kim.mention(bank, "nieuw")
    bluesky.wait_for(new.uri)
    wait(lambda: len(bank.notifications()) == 2, "the notification")
    connector = desk(bluesky, bank)
    found, cursor = news(connector, since_ms=since_ms)
    assert set(found) == {new.uri}
    found, _ = news(connector, cursor)
    assert old.uri not in found


def test_changes_removals_and_what_we_typed_elsewhere_are_noticed(
    bluesky: Bluesky, bank: Person, kim: Person
) -> None:
    connector = desk(bluesky, bank)
    first, second = kim.mention(bank, "een"), kim.mention(bank, "twee")
    for told in (first, second):
        bluesky.wait_for(told.uri)
    wait(lambda: len(bank.notifications()) == 2, "the notifications")
    found, cursor = news(connector)
    version = found[first.uri].version
    value = next(row["value"] for row in kim.records() if row["uri"] == first.uri)
    kim.put(first.uri, {**value, "text": f"@{bank.handle} anders"})
    kim.delete(second.uri)
    bluesky.wait_for(second.uri, gone=True)
    elsewhere = bank.reply(first, "typed in the app")
    bluesky.wait_for(elsewhere.uri)
    found, cursor = news(connector, cursor)
    assert found[first.uri].text.endswith("anders") and found[first.uri].version != version
    assert found[second.uri].verb == "Delete" and not found[second.uri].own
    assert found[elsewhere.uri].own and found[elsewhere.uri].thread == first.uri
    bank.delete(elsewhere.uri)
    bluesky.wait_for(elsewhere.uri, gone=True)
    found, cursor = news(connector, cursor)
    assert found[elsewhere.uri].verb == "Delete" and found[elsewhere.uri].own


def test_a_cursor_of_another_age_begins_anew(bluesky: Bluesky, bank: Person, kim: Person) -> None:
    told = kim.mention(bank, "hallo")
    bluesky.wait_for(told.uri)
    wait(lambda: bool(bank.notifications()), "the notification")
    found, cursor = news(desk(bluesky, bank), "v0:something else")
    assert set(found) == {told.uri} and Place.of(cursor, 7).since_ms == 0
