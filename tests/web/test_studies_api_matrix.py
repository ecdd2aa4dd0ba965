"""Every address of the API of studies, for every role; and a whole study by API."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.db import transaction

from bankside.measures import invitations, studies
from bankside.people import policy
from bankside.record.models import Entry
from bankside.web.api.routes import api
from tests.measures.studied import CSV, TEXT, answered, author, invited, opened
from tests.people.team import person, team
from tests.web.caller import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.more]
# Method and address -> the act, an address with what is there in braces, a body, the answer.
MATRIX: dict[tuple[str, str], tuple[str, str, Any, int]] = {
    ("GET", "/studies"): ("studies.read", "/studies", None, 200),
    ("POST", "/studies"): ("studies.manage", "/studies", {"text": TEXT}, 201),
    ("GET", "/studies/{study}"): ("studies.read", "/studies/{study}", None, 200),
    ("PUT", "/studies/{study}/text"): ("studies.manage", "/studies/{draft}/text", {"text": TEXT}, 200),
    ("POST", "/studies/{study}/opening"): ("studies.manage", "/studies/{draft}/opening", {}, 200),
    ("POST", "/studies/{study}/closing"): ("studies.manage", "/studies/{study}/closing", {}, 200),
    ("POST", "/studies/{study}/publication"): ("studies.manage", "/studies/{closed}/publication", {}, 200),
    ("GET", "/studies/{study}/institutions"): (
        "studies.manage", "/studies/{study}/institutions", None, 200,
    ),
    ("POST", "/studies/{study}/institutions"): (
        "studies.manage", "/studies/{study}/institutions", {"items": [{"institution": "새 은행"}]}, 201,
    ),
    ("POST", "/studies/{study}/institutions/{one}/link"): (
        "studies.manage", "/studies/{study}/institutions/{one}/link", {}, 200,
    ),
    ("DELETE", "/studies/{study}/institutions/{one}/link"): (
        "studies.manage", "/studies/{study}/institutions/{one}/link", {"reason": "weg"}, 200,
    ),
    ("POST", "/studies/{study}/responses"): ("studies.manage", "/studies/{study}/responses", CSV, 200),
    ("GET", "/studies/{study}/report"): ("studies.read", "/studies/{study}/report", None, 200),
}  # fmt: skip


def on_desk() -> dict[str, str]:
    staff = author()
    study, closed = opened(staff), opened(staff)
    [one, _] = invited(staff, study, "Kust Bank", "Berg Bank")
    answered(one, uses="no", value="2")
    answered(invited(staff, closed, "Kust Bank")[0], uses="no", value="2")
    studies.close(staff, closed.obj)
    return {
        "study": study.obj,
        "closed": closed.obj,
        "one": one.obj,
        "draft": studies.create(staff, TEXT).obj,
    }


def asked(caller: Caller, method: str, path: str, body: Any) -> tuple[int, int]:
    """The status, and how many facts were recorded; then everything is as before."""
    with transaction.atomic():
        before = Entry.objects.count()
        raw = body.encode() if isinstance(body, str) else b"" if body is None else msgspec.json.encode(body)
        kind = "text/csv" if isinstance(body, str) else "application/json"
        answer = caller.client.generic(
            method,
            f"/api/v1{path}",
            raw,
            content_type=kind,
            headers=caller.headers | {"Idempotency-Key": "m"},
        )
        added = Entry.objects.count() - before
        transaction.set_rollback(True)
    return answer.status_code, added


def test_every_address_has_a_row() -> None:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    there = {
        (method.upper(), path.removeprefix("/api/v1")): said["x-act"]
        for path, methods in paths.items()
        for method, said in methods.items()
        if "studies" in said["tags"]
    }
    assert there == {address: row[0] for address, row in MATRIX.items()}


def test_who_may_what() -> None:
    on = on_desk()
    callers = {role: Caller(person(role)) for role in policy.ROLES}
    outside = {"nobody": Caller(None), "in a team": Caller(person("compliance", team=team()))}
    wrong: list[tuple[object, ...]] = []
    for (method, name), (act, path, body, status) in MATRIX.items():
        where = path.format(**on)
        for who, caller in outside.items():
            got, added = asked(caller, method, where, body)
            if got not in {401, 403, 404} or added:
                wrong.append((method, name, who, got))
        for role, caller in callers.items():
            got, added = asked(caller, method, where, body)
            if (got != status) if role in policy.TABLE[act] else (got != 403 or added):
                wrong.append((method, name, role, got, added))
    assert wrong == []


def test_a_study_by_api_from_its_text_to_its_report() -> None:
    caller = Caller(author())
    made = caller.post("/studies", {"text": TEXT}, Idempotency_Key="s1")
    assert caller.post("/studies", {"text": TEXT}, Idempotency_Key="s1") == made
    at = f"/studies/{made['obj']}"
    assert caller.post(f"{at}/opening")["state"] == "open"
    [one] = caller.post(f"{at}/institutions", {"items": [{"institution": "Kust Bank", "language": "nl"}]})[
        "items"
    ]
    assert invitations.opened(one["link"].split("/")[-2]).institution == "Kust Bank"
    took = caller.client.post(
        f"/api/v1{at}/responses", CSV.encode(), content_type="text/csv", headers=caller.headers
    )
    assert took.json() == {"institutions": 6}
    assert caller.get(at)["finished"] == 6
    assert caller.post(f"{at}/closing")["state"] == "closed"
    report = caller.get(f"{at}/report")
    assert [question["id"] for question in report["questions"]] == ["uses", "networks", "people", "value"]
    [yes, no] = report["questions"][0]["options"]
    assert (yes["count"], yes["percent"], no["percent"]) == (4, 66.7, 33.3)
    assert caller.post(f"{at}/publication")["state"] == "published"
    assert caller.get(f"{at}/report") == report


def test_mistakes_are_listed_one_by_one() -> None:
    caller = Caller(author())
    status, said = caller.ask("POST", "/studies", {"text": TEXT.replace('"multi"', '"mult"')})
    assert status == 422 and "networks.kind" in said["findings"][0]["where"]
    at = f"/studies/{opened(author()).obj}"
    wrong = CSV.replace("12,5", "12,9").encode()
    answer = caller.client.post(
        f"/api/v1{at}/responses", wrong, content_type="text/csv", headers=caller.headers
    )
    assert answer.status_code == 422
    assert answer.json()["findings"][0]["where"] == "responses.csv, row 2, column F (value)"


def test_a_form_instead_of_a_file_is_refused() -> None:
    caller, at = Caller(author()), f"/studies/{opened(author()).obj}"
    for more, status in (({}, 422), ({"Idempotency-Key": "f1"}, 400)):  # the key has the form read before
        headers = {**caller.headers, **more}
        answer = caller.client.post(f"/api/v1{at}/responses", {"a": "b"}, headers=headers)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert caller.get(at)["finished"] == 0
