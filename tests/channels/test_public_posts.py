"""What comes through the door when an account of others is read: numbers, moments and own words alone."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as some

from bankside.channels.public_posts import ELSEWHERE, Account, PublicPost, Reader, numbered
from bankside.networks.catalogue import network
from bankside.networks.contract import Grant, Post
from bankside.networks.practice import PracticeServer

NETWORK = "practice"


def bank(folder: Path) -> Reader:
    return Reader(lent={NETWORK: {"folder": str(folder), "customers": "no"}})


def test_the_pretended_network_as_everybody_sees_it(tmp_path: Path) -> None:
    server = PracticeServer(tmp_path)
    desk = network(NETWORK).connector(Grant(settings={"folder": str(tmp_path), "customers": "no"}))
    said = desk.send(Post(text="Onze rente verandert", lang="nl"), "k1")
    asked = server.customer_says("언제부터인가요?", by="minji", name="Minji Kim", under=said.remote_id)
    server.customer_says("Mijn rekening is leeg", by="jan", private=True)
    desk.send(Post(text="Vanaf 1 juli.", in_reply_to=asked, thread=said.remote_id), "k2")
    looked = bank(tmp_path).read(Account(network=NETWORK, handle="@hanulbank", address=""))
    assert looked.why == "" and looked.answers
    assert sorted((post.own, bool(post.answers)) for post in looked.posts) == [
        (False, True), (True, False), (True, True),
    ]  # fmt: skip
    assert "Minji" not in repr(looked) and "minji" not in repr(looked) and "언제" not in repr(looked.posts)
    assert {post.text for post in looked.posts} == {"Onze rente verandert", "Vanaf 1 juli.", ""}
    other = bank(tmp_path).read(Account(network=NETWORK, handle="someoneelse", address=""))
    assert other.why and other.posts == ()


def test_a_network_that_nobody_knows_is_said() -> None:
    gone = Reader().read(Account(network="examplenet", handle="hanulbank", address=""))
    assert gone.why and gone.at_ms > 0 and gone.posts == ()


def test_nothing_in_a_post_can_hold_who_wrote_it() -> None:
    assert {one.name for one in fields(PublicPost)} == {"id", "at_ms", "own", "answers", "lang", "text"}


@settings(max_examples=50)
@given(some.lists(some.tuples(some.booleans(), some.integers(0, 12)), max_size=12))
def test_numbers_take_the_place_of_ids_and_keep_who_answered_whom(rows: list[tuple[bool, int]]) -> None:
    posts = tuple(
        PublicPost(
            id=f"at://did:kim/{n}", at_ms=n, own=own, answers=f"at://did:kim/{to}", lang="ko", text="x"
        )
        for n, (own, to) in enumerate(rows)
    )
    found = numbered(posts)
    assert "did:kim" not in repr(found)
    for before, after in zip(posts, found, strict=True):
        to = int(before.answers.rpartition("/")[2])
        assert after.answers == (found[to].id if to < len(found) else ELSEWHERE)
        assert (after.lang, after.text) == (("ko", "x") if before.own else ("", ""))
