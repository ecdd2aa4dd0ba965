"""Read-only as people and programs see it: a band on every page, a problem for programs, and the way out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bankside.channels.models import Channel, Item
from bankside.people import staff
from bankside.record import recovery
from bankside.record.models import Checkpoint, Entry, Standstill
from bankside.record.recovering import EntriesLost, NotStanding, SignerBehind
from bankside.said import Said
from bankside.web.problems import problem_of
from bankside.worker import Worker
from tests.scene import Scene
from tests.web.caller import By

At = Callable[[str], Client]


@pytest.fixture(autouse=True)
def compliance(scene: Scene) -> None:
    """Somebody more who may end recovery mode."""
    scene.people["compliance"] = staff.add("compliance@hanulbank.example", "Ha-eun", role="compliance")


def words_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_every_page_says_that_the_desk_is_read_only(scene: Scene, at: At) -> None:
    recovery.begin("the signer has signed more")
    for role, address in (("author", "/posts/"), ("administrator", "/channels/"), ("auditor", "/record/")):
        page = words_of(at(role).get(address))
        assert "The desk is read-only." in page and "recovery mode" in page and "/recovery/" in page
    Standstill.objects.all().delete()
    assert "read-only" not in words_of(at("author").get("/posts/"))


def test_what_would_be_added_is_refused_with_what_to_do(scene: Scene, at: At, by: By) -> None:
    program = by("administrator")
    recovery.begin("the signer has signed more")
    added = Entry.objects.exclude(fact="people.signed-in")  # somebody who signs in to look is recorded
    before = added.count()
    answer = at("administrator").post("/freeze/", {"act": "freeze", "reason": "something"})
    assert answer.status_code == 503
    assert "two people have looked" in words_of(answer) and "Nothing was changed" in words_of(answer)
    status, problem = program.ask("POST", "/freeze", {"reason": "something"})
    assert (status, program.last["Content-Type"]) == (503, "application/problem+json")
    assert "two people have looked" in problem["detail"]
    assert program.get("/freeze")["frozen"] is False
    assert added.count() == before


def test_hooks_are_to_be_sent_again_and_nothing_is_kept(scene: Scene) -> None:
    recovery.begin("the signer has signed more")
    channel = Channel.objects.get(pk=scene.channel.pk)
    answer = Client().post(f"/hooks/{channel.hook}", b"{}", content_type="application/json")
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert Item.objects.count() == 0


def test_health_and_metrics_tell_it(client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 'bankside_read_only{reason="recovery"} 0' in words_of(client.get("/metrics"))
    recovery.begin("the signer has signed more")
    health = client.get("/health")
    assert (health.status_code, health.json()["read_only"]) == (503, "recovery")
    metrics = words_of(client.get("/metrics"))
    assert 'bankside_read_only{reason="recovery"} 1' in metrics and "bankside_disk_free_bytes" in metrics


def test_one_asks_and_another_one_agrees_on_the_page(scene: Scene, at: At) -> None:
    first, second = at("administrator"), at("compliance")
    assert "The desk is not read-only." in words_of(first.get("/recovery/"))
    recovery.begin("the signer has signed more")
    assert at("author").get("/recovery/").status_code == 403
    assert first.post("/recovery/", {"act": "ask", "reason": " "}).status_code == 422
    assert first.post("/recovery/", {"act": "agree", "at": "x"}).status_code == 422
    assert first.post("/recovery/", {"act": "ask", "reason": "the newer backup is back"}).status_code == 303
    [at_ms] = re.findall(r'name="at" value="(\d+)"', words_of(first.get("/recovery/")))
    again = first.post("/recovery/", {"act": "agree", "at": at_ms})
    assert (again.status_code, "It takes two people" in words_of(again)) == (422, True)
    assert "the newer backup is back" in words_of(second.get("/recovery/"))
    assert at("auditor").post("/recovery/", {"act": "agree", "at": at_ms}).status_code == 403
    assert second.post("/recovery/", {"act": "agree", "at": at_ms}).status_code == 303
    assert recovery.mode() is None
    assert Entry.objects.filter(
        fact="record.desk-recovered", actor=scene.people["administrator"].actor
    ).exists()


def test_the_page_says_of_each_log_what_is_missing(scene: Scene, at: At) -> None:
    scene.work()
    [row] = Checkpoint.objects.filter(size__gt=0)
    row.note, row.refused = row.note.replace(f"\n{row.size}\n", "\n990\n", 1), "neither tiles nor rows"
    row.save()
    recovery.begin("neither tiles nor rows")
    page = words_of(at("compliance").get("/recovery/"))
    assert "Entries that were signed are not here." in page and 'name="without"' in page


def test_a_full_disk_is_told_apart(scene: Scene, at: At, settings: Any, monkeypatch: Any) -> None:
    class Told:
        f_bavail, f_frsize = 10, 1_000_000

    with monkeypatch.context() as patched:
        patched.setattr(os, "statvfs", lambda _: Told)
        assert "The disk is almost full" in words_of(at("author").get("/posts/"))
        assert "10 MB are left" in words_of(at("auditor").get("/recovery/"))
        assert at("administrator").post("/freeze/", {"act": "freeze", "reason": "x"}).status_code == 503
    assert "read-only" not in words_of(at("author").get("/posts/"))


def test_the_worker_adds_nothing_and_sends_nothing_until_it_may(scene: Scene) -> None:
    delivery = scene.deliver("words that wait")
    recovery.begin("the signer has signed more")
    before = Entry.objects.count()
    worker = Worker(threads=1)
    try:
        for _ in range(5):
            worker.step()
    finally:
        worker.close()
    delivery.refresh_from_db()
    assert (Entry.objects.count(), delivery.state) == (before, "waiting")
    Standstill.objects.all().delete()
    scene.work()
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_people_outside_are_not_told_how_the_desk_is() -> None:
    mode = recovery.Mode(recovery.RECOVERY, Said("The desk is in recovery mode."), "", 0)
    told = problem_of(recovery.ReadOnly(mode), outside=True)
    assert told is not None and (told.status, "recovery" in f"{told.title}{told.detail}") == (503, False)


def test_what_the_situations_are_called() -> None:
    for trouble, status in (
        (EntriesLost("x"), 409), (SignerBehind("x"), 409), (NotStanding("x"), 409),
        (recovery.ReadOnly(recovery.Mode("disk", Said("x"), "", 0)), 503),
    ):  # fmt: skip
        problem = problem_of(trouble)
        assert problem is not None and problem.status == status
