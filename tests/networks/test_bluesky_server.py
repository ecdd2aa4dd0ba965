"""The connector against a real Bluesky network: everything that it promises, seen from the other side."""

from __future__ import annotations

import time

import httpx
import pytest

from bankside.networks.bluesky.record import POST, key_of
from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Gone,
    Grant,
    Later,
    NotAllowed,
    Post,
    Reconnect,
    Refused,
    Uncertain,
)
from tests.networks.bluesky_desk import desk, image, key, news, ref
from tests.servers.bluesky import Bluesky, Person, moment, wait

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.timeout(900)]
TRIES = 6


@pytest.fixture
def bank(bluesky: Bluesky) -> Person:
    return bluesky.account("hanulbank")


@pytest.fixture
def kim(bluesky: Bluesky) -> Person:
    return bluesky.account("kim")


class LosesAnswers(httpx.BaseTransport):
    """The server does what is asked, and its answer to a new record never arrives."""

    def __init__(self) -> None:
        self._real = httpx.HTTPTransport()
        self.losing, self.lost = True, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        answer.read()
        if self.losing and request.url.path.endswith("putRecord"):
            self.lost += 1
            raise httpx.ReadError("The answer was lost.")
        return answer


# --- the journey -------------------------------------------------------------------------------------
def test_a_post_with_images_a_question_and_an_answer(bluesky: Bluesky, bank: Person, kim: Person) -> None:
    connector = desk(bluesky, bank)
    me = connector.whoami()
    assert (me.remote_id, me.handle, me.limits) == (bank.did, f"@{bank.handle}", {"image_bytes": 5_242_880})
    pictures = (image("red", '새 지점 "창구"'), image("blue", "柜台"))
    words = f"새 지점 👨‍👩‍👧 @{kim.handle}님! Meer: https://hanulbank.example/nl?a=1&b=2 #新闻"
    receipt = connector.send(Post(text=words, lang="ko", media=pictures), key())
    [record] = bank.records()
    said = record["value"]
    assert (record["uri"], said["text"], said["langs"]) == (receipt.remote_id, words, ["ko"])
    assert [(i["alt"], i["aspectRatio"]) for i in said["embed"]["images"]] == [
        ('새 지점 "창구"', {"width": 60, "height": 40}), ("柜台", {"width": 60, "height": 40}),
    ]  # fmt: skip
    bluesky.wait_for(receipt.remote_id)
    wait(lambda: bool(kim.notifications()), "word to whom we mention")
    assert kim.notifications()[0]["reason"] == "mention", "whom we mention is told"

    question = kim.reply(ref(bank, receipt), "언제 여나요?", langs=["ko"])
    bluesky.wait_for(question.uri)
    found, cursor = news(connector)
    asked = found[question.uri]
    assert (asked.text, asked.lang, asked.actor.remote_id) == ("언제 여나요?", "ko", kim.did)
    assert asked.thread == asked.in_reply_to == receipt.remote_id and not asked.own

    answer = connector.send(
        Post(text="내일 9시입니다.", in_reply_to=question.uri, thread=asked.thread), key()
    )
    bluesky.wait_for(answer.remote_id)
    [under] = [r["post"] for r in kim.thread(question.uri)["replies"]]
    assert (under["uri"], under["record"]["text"]) == (answer.remote_id, "내일 9시입니다.")
    found, cursor = news(connector, cursor)
    assert found[answer.remote_id].own and found[answer.remote_id].thread == receipt.remote_id
    counts, account = connector.measure((receipt.remote_id, bank.did))
    assert (account.remote_id, set(account.counts)) == (bank.did, {"followers"})
    assert counts.counts == {"likes": 0, "reposts": 0, "replies": 1, "quotes": 0}
    connector.remove(answer.remote_id)
    connector.remove(answer.remote_id)
    assert [row["uri"] for row in bank.records()] == [receipt.remote_id]


def test_what_people_do_besides_answering(bluesky: Bluesky, bank: Person, kim: Person) -> None:
    connector = desk(bluesky, bank)
    post = ref(bank, connector.send(Post(text="年报已发布。", lang="zh"), key()))
    done = {
        "Like": kim.like(post), "Announce": kim.repost(post), "Follow": kim.follow(bank),
        "quote": kim.quote(post, "kijk"), "mention": kim.mention(bank, "请问？"),
    }  # fmt: skip
    pictured = kim.show("이 화면이 안 떠요", image("green", "화면").data, "화면", reply={
        "root": post.strong, "parent": post.strong})  # fmt: skip
    for told in (done["quote"], done["mention"], pictured):
        bluesky.wait_for(told.uri)
    wait(lambda: len(bank.notifications()) == 6, "six notifications")
    found, _ = news(connector)
    assert found.keys() == {*(r.uri for r in done.values()), pictured.uri}
    for verb in ("Like", "Announce", "Follow"):
        assert found[done[verb].uri].verb == verb and not found[done[verb].uri].text
    assert found[done["Like"].uri].in_reply_to == post.uri
    assert found[done["quote"].uri].thread == done["quote"].uri
    assert found[done["mention"].uri].mentions == (bank.did,)
    [picture] = found[pictured.uri].attachments
    assert (picture.kind, picture.alt) == ("image", "화면") and picture.url.startswith("http")
    counted, account = connector.measure((post.uri, bank.did))
    assert counted.counts == {"likes": 1, "reposts": 1, "replies": 1, "quotes": 1}
    assert account.counts == {"followers": 1}


