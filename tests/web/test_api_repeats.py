"""Twice is once: an Idempotency-Key on any POST."""

from __future__ import annotations

from bankside.people import repeats
from bankside.people.models import Repeat
from bankside.publish import post as posts
from bankside.record import clock
from tests.scene import Scene
from tests.web.caller import By, png


def test_the_same_request_under_the_same_key_is_done_once(scene: Scene, by: By) -> None:
    said = {"title": "공지"}
    first = by("author").post("/posts", said, Idempotency_Key="k-1")
    again = by("author").post("/posts", said, Idempotency_Key="k-1")
    assert again == first
    assert by("author").last["Idempotency-Replayed"] == "true"
    assert by("author").last.status_code == 201
    other = by("author").post("/posts", said, Idempotency_Key="k-2")
    without = by("author").post("/posts", said)
    assert len({first["id"], other["id"], without["id"]}) == 3


def test_another_body_or_address_under_the_key_is_refused(scene: Scene, by: By) -> None:
    made = by("author").post("/posts", {"title": "공지"}, Idempotency_Key="k")
    for path, said in [("/posts", {"title": "公告"}), (f"/posts/{made['id']}/submission", {"title": "공지"})]:
        status, problem = by("author").ask("POST", path, said, Idempotency_Key="k")
        assert (status, "new key" in problem["detail"]) == (422, True)
    assert posts.visible_to(scene.people["author"]).count() == 1


def test_keys_of_two_people_are_two_keys(scene: Scene, by: By) -> None:
    by("author").post("/posts", {}, Idempotency_Key="k")
    assert by("approver").ask("POST", "/posts", {}, Idempotency_Key="k")[0] == 403


def test_a_refusal_is_answered_alike_too(scene: Scene, by: By) -> None:
    first = by("author").ask("POST", "/posts/999/submission", {"edition": 1}, Idempotency_Key="k")
    again = by("author").ask("POST", "/posts/999/submission", {"edition": 1}, Idempotency_Key="k")
    assert first == again and first[0] == 404
    assert by("author").last["Content-Type"] == "application/problem+json"


def test_a_picture_sent_twice_is_one_picture(scene: Scene, by: By) -> None:
    first = by("author").upload("a.png", png(), Idempotency_Key="p")
    assert by("author").upload("a.png", png(), Idempotency_Key="p") == first
    assert by("author").upload("a.png", png((9, 9)), Idempotency_Key="p")[0] == 422


def test_a_request_under_way_and_one_that_was_never_answered(scene: Scene, by: By) -> None:
    by("author").post("/posts", {}, Idempotency_Key="k")
    Repeat.objects.update(status=0)
    status, problem = by("author").ask("POST", "/posts", {}, Idempotency_Key="k")
    assert (status, "seconds" in problem["detail"]) == (409, True)
    Repeat.objects.update(at=clock.now_ms() - 61_000)
    status, problem = by("author").ask("POST", "/posts", {}, Idempotency_Key="k")
    assert (status, "Look whether" in problem["detail"]) == (409, True)
    assert posts.visible_to(scene.people["author"]).count() == 1


def test_what_was_answered_lies_sealed_and_for_a_day(scene: Scene, by: By) -> None:
    first = by("author").post("/posts", {"title": "공지사항"}, Idempotency_Key="k")
    assert "공지사항".encode() not in bytes(Repeat.objects.get().body)
    scene.moment += repeats.KEPT_MS + 1
    with clock.frozen(scene.moment):
        assert by("author").post("/posts", {"title": "공지사항"}, Idempotency_Key="k") != first


def test_a_bad_key_is_refused(scene: Scene, by: By) -> None:
    for key in ("", "k" * 201, "a\tb"):
        assert by("author").ask("POST", "/posts", {}, Idempotency_Key=key)[0] == 422
    assert not posts.visible_to(scene.people["author"]).exists()
