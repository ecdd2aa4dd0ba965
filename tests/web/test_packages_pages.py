"""Packages as people order, follow and take them: fault 48, threats 3, 6 and 11 of the record sheet."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bankside.people import packages, policy, staff
from bankside.people.models import Staff
from bankside.record import jobs, reading
from bankside.record.models import Entry, Package
from bankside.record.package import manifest, orders
from bankside.record.package.checking import check_package
from bankside.record.package.labels import ENGLISH
from bankside.web.packaged import answer, job, zipped
from bankside.web.packaged.labels import WORDS, labels
from tests.publish import room
from tests.scene import Scene

At = Callable[[str], Client]
WHERE = 'channel = "한울은행" or type = login'
REASON = "Request 2026-113 of the supervisor"


@pytest.fixture(autouse=True)
def _data(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA = tmp_path
    yield
    job.forget()


def text_of(response: Any) -> str:
    return str(response.content.decode())


def streamed(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def said_of(fact: str) -> list[dict[str, Any]]:
    """The words of the entries of a fact."""
    return [
        opened.said
        for one in reading.entries(fact=fact)
        if (opened := reading.words_of("s:test", one.n)) is not None
    ]


def ordered(client: Client, where: str = WHERE, **more: str) -> Package:
    answered = client.post("/record/packages/new/", {"where": where, "reason": REASON, **more})
    assert answered.status_code == 303, text_of(answered)
    return Package.objects.latest("id")


def made(scene: Scene, client: Client, **more: str) -> Package:
    row = ordered(client, **more)
    scene.work()
    row.refresh_from_db()
    assert (row.state, row.trouble) == (Package.MADE, "")
    return row


def test_one_says_what_sees_how_many_says_why_and_gets_it(scene: Scene, at: At) -> None:
    room.submitted(scene)
    scene.work()
    client = at("auditor")
    page = text_of(client.get("/record/packages/", {"where": "all"}))
    count = Entry.objects.count()
    assert f"It would hold {count} entries." in page and "Make the package" in page
    assert not Package.objects.exists()
    row = made(scene, client, where="all")
    assert (row.expected, row.done) == (count, count)
    [fact] = said_of("record.package-ordered")
    assert (fact["where"], fact["reason"], fact["entries"]) == ("all", REASON, count)
    folder = orders.folder_of(row)
    report = check_package(folder)
    assert (report.problems, report.entries) == ([], count)
    page = text_of(client.get(f"/record/packages/{row.obj}/"))
    assert "Whole and signed" in page and row.manifest in page
    answered = client.post(f"/record/packages/{row.obj}/file/")
    body = streamed(answered)
    assert answered["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder.parent / "taken")
    [taken] = (folder.parent / "taken").iterdir()
    assert check_package(taken).holds
    assert [fact["reason"] for fact in said_of("record.package-taken")] == [REASON]
    [leaf] = [json.loads(row.leaf) for row in reading.entries(fact="record.package-made")]
    assert leaf["type"] == "export" and leaf["att"] == [row.manifest]


def test_the_fact_comes_before_the_file(scene: Scene, at: At) -> None:
    row = made(scene, at("auditor"))
    facts = [one.fact for one in reading.entries(fact="record.package-", obj=row.obj)] or [
        one.fact for one in reading.entries(obj=row.obj)
    ]
    assert facts[::-1][:2] == ["record.package-ordered", "record.package-made"]


@pytest.mark.parametrize("where", ["type = blue", 'channel = "No Bank"', ""])
def test_what_cannot_be_understood_is_told_with_its_place(scene: Scene, at: At, where: str) -> None:
    answered = at("auditor").post("/record/packages/new/", {"where": where, "reason": REASON})
    assert answered.status_code == 422 and "Line 1, column" in text_of(answered)
    assert not Package.objects.exists()


def test_without_a_reason_nothing_is_made(scene: Scene, at: At) -> None:
    for reason in ("", "  x "):
        answered = at("auditor").post("/record/packages/new/", {"where": WHERE, "reason": reason})
        assert answered.status_code == 422 and "Say in 5 to 500 characters" in text_of(answered)
    assert not Package.objects.exists()


def test_the_same_form_twice_is_one_package(scene: Scene, at: At) -> None:
    client = at("auditor")
    first, second = ordered(client, key="a" * 32), ordered(client, key="a" * 32)
    assert first.obj == second.obj and Package.objects.count() == 1
    assert ordered(client, key="b" * 32).obj != first.obj


@pytest.mark.parametrize("role", ["author", "approver", "responder", "reviewer", "administrator"])
def test_others_are_refused_everywhere(scene: Scene, at: At, role: str) -> None:
    row = made(scene, at("auditor"))
    client = at(role)
    assert client.get("/record/packages/").status_code == 403
    assert client.get("/record/packages/?where=all").status_code == 403
    assert client.get(f"/record/packages/{row.obj}/").status_code == 403
    for address in ("new/", f"{row.obj}/", f"{row.obj}/file/"):
        given = {"where": "all", "reason": REASON}
        assert client.post(f"/record/packages/{address}", given).status_code == 403
    assert Package.objects.count() == 1 and not reading.entries(fact="record.package-taken")


def another(scene: Scene) -> Client:
    somebody = staff.add("officer@hanul.example", "Officer", role=policy.RECORDS_OFFICER)
    client = Client()
    client.force_login(somebody, backend="bankside.people.sign_in.StaffBackend")
    return client


def test_somebody_else_has_to_say_why(scene: Scene, at: At) -> None:
    row, client = made(scene, at("auditor")), another(scene)
    answered = client.post(f"/record/packages/{row.obj}/file/")
    assert answered.status_code == 422 and "Say in 5 to 500 characters" in text_of(answered)
    assert not reading.entries(fact="record.package-taken")
    answered = client.post(f"/record/packages/{row.obj}/file/", {"reason": "Second look at 113"})
    assert streamed(answered)[:2] == b"PK"
    assert [fact["reason"] for fact in said_of("record.package-taken")] == ["Second look at 113"]


def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step in each slice."""
    monkeypatch.setattr(job, "SLICE_SECONDS", 0)
    monkeypatch.setattr("bankside.record.package.making.ENTRIES_PER_STEP", 1)
    monkeypatch.setattr(job, "_enough", lambda end: True)


