from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Accepted,
    Answer,
    Connector,
    Forged,
    Gone,
    Grant,
    Item,
    Later,
    Media,
    NotAllowed,
    NotOffered,
    Post,
    Reconnect,
    Refused,
    Request,
    Uncertain,
)
from bankside.networks.practice import KINDS, PracticeServer


def desk(folder: Path, secret: str = "s3cret", **settings: str) -> Connector:
    given = {"folder": str(folder), "customers": "no", **settings}
    grant = Grant(settings=network("practice").filled(given, {}), secrets={"hook_secret": secret})
    return network("practice").connector(grant)


@pytest.fixture
def server(tmp_path: Path) -> PracticeServer:
    return PracticeServer(tmp_path, hook_secret="s3cret")


def everything(connector: Connector, cursor: str = "") -> tuple[list[Item], str]:
    items: list[Item] = []
    while True:
        page = connector.poll(cursor, 0)
        items, cursor = items + list(page.items), page.cursor
        if not page.more:
            return items, cursor


# --- what comes in -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text", ["Hello", "카드를 잃어버렸어요", "利率是多少？", "Storing in de app?", "👨‍👩‍👧"]
)
def test_a_customer_speaks_and_the_desk_reads_the_same_words(server: PracticeServer, text: str) -> None:
    connector = desk(server.folder)
    id = server.customer_says(text, by="sanne")
    items, _ = everything(connector)
    (activity,) = connector.read(items[0].raw)
    assert (activity.remote_id, activity.text, activity.actor.handle) == (id, text, "@sanne_dv")
    assert activity.thread == id and not activity.private and not activity.own and activity.published_ms


def test_a_private_exchange_is_one_thread_and_an_answer_belongs_to_it(server: PracticeServer) -> None:
    connector = desk(server.folder)
    first = server.customer_says("한도를 올리고 싶어요", by="junho", private=True)
    receipt = connector.send(Post(text="네, 도와드릴게요.", in_reply_to=first, private=True), "k1")
    again = server.customer_replies(receipt.remote_id, "감사합니다")
    read = [connector.read(i.raw)[0] for i in everything(connector)[0]]
    assert {a.thread for a in read} == {"exchange:u-junho"} and all(a.private for a in read)
    assert [a.own for a in read] == [False, True, False] and read[-1].remote_id == again
    assert server.posts("message")[0].to == ("u-junho",)


def test_a_comment_under_a_post_begins_its_own_thread(server: PracticeServer) -> None:
    connector = desk(server.folder)
    post = connector.send(Post(text="Nieuwe openingstijden"), "k1").remote_id
    a, b = (
        server.customer_says("Mooi", by="daan", under=post),
        server.customer_says("好", by="liwei", under=post),
    )
    deeper = server.customer_replies(a, "En zondag?")
    read = {x.remote_id: x for x in (connector.read(i.raw)[0] for i in everything(connector)[0])}
    assert [read[i].thread for i in (a, b, deeper)] == [a, b, a]
    assert read[a].in_reply_to == post and read[deeper].in_reply_to == a
    assert post not in read, "the bank's own posts are no news to the desk"
    [counted] = connector.measure((post, "gone"))
    assert counted.counts == {"views": 3 * 25, "likes": 0, "comments": 3}


def test_an_edit_is_a_new_version_and_a_deletion_is_one_too(server: PracticeServer) -> None:
    connector = desk(server.folder)
    id = server.customer_says("typo", by="daan")
    server.customer_edits(id, "no typo")
    (edited,) = everything(connector)[0]
    server.customer_deletes(id)
    (deleted,) = everything(connector)[0]
    assert [connector.read(i.raw)[0].verb for i in (edited, deleted)] == ["Update", "Delete"]
    assert (edited.version, deleted.version) == ("2", "3")


def test_every_poll_repeats_the_overlap_and_nothing_older(server: PracticeServer) -> None:
    connector = desk(server.folder)
    old = server.customer_says("old")
    _, cursor = everything(connector)
    server.advance(network("practice").poll.overlap_seconds + 1)
    new = server.customer_says("new")
    items, cursor = everything(connector, cursor)
    assert [i.remote_id for i in items] == [new]
    assert [i.remote_id for i in everything(connector, cursor)[0]] == [new]
    assert [i.remote_id for i in everything(connector)[0]] == [old, new]


def test_long_answers_come_in_pages_and_each_item_once(server: PracticeServer) -> None:
    connector = desk(server.folder)
    ids = [server.customer_says(f"{n}", by=f"c{n}") for n in range(120)]
    assert [i.remote_id for i in everything(connector)[0]] == ids


def test_an_item_of_an_unknown_kind_is_nothing_and_a_broken_one_is_refused(server: PracticeServer) -> None:
    connector = desk(server.folder)
    server.fail_next("poll", "garbage")
    (broken,) = connector.poll("", 0).items
    with pytest.raises(Refused):
        connector.read(broken.raw)
    assert connector.read({"kind": "poke"}) == ()


