"""The card's API as the bank's systems use it: a card's life, an order and its file, a member corrected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bankside.record.append import entries_where
from bankside.rewards import member as members
from bankside.rewards.art import bureau
from bankside.rewards.models import Card, Order
from tests.rewards import carried, joined
from tests.scene import Scene
from tests.web import carded
from tests.web.caller import Caller

pytestmark = pytest.mark.more  # what hangs on the database is tried with the room, on both
By = Callable[[str], Caller]


@pytest.fixture
def by(scene: Scene) -> By:
    people = carded.deskwide(scene)
    return lambda role: Caller(people[role])


def test_a_card_is_put_into_use_and_ended_and_twice_is_once(by: By) -> None:
    made, caller = carried.approved(), by("compliance")
    status, said = caller.ask("POST", f"/cards/{made.obj}/activation", {})
    assert status == 422 and "approved already" in said["detail"]
    Card.objects.filter(pk=made.pk).update(state=Card.ORDERED)
    for _ in range(2):
        status, said = caller.ask("POST", f"/cards/{made.obj}/activation", {})
        assert (status, said["state"]) == (200, "active")
    assert caller.ask("DELETE", f"/cards/{made.obj}", {"reason": ""})[0] == 422
    for _ in range(2):
        status, said = caller.ask("DELETE", f"/cards/{made.obj}", {"reason": "lost"})
        assert (status, said["state"], said["qr"]) == (200, "ended", False)
    facts = [one.fact for one in entries_where("obj = %s order by n", [made.obj])]
    assert facts.count("rewards.card-activated") == facts.count("rewards.card-ended") == 1


def test_an_order_is_followed_and_its_file_taken_with_a_reason(
    by: By, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA = tmp_path
    monkeypatch.setattr(bureau, "printed", lambda art, side: f"%PDF {art.handle} {side}".encode())
    carried.approved(), carried.approved()
    caller = by("author")
    assert caller.ask("POST", "/card-orders", {"cards": 10_001})[0] == 422
    status, said = caller.ask("POST", "/card-orders", {"cards": 2})
    assert (status, said["state"], said["cards"], said["done"]) == (201, "drawing", 2, 0)
    file = f"/card-orders/{said['obj']}/file"
    assert caller.ask("POST", file, {"reason": "weekly order"})[0] == 422
    carried.work(Order.objects.get())
    status, said = caller.ask("GET", f"/card-orders/{said['obj']}")
    assert (said["state"], said["done"], len(said["sha256"])) == ("made", 2, 64)
    assert caller.ask("POST", file, {"reason": ""})[0] == 422
    address, given = f"/api/v1{file}", {"reason": "weekly order"}
    taken = caller.client.post(address, given, content_type="application/json", headers=caller.headers)
    body = b"".join(taken.streaming_content)  # type: ignore[attr-defined]
    assert taken["Content-Type"] == "application/zip" and str(len(body)) == taken["Content-Length"]
    assert len(body) == int(said["size"])
    assert [one["obj"] for one in by("auditor").ask("GET", "/card-orders")[1]["items"]] == [said["obj"]]


def test_a_member_is_found_by_the_banks_reference_and_corrected(by: By) -> None:
    who, other = joined.member(name=""), joined.member()
    caller = by("compliance")
    with CaptureQueriesContext(connection) as queries:
        status, said = caller.ask("GET", f"/members?customer_ref={who.customer_ref}")
    assert (status, [one["obj"] for one in said["items"]], said["next"]) == (200, [who.obj], None)
    assert len([one for one in queries if "rewards_" in one["sql"]]) == 1
    assert caller.ask("GET", "/members?customer_ref=hanul")[1]["items"] == []
    given = {"name": "PARK MINJI", "language": "nl", "tenure_since": "2019-04-30"}
    status, said = caller.ask("PATCH", f"/members/{who.obj}", given)
    assert (status, said["language"], said["tenure_since"]) == (200, "nl", "2019-04-30")
    assert caller.ask("PATCH", f"/members/{who.obj}", {"name": None})[0] == 200
    assert members.get(who.obj).name == "PARK MINJI" and members.get(other.obj).name == "박민지"
    assert caller.ask("PATCH", f"/members/{who.obj}", {"customer_ref": "other"})[0] == 422
    joined.linked(who, "minji")
    status, said = caller.ask("POST", f"/members/{who.obj}/cards", {"theme": "ink", "name": "MINJI PARK"})
    assert (status, said["name"]) == (201, "MINJI PARK")


def test_since_when_somebody_is_a_customer_comes_with_her(by: By) -> None:
    new = {"customer_ref": "hanul:new", "born": "1991-05-05", "consents": {"programme": ""}}
    status, said = by("compliance").ask("POST", "/members", {**new, "tenure_since": "2019-04-30"})
    assert (status, said["tenure_since"]) == (201, "2019-04-30")
