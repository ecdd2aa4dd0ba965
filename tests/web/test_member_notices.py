"""What a member is told of points that expire: on her page, and by the bank's own systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bankside.record import clock
from bankside.rewards import consent, redemption
from bankside.rewards.models import ExpiryNotice, Member
from tests.rewards import joined, living
from tests.rewards.counted import statements
from tests.web import carded
from tests.web.caller import Caller
from tests.web.visiting import NOW, her, phone, programme, words

# Pages: what hangs on the database is tried with the room, on both.
pytestmark = [pytest.mark.django_db, pytest.mark.more]
TOLD = "120 points expire on 31 Dec if you do not spend them. 40 more expire by 31 Mar 2027."


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.frozen(NOW):
        programme()
        yield


def told(language: str = "en") -> Member:
    who = her(language)
    carded.noticed(who, months=4, points=40)
    ExpiryNotice.objects.all().delete()
    carded.noticed(who)
    return who


def test_her_page_says_it_until_she_puts_it_away() -> None:
    who = told()
    client, notice = phone(who), ExpiryNotice.objects.get(member=who)
    page = words(client.get("/m/"))
    assert TOLD in page and "120 expire on" not in page, "once is enough"
    address = f"/m/notices/{notice.obj}/dismissal/"
    assert f'action="{address}"' in page and client.get(address).status_code == 405
    for _ in range(2):
        done = client.post(address)
        assert (done.status_code, done["Location"]) == (303, "/m/")
    page = words(client.get("/m/"))
    assert TOLD not in page and "120 expire on 31 Dec" in page, "the line below her points stays"


def test_what_she_spent_since_is_not_told() -> None:
    who = told()
    redemption.redeem(who, "statement", 100, "most of it")
    assert "20 points expire on 31 Dec" in words(phone(who).get("/m/"))
    redemption.redeem(who, "statement", 60, "all of it")
    page = words(phone(who).get("/m/"))
    assert "if you do not spend" not in page and "/dismissal/" not in page


def test_nobody_puts_away_what_is_anothers() -> None:
    who, other = told(), told()
    notice = ExpiryNotice.objects.get(member=other)
    assert phone(who).post(f"/m/notices/{notice.obj}/dismissal/").status_code == 404
    assert phone(who).post("/m/notices/x/dismissal/").status_code == 404
    notice.refresh_from_db()
    assert notice.dismissed_at == 0


def test_without_the_consent_there_is_none() -> None:
    who = told()
    notice = ExpiryNotice.objects.get(member=who)
    client = phone(who)
    client.post("/m/settings/consents/", {"purpose": "notices", "on": ""})
    assert TOLD not in words(client.get("/m/")) and not consent.has(who, "notices")
    assert client.post(f"/m/notices/{notice.obj}/dismissal/").status_code == 404


def test_the_page_asks_once_more_for_it_and_not_where_nothing_expires() -> None:
    who = told()
    client = phone(who)
    asked = [one for one in statements(lambda: client.get("/m/")) if "rewards_expiry_notice" in one]
    assert len(asked) == 1
    redemption.redeem(who, "statement", 160, "all of it")
    asked = [one for one in statements(lambda: client.get("/m/")) if "rewards_expiry_notice" in one]
    assert asked == []


# --- the bank's own systems -------------------------------------------------------------------------------
def test_the_feed_is_paged_and_what_was_brought_leaves_it() -> None:
    everybody = [told("nl"), told("ko"), told("zh-hans")]
    system = Caller(living.person("compliance", "Wang Agrees"))
    first = system.get("/notices?limit=2")
    assert [one["member"] for one in first["items"]] == [who.obj for who in everybody[:2]] and first["next"]
    second = system.get(f"/notices?limit=2&cursor={first['next']}")
    assert [one["member"] for one in second["items"]] == [everybody[2].obj] and second["next"] is None
    one: dict[str, Any] = first["items"][0]
    assert one == {
        "obj": one["obj"], "member": everybody[0].obj, "language": "nl", "kind": "points-expire",
        "points": 120, "due": "2026-12-31", "more": 40, "made": "2026-11-24T10:00:00.000Z", "delivered": None,
    }  # fmt: skip
    for key in ("first", "again"):
        brought = system.post(f"/notices/{one['obj']}/delivered", Idempotency_Key=key)
        assert brought == one | {"delivered": "2026-11-24T10:00:00.000Z"}
    assert [left["member"] for left in system.get("/notices")["items"]] == [who.obj for who in everybody[1:]]
    consent.withdraw(everybody[1], "notices")
    assert [left["member"] for left in system.get("/notices")["items"]] == [everybody[2].obj]
    assert system.ask("POST", f"/notices/{'0' * 32}/delivered", {}, Idempotency_Key="k")[0] == 404


def test_a_page_of_the_feed_takes_as_many_statements_however_long_it_is() -> None:
    system = Caller(living.person("compliance", "Wang Agrees"))
    counts = []
    for _ in range(2):
        for _ in range(4):
            carded.noticed(joined.member())
        system.get("/notices")  # what is looked up once in a while is
        counts.append(len(statements(lambda: system.get("/notices"))))
    assert counts[0] == counts[1]
