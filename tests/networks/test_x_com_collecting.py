"""What comes in from X by looking: each thing once, in its newest version, until it is taken away."""

from __future__ import annotations

import json
import time

import pytest

from bankside.networks.contract import (
    Connector,
    Later,
    Page,
    Post,
)
from bankside.networks.x_com.listening import QUERY_LENGTH_MAX, WATCHED_MAX
from tests.networks.pretended.x_com import BANK, HANDLE, PretendedX
from tests.networks.x_com_desk import Watching, read

NOW_MS = int(time.time() * 1000)


@pytest.fixture
def fake() -> PretendedX:
    return PretendedX()


@pytest.fixture
def desk(fake: PretendedX) -> Connector:
    return fake.connector()


def again(cursor: str) -> str:
    """The same place, long after private messages and what was read before were last asked for."""
    place = json.loads(cursor)
    return json.dumps({k: v for k, v in place.items() if k not in ("looked_ms", "asked_ms")})


def texts(page: Page, desk: Connector) -> list[str]:
    return [a.text for a in read(desk, page.items)]


# --- what comes in -----------------------------------------------------------------------------------------
def test_answers_mentions_quotations_and_messages_come_once(fake: PretendedX, desk: Connector) -> None:
    post = desk.send(Post(text="새 지점"), "1").remote_id
    question = fake.says("minji", "언제 열어요?", under=post)
    fake.says("wei", "不提名字", under=question)
    fake.says("sanne", "Mooi", quoting=post)
    fake.writes("sanne", "geheim")
    fake.writes(BANK, "네", to=fake.person("minji"))
    first = desk.poll("", 0)
    assert texts(first, desk) == ["@hanulbank 언제 열어요?", "@minji 不提名字", "Mooi", "geheim", "네"]
    assert len(first.unannounced) == 2 and not first.more
    own = [a.own for a in read(desk, first.items)]
    assert own == [False, False, False, False, True]
    assert texts(desk.poll(first.cursor, 0), desk) == []
    fake.says("eve", "@hanulbank hi")
    assert texts(desk.poll(first.cursor, 0), desk) == ["@hanulbank hi"]


def test_private_messages_are_not_asked_for_more_often_than_x_lets(fake: PretendedX) -> None:
    watching = Watching(fake)
    desk = fake.connector(watching)
    cursor = desk.poll("", 0).cursor
    desk.poll(cursor, 0)
    assert [place for place, _ in watching.asked].count("GET /2/dm_events") == 1


def test_what_was_written_before_the_channel_is_not_news(fake: PretendedX, desk: Connector) -> None:
    fake.says("minji", "@hanulbank oud", at_ms=NOW_MS - 86_400_000)
    fake.writes("minji", "ook oud", at_ms=NOW_MS - 86_400_000)
    fake.says("minji", "@hanulbank nieuw")
    assert texts(desk.poll("", NOW_MS - 3_600_000), desk) == ["@hanulbank nieuw"]


def test_long_lists_are_read_page_by_page_and_nothing_twice(fake: PretendedX, desk: Connector) -> None:
    fake.page_items = 4
    desk.send(Post(text="새 지점"), "1")
    wanted = {f"@hanulbank {n}" for n in range(11)} | {f"geheim {n}" for n in range(9)}
    for n in range(11):
        fake.says(f"p{n}", f"@hanulbank {n}", at_ms=NOW_MS - 60_000 + n)
    for n in range(9):
        fake.writes(f"q{n}", f"geheim {n}", at_ms=NOW_MS - 60_000 + n)
    found, cursor, looks, more = list[str](), "", 0, True
    while more:
        page = desk.poll(cursor, 0)
        found, cursor, more, looks = found + texts(page, desk), page.cursor, page.more, looks + 1
    assert len(found) == len(set(found)) == 20 and set(found) == wanted and looks == 3


def test_an_edit_is_a_new_version_of_the_same_item(fake: PretendedX, desk: Connector) -> None:
    question = fake.says("minji", "@hanulbank 언제?")
    page = desk.poll("", 0)
    version = fake.edits(question, "@hanulbank 몇 시에?")
    [item] = desk.poll(again(page.cursor), 0).items
    [changed] = desk.read(item.raw)
    assert (item.remote_id, item.version, changed.verb) == (question, version, "Create")
    assert changed.text == "@hanulbank 몇 시에?" and changed.url.endswith(version)


def test_what_was_taken_away_is_told_once(fake: PretendedX, desk: Connector) -> None:
    question = fake.says("minji", "@hanulbank 언제?")
    page = desk.poll("", 0)
    fake.deletes(question)
    page = desk.poll(again(page.cursor), 0)
    [gone] = read(desk, page.items)
    assert (gone.verb, gone.remote_id, gone.actor.remote_id) == ("Delete", question, fake.person("minji"))
    assert desk.poll(again(page.cursor), 0).items == ()


def test_what_x_does_not_let_us_ask_for_now_does_not_stop_the_rest(fake: PretendedX, desk: Connector) -> None:
    fake.says("minji", "@hanulbank 언제?")
    fake.writes("minji", "비밀")
    full: tuple[int, str, dict[str, str]] = (429, "", {})
    for place in ("GET /2/tweets/search/recent", "GET /2/dm_events", f"GET /2/users/{BANK}/tweets"):
        fake.failing[place] = [full]
    page = desk.poll("", 0)
    assert texts(page, desk) == ["@hanulbank 언제?"]
    assert texts(desk.poll(page.cursor, 0), desk) == ["비밀"]
    fake.failing[f"GET /2/users/{BANK}/mentions"] = [full]
    with pytest.raises(Later):
        desk.poll(page.cursor, 0)


def test_the_search_is_never_longer_than_x_takes(fake: PretendedX) -> None:
    watching = Watching(fake)
    desk = fake.connector(watching)
    for n in range(20):
        post = desk.send(Post(text=f"post {n}"), str(n)).remote_id
        fake.says("minji", "?", under=post)
    desk.poll("", 0)
    [query] = [body["query"] for place, body in watching.asked if "query" in body]
    assert (
        400 < len(query) <= QUERY_LENGTH_MAX and f"(to:{HANDLE} OR " in query and f"-from:{HANDLE}" in query
    )


def test_the_place_stays_small(fake: PretendedX, desk: Connector) -> None:
    for n in range(300):
        fake.says(f"p{n}", f"@hanulbank {n}")
    cursor, more = "", True
    while more:
        page = desk.poll(cursor, 0)
        cursor, more = page.cursor, page.more
    assert len(json.loads(cursor)["watched"]) == WATCHED_MAX and len(cursor) < 10_000
    assert desk.poll("no place at all", NOW_MS).items != ()
