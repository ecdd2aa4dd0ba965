"""People as an administrator uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from bankside.people import policy, staff
from tests.scene import Scene

At = Callable[[str], Client]
NEW = {
    "name": "陈思远",
    "email": "siyuan@hanulbank.example",
    "password": "een-lang-wachtwoord",
    "role": "responder",
    "language": "zh-hans",
}


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_everybody_stands_there_with_roles(scene: Scene, at: At) -> None:
    page = text_of(at("auditor").get("/people/"))
    assert "Hyejin Oh" in page and "이다은" in page and "Approver · Seoul" in page
    assert "Add a person" not in page
    assert at("author").get("/people/").status_code == 403


def test_somebody_is_added_and_may_sign_in(scene: Scene, at: At) -> None:
    made = at("administrator").post("/people/new/", NEW)
    assert made.status_code == 303
    added = staff.by_email(NEW["email"])
    assert added.check_password(NEW["password"]) and policy.may(added, "conversation.reply")
    page = text_of(at("administrator").get(made["Location"]))
    assert "陈思远" in page and "answer people" in page


def test_a_short_password_or_a_known_address_is_refused_with_the_form_kept(scene: Scene, at: At) -> None:
    for change in ({"password": "kort"}, {"email": "author@hanulbank.example"}):
        refused = at("administrator").post("/people/new/", {**NEW, **change})
        page = text_of(refused)
        assert refused.status_code == 422 and "Nobody was added." in page and "陈思远" in page
        assert "een-lang-wachtwoord" not in page


def test_roles_are_given_and_taken(scene: Scene, at: At) -> None:
    somebody, client = scene.people["responder"], at("administrator")
    where = f"/people/{somebody.uid}/roles/"
    client.post(where, {"give": "author", "team": scene.team.obj})
    assert policy.may(staff.by_uid(somebody.uid), "post.write", scene.team)
    client.post(where, {"take": "author", "team": scene.team.obj})
    assert not policy.may(staff.by_uid(somebody.uid), "post.write", scene.team)
    assert client.post(where, {"give": "king"}).status_code == 422


def test_access_ends_only_when_it_is_meant(scene: Scene, at: At) -> None:
    somebody, client = scene.people["responder"], at("administrator")
    where = f"/people/{somebody.uid}/leaving/"
    client.post(where)
    somebody.refresh_from_db()
    assert somebody.is_active
    client.post(where, {"sure": "yes"})
    somebody.refresh_from_db()
    assert not somebody.is_active
    assert "1 person has left" in text_of(client.get("/people/"))


def test_an_auditor_changes_nobody(scene: Scene, at: At) -> None:
    where = f"/people/{scene.people['author'].uid}/"
    assert at("auditor").get(where).status_code == 200
    assert at("auditor").post(f"{where}roles/", {"give": "approver"}).status_code == 403
    assert at("auditor").post(f"{where}leaving/", {"sure": "yes"}).status_code == 403
    assert at("auditor").get("/people/new/").status_code == 403