# --- hooks -------------------------------------------------------------------------------------------
def test_a_signed_hook_carries_the_same_items_as_a_poll(server: PracticeServer) -> None:
    connector = desk(server.folder)
    server.customer_says("실시간으로 왔어요")
    accepted = connector.verify(server.hook_request())
    assert isinstance(accepted, Accepted) and accepted.items == tuple(everything(connector)[0])


def test_a_hook_without_a_good_signature_is_forged(server: PracticeServer) -> None:
    server.customer_says("hi")
    good = server.hook_request()
    for headers in ({}, {"x-practice-signature": "0" * 64}, {"x-practice-signature": "\udcff"}):
        forged = Request(method="POST", path="/", query={}, headers=headers, body=good.body)
        with pytest.raises(Forged):
            desk(server.folder).verify(forged)
    with pytest.raises(Forged):
        desk(server.folder, secret="").verify(good)
    assert not desk(server.folder, secret="").can("verify")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"items": [7]}', b'{"items": [{"id": ""}]}', b'{"items": [{"id": "a"}]}',
     b"[" * 100_000, b'{"items": [{"id": "\\ud800", "version": "1"}]}', b"\xff",
     b'{"items": [{"id": "\xff", "version": "1"}]}'],
)  # fmt: skip
def test_a_genuine_hook_with_a_broken_body_is_refused(server: PracticeServer, body: bytes) -> None:
    with pytest.raises(Refused):
        desk(server.folder).verify(server.hook_request(body=body))


def test_the_handshake_answers_the_challenge_and_no_more_of_it_than_is_sane(server: PracticeServer) -> None:
    request = Request(method="GET", path="/", query={"challenge": "x" * 5000}, headers={}, body=b"")
    answer = desk(server.folder).verify(request)
    assert isinstance(answer, Answer) and answer.body == b"x" * 200


# --- what goes out -----------------------------------------------------------------------------------
def test_the_same_key_is_the_same_post(server: PracticeServer) -> None:
    connector = desk(server.folder)
    first, second = (connector.send(Post(text="结果已公布"), "k1") for _ in range(2))
    assert first == second == connector.find("k1", Post(text="结果已公布")) and len(server.posts()) == 1
    assert connector.find("k2", Post(text="结果已公布")) is None


def test_images_keep_their_descriptions(server: PracticeServer) -> None:
    media = Media(mime="image/png", alt="창구", data=b"x", name="a.png")
    desk(server.folder).send(Post(text="사진", media=(media,)), "k1")
    assert server.posts()[0].images == ("창구",)


def test_an_edit_changes_it_and_removing_twice_is_removing(server: PracticeServer) -> None:
    connector = desk(server.folder)
    id = connector.send(Post(text="eerst"), "k1").remote_id
    connector.send(Post(text="later", replaces=id), "k2")
    connector.send(Post(text="later", replaces=id), "k2")
    assert [(p.text, p.version) for p in server.posts()] == [("later", 2)]
    connector.remove(id)
    connector.remove(id)
    assert server.posts()[0].removed
    with pytest.raises(Gone):
        connector.send(Post(text="nog eens", replaces=id), "k3")


def test_nobody_answers_what_is_gone_nor_removes_what_others_said(server: PracticeServer) -> None:
    connector = desk(server.folder)
    id = server.customer_says("hi")
    with pytest.raises(NotAllowed):
        connector.remove(id)
    server.customer_deletes(id)
    with pytest.raises(Gone):
        connector.send(Post(text="hello", in_reply_to=id), "k1")
    assert server.posts() == []


def test_what_does_not_fit_is_never_sent(server: PracticeServer) -> None:
    connector = desk(server.folder)
    for post in (
        Post(text=""),
        Post(text="가" * 501),
        Post(text="x", title="t"),
        Post(text="x", private=True),
    ):
        with pytest.raises(Refused):
            connector.send(post, "k1")
    assert server.calls("send") == 0


# --- failures on demand ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("later", Later),
        ("refused", Refused),
        ("gone", Gone),
        ("not-allowed", NotAllowed),
        ("reconnect", Reconnect),
    ],
)  # fmt: skip
def test_a_failure_happens_as_often_as_it_was_ordered(
    server: PracticeServer, kind: str, error: type[Exception]
) -> None:
    connector = desk(server.folder)
    server.fail_next("send", kind, times=2)
    for _ in range(2):
        with pytest.raises(error):
            connector.send(Post(text="hi"), "k1")
    assert server.posts() == []
    connector.send(Post(text="hi"), "k1")
    assert len(server.posts()) == 1 and server.calls("send") == 3


