"""No English sentence stands in a Korean page: each is looked through as its reader sees it, and hears it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from bankside.channels import connect, form
from tests.scene import Scene
from tests.tongues import compiled
from tests.web.caller import By
from tests.web.test_api_journey import submitted

PAGES = [
    ("author", "/posts/"), ("author", "/posts/new/"), ("author", "/posts/1/"), ("author", "/search/?q=x"),
    ("author", "/people/"), ("author", "/nowhere/"), ("author", "/account/"),
    ("approver", "/posts/1/approval/"), ("approver", "/channels/queue/"),
    ("responder", "/conversations/"), ("responder", "/conversations/77/"),
    ("administrator", "/channels/"), ("administrator", "/channels/1/"), ("administrator", "/channels/new/"),
    ("administrator", "/freeze/"),
    ("administrator", "/people/new/"), ("administrator", "/record/"), ("auditor", "/record/2/"),
    *(("administrator", f"/channels/new/{network.name}/") for network in form.networks()),
]  # fmt: skip
UNSEEN = re.compile(r"<(script|style|svg|code|kbd)\b.*?</\1>", re.S)
SAID_ALOUD = re.compile(r'<[^>]* (?:aria-label|title|placeholder|alt)="([^"]*)"[^>]*>')
IN_BRACKETS = re.compile(r"\([A-Za-z ,]+\)")  # the name that a button has in the network's own English


WORDS_MAX = {True: 5, False: 2}
"""So many English words in a row may stand in a Korean text (it names buttons), and in others."""


def english(page: str) -> list[str]:
    """Texts of a page, read out or seen, that hold an English sentence. Networks have their names."""
    page = SAID_ALOUD.sub(r">\1<", UNSEEN.sub(" ", page))
    texts = {html.unescape(text).strip() for text in re.findall(r">([^<>]+)<", page)}
    names = {network.title for network in form.networks()}
    return sorted(text for text in texts - names if _is_english(IN_BRACKETS.sub("", text)))


def _is_english(text: str) -> bool:
    most = WORDS_MAX[bool(re.search("[가-힣]", text))]
    return bool(re.search(rf"[A-Za-z]{{2,}}(?: [A-Za-z]{{2,}}){{{most}}}", text))


@pytest.fixture
def fallen(scene: Scene, by: By) -> Iterator[Scene]:
    """A post before its approver, and a channel whose network does not answer any more."""
    submitted(scene, by)
    scene.channel.refresh_from_db()
    scene.channel.failures, scene.channel.trouble = 5, "blog.example cannot be reached (ConnectError)."
    scene.channel.save()
    connect.stop(
        scene.connect("블로그", scene.folder / "two"), "The practice network asks for a new connection."
    )
    with compiled():
        yield scene


def test_no_english_sentence_stands_in_a_korean_page(fallen: Scene, at: Callable[[str], Client]) -> None:
    found = {}
    for role, path in PAGES:
        answer = at(role).get(path, headers={"accept-language": "ko"})
        assert answer.status_code < 500
        found[f"{role} {path}"] = english(answer.content.decode())
    assert {place: texts for place, texts in found.items() if texts} == {}


def test_an_english_sentence_is_found() -> None:
    assert english('<p lang="ko">이 말은</p><p>There is no such post.</p>') == ["There is no such post."]
    assert english('<a aria-label="Open the next one">열기</a>') == ["Open the next one"]
    assert english("<p>여기서 Go on to the next page now 누르십시오</p>") != []
    assert english("<p>앱의 User authentication settings 아래에서</p><h1>LINE Official Account</h1>") == []
    assert english("<script>if this is that</script><b>설정(App passwords here)</b><b>Hanul Bank</b>") == []
