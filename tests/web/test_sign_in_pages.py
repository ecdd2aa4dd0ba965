from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from bankside.people import staff
from bankside.people.models import Staff
from tests.tongues import compiled

PASSWORD = "langes-Wort-이다은-8"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def daeun(db: None) -> Staff:
    return staff.add("daeun@hanulbank.example", "이다은", role="responder", password=PASSWORD, language="ko")


def test_the_way_in_leads_to_where_she_wanted_in_her_language(daeun: Staff) -> None:
    client = Client()
    given = {"login": daeun.email, "password": PASSWORD, "next": "/conversations/?view=mine"}
    answer = client.post("/sign-in/", given)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/conversations/?view=mine")
    assert answer.cookies["language"].value == "ko"
    assert client.get("/sign-in/").status_code == 303


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_in_leads_nowhere_else(daeun: Staff, elsewhere: str) -> None:
    given = {"login": daeun.email, "password": PASSWORD, "next": elsewhere}
    assert Client().post("/sign-in/", given).headers["Location"] == "/"


def test_a_wrong_address_and_a_wrong_password_look_the_same(daeun: Staff) -> None:
    answers = [
        Client().post("/sign-in/", {"login": login, "password": "nonsense"}, headers=ENGLISH)
        for login in (daeun.email, "nobody@hanulbank.example")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    pages = [answer.content.decode() for answer in answers]
    assert all("You are not signed in." in page for page in pages)
    assert [page.count("<") for page in pages] == [pages[0].count("<")] * 2


@pytest.mark.more
def test_after_too_many_wrong_passwords_the_door_says_so(daeun: Staff) -> None:
    given = {"login": daeun.email, "password": "nonsense"}
    answers = [Client().post("/sign-in/", given, headers=ENGLISH) for _ in range(10)]
    assert answers[-1].status_code == 429
    assert "The door is shut." in answers[-1].content.decode()


def test_signing_out_needs_a_form(daeun: Staff) -> None:
    client = Client()
    client.post("/sign-in/", {"login": daeun.email, "password": PASSWORD})
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/conversations/").status_code == 302


@pytest.mark.parametrize(
    ("code", "tag", "button"),
    [
        ("en", "en", "Sign in"),
        ("ko", "ko", "로그인"),
        ("zh-hans", "zh-Hans", "登录"),
        ("nl", "nl", "Aanmelden"),
    ],
)
def test_the_door_speaks_four_languages(db: None, code: str, tag: str, button: str) -> None:
    client = Client()
    with compiled():
        client.post("/language/", {"language": code, "next": "/sign-in/"})
        page = client.get("/sign-in/").content.decode()
    assert f'<html lang="{tag}"' in page
    assert f'type="submit">{button}</button>' in page


def test_a_language_that_is_not_there_changes_nothing(db: None) -> None:
    assert "language" not in Client().post("/language/", {"language": "tlh"}).cookies


def test_invented_people_stand_at_the_door_of_a_demo_alone(db: None, settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    (tmp_path / "keys").mkdir()
    one = {"role": "author", "name": "Pieter Smit", "email": "author@hanulbank.example", "password": PASSWORD}
    (tmp_path / "keys" / "invented-bank.json").write_text(json.dumps([one]))
    shown = {}
    for settings.DEMO in (False, True):
        shown[settings.DEMO] = one["email"] in Client().get("/sign-in/").content.decode()
    assert shown == {False: False, True: True}
    assert one["password"] not in Client().get("/sign-in/").content.decode()
    staff.add(one["email"], one["name"], role="author", password=one["password"])
    entered = {}
    for settings.DEMO in (False, True):
        entered[settings.DEMO] = Client().post("/sign-in/", {"invented": "author"}).status_code
    assert entered == {False: 422, True: 302}


def test_what_she_sets_for_herself(at: Callable[[str], Client], scene: Any) -> None:
    client, me = at("responder"), scene.people["responder"]
    answer = client.post("/account/", {"language": "nl", "zone": "Asia/Seoul", "theme": "dark"})
    me.refresh_from_db()
    assert (me.language, me.zone, me.single_keys) == ("nl", "Asia/Seoul", False)
    assert (answer.cookies["language"].value, answer.cookies["theme"].value) == ("nl", "dark")
    page = client.get("/account/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-single-keys="off"' in page


@pytest.mark.parametrize("wrong", [{"language": "tlh", "zone": "UTC"}, {"language": "ko", "zone": "Mars/X"}])
def test_a_wrong_setting_is_refused(at: Callable[[str], Client], wrong: dict[str, str]) -> None:
    assert at("responder").post("/account/", wrong).status_code == 422


def test_the_rooms_that_do_not_fit_are_a_page(at: Callable[[str], Client]) -> None:
    page = at("auditor").get("/more/").content.decode()
    for address in ("/conversations/", "/posts/", "/channels/", "/record/", "/people/", "/account/"):
        assert f'href="{address}"' in page
    assert 'action="/sign-out/"' in page


def test_every_language_of_the_settings_is_offered(db: None) -> None:
    page = Client().get("/sign-in/").content.decode()
    assert all(f'value="{code}"' in page for code, _ in configured.LANGUAGES)
