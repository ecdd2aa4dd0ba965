"""Search as people use it: from the rail, without a script, in four languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from bankside.inbox import conversation as conversations
from bankside.people import policy
from tests.inbox.room import Talk
from tests.inbox.story import follow
from tests.scene import Scene
from tests.web.caller import By

At = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def shown(client: Client, **query: Any) -> str:
    answer = client.get("/search/", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("체크카드를 잃어버렸어요", "카드", "체크<mark>카드</mark>를 "),
        ("请问手续费是多少", "手续", "请问<mark>手续</mark>费"),
        ("Ik kan niet inloggen", "INLOGGEN", "niet <mark>inloggen</mark>"),
        ("Charged at Café Sori", "cafe", "at <mark>Café</mark> Sori"),
    ],
)
def test_what_was_said_is_shown_with_its_words_marked(
    scene: Scene, at: At, text: str, words: str, marked: str
) -> None:
    number = Talk(scene, text).row.pk
    page = shown(at("responder"), q=words)
    assert marked in page
    assert f'href="/conversations/{number}/"' in page
    assert f'value="{words}"' in page


def test_words_of_people_are_never_markup(scene: Scene, at: At) -> None:
    Talk(scene, "카드 <script>alert(1)</script> •••• •••• •••• 4242")
    follow()
    page = shown(at("responder"), q='script "><img>')
    assert "<mark>script</mark>" not in page
    page = shown(at("responder"), q="script")
    assert "&lt;<mark>script</mark>&gt;" in page
    assert "<script>alert" not in page
    assert '<span class="mask"' in shown(at("responder"), q="카드")


def test_the_field_stands_alone_at_first_and_says_when_nothing_is_found(scene: Scene, at: At) -> None:
    Talk(scene, "카드")
    follow()
    assert "Find what was said." in shown(at("responder"))
    assert "There is no word in this." in shown(at("responder"), q="!?")
    assert "Nobody said this." in shown(at("responder"), q="예금")
    assert "Nothing older holds these words." in shown(at("responder"), q="카드", before="1")


def test_a_conversation_stands_once_and_says_how_many_more_there_are(scene: Scene, at: At) -> None:
    talk = Talk(scene, "카드 하나")
    talk.story.seen("카드 둘", "comment:77")
    follow()
    conversations.note(scene.people["responder"], talk.row, "카드 셋")
    page = shown(at("responder"), q="카드")
    assert page.count("data-item=") == 1
    assert "2 more" in page
    assert "<mark>카드</mark> 셋" in page
    assert "Note" in page


def test_older_hits_are_reached_by_a_link(scene: Scene, at: At) -> None:
    talk = Talk(scene, "카드 처음")
    for place in range(60):
        talk.story.seen(f"카드 {place}", f"comment:{place + 100}")
    follow()
    page = shown(at("responder"), q="카드")
    (older,) = re.findall(r'rel="next" href="([^"]+)"', page)
    assert "before=" in older
    further = at("responder").get(older.replace("&amp;", "&")).content.decode()
    assert "<mark>카드</mark> 9" in further
    assert "10 more" in further


def test_the_rail_leads_to_it_for_those_who_read_conversations(scene: Scene, at: At) -> None:
    for role in ("responder", "auditor", "administrator", "author"):
        page = at(role).get("/account/").content.decode()
        assert ('class="find"' in page) == (role in policy.TABLE["conversation.see"]), role
    assert 'aria-keyshortcuts="/"' in at("responder").get("/").content.decode()
    assert shown(at("responder")).count('aria-keyshortcuts="/"') == 1
    assert 'href="/search/"' in at("responder").get("/more/").content.decode()


def test_the_api_finds_the_same(scene: Scene, by: By) -> None:
    number = Talk(scene, "체크카드를 잃어버렸어요").row.pk
    answer = by("responder").get("/search?q=카드")
    (found,) = answer["items"]
    assert found["conversation"] == str(number)
    assert found["hits"][0]["pieces"] == [
        {"text": "체크", "found": False},
        {"text": "카드", "found": True},
        {"text": "를 잃어버렸어요", "found": False},
    ]
    assert answer["next"] is None
    assert by("responder").get("/search?q=!")["items"] == []
    assert by("responder").ask("GET", "/search")[0] == 422
