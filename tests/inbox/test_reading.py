from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bankside.channels.models import Delivery
from bankside.inbox import conversation as conversations
from bankside.inbox import reading
from bankside.inbox import reply as replies
from bankside.people import staff, teams
from tests.inbox.room import Talk
from tests.scene import Scene

MINUTE = 60_000


def started(scene: Scene, minutes_ago: float, thread: str, **fields: Any) -> Talk:
    """A conversation whose first message was written so many minutes ago; answers are due after 60."""
    at = scene.moment - int(minutes_ago * MINUTE)
    return Talk(scene, f"{thread} 도와주세요", thread=thread, published_ms=at, **fields)


def shown(scene: Scene, **how: Any) -> list[str]:
    return [row.excerpt.split()[0] for row in reading.page(scene.people["responder"], **how).rows]


def test_the_list_begins_with_who_must_be_answered_soonest(scene: Scene) -> None:
    started(scene, 5, "later")
    started(scene, 69, "late")
    closed = started(scene, 3, "closed").row
    quiet = started(scene, 90, "answered")
    started(scene, 50, "soon")
    quiet.story.seen("네, 확인했습니다.", "own:1", own=True)
    conversations.close(scene.people["responder"], closed)
    quiet.row.refresh_from_db()
    assert shown(scene) == ["late", "soon", "later", "answered"]
    assert shown(scene, view="closed") == ["closed"]
    rows = reading.page(scene.people["responder"]).rows
    assert [(g.name, len(g.rows)) for g in reading.groups(rows, scene.moment)] == [
        ("late", 1), ("soon", 1), ("later", 1), ("none", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("due", "name"),
    [(0, "none"), (999, "late"), (1_000, "late"), (1_001, "soon"), (901_000, "soon"), (901_001, "later")],
)
def test_headings_follow_from_the_clock_alone(due: int, name: str) -> None:
    assert reading.group_of(due, 1_000) == name


def test_mine_nobodys_and_everyones_are_counted_in_one_statement(scene: Scene) -> None:
    responder = scene.people["responder"]
    conversations.assign(responder, started(scene, 5, "mine").row, responder.uid)
    conversations.assign(responder, started(scene, 5, "theirs").row, scene.people["reviewer"].uid)
    started(scene, 70, "nobodys")
    conversations.close(responder, started(scene, 5, "gone").row)
    responder = fresh(responder)
    with CaptureQueriesContext(connection) as said:
        counts = reading.counts(responder)
    assert (counts.mine, counts.nobody, counts.all, counts.late) == (1, 1, 3, 1)
    assert len(said) == 2, "her channels, and the counts"
    assert shown(scene, view="mine") == ["mine"]
    assert shown(scene, view="nobody") == ["nobodys"]
    assert {r.assignee_name for r in reading.page(responder).rows} == {"이다은", "王立", ""}


def test_hidden_numbers_are_a_view_of_their_own_counted_with_the_others(scene: Scene) -> None:
    responder = scene.people["responder"]
    started(scene, 5, "plain")
    started(scene, 7, "card", red=("PAN",))
    started(scene, 70, "both", red=("CVV", "RRN"), private=True)
    conversations.close(responder, started(scene, 5, "closed", red=("PAN",)).row)
    responder = fresh(responder)
    with CaptureQueriesContext(connection) as said:
        counts = reading.counts(responder)
    assert (counts.hidden, counts.all, len(said)) == (2, 3, 2)
    with CaptureQueriesContext(connection) as said:
        rows = reading.page(responder, view="hidden").rows
    assert len(said) == 2, "her channels, and the page"
    assert [(row.hidden, row.excerpt[:4]) for row in rows] == [("CVV RRN", ""), ("PAN", "card")]


def test_counts_stop_where_nobody_reads_the_digits(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        started(scene, 70 + number, f"n{number}").row  # noqa: B018 - brings the inbox up to date
    monkeypatch.setattr(reading, "COUNT_MAX", 2)
    counts = reading.counts(scene.people["responder"])
    assert (counts.mine, counts.nobody, counts.all, counts.late) == (0, 2, 2, 2)


def test_a_page_is_one_statement_beside_her_channels_however_long_it_is(scene: Scene) -> None:
    for number in range(5):
        started(scene, number, f"n{number}")
    responder = fresh(scene.people["responder"])
    with CaptureQueriesContext(connection) as said:
        reading.page(responder)
    assert len(said) == 2
    with CaptureQueriesContext(connection) as said:
        reading.page(responder, limit=1)
    assert len(said) == 2


@pytest.mark.parametrize(("view", "index"), [("all", "turn"), ("hidden", "hidden")])
def test_the_index_gives_the_order_without_sorting(scene: Scene, view: str, index: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan of a table of three rows says nothing on PostgreSQL")
    started(scene, 5, "one")
    where, values = reading._where(scene.people["responder"])
    where.append(reading.VIEWS[view])
    sql = reading._LIST.format(where=" and ".join(where))
    with connection.cursor() as cursor:
        cursor.execute(f"explain query plan {sql}", [*values, 50])
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert f"conversation_{index}" in plan


def test_pages_follow_each_other_without_gap_or_overlap(scene: Scene) -> None:
    for number in range(7):
        talk = started(scene, number, f"n{number}")
        if number % 2:
            talk.story.seen("답", f"own:{number}", own=True)
    talk.row  # noqa: B018 - brings the inbox up to date
    every, seen, before = shown(scene), [], ""
    while True:
        page = reading.page(scene.people["responder"], before=before, limit=2)
        seen += [row.excerpt.split()[0] for row in page.rows]
        if not page.next:
            break
        before = page.next
    assert seen == every
    assert len(set(seen)) == 7
    assert shown(scene, before="rubbish") == every


def test_nobody_sees_the_conversations_of_another_team(scene: Scene) -> None:
    row = started(scene, 5, "secret").row
    elsewhere = staff.add(
        "nl@hanulbank.example", "Sanne", role="responder", team=teams.make("Amsterdam", "Europe/Amsterdam")
    )
    for stranger in (elsewhere, scene.people["administrator"], scene.people["author"]):
        assert reading.page(stranger).rows == ()
        assert reading.counts(stranger).all == 0
        with pytest.raises(conversations.NoConversation):
            reading.row(stranger, row.pk)
    assert reading.row(scene.people["auditor"], row.pk).excerpt.startswith("secret")
    with pytest.raises(reading.NoView, match="nobody"):
        reading.page(scene.people["responder"], view="x' or 1=1")


def test_a_thread_pages_back_from_its_newest_lines(scene: Scene) -> None:
    talk = Talk(scene, "0")
    for number in range(1, 7):
        talk.story.seen(str(number), f"comment:{number}")
        if number == 2:
            conversations.assign(scene.people["responder"], talk.row, scene.people["responder"].uid)
    row = talk.row
    newest = reading.thread(row, limit=3)
    assert [line.text for line in newest.lines] == ["4", "5", "6"]
    middle = reading.thread(row, before=newest.earlier, limit=3)
    assert [line.text or line.what for line in middle.lines] == ["1", "2", "assigned", "3"]
    last = reading.thread(row, before=middle.earlier, limit=3)
    assert ([line.text for line in last.lines], last.earlier) == (["0"], 0)
    event = next(line for line in middle.lines if line.kind == "event")
    assert (event.actor_name, event.detail_name) == ("이다은", "이다은")


def test_a_thread_costs_the_same_however_long_it_is(scene: Scene) -> None:
    talk = Talk(scene)
    for number in range(20):
        talk.story.seen(str(number), f"comment:{number}")
    reply = replies.write(scene.people["responder"], talk.row, "확인했습니다.")
    row = talk.row
    with CaptureQueriesContext(connection) as said:
        lines = reading.thread(row).lines
    assert len(said) == 4, "messages, events, undo times, names"
    assert (lines[-1].undo_until, lines[-1].actor_name) == (reply.due_at, "이다은")


def test_what_a_post_of_this_desk_said_is_not_called_outside(scene: Scene) -> None:
    delivery = scene.deliver("2026 연차보고서를 공개합니다.")
    Delivery.objects.filter(pk=delivery.pk).update(remote_id="post:7", state="sent")
    talk = Talk(scene, "어디서 보나요?", thread="post:7:1", in_reply_to="post:7")
    talk.story.seen("2026 연차보고서를 공개합니다.", "post:7", own=True)
    talk.story.seen("네, 여기요.", "own:2", own=True)
    lines = reading.thread(talk.row).lines
    assert [line.outside for line in lines] == [False, False, True]


def fresh(somebody: Any) -> Any:
    """As a request has it: what she may do was read once already."""
    again = staff.by_email(somebody.email)
    again.held_roles  # noqa: B018
    return again
