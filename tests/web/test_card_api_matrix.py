"""Every address of the card's API, for every role: in the whole desk, in a team, and for nobody.

What is expected is computed from the policy table. The card is no team's: a role in a team opens nothing.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from bankside.channels import profiles
from bankside.people import policy
from bankside.people import staff as people
from bankside.people.models import Staff
from bankside.record.models import Entry
from bankside.web.api.routes import api
from tests.rewards.test_payments_emv_mpm import EMVCO
from tests.scene import Scene
from tests.web import carded
from tests.web.caller import Caller

ASKED = profiles.Asked(text="bankside-proof=t", where="_bankside.minji.example", title="Example", kept=b"-")
pytestmark = pytest.mark.more  # what hangs on the database is tried with the room, on both
TAGS = frozenset({"members", "cards", "spending", "programmes"})
WHY = "the Monday run"
PAYMENT = {
    "ref": "auth-1", "kind": "auth", "token_ref": "tok_hanul_1", "amount": 12_900, "currency": "KRW",
    "at": "2026-11-24T09:00:00Z", "mcc": 5814, "merchant": "Café Sori",
}  # fmt: skip
NEW = {
    "customer_ref": "hanul:new", "born": "1991-05-05", "consents": {"programme": ""}, "name": "이서연",
    "language": "ko",
}  # fmt: skip
# Method and address -> the act, an address with what is there in braces, a body, the answer.
MATRIX: dict[tuple[str, str], tuple[str, str, Any, int]] = {
    ("GET", "/members"): ("member.see", "/members", None, 200),
    ("POST", "/members"): ("member.manage", "/members", NEW, 201),
    ("GET", "/members/{member}"): ("member.see", "/members/{member}", None, 200),
    ("PATCH", "/members/{member}"): (
        "member.manage", "/members/{member}", {"name": "PARK MINJI", "tenure_since": "2019-04-30"}, 200,
    ),
    ("DELETE", "/members/{member}"): ("member.manage", "/members/{member}", {"reason": "hers"}, 204),
    ("POST", "/members/{member}/pause"): ("member.manage", "/members/{member}/pause", {}, 200),
    ("DELETE", "/members/{member}/pause"): ("member.manage", "/members/{paused}/pause", None, 200),
    ("POST", "/members/{member}/visits"): ("member.manage", "/members/{member}/visits", {}, 201),
    ("GET", "/members/{member}/consents"): ("member.see", "/members/{member}/consents", None, 200),
    ("POST", "/members/{member}/consents"): (
        "member.manage", "/members/{member}/consents", {"purpose": "spend"}, 200,
    ),
    ("DELETE", "/members/{member}/consents/{purpose}"): (
        "member.manage", "/members/{member}/consents/notices", None, 200,
    ),
    ("GET", "/members/{member}/wallet"): ("member.see", "/members/{member}/wallet", None, 200),
    ("GET", "/members/{member}/receipts/{source}"): (
        "member.see", "/members/{member}/receipts/{source}", None, 200,
    ),
    ("GET", "/members/{member}/links"): ("member.see", "/members/{member}/links", None, 200),
    ("POST", "/links"): (
        "member.manage", "/links",
        lambda on: {
            "member": on["member"], "network": "examplenet", "place": "minji.example", "proof": "dns",
        }, 201,
    ),
    ("POST", "/links/proof"): (
        "member.manage", "/links/proof", lambda on: {"member": on["member"], "state": "none"}, 422,
    ),
    ("DELETE", "/members/{member}/links/{obj}"): (
        "member.manage", "/members/{member}/links/{link}", None, 204,
    ),
    ("GET", "/members/{member}/cards"): ("member.see", "/members/{member}/cards", None, 200),
    ("POST", "/members/{member}/cards"): (
        "member.manage", "/members/{member}/cards", {"theme": "forest"}, 201,
    ),
    ("GET", "/cards/{card}/art"): ("member.see", "/cards/{asked}/art?kind=svg", None, 200),
    ("POST", "/cards/{card}/decision"): (
        "card.decide", "/cards/{asked}/decision", {"approved": True}, 200,
    ),
    ("POST", "/cards/{card}/token"): (
        "member.manage", "/cards/{approved}/token", {"token_ref": "tok_hanul_2"}, 200,
    ),
    ("POST", "/cards/{card}/activation"): (
        "member.manage", "/cards/{ordered}/activation", {}, 200,
    ),
    ("DELETE", "/cards/{card}"): ("member.manage", "/cards/{asked}", {"reason": "잃어버림"}, 200),
    ("GET", "/card-orders"): ("member.see", "/card-orders", None, 200),
    ("POST", "/card-orders"): ("card.order", "/card-orders", {"cards": 1}, 201),
    ("GET", "/card-orders/{order}"): ("member.see", "/card-orders/{order}", None, 200),
    ("POST", "/card-orders/{order}/drawing"): ("card.order", "/card-orders/{order}/drawing", {}, 200),
    ("POST", "/card-orders/{order}/file"): (
        "card.order", "/card-orders/{order}/file", {"reason": "weekly order"}, 422,
    ),
    ("POST", "/members/{member}/code"): ("member.manage", "/members/{member}/code", {"on": False}, 200),
    ("GET", "/members/{member}/offers"): ("member.see", "/members/{member}/offers", None, 200),
    ("POST", "/members/{member}/offers/{offer}"): (
        "member.manage", "/members/{member}/offers/{offer}", {}, 200,
    ),
    ("DELETE", "/members/{member}/offers/{offer}"): (
        "member.manage", "/members/{member}/offers/{offer}", None, 204,
    ),
    ("POST", "/members/{member}/merchant-codes:read"): (
        "member.see", "/members/{member}/merchant-codes:read", {"text": EMVCO}, 200,
    ),
    ("POST", "/redemptions"): (
        "member.manage", "/redemptions",
        lambda on: {"member": on["member"], "choice": "statement", "points": 10}, 201,
    ),
    ("GET", "/members/{member}/redemptions"): ("member.see", "/members/{member}/redemptions", None, 200),
    ("POST", "/members/{member}/redemptions/{obj}/return"): (
        "member.manage", "/members/{member}/redemptions/{spent}/return", {}, 200,
    ),
    ("GET", "/notices"): ("member.see", "/notices", None, 200),
    ("POST", "/notices/{notice}/delivered"): (
        "member.manage", "/notices/{notice}/delivered", {}, 200,
    ),
    ("GET", "/spending"): ("spending.manage", "/spending", None, 200),
    ("GET", "/spending/files"): ("spending.manage", "/spending/files", None, 200),
    ("POST", "/spending/files"): ("spending.manage", "/spending/files", {"kind": "statement-credit"}, 201),
    ("POST", "/spending/files/{file}/content"): (
        "spending.manage", "/spending/files/{file}/content", {"reason": WHY}, 200,
    ),
    ("GET", "/spending/values"): ("values.export", "/spending/values", None, 200),
    ("POST", "/spending/values"): (
        "values.export", "/spending/values", {"year": 2026, "reason": WHY}, 200,
    ),
    ("POST", "/spending/codes"): (
        "spending.manage", "/spending/codes", {"choice": "coffee", "codes": ["CAFE-1"]}, 200,
    ),
    ("GET", "/programmes"): ("offer.see", "/programmes", None, 200),
    ("POST", "/programmes"): (
        "programme.write", "/programmes", lambda on: {"name": "fourth", "text": on["text"]}, 201,
    ),
    ("POST", "/programmes:check"): (
        "programme.write", "/programmes:check", lambda on: {"text": on["text"]}, 200,
    ),
    ("POST", "/programmes:dry-run"): (
        "programme.write", "/programmes:dry-run", lambda on: {"text": on["text"], "days": 7}, 200,
    ),
    ("GET", "/programmes/{programme}"): ("offer.see", "/programmes/{live}", None, 200),
    ("PATCH", "/programmes/{programme}"): (
        "programme.write", "/programmes/{draft}", lambda on: {"text": on["text"]}, 200,
    ),
    ("POST", "/programmes/{programme}/submission"): (
        "programme.write", "/programmes/{draft}/submission", {}, 422,
    ),
    ("POST", "/programmes/{programme}/approval"): (
        "programme.approve", "/programmes/{waiting}/approval", lambda on: {"sha256": on["sha256"]}, 200,
    ),
    ("POST", "/programmes/{programme}/return"): (
        "programme.approve", "/programmes/{waiting}/return", {"reason": "아직"}, 200,
    ),
    ("POST", "/programmes/{programme}/retirement"): (
        "programme.approve", "/programmes/{live}/retirement", {"reason": "voorbij"}, 200,
    ),
    ("POST", "/activities:batch"): (
        "member.manage", "/activities:batch",
        lambda on: {"items": [{"ref": "terminal:9", "member": on["member"], "kind": "event"}]}, 200,
    ),
    ("POST", "/card-transactions:batch"): (
        "member.manage", "/card-transactions:batch", {"items": [PAYMENT]}, 200,
    ),
    ("GET", "/ledger/liability"): ("liability.see", "/ledger/liability", None, 200),
    ("GET", "/reviews"): ("review.see", "/reviews", None, 200),
    ("GET", "/reviews/{flag}"): ("review.see", "/reviews/{flag}", None, 200),
    ("POST", "/reviews/{flag}/release"): (
        "review.decide", "/reviews/{flag}/release", {"why": "goed"}, 200,
    ),
    ("POST", "/reviews/{flag}/proposal"): (
        "review.decide", "/reviews/{flag}/proposal", {"code": "automation", "why": "기계"}, 200,
    ),
    ("POST", "/reviews/{flag}/reversal"): ("review.second", "/reviews/{proposed}/reversal", {}, 200),
    ("POST", "/reviews/{flag}/restoring"): (
        "review.decide", "/reviews/{reversed}/restoring", {"why": "fout"}, 200,
    ),
    ("POST", "/reviews/{flag}/restoration"): (
        "review.second", "/reviews/{restoring}/restoration", {}, 200,
    ),
    ("POST", "/members/{member}/reviews"): (
        "review.decide", "/members/{member}/reviews",
        lambda on: {"source": on["source"], "why": "다시"}, 201,
    ),
    ("GET", "/appeals"): ("review.see", "/appeals", None, 200),
    ("POST", "/appeals/{obj}/answer"): (
        "review.decide", "/appeals/{appeal}/answer", {"words": "您说得对"}, 200,
    ),
}  # fmt: skip


def test_every_address_has_a_row() -> None:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    there = {
        (method.upper(), path.removeprefix("/api/v1")): said["x-act"]
        for path, methods in paths.items()
        for method, said in methods.items()
        if TAGS & set(said["tags"])
    }
    assert there == {address: row[0] for address, row in MATRIX.items()}


def asked(caller: Caller, method: str, path: str, body: Any) -> tuple[int, int, Any]:
    """The status, and how many facts were recorded; then everything is as before."""
    with transaction.atomic():
        before = Entry.objects.count()
        status, said = answered(caller, method, path, body)
        added = Entry.objects.count() - before
        transaction.set_rollback(True)
    return status, added, said


def answered(caller: Caller, method: str, path: str, body: Any) -> tuple[int, Any]:
    if "/art" not in path:
        return caller.ask(method, path, body, Idempotency_Key="matrix")
    answer = caller.client.get(f"/api/v1{path}", headers=caller.headers)
    return answer.status_code, answer.content[:200]


def chosen(act: str, place: int, everybody: dict[str, Staff]) -> list[str]:
    """One role that may and one that may not, others for the next address; the table itself has its tests."""
    may = sorted(role for role in everybody if role in policy.TABLE[act])
    may_not = sorted(everybody.keys() - set(may))
    return [may[place % len(may)], may_not[place % len(may_not)]]


def test_who_may_what(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "asked", lambda network, proof, place, token: ASKED)
    on = carded.on_desk(scene)
    everybody: dict[str, Staff] = carded.deskwide(scene)
    inside = people.add("binnen@hanulbank.example", "Binnen", role="compliance", team=scene.team)
    callers = {role: Caller(staff) for role, staff in everybody.items()}
    outside = {"nobody": Caller(None), "in a team": Caller(inside)}
    wrong = []
    for place, ((method, name), (act, path, body, status)) in enumerate(MATRIX.items()):
        where, what = path.format(**on), body(on) if callable(body) else body
        for who, caller in outside.items():
            got, added, _ = asked(caller, method, where, what)
            if got not in {401, 403, 404} or added:
                wrong.append((method, name, who, got))
        for role in chosen(act, place, everybody):
            got, added, said = asked(callers[role], method, where, what)
            may = role in policy.TABLE[act]
            if (got != status) if may else (got not in {403, 404} or added):
                wrong.append((method, name, role, f"may {may}", got, added, said))
    assert wrong == []
