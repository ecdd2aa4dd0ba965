"""Approval as people use it: the exact words, who may decide, and what she saw is what she approves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from bankside.publish import post as posts
from bankside.publish.models import Post
from tests.publish import room
from tests.scene import Scene

At = Callable[[str], Client]


def text_of(response: Any) -> str:
    return str(response.content.decode())


def seen_in(page: str) -> list[str]:
    """The hidden digests of the form."""
    return re.findall(r'name="words" value="([^"]+)"', page)


def test_nothing_waits(scene: Scene, at: At) -> None:
    assert "Nothing waits for you." in text_of(at("approver").get("/approvals/"))


def test_the_first_that_waits_is_opened(scene: Scene, at: At) -> None:
    post, _ = room.submitted(scene)
    answer = at("approver").get("/approvals/", follow=True)
    assert answer.redirect_chain and post.title in text_of(answer)


def test_she_approves_the_words_that_she_saw(scene: Scene, at: At) -> None:
    post, version = room.submitted(scene)
    page = text_of(at("approver").get(f"/posts/{post.pk}/approval/"))
    assert room.TEXT in page and "Approve these words" in page and 'class="contours"' in page
    assert seen_in(page) == [f"{channel}:{digest}" for channel, digest in room.digests(version)]
    done = at("approver").post(f"/posts/{post.pk}/approval/", {"words": seen_in(page)})
    assert done.status_code == 303 and room.fresh(post).state == Post.APPROVED


def test_words_changed_while_she_read_are_not_approved(scene: Scene, at: At) -> None:
    post, _ = room.submitted(scene)
    seen = seen_in(text_of(at("approver").get(f"/posts/{post.pk}/approval/")))
    author = scene.people["author"]
    changed = posts.write(author, room.fresh(post), edition=post.edition, base="연체율은 0.61%입니다.")
    posts.submit(author, changed, edition=changed.edition)
    answer = at("approver").post(f"/posts/{post.pk}/approval/", {"words": seen})
    assert answer.status_code == 409 and "changed while you read" in text_of(answer)
    assert room.fresh(post).state == Post.WAITING


def test_what_changed_since_the_version_before_is_marked(scene: Scene, at: At) -> None:
    post, _ = room.submitted(scene)
    at("approver").post(f"/posts/{post.pk}/return/", {"reason": "숫자가 바뀌었습니다."})
    author, post = scene.people["author"], room.fresh(post)
    post = posts.write(author, post, edition=post.edition, base="연체율은 0.58%로 낮아졌습니다.")
    posts.submit(author, post, edition=post.edition)
    page = text_of(at("approver").get(f"/posts/{post.pk}/approval/"))
    assert "<del>0.61%에서" in page and "Since draft 1" in page and "숫자가 바뀌었습니다." in page
    bare = text_of(at("approver").get(f"/posts/{post.pk}/approval/?show=words"))
    assert "<del>" not in bare and "연체율은 0.58%로 낮아졌습니다." in bare


def test_the_author_sees_why_she_cannot_and_the_room_refuses_her(scene: Scene, at: At) -> None:
    post, version = room.submitted(scene)
    page = text_of(at("author").get(f"/posts/{post.pk}/approval/"))
    assert "Words you wrote yourself never appear here." in page and "Approve these words" not in page
    words = [f"{channel}:{digest}" for channel, digest in room.digests(version)]
    assert at("author").post(f"/posts/{post.pk}/approval/", {"words": words}).status_code == 403
    assert room.fresh(post).state == Post.WAITING


def test_sending_back_takes_a_reason_and_the_author_reads_it(scene: Scene, at: At) -> None:
    post, _ = room.submitted(scene)
    bare = at("approver").post(f"/posts/{post.pk}/return/", {"reason": "  "})
    assert bare.status_code == 422 and "Say what must change" in text_of(bare)
    assert room.fresh(post).state == Post.WAITING
    sent = at("approver").post(f"/posts/{post.pk}/return/", {"reason": "De cijfers staan verkeerd om."})
    assert sent.status_code == 303 and room.fresh(post).state == Post.SENT_BACK
    assert "De cijfers staan verkeerd om." in text_of(at("author").get(f"/posts/{post.pk}/"))


def test_only_true_lines_stand_under_checked(scene: Scene, at: At) -> None:
    post, _ = room.submitted(scene)
    page = text_of(at("approver").get(f"/posts/{post.pk}/approval/"))
    assert "You wrote none of these words" in page and "Each version fits its network" in page
    assert "picture is described" not in page
    assert "You wrote some of these words" in text_of(at("author").get(f"/posts/{post.pk}/approval/"))


def test_editing_after_approval_says_that_the_approval_goes(scene: Scene, at: At) -> None:
    post = room.approved(scene)
    page = text_of(at("author").get(f"/posts/{post.pk}/draft/"))
    assert "These words are approved." in page and "the approval is gone" in page
