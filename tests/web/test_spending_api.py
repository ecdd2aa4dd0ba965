"""What members spent, as the bank's systems take it out: files, values and codes; and keys of redemptions."""

from __future__ import annotations

from typing import Any

import pytest

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record.append import entries_where
from bankside.rewards import partner_codes, redemption, yearly_values
from bankside.rewards.models import Member, Redemption
from bankside.web.api.routes import api
from tests.rewards import joined
from tests.scene import Scene
from tests.web import carded, visiting
from tests.web.caller import Caller

pytestmark = pytest.mark.django_db
WHY = "the Monday run"
CODES = ["CAFE-77-SECRET", "CAFE-78-SECRET"]


@pytest.fixture
def people(scene: Scene) -> dict[str, Staff]:
    carded.on_desk(scene)
    return carded.deskwide(scene)


@pytest.fixture
def sends(people: dict[str, Staff]) -> Caller:
    return Caller(people["administrator"])


@pytest.fixture
def rich(people: dict[str, Staff]) -> Member:
    member = joined.member()
    visiting.rich(member, 20_000)
    return member


def wish(member: Member, choice: str = "statement", points: int = 100) -> dict[str, Any]:
    return {"member": member.obj, "choice": choice, "points": points}


def test_what_waits_becomes_a_file_once_and_is_given_for_a_reason(sends: Caller) -> None:
    assert sends.get("/spending")["waiting"] == [
        {"kind": "statement-credit", "lines": 1, "totals": {"KRW": 10}},
        {"kind": "gift", "lines": 0, "totals": {}},
    ]
    before = len(sends.get("/spending/files")["items"])
    made = sends.post("/spending/files", {"kind": "statement-credit"}, Idempotency_Key="monday")
    assert sends.post("/spending/files", {"kind": "statement-credit"}, Idempotency_Key="monday") == made
    status, nothing = sends.ask("POST", "/spending/files", {"kind": "gift"}, Idempotency_Key="gifts")
    assert status == 422 and nothing["detail"] == "Nothing waits to be sent."
    listed = sends.get("/spending/files")["items"]
    assert listed[0] == made and len(listed) == before + 1
    page = sends.get("/spending/files?limit=1")
    assert page["items"] == [made]
    assert sends.get(f"/spending/files?limit=1&cursor={page['next']}")["items"] == listed[1:2]
    content = f"/spending/files/{made['obj']}/content"
    for reason in (None, "", "abcd", "x" * 501):
        assert sends.ask("POST", content, {} if reason is None else {"reason": reason})[0] == 422
    assert not exported()
    first = sends.ask("POST", content, {"reason": WHY}, Idempotency_Key="take")
    assert first == sends.ask("POST", content, {"reason": WHY}, Idempotency_Key="take")
    assert first[0] == 200 and first[1].startswith(b"record,source,account,token_ref,")
    assert sends.last["Content-Disposition"].endswith(f'"statement-credit-{made["obj"][:8]}.csv"')
    assert len(exported()) == 2, "an answer under a key is never given without being recorded"
    assert sends.ask("POST", f"/spending/files/{'0' * 32}/content", {"reason": WHY})[0] == 404


def exported() -> list[str]:
    return [one.obj for one in entries_where("fact = %s", ["people.data-exported"])]


def test_the_values_of_a_year_are_the_same_file_while_they_are_the_same(people: dict[str, Staff]) -> None:
    caller = Caller(people["records-officer"])
    first = caller.ask("POST", "/spending/values", {"year": 2026, "reason": WHY})
    assert first == caller.ask("POST", "/spending/values", {"year": 2026, "reason": WHY})
    assert first[0] == 200 and b",participation,pt," in first[1]
    [file] = caller.get("/spending/values")["items"]
    assert (file["kind"], file["year"], file["sha256"]) == (
        yearly_values.KIND, 2026, file["sha256"],
    )  # fmt: skip
    for wrong in ({"year": 1999, "reason": WHY}, {"year": 2030, "reason": WHY}, {"year": 2026}):
        assert caller.ask("POST", "/spending/values", wrong)[0] == 422


def test_codes_come_in_once_and_are_then_offered(sends: Caller, rich: Member) -> None:
    said = {"choice": "coffee", "codes": CODES}
    assert sends.post("/spending/codes", said) == {"new": 2, "known": []}
    assert sends.post("/spending/codes", said) == {"new": 0, "known": [1, 2]}
    assert sends.get("/spending")["codes"][0] == {"choice": "coffee", "left": 2, "given": 0}
    status, wrong = sends.ask("POST", "/spending/codes", {"choice": "coffee", "codes": ["A-1", "two words"]})
    assert status == 422 and wrong["detail"].startswith("Line 2 is no code")
    assert sends.ask("POST", "/spending/codes", {"choice": "yacht", "codes": ["A-1"]})[0] == 404
    assert sends.ask("POST", "/spending/codes", {"choice": "coffee", "codes": []})[0] == 422
    given = sends.post("/redemptions", wish(rich, "coffee", 4_500), Idempotency_Key="coffee")
    assert given["code"] == CODES[0]


def test_a_code_is_told_to_nobody_but_whoever_spent_in_her_name(
    people: dict[str, Staff], sends: Caller, rich: Member
) -> None:
    partner_codes.import_codes(None, "coffee", CODES)
    given = sends.post("/redemptions", wish(rich, "coffee", 4_500), Idempotency_Key="coffee")
    assert given["code"] == CODES[0]
    seen = 0
    for role, staff in people.items():
        caller = Caller(staff)
        status, rows = caller.ask("GET", f"/members/{rich.obj}/redemptions")
        assert b"SECRET" not in caller.last.content, role
        assert (status == 200) == (role in policy.TABLE["member.see"]), role
        if status == 200:
            seen += 1
            assert rows == [{name: value for name, value in given.items() if name != "code"}], role
    assert seen == len(policy.TABLE["member.see"])


def test_spending_without_a_key_is_refused_and_says_what_to_do(sends: Caller, rich: Member) -> None:
    for headers in ({}, {"Idempotency_Key": ""}):
        status, said = sends.ask("POST", "/redemptions", wish(rich), **headers)
        assert status == 422 and "Idempotency-Key: 1 to 200" in said["detail"], said
    assert sends.ask("POST", "/spending/files", {"kind": "statement-credit"})[0] == 422
    assert not Redemption.objects.filter(member=rich).exists()
    schema = api.get_openapi_schema(path_prefix="/api/")["paths"]
    needed = {
        path.removeprefix("/api/v1")
        for path, methods in schema.items()
        for one in methods.get("post", {}).get("parameters", [])
        if one["name"] == "Idempotency-Key" and one["required"]
    }
    assert needed == {"/redemptions", "/spending/files"}


def test_the_key_of_a_program_is_its_own(people: dict[str, Staff], sends: Caller, rich: Member) -> None:
    other = joined.member()
    visiting.rich(other, 20_000)
    till = Caller(people["compliance"])
    mine = sends.post("/redemptions", wish(rich), Idempotency_Key="1")
    theirs = till.post("/redemptions", wish(other), Idempotency_Key="1")
    assert mine["obj"] != theirs["obj"] and theirs["member"] == other.obj
    assert sends.post("/redemptions", wish(rich), Idempotency_Key="1") == mine
    status, said = sends.ask("POST", "/redemptions", wish(other), Idempotency_Key="1")
    assert status == 422 and "another request" in said["detail"]
    hers = redemption.redeem(rich, "statement", 100, "1")
    assert hers.obj != mine["obj"], "a member's own page meets no key of a program"
