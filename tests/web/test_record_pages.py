"""The record as people use it: leaves for those who see it, words for those who may read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from bankside.record import reading, seal
from tests.publish import room
from tests.scene import Scene

At = Callable[[str], Client]


def text_of(response: Any) -> str:
    return str(response.content.decode())


def submitted_entry(scene: Scene) -> int:
    post, _ = room.submitted(scene)
    [entry] = reading.entries(fact="publish.post-submitted", obj=post.obj)
    return entry.n


def test_the_list_says_what_happened_and_never_the_words(scene: Scene, at: At) -> None:
    n = submitted_entry(scene)
    page = text_of(at("administrator").get("/record/"))
    assert "Put a version before a second person" in page and "Pieter Smit" in page
    assert room.TEXT not in page and f"/record/{n}/" in page


def test_filters_stand_in_the_address(scene: Scene, at: At) -> None:
    submitted_entry(scene)
    client = at("auditor")
    page = text_of(client.get("/record/?room=people"))
    assert "Added somebody to the staff" in page and "Put a version" not in page
    assert "Put a version" in text_of(client.get("/record/?room=publish"))
    actor = scene.people["author"].actor
    mine = text_of(client.get(f"/record/?who={actor}"))
    assert "Put a version" in mine and "Added somebody" not in mine
    assert "Nothing in the record fits." in text_of(client.get(f"/record/?object={'0' * 32}"))


def test_the_number_of_an_entry_opens_it(scene: Scene, at: At) -> None:
    n = submitted_entry(scene)
    assert at("auditor").get(f"/record/?object={n}")["Location"] == f"/record/{n}/"
    assert at("auditor").get("/record/999999/").status_code == 404


def test_older_entries_are_reached_by_a_link(scene: Scene, at: At) -> None:
    for _ in range(20):
        room.submitted(scene)
    first = text_of(at("auditor").get("/record/"))
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link is not None
    second = text_of(at("auditor").get(link.group(1).replace("&amp;", "&")))
    numbers = [set(re.findall(r'href="/record/(\d+)/"', page)) for page in (first, second)]
    assert numbers[0] and numbers[1] and not numbers[0] & numbers[1]


def test_opening_words_is_itself_recorded(scene: Scene, at: At) -> None:
    n = submitted_entry(scene)
    client = at("auditor")
    shut = text_of(client.get(f"/record/{n}/"))
    assert room.TEXT not in shut and "Open the words" in shut and 'class="contours"' in shut
    assert not reading.entries(fact="record.entry-read")
    opened = text_of(client.post(f"/record/{n}/words/"))
    assert room.TEXT in opened
    [read] = reading.entries(fact="record.entry-read")
    assert read.actor == scene.people["auditor"].actor


def test_an_administrator_sees_leaves_and_no_words(scene: Scene, at: At) -> None:
    n = submitted_entry(scene)
    page = text_of(at("administrator").get(f"/record/{n}/"))
    assert "Open the words" not in page and "names nobody" in page
    assert at("administrator").post(f"/record/{n}/words/").status_code == 403
    assert not reading.entries(fact="record.entry-read")


def test_who_may_not_see_the_record_does_not(scene: Scene, at: At) -> None:
    assert at("author").get("/record/").status_code == 403
    assert at("author").get(f"/record/{submitted_entry(scene)}/").status_code == 403


def test_heads_that_are_written_out_stand_between_the_entries(scene: Scene, at: At) -> None:
    n = submitted_entry(scene)
    seal.seal_all()
    client = at("auditor")
    assert "Head of log 0/2026" in text_of(client.get("/record/"))
    assert "Written out, under the head of" in text_of(client.get(f"/record/{n}/"))
