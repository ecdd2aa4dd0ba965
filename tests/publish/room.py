"""Posts for tests: written, submitted and approved by the people of a scene."""

from __future__ import annotations

from typing import Any

from bankside.publish import post as posts
from bankside.publish.models import Post, Version
from bankside.publish.projections import POSTS
from bankside.record import projection
from bankside.record.lane import lane_count
from bankside.record.models import Entry
from tests.scene import Scene

TEXT = "연체율은 0.61%에서 0.58%로 낮아졌습니다."


def draft(scene: Scene, text: str = TEXT, *, own: dict[str, Any] | None = None) -> Post:
    """A draft with base words, and words of its own for the scene's channel."""
    author = scene.people["author"]
    post = posts.start(author, title="연차보고서")
    return posts.write(author, post, edition=1, base=text, words={scene.channel.obj: own or {}})


def submitted(scene: Scene, text: str = TEXT) -> tuple[Post, Version]:
    post = draft(scene, text)
    version = posts.submit(scene.people["author"], post, edition=post.edition)
    return fresh(post), version


def approved(scene: Scene, text: str = TEXT) -> Post:
    post, version = submitted(scene, text)
    return posts.approve(scene.people["approver"], post, words=digests(version))


def digests(version: Version) -> list[tuple[str, str]]:
    """What an approver saw."""
    return [(part["channel"], part["digest"]) for part in version.words]


def fresh(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


def told(post: Post) -> list[str]:
    """The facts about a post in order."""
    return list(Entry.objects.filter(obj=post.obj).order_by("n").values_list("fact", flat=True))


def follow() -> None:
    for lane in range(lane_count()):
        while projection.catch_up(POSTS, lane):
            pass
