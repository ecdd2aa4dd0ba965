from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from bankside.record import clock
from bankside.web import icons, moments, pages
from bankside.web.masks import masked
from bankside.web.units import unit
from tests.scene import NOW
from tests.tongues import compiled

MINUTE = 60_000
TEMPLATES = Path(pages.__file__).parent / "templates"


@pytest.fixture(autouse=True)
def _in_seoul() -> Iterator[None]:
    with clock.frozen(NOW), timezone.override(ZoneInfo("Asia/Seoul")), translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, ""), (NOW, "19:00"), (NOW + 20 * 60 * MINUTE, "Wed 15:00"),
        (NOW - 60 * 24 * 60 * MINUTE, "25 Sept"), (NOW - 700 * 24 * 60 * MINUTE, "24 Dec 2024"),
    ],
)  # fmt: skip
def test_a_time_is_as_short_as_it_can_be(ms: int, words: str) -> None:
    assert moments.when(ms) == words


def test_the_record_names_zone_and_second() -> None:
    assert moments.full(NOW) == "24 Nov 2026, 19:00:00 GMT+09:00"


@pytest.mark.parametrize(
    ("left", "words"),
    [(5, "5 min"), (70, "1 h 10"), (120, "2 h"), (-9, "9 min over"), (60 * 50, "2 days")],
)
def test_what_is_left_of_a_promise(left: int, words: str) -> None:
    assert moments.until(NOW + left * MINUTE) == words


@pytest.mark.parametrize(
    ("passed_ms", "words"),
    [(1_000, "just now"), (12_000, "12 s ago"), (5 * MINUTE, "5 min ago"), (180 * MINUTE, "3 h ago")],
)
def test_how_long_ago(passed_ms: int, words: str) -> None:
    assert moments.ago(NOW - passed_ms) == words


@pytest.mark.parametrize(
    ("language", "day", "over"),
    [
        ("en", "Today, Tuesday 24 November", "9 min over"),
        ("ko", "오늘, 11월 24일 화요일", "9분 지남"),
        ("zh-hans", "今天，11月24日星期二", "超时 9 分钟"),
        ("nl", "Vandaag, dinsdag 24 november", "9 min te laat"),
    ],
)
def test_days_and_clocks_in_four_languages(language: str, day: str, over: str) -> None:
    with compiled(), translation.override(language):
        assert (moments.day(NOW), moments.until(NOW - 9 * MINUTE)) == (day, over)


def test_numbers_and_names_of_languages_are_the_readers() -> None:
    assert moments.number(1240) == "1,240"
    assert [moments.language_name(tag) for tag in ("ko", "zh-Hans", "nl", "", "??")] == [
        "Korean", "Chinese (Simplified)", "Dutch", "", "",
    ]  # fmt: skip
    with translation.override("nl"):
        assert (moments.number(1240), moments.language_name("ko")) == ("1.240", "Koreaans")


def test_what_is_counted_only_so_far_says_so() -> None:
    assert [moments.counted(n) for n in (0, 999, 1_000)] == ["0", "999", "999+"]


@pytest.mark.parametrize("hidden", ["•••• •••• •••• 4242", "••••••-•••••••"])
def test_a_hidden_number_is_drawn_as_a_mask(hidden: str) -> None:
    drawn = masked(f"카드 {hidden} <b>")
    assert f">{hidden}</span>" in drawn
    assert 'class="mask"' in drawn
    assert "&lt;b&gt;" in drawn


def test_lines_keep_their_breaks_and_nothing_else() -> None:
    assert pages.lines("een & twee\ndrie <i>") == "een &amp; twee<br>drie &lt;i&gt;"


def test_a_network_without_a_mark_gets_a_neutral_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icons, "known", lambda: frozenset({"n-somewhere"}))
    assert "#n-somewhere" in icons.icon("n-somewhere")
    assert "#i-globe" in icons.icon("n-elsewhere", label="Elsewhere")
    assert 'aria-label="Elsewhere"' in icons.icon("n-elsewhere", label="Elsewhere")
    assert "&lt;b&gt;" in icons.icon("x", label="<b>")


def test_a_unit_that_is_not_known_stays() -> None:
    with compiled(), translation.override("nl"):
        assert (unit("characters"), unit("furlongs")) == ("tekens", "furlongs")


def test_an_address_leaves_empty_parts_out() -> None:
    assert pages.url("conversation", 7, view="", before=None) == "/conversations/7/"
    assert pages.url("conversation", 7, view="mine", q="카") == "/conversations/7/?view=mine&q=%EC%B9%B4"


def test_htmx_gets_a_part_but_never_for_the_history() -> None:
    make = RequestFactory().get
    assert pages.is_fragment(make("/", headers={"HX-Request": "true"}))
    assert not pages.is_fragment(make("/"))
    history = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert not pages.is_fragment(make("/", headers=history))


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_hold_no_style_and_no_script_of_their_own(path: Path) -> None:
    text = path.read_text()
    assert " style=" not in text
    assert "<style" not in text
    assert "javascript:" not in text
    assert all(" src=" in piece[:200] for piece in text.split("<script")[1:])


def test_a_wrong_address_is_a_page_before_and_after_signing_in(at: Callable[[str], Client]) -> None:
    for client in (Client(), at("responder")):
        answer = client.get("/nowhere/", headers={"Accept-Language": "en"})
        assert answer.status_code == 404
        assert "There is no such page." in answer.content.decode()


def test_what_a_room_refuses_is_a_page_and_for_htmx_a_message(at: Callable[[str], Client]) -> None:
    client = at("administrator")
    page = client.get("/conversations/1/")
    assert (page.status_code, "<html" in page.content.decode()) == (404, True)
    part = client.get("/conversations/1/", headers={"HX-Request": "true", "HX-Target": "opened"})
    assert part["HX-Retarget"] == "#says"
    assert "<html" not in part.content.decode()
    assert 'role="alert"' in part.content.decode()


def test_who_has_not_signed_in_is_asked_to(db: None) -> None:
    answer = Client().get("/conversations/7/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/conversations/7/")
    part = Client().get("/conversations/7/", headers={"HX-Request": "true", "HX-Current-URL": "http://x/"})
    assert part["HX-Redirect"].startswith("/sign-in/")


def test_a_form_from_elsewhere_is_refused_with_a_page(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "a"})
    assert answer.status_code == 403
    assert "Nothing was sent." in answer.content.decode()


def test_pages_are_not_kept_and_say_their_policy(at: Callable[[str], Client]) -> None:
    answer = at("responder").get("/")
    assert answer["Cache-Control"] == "no-store"
    assert "require-trusted-types-for 'script'" in answer["Content-Security-Policy"]
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]


def test_the_rail_shows_only_rooms_that_are_hers(at: Callable[[str], Client]) -> None:
    rooms = {
        role: [room for room in ("inbox", "publish", "networks", "record", "people") if f'"r-{room}"' in rail]
        for role in ("responder", "administrator", "auditor")
        if (rail := at(role).get("/rail/").content.decode())
    }
    assert rooms == {
        "responder": ["inbox", "publish", "networks"],
        "administrator": ["networks", "record", "people"],
        "auditor": ["inbox", "publish", "networks", "record", "people"],
    }


@pytest.mark.parametrize(
    ("took_ms", "words"),
    [(0, ""), (-5, ""), (300, "1 s"), (95_000, "95 s"), (12 * MINUTE, "12 min"), (300 * MINUTE, "5 h")],
)
def test_how_long_something_took(took_ms: int, words: str) -> None:
    assert moments.span(took_ms) == words