@pytest.mark.parametrize(
    ("kind", "there_at_once", "there_later"),
    [("uncertain-before", 0, 0), ("uncertain-after", 1, 1), ("late-acceptance", 0, 1), ("garbage", 1, 1)],
)
def test_a_lost_answer_can_be_found_out(
    server: PracticeServer, kind: str, there_at_once: int, there_later: int
) -> None:
    connector, post = desk(server.folder), Post(text="공지")
    server.fail_next("send", kind)
    with pytest.raises(Uncertain):
        connector.send(post, "k1")
    assert len(server.posts()) == there_at_once == bool(connector.find("k1", post))
    server.advance(network("practice").doubt.late_acceptance_seconds)
    assert len(server.posts()) == there_later == bool(connector.find("k1", post))


def test_a_pending_post_is_settled_by_asking(server: PracticeServer) -> None:
    connector = desk(server.folder)
    server.fail_next("send", "pending")
    receipt = connector.send(Post(text="wacht"), "k1")
    assert receipt.pending and connector.settle(receipt.handle).pending and server.posts() == []
    server.advance(3)
    assert not connector.settle(receipt.handle).pending and len(server.posts()) == 1
    with pytest.raises(Gone):
        connector.settle("nothing")


def test_without_a_look_up_nothing_is_found_and_a_second_send_is_a_second_post(
    server: PracticeServer,
) -> None:
    connector = desk(server.folder, lookup="no")
    assert not connector.can("find") and desk(server.folder).can("find")
    with pytest.raises(NotOffered):
        connector.find("k1", Post(text="hi"))
    for _ in range(2):
        connector.send(Post(text="hi"), "k1")
    assert len(server.posts()) == 2


def test_failures_of_the_settings_happen_always_and_a_misspelt_one_is_refused(server: PracticeServer) -> None:
    for _ in range(3):
        with pytest.raises(Reconnect):
            desk(server.folder, failures="send:later, whoami:reconnect").whoami()
    with pytest.raises(Refused):
        desk(server.folder, failures="send:latter").whoami()
    with pytest.raises(Refused):
        server.fail_next("sing", "later")


def test_a_lost_answer_of_a_reading_call_is_only_later(server: PracticeServer) -> None:
    for kind in ("uncertain-before", "uncertain-after"):
        server.fail_next("poll", kind, after_seconds=7)
        with pytest.raises(Later) as later:
            desk(server.folder).poll("", 0)
        assert later.value.after_seconds == 7


def test_every_kind_can_be_ordered_and_taken_back(server: PracticeServer) -> None:
    for kind in KINDS:
        server.fail_next("send", kind)
    server.heal()
    desk(server.folder).send(Post(text="hi"), "k1")
    assert len(server.posts()) == 1


# --- the script --------------------------------------------------------------------------------------
def test_customers_speak_four_languages_and_the_same_at_every_start(tmp_path: Path) -> None:
    told = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        connector = desk(folder, customers="yes")
        connector.whoami()
        PracticeServer(folder).advance(600)
        read = [connector.read(i.raw)[0] for i in everything(connector)[0]]
        told.append([(a.remote_id, a.verb, a.text, a.lang, a.private) for a in read])
    assert told[0] == told[1] and {t[3] for t in told[0]} == {"ko", "zh-Hans", "nl", "en"}
    texts = " ".join(t[2] for t in told[0])
    assert "4242 4242 4242 4242" in texts and "900101-1234568" in texts and "onerror" in texts
    assert {t[1] for t in told[0]} == {"Create", "Update", "Delete", "Follow"} and any(t[4] for t in told[0])


def test_customers_comment_on_posts_and_thank_once_for_an_answer(tmp_path: Path) -> None:
    connector, server = desk(tmp_path, customers="yes"), PracticeServer(tmp_path)
    post = connector.send(Post(text="Our results"), "k1").remote_id
    server.advance(30)
    read = [connector.read(i.raw)[0] for i in everything(connector)[0]]
    under = [a for a in read if a.in_reply_to == post]
    comments = [a for a in under if a.verb == "Create"]
    assert len(comments) == 2 and [(a.verb, a.text) for a in under if a not in comments] == [("Like", "")]
    counted, followed = connector.measure((post, connector.whoami().remote_id))
    assert (counted.counts["likes"], counted.counts["comments"]) == (1, 2)
    assert counted.counts["views"] == 3 * 25 and followed.counts == {"followers": 1}
    for n in range(2):
        connector.send(Post(text="곧 알려 드릴게요", in_reply_to=comments[0].remote_id), f"r{n}")
    server.advance(300)
    read = [connector.read(i.raw)[0] for i in everything(connector)[0]]
    thread = [a for a in read if a.thread == comments[0].thread]
    assert [a.own for a in thread] == [False, True, True, False]


# --- several processes -------------------------------------------------------------------------------
def _say(folder: str, number: int) -> str:
    return PracticeServer(folder).customer_says(f"{number}", by=f"c{number}")


def test_several_processes_lose_nothing(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        ids = list(pool.map(_say, [str(tmp_path)] * 40, range(40)))
    assert len(set(ids)) == 40
    assert sorted(i.remote_id for i in everything(desk(tmp_path))[0]) == sorted(ids)
