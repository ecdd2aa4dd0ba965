"""Who gets into the API, and how troubles are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.db import OperationalError
from django.test import Client

from bankside.people import staff as people
from bankside.people import tokens
from bankside.people.models import Token
from bankside.publish import post as posts
from tests.scene import Scene
from tests.web.caller import By, Caller, png
from tests.web.conftest import BACKEND


def problem_of(answer: Any, status: int) -> dict[str, Any]:
    """The problem of an answer, whose form is checked."""
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = msgspec.json.decode(answer.content)
    assert answer.status_code == said["status"] == status
    assert said["title"] and said["detail"] and said["undone"]
    return said


def test_nobody_is_let_in_without_a_token_or_a_session(db: None) -> None:
    answer = Client().get("/api/v1/me")
    assert "sign in" in problem_of(answer, 401)["detail"]
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "value", ["Bearer wrong", "Bearer", "Bearer bks_", "Basic YTpi", "bks_x", "Bearer é"]
)
def test_other_tokens_are_refused(db: None, value: str) -> None:
    problem_of(Client().get("/api/v1/me", headers={"Authorization": value}), 401)


def test_a_bad_token_does_not_fall_back_to_the_session(scene: Scene, at: Callable[[str], Client]) -> None:
    problem_of(at("author").get("/api/v1/me", headers={"Authorization": "Bearer bks_no"}), 401)


def test_an_ended_token_and_somebody_who_left_are_refused(scene: Scene, by: By) -> None:
    assert by("author").get("/me")["acts"]
    people.leave(scene.people["author"])
    by("author").ask("GET", "/me")
    problem_of(by("author").last, 401)
    by("approver").get("/me")
    tokens.end(Token.objects.get(staff=scene.people["approver"]))
    assert by("approver").ask("GET", "/me")[0] == 401


def test_a_session_reads_and_writes_only_with_its_csrf_token(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.people["author"], backend=BACKEND)
    assert client.get("/api/v1/me").status_code == 200
    answer = client.post("/api/v1/posts", {"title": "x"}, content_type="application/json")
    assert "X-CSRFToken" in problem_of(answer, 403)["detail"]
    client.cookies["csrf"] = "a" * 32
    answer = client.post(
        "/api/v1/posts", {"title": "x"}, content_type="application/json", headers={"X-CSRFToken": "a" * 32}
    )
    assert answer.status_code == 201


def test_a_token_needs_no_csrf_token(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    bearer = {"Authorization": f"Bearer {tokens.make(scene.people['author'], 'program')}"}
    answer = client.post("/api/v1/posts", {"title": "x"}, content_type="application/json", headers=bearer)
    assert answer.status_code == 201


def test_me(scene: Scene, by: By) -> None:
    me = by("responder").get("/me")
    assert (me["name"], me["uid"]) == ("이다은", scene.people["responder"].uid)
    assert me["roles"] == [{"role": "responder", "team": scene.team.obj}]
    assert "conversation.reply" in me["acts"] and "post.write" not in me["acts"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", b"", 404),
        ("GET", "/posts/abc", b"", 422),
        ("GET", "/posts/999", b"", 404),
        ("GET", "/posts?limit=0", b"", 422),
        ("GET", "/posts?cursor=x", b"", 422),
        ("GET", "/posts?view=none", b"", 422),
        ("PUT", "/posts", b"", 405),
        ("POST", "/posts", b"{", 400),
        ("POST", "/posts", b"[]", 422),
        ("POST", "/posts", b"\xff", 400),
        ("POST", "/posts", b'{"titel":"x"}', 422),
        ("POST", "/posts", b'{"title":"a\\u0000b"}', 422),
        ("POST", "/posts", b'{"title":"\\ud800"}', 422),
        ("POST", "/posts", b'{"team":"Nowhere"}', 404),
        ("POST", "/posts", b'{"words":{"x":{}}}', 422),
        ("POST", "/posts", b'{"words":{"00000000000000000000000000000000":{}}}', 404),
        ("POST", "/posts/1/schedule", b'{"due_at":"2027-01-01T00:00:00"}', 422),
    ],
)
def test_every_trouble_is_a_problem(
    scene: Scene, by: By, method: str, path: str, body: bytes, status: int
) -> None:
    answer = by("author").client.generic(
        method, f"/api/v1{path}", body, content_type="application/json", headers=by("author").headers
    )
    problem_of(answer, status)
    assert answer["Cache-Control"] == "no-store"
    assert not posts.visible_to(scene.people["author"]).exists()


def test_a_network_and_a_team_that_are_not_known(scene: Scene, by: By) -> None:
    said = {"network": "faxline", "name": "Fax"}
    status, problem = by("administrator").ask("POST", "/channels", said)
    assert (status, "practice" in problem["detail"]) == (404, True)
    status, problem = by("administrator").ask("POST", "/channels", said | {"team": "Delft"})
    assert (status, "Seoul" in problem["detail"]) == (404, True)


def test_a_body_that_is_announced_as_too_large_is_not_read(scene: Scene, by: By) -> None:
    large = b'{"title":"' + b"x" * 1_000_000 + b'"}'
    answer = by("author").client.generic(
        "POST", "/api/v1/posts", large, content_type="application/json", headers=by("author").headers
    )
    assert "1,000,000" in problem_of(answer, 413)["detail"]


def test_pictures(scene: Scene, by: By) -> None:
    status, picture = by("author").upload("jaarverslag.png", png((40, 30)))
    assert (status, picture["width"], picture["mime"]) == (201, 40, "image/png")
    assert by("author").client.get(picture["address"]).status_code == 200
    assert by("responder").upload("x.png", png())[0] == 201
    assert by("auditor").upload("x.png", png())[0] == 403
    assert by("author").upload("x.png", b"no picture")[0] == 422
    assert by("author").upload("x.png", b"\x89PNG" + b"x" * 9_000_001)[0] == 413
    answer = by("author").client.post(
        "/api/v1/media", b"--x", content_type="multipart/form-data; boundary=y", headers=by("author").headers
    )
    assert answer.status_code in {400, 422}


def test_a_busy_database_says_when_to_come_back(
    scene: Scene, by: By, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(posts, "start_with", busy)
    by("author").ask("POST", "/posts", {})
    problem_of(by("author").last, 503)
    assert by("author").last["Retry-After"] == "2"


def test_a_mistake_of_ours_tells_nothing_of_itself(
    scene: Scene, by: By, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(posts, "start_with", broken)
    by("author").ask("POST", "/posts", {})
    problem_of(by("author").last, 500)
    assert b"secret" not in by("author").last.content


def test_the_description_is_open_and_names_every_problem(db: None) -> None:
    answer = Client().get("/api/openapi.json")
    schema = msgspec.json.decode(answer.content)
    said = schema["paths"]["/api/v1/posts"]["post"]
    assert said["x-act"] == "post.write"
    assert list(said["responses"]["409"]["content"]) == ["application/problem+json"]
    assert said["parameters"][0]["name"] == "Idempotency-Key"
    assert set(schema["components"]["securitySchemes"]) == {"Bearer", "Session"}


def test_only_a_caller_with_a_role_sees_lists(db: None) -> None:
    nobody = Caller(people.add("nieuw@hanul.example", "Nieuw"))
    assert nobody.get("/me")["acts"] == []
    for path in ("/posts", "/channels", "/conversations", "/record/entries"):
        assert nobody.ask("GET", path)[0] == 403


@pytest.mark.parametrize("path", ["/nothing", "/nothing/at/all", "/members/a%0Ab/receipts/c", "/%0A"])
def test_an_address_that_is_not_known_is_a_problem_too(scene: Scene, by: By, path: str) -> None:
    caller = by("author")
    caller.ask("GET", path)
    assert caller.last.status_code in {404, 422}
    problem_of(caller.last, caller.last.status_code)