def test_a_quoted_post_is_shown_beside_pictures(bluesky: Bluesky, bank: Person, kim: Person) -> None:
    there = kim.post("Goede bank.")
    bluesky.wait_for(there.uri)
    text = f"Dank! https://bsky.app/profile/{kim.handle}/post/{there.key}"
    desk(bluesky, bank).send(Post(text=text, lang="nl", media=(image("red", "hart"),)), key())
    embed = bank.records()[0]["value"]["embed"]
    assert embed["record"]["record"] == there.strong and len(embed["media"]["images"]) == 1


# --- once --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["post", "answer", "with image"])
def test_after_a_lost_answer_there_is_one_record_and_it_is_found(
    bluesky: Bluesky, bank: Person, kim: Person, kind: str
) -> None:
    losing = LosesAnswers()
    connector = desk(bluesky, bank, transport=losing)
    under = kim.post("질문") if kind == "answer" else None
    if under:
        bluesky.wait_for(under.uri)
    for number in range(TRIES):
        media = (image("red", "빨강"),) if kind == "with image" else ()
        post = Post(text=f"한 번만 {number}", in_reply_to=under.uri if under else "", media=media)
        delivery = key()
        assert connector.find(delivery, post) is None
        losing.losing = True
        with pytest.raises(Uncertain):
            connector.send(post, delivery)
        found = connector.find(delivery, post)
        losing.losing = False
        assert found is not None and connector.send(post, delivery) == found
    assert losing.lost == TRIES and len(bank.records()) == TRIES


def test_a_try_that_comes_through_late_changes_nothing(bluesky: Bluesky, bank: Person) -> None:
    connector, delivery = desk(bluesky, bank), key()
    connector.send(Post(text="eerst"), delivery)
    before = bank.records()
    late = {"$type": POST, "text": "eerst", "createdAt": moment()}
    wanted = {
        "repo": bank.did, "collection": POST, "rkey": key_of(delivery), "record": late, "swapRecord": None,
    }  # fmt: skip
    with pytest.raises(httpx.HTTPStatusError, match="InvalidSwap"):
        bank.call("POST", "com.atproto.repo.putRecord", json=wanted)
    assert bank.records() == before


# --- no ----------------------------------------------------------------------------------------------
def test_what_is_gone_closed_or_wrong_is_refused(bluesky: Bluesky, bank: Person, kim: Person) -> None:
    connector = desk(bluesky, bank)
    shut = kim.post("Alleen voor mij.")
    bluesky.wait_for(shut.uri)
    gate = {"$type": "app.bsky.feed.threadgate", "post": shut.uri, "allow": [], "createdAt": moment()}
    kim.put(f"at://{kim.did}/app.bsky.feed.threadgate/{shut.key}", gate)

    def is_shut() -> bool:
        asked = bank.call("GET", "app.bsky.feed.getPosts", {"uris": shut.uri})
        return bool(asked["posts"][0]["viewer"].get("replyDisabled"))

    wait(is_shut, "the gate")
    with pytest.raises(NotAllowed):
        connector.send(Post(text="Dag", in_reply_to=shut.uri), key())
    kim.delete(shut.uri)
    bluesky.wait_for(shut.uri, gone=True)
    with pytest.raises(Gone):
        connector.send(Post(text="Dag", in_reply_to=shut.uri), key())
    with pytest.raises(Refused, match="language"):
        connector.send(Post(text="Dag", lang="not a language"), key())
    with pytest.raises(NotAllowed):
        connector.remove(kim.post("van mij").uri)
    assert bank.records() == []


def test_a_session_goes_on_and_a_password_that_was_taken_back_ends_it(bluesky: Bluesky, bank: Person) -> None:
    password = bank.app_password("desk")
    tokens = desk(bluesky, bank, app_password=password).renew()
    assert 7000 < tokens.fresh_until_ms / 1000 - time.time() <= 7200
    again = desk(bluesky, bank, app_password=password, **tokens.secrets).renew()
    assert again.secrets["refresh"] != tokens.secrets["refresh"]
    ended = {"refresh": "not.a.token", "app_password": password}
    assert desk(bluesky, bank, **ended).renew().secrets["access"], "then the app password is used again"
    bank.revoke_app_password("desk")
    with pytest.raises(Reconnect):
        desk(bluesky, bank, app_password=password, **again.secrets).renew()
    with pytest.raises(Reconnect, match="does not accept"):
        desk(bluesky, bank, app_password="aaaa-bbbb-cccc-dddd").renew()
    with pytest.raises(Reconnect, match="missing"):
        desk(bluesky, bank, access="x").renew()


def test_a_server_that_is_not_there_is_waited_for(bluesky: Bluesky, bank: Person) -> None:
    data = network("bluesky")
    settings = data.filled({"identifier": bank.handle, "service": "http://127.0.0.1:9"}, {})
    wire = data.wire(settings, private_hosts=frozenset({"127.0.0.1:9"}))
    nobody = data.connector(Grant(settings=settings, secrets={"app_password": "x"}), wire)
    assert nobody.locate() == {}
    with pytest.raises(Later):
        nobody.renew()


def test_the_server_of_an_account_is_found_by_the_directory(bluesky: Bluesky, bank: Person) -> None:
    connector = desk(bluesky, bank, access="x")
    assert connector.locate() == {"service": bluesky.url}