def test_it_goes_on_in_slices_and_can_be_stopped(
    scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    row = ordered(at("auditor"), where="all")
    for done in (1, 2, 3):
        jobs.run_due()
        row.refresh_from_db()
        assert (row.state, row.done) == (Package.MAKING, done)
    scratch = next(orders.folder_of(row).parent.glob(".new-*"))
    page = text_of(at("auditor").get(f"/record/packages/{row.obj}/"))
    assert "Stop it" in page and "Is being made" in page
    at("auditor").post(f"/record/packages/{row.obj}/")
    assert not scratch.exists()
    jobs.run_due()
    row.refresh_from_db()
    assert row.state == Package.STOPPED and not scratch.exists() and not orders.folder_of(row).exists()
    assert len(said_of("record.package-stopped")) == 1
    assert at("auditor").post(f"/record/packages/{row.obj}/file/").status_code == 422


def test_whoever_may_not_any_more_gets_nothing(scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 48: the package of somebody who was disabled stops with the next slice."""
    slowly(monkeypatch)
    row = ordered(at("auditor"), where="all")
    jobs.run_due()
    Staff.objects.filter(pk=scene.people["auditor"].pk).update(is_active=False)
    jobs.run_due()
    row.refresh_from_db()
    assert (row.state, row.trouble) == (Package.STOPPED, "Whoever ordered it may not any more.")
    assert not list(orders.folder_of(row).parent.iterdir())


def test_a_download_under_way_is_cut_when_she_is_disabled(
    scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = made(scene, at("auditor"), where="all")
    monkeypatch.setattr(answer, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(zipped, "PART_BYTES", 64)
    first = next(orders.folder_of(row).rglob("*.jsonl"))
    assert first.stat().st_size > 1_000
    monkeypatch.setattr(manifest, "paths_in", lambda folder: [str(first.relative_to(folder))])
    answered: Any = at("auditor").post(f"/record/packages/{row.obj}/file/")
    parts = iter(answered.streaming_content)
    next(parts)
    Staff.objects.filter(pk=scene.people["auditor"].pk).update(is_active=False)
    with pytest.raises(zipped.CutOff):  # in the middle of the one file
        next(parts)


def test_a_worker_that_was_killed_begins_again(scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ordered(at("auditor"), where="all")
    with monkeypatch.context() as patched:
        slowly(patched)
        jobs.run_due()
        jobs.run_due()
    job.forget()
    scene.work()
    row.refresh_from_db()
    assert row.state == Package.MADE and check_package(orders.folder_of(row)).holds
    assert len(reading.entries(fact="record.package-made")) == 1


def test_two_workers_do_not_make_the_same_one(scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 14: the second finds it locked, puts the job back, and touches nothing."""
    row = ordered(at("auditor"), where="all")
    with monkeypatch.context() as patched:
        slowly(patched)
        jobs.run_due()
        [first] = job._under_way.values()
        job._under_way.clear()  # another process, which has nothing open
        jobs.run_due()
    row.refresh_from_db()
    assert (row.done, list(job._under_way)) == (1, []) and first.scratch.exists()
    job._under_way[row.obj] = first
    scene.later(1)
    row.refresh_from_db()
    assert row.state == Package.MADE and check_package(orders.folder_of(row)).holds


def test_what_is_erased_takes_the_packages_with_it(
    scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Target 8: within 60 seconds, wherever the words lie."""
    row = made(scene, at("auditor"), where="all")
    monkeypatch.setattr(orders, "FORGETS", (reading.entries(limit=1)[0].fact,))
    scene.later(orders.LOOK_SECONDS + 1)
    row.refresh_from_db()
    assert row.state == Package.DELETED and not orders.folder_of(row).exists()
    page = text_of(at("auditor").get(f"/record/packages/{row.obj}/"))
    assert "Words that it holds were erased or restricted." in page


def test_it_is_deleted_after_three_days(scene: Scene, at: At) -> None:
    row = made(scene, at("auditor"))
    scene.later(orders.KEPT_HOURS * 3600 - 60)
    assert orders.folder_of(row).exists()
    scene.later(120)
    row.refresh_from_db()
    assert row.state == Package.DELETED and not orders.folder_of(row).exists()


def test_its_pages_are_in_the_language_of_its_maker(scene: Scene, at: At) -> None:
    assert WORDS.keys() == ENGLISH.keys()
    assert {name: str(words) for name, words in WORDS.items()} == dict(ENGLISH)
    row = made(scene, at("auditor"), where="all", language="ko")
    index = (orders.folder_of(row) / "index.html").read_text()
    assert '<html lang="ko">' in index and labels("ko").words["entries"] in index
    pages = [path.read_text() for path in orders.folder_of(row).glob("html/*/*.html")]
    assert any(scene.people["auditor"].name in page for page in pages)
    assert packages.visible_to(scene.people["auditor"])[0].language == "ko"
