"""The staff pages of members: her cards, what is known of her, finding her, spending for who left."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bankside.rewards import member as members
from bankside.rewards import short_link, wallet
from bankside.rewards.models import Card
from tests.rewards import carried, joined
from tests.scene import Scene
from tests.web import carded
from tests.web.carded import Of, text_of

pytestmark = pytest.mark.more  # what hangs on the database is tried with the room, on both


def test_a_card_is_put_into_use_and_ended_on_the_page_of_its_member(scene: Scene, of: Of) -> None:
    on = carded.on_desk(scene)
    row, client = Card.objects.get(obj=on["ordered"]), of("compliance")
    page = f"/members/{row.member.obj}/"
    assert "It reached the member" in text_of(client.get(page))
    assert "It reached the member" not in text_of(of("author").get(page))
    for _ in range(2):
        assert client.post(f"/cards/{row.obj}/activation/").status_code == 303
    assert "in use" in text_of(client.get(page))
    refused = client.post(f"/cards/{row.obj}/end/", {"reason": " "})
    assert refused.status_code == 422 and "Say why" in text_of(refused)
    assert client.post(f"/cards/{row.obj}/end/", {"reason": "lost"}).status_code == 303
    row.refresh_from_db()
    assert row.state == Card.ENDED and "End this card" not in text_of(client.get(page))


def test_what_is_known_of_a_member_is_corrected(scene: Scene, of: Of) -> None:
    who, client = joined.member(name=""), of("compliance")
    given = {"name": "PARK MINJI", "language": "nl", "since": "2019-04-30"}
    assert client.post(f"/members/{who.obj}/details/", given).status_code == 303
    who.refresh_from_db()
    assert (who.name, who.language) == ("PARK MINJI", "nl") and str(
        members.customer_since(who)
    ) == "2019-04-30"
    for wrong, said in (
        ({"since": "30-4-2019"}, "Write the day"),
        ({"since": "2999-01-01"}, "cannot be right"),
    ):
        refused = client.post(f"/members/{who.obj}/details/", wrong)
        assert refused.status_code == 422 and said in text_of(refused)
    assert 'value="2019-04-30"' in text_of(client.get(f"/members/{who.obj}/"))


def test_a_member_is_found_by_the_banks_reference_and_by_the_code_on_her_card(scene: Scene, of: Of) -> None:
    made = carried.asked()
    others, client = [joined.member() for _ in range(3)], of("auditor")
    address = short_link.address_of(made)
    for asked in (
        {"customer_ref": f" {made.member.customer_ref} "}, {"code": made.code.upper()}, {"code": address},
    ):  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            page = text_of(client.get("/members/", asked))
        assert made.member.obj in page and not any(one.obj in page for one in others)
        assert len([one for one in queries if "rewards_" in one["sql"]]) == 1
    page = text_of(client.get("/members/", {"customer_ref": str(made.member.customer_ref)[:-1]}))
    assert "Nobody is called so." in page and made.member.obj not in page
    assert of("responder").get("/members/", {"customer_ref": made.member.customer_ref}).status_code == 403


def test_the_bank_spends_for_who_left(scene: Scene, of: Of) -> None:
    who = members.get(carded.on_desk(scene)["member"])
    members.leave(who)
    boss, before = of("administrator"), wallet.purse(who).available
    found = boss.get("/members/", {"number": who.obj.upper()})
    assert found["Location"] == f"/members/{who.obj}/" and "Spend for her" in text_of(
        boss.get(found["Location"])
    )
    assert "Spend for her" not in text_of(of("approver").get(f"/members/{who.obj}/"))
    wish = {"choice": "statement", "points": "10", "key": "once"}
    assert boss.post(f"/members/{who.obj}/spending/", wish).status_code == 422
    for _ in range(2):
        page = boss.post(f"/members/{who.obj}/spending/", {**wish, "account": "hanul:9"}, follow=True)
        assert "Spent." in text_of(page)
    assert wallet.purse(who).available == before - 10
