"""What knows nobody: manifest, service worker, the page without a line, and the code on a card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from bankside.record import clock
from bankside.rewards import card, consent, link
from bankside.web import assets
from tests.web.visiting import NOW, her, link_of, phone, with_card, words

# Pages: what hangs on the database is tried with the room, on both.
pytestmark = [pytest.mark.django_db, pytest.mark.more]


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def test_the_manifest_makes_an_app_of_the_members_pages_alone() -> None:
    answer = Client(headers={"Accept-Language": "nl"}).get("/m/manifest.webmanifest")
    said = json.loads(answer.content)
    assert answer["Content-Type"] == "application/manifest+json"
    assert (said["scope"], said["start_url"], said["display"]) == ("/m/", "/m/", "standalone")
    for icon in said["icons"]:
        file = assets.place(icon["src"].removeprefix(settings.STATIC_URL).partition("?")[0])
        assert file.read_bytes().startswith(b"\x89PNG")


def kept() -> list[str]:
    """What the worker keeps on the phone."""
    code = words(Client().get("/m/worker.js"))
    found = re.search(r"KEPT = (\[.*?\]);", code)
    assert found
    return list(json.loads(found[1]))


def test_the_worker_keeps_files_and_one_page_and_nothing_of_anybody() -> None:
    answer = Client().get("/m/worker.js")
    assert answer["Content-Type"].startswith("text/javascript") and answer["Cache-Control"] == "no-cache"
    assert kept()[0] == "/m/offline/"
    others = kept()[1:]
    assert all(one.startswith(settings.STATIC_URL) for one in others) and len(others) >= 8
    for one in others:
        assert assets.place(one.removeprefix(settings.STATIC_URL).partition("?")[0]).exists(), one
    assert "/m/card" not in words(answer)


def test_the_worker_has_another_name_when_a_file_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = words(Client().get("/m/worker.js")).splitlines()[0]
    assert words(Client().get("/m/worker.js")).splitlines()[0] == before
    monkeypatch.setattr(assets, "static", lambda path: f"/static/{path}?v=new")
    assert words(Client().get("/m/worker.js")).splitlines()[0] != before


def test_the_page_without_a_line_is_in_all_languages_and_the_same_for_all() -> None:
    page = words(phone(her("ko")).get("/m/offline/"))
    for tag in ("en", "ko", "zh-Hans", "nl"):
        assert f'lang="{tag}"' in page
    assert "csrf" not in page and "Minji" not in page


def test_a_code_leads_to_the_profile_which_does_not_learn_from_where() -> None:
    who = her()
    code = with_card(who).code
    for address in (f"/c/{code}", f"/c/{code}/", f"/c/{code.upper()}"):
        there = Client().get(address)
        assert (there.status_code, there["Location"]) == (302, link_of(who).url)
        assert there["Referrer-Policy"] == "no-referrer" and there["Cache-Control"] == "no-store"
        assert not there.cookies


@pytest.mark.parametrize("why", ["switched", "unlinked", "consent", "unknown", "nonsense"])
def test_a_code_that_is_off_says_the_same_whatever_the_reason(why: str) -> None:
    who = her()
    code = with_card(who).code
    match why:
        case "switched":
            card.switch_code(who, False)
        case "unlinked":
            link.unlink(who, link_of(who).obj)
        case "consent":
            consent.withdraw(who, "card")
        case "unknown":
            code = "2345678923"
        case _:
            code = "<script>"
    off = Client().get(f"/c/{code}")
    assert off.status_code == 410 and "This code is off." in words(off)
    assert "Minji" not in words(off) and "<script>" not in words(off)


def test_the_page_that_a_profile_points_to_points_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        link, "proof_page", lambda token: "https://social.example/@minji" if token == "t" else None
    )
    page = words(Client().get("/m/p/t/"))
    assert re.search(r'<a [^>]*rel="me[^"]*" href="https://social.example/@minji"', page)
    assert Client().get("/m/p/x/").status_code == 404
