"""Likes, shares and followers where people look for them: on the post, and on the channel."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from bankside.channels.models import Delivery
from bankside.publish import post as posts
from bankside.publish import schedule
from tests.inbox.story import Story, follow
from tests.publish import room
from tests.scene import Scene

At = Callable[[str], Client]


def words_of(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", client.get(address).content.decode())


@pytest.fixture
def post(scene: Scene) -> int:
    """A post that is out."""
    post, version = room.submitted(scene)
    posts.approve(scene.people["approver"], room.fresh(post), words=room.digests(version))
    schedule.schedule(scene.people["author"], room.fresh(post), due_ms=None)
    scene.work()
    return post.pk


def told(scene: Scene, verb: str, number: int, about: str = "") -> None:
    story = Story(thread=about or f"{verb}:{number}", channel=scene.channel.obj)
    story.seen("", f"{verb}:{number}", verb=verb, in_reply_to=about)
    follow()


def test_a_post_says_how_often_it_was_liked_and_shared(scene: Scene, at: At, post: int) -> None:
    assert "like" not in words_of(at("author"), f"/posts/{post}/").split('id="faring"')[1]
    sent = Delivery.objects.get(state="sent", channel=scene.channel)
    for number in range(3):
        told(scene, "Like", number, sent.remote_id)
    told(scene, "Announce", 1, sent.remote_id)
    told(scene, "Like", 9, "something:else")
    assert "3 likes, 1 share" in words_of(at("author"), f"/posts/{post}/")


def test_a_channel_says_what_was_done_there_without_words(scene: Scene, at: At) -> None:
    told(scene, "Follow", 1)
    told(scene, "Follow", 2)
    told(scene, "Like", 1, "post:7")
    page = words_of(at("author"), f"/channels/{scene.channel.pk}/")
    assert "1 like, 0 shares, 2 new followers" in page
