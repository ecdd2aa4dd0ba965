from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bankside.people import staff, teams
from bankside.publish import post as posts
from bankside.publish import reading, schedule
from tests.publish.room import approved, draft, fresh, submitted
from tests.scene import Scene


def test_the_board_shows_where_every_post_stands(scene: Scene) -> None:
    author = scene.people["author"]
    draft(scene, "초안")
    submitted(scene, "待审")
    schedule.schedule(author, approved(scene, "Gepland"), due_ms=scene.moment + 60_000)
    posts.discard(author, draft(scene, "weg"))
    page = reading.board(author)
    assert [(row.excerpt, row.standing) for row in page.rows] == [
        ("Gepland", "scheduled"),
        ("待审", "waiting"),
        ("초안", "draft"),
    ]
    assert (page.rows[0].planned, page.rows[0].author_name, page.rows[0].team) == (1, "Pieter Smit", "Seoul")
    assert page.rows[0].channels == (scene.channel.obj,)
    assert reading.counts(author) == {
        "draft": 1, "waiting": 1, "approved": 0, "scheduled": 1, "sent": 0, "trouble": 0, "discarded": 1,
    }  # fmt: skip
    for view, count in reading.counts(author).items():
        assert len(reading.board(author, view=view).rows) == count


def test_the_board_is_one_statement_whatever_is_on_it(scene: Scene) -> None:
    for text in ("a", "b", "c"):
        submitted(scene, text)
    author = staff.by_email("author@hanulbank.example")
    author.held_roles  # noqa: B018 - what she may do is read once per request
    with CaptureQueriesContext(
        connection,
    ) as said:
        reading.board(author)
    assert len(said) == 1
    with CaptureQueriesContext(connection) as said:
        reading.counts(author)
    assert len(said) == 1


def test_pages_follow_each_other_without_gap_or_overlap(scene: Scene) -> None:
    for number in range(5):
        draft(scene, f"{number}")
    seen, before = [], ""
    while True:
        page = reading.board(scene.people["author"], before=before, limit=2)
        seen += [row.excerpt for row in page.rows]
        if not page.next:
            break
        before = page.next
    assert seen == ["4", "3", "2", "1", "0"]
    assert len(reading.board(scene.people["author"], before="rubbish").rows) == 5


def test_nobody_sees_the_posts_of_another_team(scene: Scene) -> None:
    draft(scene)
    elsewhere = staff.add(
        "nl@hanulbank.example", "Mei Lin", role="author", team=teams.make("Amsterdam", "UTC")
    )
    for stranger in (elsewhere, scene.people["administrator"]):
        assert reading.board(stranger).rows == ()
        assert sum(reading.counts(stranger).values()) == 0
    assert len(reading.board(scene.people["auditor"]).rows) == 1


def test_a_view_that_is_not_there_is_said(scene: Scene) -> None:
    with pytest.raises(reading.NoView, match="waiting"):
        reading.board(scene.people["author"], view="x'; drop table")


@pytest.mark.parametrize(
    ("fate", "standing"),
    [
        ({"uncertain": 1, "sent": 3, "refused": 1}, "uncertain"),
        ({"refused": 1, "sent": 3}, "refused"),
        ({"held": 1, "planned": 1}, "held"),
        ({"sent": 1, "planned": 1}, "partly"),
        ({"sent": 2}, "sent"),
        ({"planned": 2}, "scheduled"),
        ({}, "withdrawn"),
    ],
)
def test_what_a_person_has_to_look_at_goes_first(fate: dict[str, int], standing: str) -> None:
    counts = {"sent": 0, "refused": 0, "uncertain": 0, "held": 0, "planned": 0, **fate}
    assert reading.standing_of("scheduled", **counts) == standing
    assert reading.standing_of("draft", **counts) == "draft"


def test_an_approver_sees_the_exact_words_and_what_changed_since_the_draft_before(scene: Scene) -> None:
    post, _ = submitted(scene, "不良率由0.58%降到0.61%。")
    assert reading.review(post).parts[0].before == 0
    back = posts.send_back(scene.people["approver"], post, reason="The figures are the wrong way round.")
    again = posts.write(scene.people["author"], back, edition=back.edition, base="不良率由0.61%降到0.58%。")
    version = posts.submit(scene.people["author"], again, edition=again.edition)
    review = reading.review(fresh(again))
    (part,) = review.parts
    assert (review.number, review.version, part.before) == (2, version.obj, 1)
    assert ("gone", "0.58%") in part.changes
    assert part.words["text"] == "不良率由0.61%降到0.58%。"
    assert part.counts[0].used == 17
    assert (part.fields_changed, part.findings) == ((), ())


def test_the_story_names_who_did_what_and_why(scene: Scene) -> None:
    post, _ = submitted(scene)
    posts.send_back(scene.people["approver"], post, reason="Say which year.")
    lines = reading.story(post)
    assert [(line.what, line.actor_name, line.note) for line in lines] == [
        ("post-submitted", "Pieter Smit", ""),
        ("sent-back", "Hyejin Oh", "Say which year."),
    ]


def test_how_a_post_fares_on_each_channel(scene: Scene) -> None:
    post = schedule.schedule(scene.people["author"], approved(scene), due_ms=None)
    scene.network.fail_next("send", "refused")
    scene.work()
    (fate,) = reading.outcomes(post)
    assert (fate.state, fate.channel_name) == ("refused", "한울은행")
    assert fate.note
    assert reading.board(scene.people["author"], view="trouble").rows[0].standing == "refused"


def test_what_was_taken_back_is_left_out_once_a_new_version_is_planned(scene: Scene) -> None:
    author = scene.people["author"]
    post = schedule.schedule(author, approved(scene), due_ms=scene.moment + 60_000)
    post = schedule.unschedule(author, post)
    assert [fate.state for fate in reading.outcomes(post)] == ["withdrawn"]
    version = posts.submit(author, post, edition=post.edition)
    parts = [(part["channel"], part["digest"]) for part in version.words]
    posts.approve(scene.people["approver"], post, words=parts)
    schedule.schedule(author, post, due_ms=scene.moment + 60_000)
    assert [fate.state for fate in reading.outcomes(post)] == ["planned"]
