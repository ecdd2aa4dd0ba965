from __future__ import annotations

from typing import Any

import pytest

from bankside.channels import connect, preview
from bankside.publish import post as posts
from bankside.publish.findings import NO_CHANNEL
from tests.publish.room import draft
from tests.scene import Scene

PICTURE = {"media": "a" * 32, "sha256": "b" * 64, "mime": "image/png", "name": "report.png"}


def texts(scene: Scene, text: str = "안녕하세요", **words: Any) -> list[str]:
    post = draft(scene, text)
    post.words[scene.channel.obj].update(words)
    return [finding.text for finding in posts.findings(post)]


def test_words_without_a_fault_have_no_findings(scene: Scene) -> None:
    assert texts(scene) == []


def test_a_post_speaks_somewhere(scene: Scene) -> None:
    author = scene.people["author"]
    post = posts.write(author, posts.start(author), edition=1, base="말")
    assert [(f.channel, f.text) for f in posts.findings(post)] == [("", NO_CHANNEL)]


@pytest.mark.parametrize(
    ("text", "words", "finding"),
    [
        ("  \n", {}, "no words yet"),
        ("字" * 501, {}, "500"),
        ("Onze kaart", {"title": "Kaart"}, "shows no titles"),
        ("Report", {"kind": "article"}, "no article"),
        ("카드 4242 4242 4242 4242", {}, "card or registration number"),
        ("보고서", {"media": [{**PICTURE, "alt": ""}]}, "Say in words what the picture report.png shows"),
    ],
    ids=["empty", "too long", "title", "kind", "card", "alt"],
)
def test_what_keeps_words_from_being_submitted(
    scene: Scene, text: str, words: dict[str, Any], finding: str
) -> None:
    found = texts(scene, text, **words)
    assert any(finding in one for one in found), found


def test_a_channel_that_does_not_run_is_named(scene: Scene) -> None:
    post = draft(scene)
    connect.pause(scene.people["administrator"], scene.channel, "maintenance")
    assert "한울은행 is paused" in posts.findings(post)[0].text


def test_a_channel_that_is_only_listened_to_says_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "offers", lambda channel: frozenset({"hook"}))
    assert "한울은행 is only listened to. Leave it out." in texts(scene)
