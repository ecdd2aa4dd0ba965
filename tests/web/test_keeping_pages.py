"""Holds and erasures, on the page and for programs: who may, and never one person alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from bankside import urls
from bankside.inbox.models import Conversation, Message
from bankside.people import policy, staff
from bankside.record import projection, reading
from bankside.record.models import Entry, Erasure, Hold, Restriction, Subject
from bankside.web import pages
from bankside.web.api.routes import api
from tests.scene import Scene
from tests.web.caller import By

At = Callable[[str], Client]
NOBODY = "0" * 32
ROLES = (
    "author", "approver", "responder", "reviewer", "administrator", "auditor", "compliance",
    "records-officer", "key-custodian",
)  # fmt: skip
PAGES = {
    "record-keeping": "keeping.see", "erasure-wish": "erasure.ask", "erasure-agreement": "erasure.agree",
    "erasure-refusal": "erasure.ask", "hold": "hold.place", "hold-release": "hold.release",
    "restriction": "erasure.ask", "restriction-lifting": "erasure.ask", "restriction-end": "erasure.agree",
}  # fmt: skip
ADDRESSES = {
    ("GET", "/record/erasures"): "keeping.see", ("POST", "/record/erasures"): "erasure.ask",
    ("GET", "/record/erasures/{obj}"): "keeping.see",
    ("POST", "/record/erasures/{obj}/agreement"): "erasure.agree",
    ("POST", "/record/erasures/{obj}/refusal"): "keeping.see",
    ("GET", "/record/holds"): "keeping.see", ("POST", "/record/holds"): "hold.place",
    ("POST", "/record/holds/{obj}/release"): "hold.release",
    ("GET", "/record/restrictions"): "keeping.see", ("POST", "/record/restrictions"): "erasure.ask",
    ("POST", "/record/restrictions/lifting"): "erasure.ask",
    ("POST", "/record/restrictions/agreement"): "erasure.agree",
}  # fmt: skip


@pytest.fixture
def hers(scene: Scene) -> Conversation:
    """A customer's exchange, and everybody who works at the bank."""
    for role in ROLES:
        if role not in scene.people:
            scene.people[role] = staff.add(f"{role}@hanulbank.example", role, role=role, team=None)
    scene.network.customer_says("내 계좌 marker4711", by="minji", name="김민지", private=True)
    scene.later(120)
    return Conversation.objects.get()


def test_every_address_has_a_row_and_opens_to_its_roles_alone(
    scene: Scene, at: At, hers: Conversation
) -> None:
    assert {str(one.name) for one in urls.KEEPING if isinstance(one, URLPattern)} == set(PAGES)
    for name, act in PAGES.items():
        named = name in {"erasure-agreement", "erasure-refusal", "hold-release"}
        address = pages.url(name, NOBODY) if named else pages.url(name)
        for role in ROLES:
            ask = at(role).get if name == "record-keeping" else at(role).post
            status = ask(address, {"reason": "x"}).status_code
            assert (status != 403) == (role in policy.TABLE[act]), (name, role, status)


def test_programs_are_asked_for_the_same_acts(by: By, hers: Conversation) -> None:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    there = {
        (method.upper(), path.removeprefix("/api/v1")): said["x-act"]
        for path, methods in paths.items() for method, said in methods.items() if "keeping" in said["tags"]
    }  # fmt: skip
    assert there == ADDRESSES
    bodies = {
        "/record/erasures": {"subject": NOBODY, "basis": "GDPR-17"},
        "/record/holds": {"kind": "subject", "target": NOBODY, "reason": "x"},
    }
    words = {"subject": NOBODY, "reason": "x"}
    for (method, path), act in ADDRESSES.items():
        body = bodies.get(path, words if "restrictions" in path else {"reason": "x"})
        for role in ROLES:
            status, _ = by(role).ask(method, path.format(obj=NOBODY), body if method == "POST" else None)
            may = role in policy.TABLE["erasure.ask" if path.endswith("refusal") else act]
            assert (status != 403) == may, (method, path, role, status)


def test_one_asks_on_the_page_another_agrees_and_it_is_gone(scene: Scene, at: At, hers: Conversation) -> None:
    officer, compliance = at("records-officer"), at("compliance")
    given = {"subject": hers.subj, "basis": "PIPA-36", "reason": "고객 요청"}
    assert officer.post("/record/keeping/erasures/", given).status_code == 303
    row = Erasure.objects.get()
    own = page_of(officer)
    assert "고객 요청" in own and "Whoever asked for it cannot agree to it." in own
    assert officer.post(f"/record/keeping/erasures/{row.obj}/agreement/").status_code == 403
    assert "Agree: erase these words for ever" in page_of(compliance)
    assert compliance.post(f"/record/keeping/erasures/{row.obj}/agreement/").status_code == 303
    assert not Subject.objects.filter(subj=hers.subj).exists()
    scene.work()
    assert not Message.objects.filter(text__contains="marker4711").exists()
    assert "erased" in page_of(compliance)
    assert compliance.post(f"/record/keeping/erasures/{row.obj}/agreement/").status_code == 409
    row.refresh_from_db()
    assert at("auditor").get(f"/record/{row.entry}/").status_code == 200
    assert at("auditor").get("/conversations/").status_code == 200


def test_held_and_released_by_programs(scene: Scene, by: By, hers: Conversation) -> None:
    first, second = by("records-officer"), by("compliance")
    hold = first.ask("POST", "/record/holds", {"kind": "object", "target": hers.obj, "reason": "소송"})[1]
    assert Hold.objects.get().obj == hold["id"]
    asked = first.ask("POST", "/record/erasures", {"subject": hers.subj, "basis": "GDPR-17"})
    assert asked[0] == 201
    status, row = second.ask("POST", f"/record/erasures/{asked[1]['id']}/agreement", {})
    assert (status, row["state"]) == (200, "waiting")
    status, problem = first.ask("POST", f"/record/holds/{hold['id']}/release", {"reason": "x"})
    assert status == 403 and "Another person" in problem["detail"]
    assert second.ask("POST", f"/record/holds/{hold['id']}/release", {"reason": "끝"})[0] == 200
    scene.work()
    assert first.get(f"/record/erasures/{asked[1]['id']}")["state"] == "erased"
    assert first.get("/record/holds")["items"] == []
    everything = str([first.get(path) for path in ("/record/erasures", "/record/restrictions")])
    assert "marker4711" not in everything


def test_restricted_words_are_opened_by_nobody(scene: Scene, at: At, by: By, hers: Conversation) -> None:
    entry = Entry.objects.filter(subj=hers.subj, fact="channels.activity-received").get()
    given = {"subject": hers.subj, "reason": "분쟁"}
    assert at("records-officer").post("/record/keeping/restrictions/", given).status_code == 303
    scene.work()
    assert projection.payload_of(entry.n) is None
    status, problem = by("auditor").ask("POST", f"/record/entries/{entry.n}/words", {})
    assert status == 403 and "restricted" in problem["detail"]
    assert "marker4711" not in page_of(at("auditor"), "/conversations/")
    again = {"subject": hers.subj, "reason": "해결"}
    assert at("records-officer").post("/record/keeping/restrictions/lifting/", again).status_code == 303
    assert at("compliance").post("/record/keeping/restrictions/agreement/", again).status_code == 303
    scene.work()
    assert not Restriction.objects.exists()
    assert Message.objects.filter(text__contains="marker4711").exists()
    assert reading.words_of(scene.people["auditor"].actor, entry.n) is not None


def page_of(client: Client, address: str = "/record/keeping/") -> str:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())
