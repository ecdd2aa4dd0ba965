"""The page of who read what, its review and its file; and that whoever left is cut off at once (#48)."""

from __future__ import annotations

import pytest
from django.test import Client

from bankside.inbox import openings
from bankside.people import sessions
from bankside.people import staff as people
from bankside.people.models import Reading, Review
from bankside.record.models import Entry
from bankside.web import live_line
from tests.inbox.room import Talk
from tests.scene import Scene
from tests.web.caller import Caller
from tests.web.conftest import BACKEND

PAGE = "/record/readings/"


@pytest.fixture
def officer(scene: Scene) -> Client:
    made = people.add("officer@hanulbank.example", "기록 담당", role="records-officer", zone="Asia/Seoul")
    openings.thread(scene.people["responder"], Talk(scene).row)
    scene.work()
    client = Client()
    client.force_login(made, backend=BACKEND)
    return client


@pytest.mark.parametrize("language", ["en", "ko", "zh-hans", "nl"])
def test_the_page_counts_by_person_and_shows_no_word(officer: Client, language: str) -> None:
    officer.cookies["language"] = language
    page = officer.get(PAGE, headers={"Accept-Language": language}).content.decode()
    assert "이다은" in page and "앱에도 로그인이" not in page
    assert 'href="/record/readings/" aria-current="page"' in page


def test_a_month_that_is_over_is_signed_off_with_a_note(scene: Scene, officer: Client) -> None:
    early = officer.post(f"{PAGE}review/", {"month": "2026-11", "note": "찾은 것 없음"})
    assert early.status_code == 422
    scene.later(8 * 86_400)
    empty = officer.post(f"{PAGE}review/", {"month": "2026-11", "note": " "})
    assert empty.status_code == 422 and not Review.objects.exists()
    done = officer.post(f"{PAGE}review/", {"month": "2026-11", "note": "찾은 것 <b>없음</b>"}, follow=True)
    assert "찾은 것 &lt;b&gt;없음&lt;/b&gt;" in done.content.decode()
    assert Review.objects.get().readings == 1
    assert officer.get(f"{PAGE}?month=2026-13").status_code == 404


def test_the_file_is_given_for_a_reason_that_is_recorded(scene: Scene, officer: Client) -> None:
    assert officer.post(f"{PAGE}file/", {"month": "2026-11", "reason": ""}).status_code == 422
    assert not Entry.objects.filter(type="export").exists()
    file = officer.post(f"{PAGE}file/", {"month": "2026-11", "reason": "11월 점검 보고"})
    assert file["Content-Type"].startswith("text/csv") and "이다은".encode() in file.content
    scene.work()
    assert Reading.objects.get(kind=Reading.EXPORTED).reason == "11월 점검 보고"
    assert "11월 점검 보고" in officer.get(PAGE).content.decode()


def test_whoever_left_is_out_with_the_next_request_on_every_way(scene: Scene, officer: Client) -> None:
    who = scene.people["responder"]
    client, program = Client(), Caller(who)
    client.force_login(who, backend=BACKEND)
    assert client.get("/").status_code == program.ask("GET", "/conversations")[0] == 200
    assert sessions.signed_in(str(client.session.session_key))
    key = str(client.session.session_key)
    people.leave(people.by_email(who.email))
    assert client.get("/").status_code == 302
    assert program.ask("GET", "/conversations")[0] == 401
    assert not sessions.signed_in(key)


def test_a_switch_in_the_database_alone_cuts_as_well(scene: Scene, at: object) -> None:
    who = scene.people["responder"]
    client, program = Client(), Caller(who)
    client.force_login(who, backend=BACKEND)
    type(who).objects.filter(pk=who.pk).update(is_active=False)
    assert client.get("/").status_code == 302
    assert program.ask("GET", "/conversations")[0] == 401
    assert not sessions.signed_in(str(client.session.session_key))


def test_an_open_line_is_looked_at_often_enough_for_sixty_seconds() -> None:
    """It is looked at again with the first event or beat after SESSION_SECONDS."""
    assert live_line.SESSION_SECONDS + live_line.BEAT_SECONDS < 60
