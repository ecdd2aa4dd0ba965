"""What is particular to YouTube: one level of answers, units of a day, lists without a filter of time."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Activity,
    Connector,
    Expired,
    Gone,
    Item,
    Later,
    Media,
    NotAllowed,
    Page,
    Post,
    Reconnect,
    Refused,
)
from bankside.networks.youtube import REPLIES_PAGES_MAX, THREADS_MAX
from tests.networks.pretended.youtube import BANK, VIDEO, PretendedYouTube, problem, trouble

NOW_MS = 1_795_000_000_000
POST, GET = "POST /youtube/v3/comments", "GET /youtube/v3/commentThreads"


@pytest.fixture
def fake() -> PretendedYouTube:
    return PretendedYouTube()


@pytest.fixture
def desk(fake: PretendedYouTube) -> Connector:
    return fake.connector()


def read(desk: Connector, items: tuple[Item, ...]) -> list[Activity]:
    return [activity for item in items for activity in desk.read(item.raw)]


def texts(desk: Connector, page: Page) -> list[str]:
    return [a.text or a.verb for a in read(desk, page.items)]


def looks(desk: Connector, cursor: str, number: int) -> tuple[list[Activity], str]:
    """What so many looks give, one after the other."""
    found: list[Activity] = []
    for _ in range(number):
        page = desk.poll(cursor, 0)
        found, cursor = found + read(desk, page.items), page.cursor
    return found, cursor


# --- what goes out -----------------------------------------------------------------------------------------
def test_the_limit_is_taken_and_one_more_is_not(desk: Connector) -> None:
    under = "Ug00000000000000000001AaABAg"
    assert desk.preview(Post(text="가" * 10_000, in_reply_to=under)).findings == ()
    assert desk.preview(Post(text="가" * 10_001, in_reply_to=under)).findings


def test_nothing_but_films_and_answers_goes_out(desk: Connector) -> None:
    picture = Media(mime="image/png", alt="", name="a.png", data=b"x")
    assert [rule.kind for rule in network("youtube").media] == ["video"]
    for post in (
        Post(text="Nieuws"),
        Post(text="x", in_reply_to="Ug00000000000000000001AaABAg", media=(picture,)),
    ):
        with pytest.raises(Refused):
            desk.send(post, "1")


def test_an_answer_to_an_answer_stands_under_the_first_comment(
    fake: PretendedYouTube, desk: Connector
) -> None:
    asked = fake.says("UCminji", "언제?")
    reply = fake.says("UCeve", "me too", under=asked)
    for number, above in enumerate((asked, reply)):
        receipt = desk.send(Post(text=f"열 시 {number}", in_reply_to=above), "1")
        assert receipt.remote_id.startswith(f"{asked}.")
        assert receipt.url == f"https://www.youtube.com/watch?v={VIDEO}&lc={receipt.remote_id}"
        found = desk.find("1", Post(text=f"열 시  {number}", in_reply_to=above))
        assert found and found.remote_id == receipt.remote_id
    assert len(fake._one(asked).replies) == 3


def test_somebody_elses_same_words_are_not_ours(fake: PretendedYouTube, desk: Connector) -> None:
    asked = fake.says("UCminji", "언제?")
    fake.says("UCeve", "열 시예요", under=asked)
    assert desk.find("1", Post(text="열 시예요", in_reply_to=asked)) is None


def test_doubt_stays_when_there_are_more_answers_than_can_be_read(
    fake: PretendedYouTube, desk: Connector
) -> None:
    asked = fake.says("UCminji", "언제?")
    fake.page_items = 1
    for n in range(REPLIES_PAGES_MAX):
        fake.says("UCeve", f"{n}", under=asked)
    assert desk.find("1", Post(text="열 시", in_reply_to=asked)) is None
    fake.says("UCeve", "one more", under=asked)
    with pytest.raises(Later):
        desk.find("1", Post(text="열 시", in_reply_to=asked))


def test_an_edit_keeps_its_id_and_is_found_by_its_words(fake: PretendedYouTube, desk: Connector) -> None:
    asked = fake.says("UCminji", "언제?")
    answer = desk.send(Post(text="열 시", in_reply_to=asked), "1").remote_id
    edit = Post(text="열한 시", replaces=answer)
    assert desk.find("2", edit) is None
    assert desk.send(edit, "2").remote_id == answer and fake.visible() == ["열한 시"]
    found = desk.find("2", edit)
    assert found and found.remote_id == answer
    with pytest.raises(NotAllowed) as raised:
        desk.send(Post(text="x", replaces=asked), "3")
    assert raised.value.fallback == f"https://studio.youtube.com/comment/{asked}"


def test_a_comment_that_no_program_may_answer_is_answered_by_hand(
    fake: PretendedYouTube, desk: Connector
) -> None:
    asked = fake.says("UCminji", "언제?", answerable=False)
    [activity] = read(desk, desk.poll("", 0).items)
    assert not activity.reply_allowed
    with pytest.raises(NotAllowed) as raised:
        desk.send(Post(text="열 시", in_reply_to=asked), "1")
    assert raised.value.fallback == f"https://studio.youtube.com/comment/{asked}"


@pytest.mark.parametrize("strange", ["", "x", "../videos", "Ug 0000000000000001", "Ug" + "0" * 100])
def test_what_youtube_never_gave_out_is_gone(desk: Connector, strange: str) -> None:
    for call in (
        lambda: desk.remove(strange),
        lambda: desk.send(Post(text="x", replaces=strange or "?"), "1"),
    ):
        with pytest.raises(Gone):
            call()


def test_videos_and_comments_are_counted_by_their_own_lists(fake: PretendedYouTube, desk: Connector) -> None:
    asked = fake.says("UCminji", "언제?")
    measured = {
        m.remote_id: m.counts for m in desk.measure((VIDEO, asked, "Ug99999999999999999999AaABAg", "?"))
    }
    assert measured == {VIDEO: {"views": 1200, "likes": 34, "comments": 5}, asked: {"likes": 3}}
    assert desk.measure(()) == ()


# --- units and tokens ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "now, hours",
    [("2026-11-28T20:00:00Z", 12), ("2026-07-01T20:00:00Z", 11), ("2026-11-29T07:59:59Z", 1 / 3600)],
    ids=["winter", "summer", "the last second"],
)  # fmt: skip
def test_when_the_units_are_used_up_the_desk_waits_for_midnight_in_california(
    fake: PretendedYouTube, desk: Connector, now: str, hours: float
) -> None:
    asked = fake.says("UCminji", "언제?")
    fake.failing[POST] = [(403, trouble(403, "quotaExceeded", "x"), {"content-type": "application/json"})]
    moment = datetime.datetime.fromisoformat(now).timestamp()
    with mock.patch("time.time", return_value=moment), pytest.raises(Later) as raised:
        desk.send(Post(text="열 시", in_reply_to=asked), "1")
    assert raised.value.after_seconds == hours * 3600 and fake.visible() == []


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
def test_too_many_calls_at_once_wait_a_minute(fake: PretendedYouTube, desk: Connector, reason: str) -> None:
    fake.failing[GET] = [(403, trouble(403, reason, "x"), {})]
    with pytest.raises(Later) as raised:
        desk.poll("", 0)
    assert raised.value.after_seconds == 60


def test_a_token_that_has_ended_is_renewed_and_none_is_asked_for(fake: PretendedYouTube) -> None:
    with pytest.raises(Expired):
        fake.connector(access="ended").whoami()
    with pytest.raises(Reconnect):
        fake.connector(access="").whoami()


def test_an_account_without_a_channel_cannot_be_connected(fake: PretendedYouTube, desk: Connector) -> None:
    fake.failing["GET /youtube/v3/channels"] = [(200, {"items": []}, {})]
    with pytest.raises(Reconnect):
        desk.whoami()


def test_a_quiet_day_leaves_most_units_for_answers(fake: PretendedYouTube, desk: Connector) -> None:
    for n in range(150):
        thread = fake.says("UCminji", f"{n}")
        fake.says("UCeve", "?", under=thread)
    _, cursor = looks(desk, "", 30)
    before, every = fake.units, 86_400 / network("youtube").poll.seconds
    looks(desk, cursor, 10)
    assert (fake.units - before) / 10 * every <= 3_000


def test_google_is_asked_for_a_token_that_lasts() -> None:
    way = network("youtube").connect.oauth
    assert way and way.extra == {"access_type": "offline", "prompt": "consent"} and way.app and way.pkce


# --- what comes in -----------------------------------------------------------------------------------------
def test_comments_answers_and_held_ones_come_once(fake: PretendedYouTube, desk: Connector) -> None:
    asked = fake.says("UCminji", "언제?", at_ms=NOW_MS)
    fake.says("UCeve", "me too", under=asked, at_ms=NOW_MS + 2000)
    fake.says("UCwei", "请看", status="heldForReview", at_ms=NOW_MS + 1000)
    fake.says(BANK, "열 시", under=asked, at_ms=NOW_MS + 3000)
    page = desk.poll("", 0)
    assert texts(desk, page) == ["언제?", "请看", "me too", "열 시"] and not page.more
    activities = read(desk, page.items)
    assert [a.held for a in activities] == [False, True, False, False]
    assert [a.own for a in activities] == [False, False, False, True]
    assert {a.thread for a in activities if not a.held} == {asked} and activities[2].in_reply_to == asked
    assert activities[0].actor.url == "https://www.youtube.com/channel/UCminji"
    seen, _ = looks(desk, page.cursor, 3)
    assert {a.text for a in seen} <= {
        "me too",
        "열 시",
    }  # answers are read again in turns; who keeps them knows them


def test_what_is_let_through_comes_anew_and_what_is_rejected_goes(
    fake: PretendedYouTube, desk: Connector
) -> None:
    through = fake.says("UCwei", "请看", status="heldForReview")
    rejected = fake.says("UCbad", "spam", status="heldForReview")
    page = desk.poll("", 0)
    fake.lets_through(through)
    fake._one(rejected).status = "rejected"
    page = desk.poll(page.cursor, 0)
    found = {a.remote_id: (a.verb, a.version, a.held) for a in read(desk, page.items)}
    assert found == {through: ("Create", "", False), rejected: ("Delete", "gone", False)}
    assert desk.poll(page.cursor, 0).items == ()


def test_a_channel_that_may_not_see_held_comments_still_has_the_others(
    fake: PretendedYouTube, desk: Connector
) -> None:
    fake.says("UCminji", "언제?")
    listed = fake.handle_request
    refusal = problem(403, "forbidden", "No.")

    def answer(request: Any) -> Any:
        return refusal if "heldForReview" in str(request.url) else listed(request)

    with mock.patch.object(fake, "handle_request", answer):
        assert texts(desk, desk.poll("", 0)) == ["언제?"]


def test_an_answer_under_an_old_comment_is_found_in_turn(fake: PretendedYouTube, desk: Connector) -> None:
    fake.page_items = 10
    threads = [fake.says("UCminji", f"{n}", at_ms=NOW_MS + n * 1000) for n in range(THREADS_MAX)]
    cursor, more = "", True
    while more:
        page = desk.poll(cursor, 0)
        cursor, more = page.cursor, page.more
    fake.says("UCeve", "eindelijk", under=threads[0])
    fake.edits(threads[1], "changed")
    fake.deletes(threads[2])
    found, _ = looks(desk, cursor, THREADS_MAX // 50 + 1)
    assert [(a.verb, a.text) for a in found] == [
        ("Delete", ""), ("Create", "changed"), ("Create", "eindelijk")
    ]  # fmt: skip
    assert found[1].remote_id == threads[1] and found[1].version.endswith("Z")


def test_an_answer_that_was_edited_or_taken_away_is_noticed(fake: PretendedYouTube, desk: Connector) -> None:
    asked = fake.says("UCminji", "언제?")
    first, second = (fake.says("UCeve", text, under=asked) for text in ("een", "twee"))
    _, cursor = looks(desk, "", 1)
    fake.edits(first, "één")
    fake.deletes(second)
    found, cursor = looks(desk, cursor, 1)
    assert [(a.verb, a.remote_id, a.text) for a in found] == [
        ("Delete", second, ""),
        ("Create", first, "één"),
    ]
    assert found[1].version != "" and found[0].thread == asked
    fake.edits(first, "nul")
    found, _ = looks(desk, cursor, 1)  # the number of answers is the same: it is this thread's turn
    assert [a.text for a in found] == ["nul"]


def test_what_was_written_before_the_channel_is_not_news(fake: PretendedYouTube, desk: Connector) -> None:
    fake.says("UCold", "oud", at_ms=NOW_MS - 86_400_000)
    fake.says("UCnew", "nieuw", at_ms=NOW_MS)
    assert texts(desk, desk.poll("", NOW_MS - 1000)) == ["nieuw"]


def test_a_storm_of_comments_is_read_page_by_page(fake: PretendedYouTube, desk: Connector) -> None:
    fake.page_items = 5
    page = desk.poll("", 0)
    for n in range(60):
        fake.says(f"UC{n}", f"{n}", at_ms=NOW_MS + n * 1000)
    found, cursor, more = list[str](), page.cursor, True
    while more:
        page = desk.poll(cursor, 0)
        found, cursor, more = found + texts(desk, page), page.cursor, page.more
    assert len(found) == 60 and set(found) == {str(n) for n in range(60)}


def test_the_place_stays_small(fake: PretendedYouTube, desk: Connector) -> None:
    for n in range(THREADS_MAX + 50):
        thread = fake.says("UC" + "x" * 22, f"{n}", at_ms=NOW_MS + n * 1000)
        for _ in range(3):
            fake.says("UCeve", "?", under=thread)
    cursor, more = "", True
    while more:
        page = desk.poll(cursor, 0)
        cursor, more = page.cursor, page.more
    _, cursor = looks(desk, cursor, 10)
    assert len(json.loads(cursor)["threads"]) == THREADS_MAX and len(cursor) < 40_000
    assert desk.poll("no place at all", 0).items != ()


# --- hostile answers ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("answer", [b"", b"[]", b"{", b'{"items": 7}', b'{"items": [{"id": 7}]}', b"\xff"])
def test_an_answer_that_makes_no_sense_is_waited_for(
    fake: PretendedYouTube, desk: Connector, answer: bytes
) -> None:
    asked = fake.says("UCminji", "언제?")
    calls: dict[str, Callable[[], object]] = {
        "GET /youtube/v3/channels": desk.whoami,
        GET: lambda: desk.poll("", 0),
        "GET /youtube/v3/videos": lambda: desk.measure((VIDEO,)),
        "GET /youtube/v3/comments": lambda: desk.find("1", Post(text="x", in_reply_to=asked)),
    }
    for place, call in calls.items():
        fake.failing[place] = [(200, answer, {})]
        with pytest.raises(Later):
            call()


@pytest.mark.parametrize("kind", ["comment", "gone"])
@pytest.mark.parametrize("raw", [None, [], {}, {"id": 7}, "x"])
def test_an_item_that_makes_no_sense_is_refused(desk: Connector, kind: str, raw: Any) -> None:
    with pytest.raises(Refused):
        desk.read({kind: raw})


def test_hostile_words_stay_words_and_hostile_addresses_are_none(
    fake: PretendedYouTube, desk: Connector
) -> None:
    snippet = {
        "textDisplay": "<b>\x00 javascript:alert(1)",
        "authorProfileImageUrl": "javascript:x",
        "publishedAt": "?",
    }
    top = {"id": "Ug00000000000000000001AaABAg", "snippet": {**snippet, "authorChannelUrl": "data:x"}}
    thread = {"id": top["id"], "snippet": {"topLevelComment": top, "videoId": "../x"}}
    fake.failing[GET] = [(200, {"items": [thread]}, {})]
    [activity] = read(desk, desk.poll("", 0).items)
    assert activity.text == "<b> javascript:alert(1)" and activity.published_ms == 0
    assert activity.url == activity.actor.url == activity.actor.avatar_url == "" and activity.actor.remote_id
