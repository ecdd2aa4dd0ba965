"""What she earned on her phone: the list, why so many, what became of it, and saying that it looks wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bankside.record import clock
from bankside.rewards import appeal, earning, wallet
from bankside.rewards.ledger import claw, settle, spend
from bankside.rewards.models import Flag, Member
from bankside.rewards.rules.act import Act
from tests.web.visiting import NOW, her, phone, programme, words

# Pages: what hangs on the database is tried with the room, on both.
pytestmark = [pytest.mark.django_db, pytest.mark.more]
DAY_MS = 86_400_000
STATEMENTS_MAX = 25


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def who() -> Member:
    programme()
    return her()


@pytest.fixture
def client(who: Member) -> Client:
    return phone(who)


def acted(who: Member, number: int = 1, *, at: int = NOW, **how: Any) -> str:
    """She did something that the programme may pay for; its source."""
    given: dict[str, Any] = {
        "source": f"e:{number}", "seq": number, "member": who.pk, "network": "examplenet", "kind": "reply",
        "at": at, "day": 0, "own_thread": True, "text_len": 80, "quality": 70, "account_age": 400, "depth": 2,
    }  # fmt: skip
    with transaction.atomic():
        earning.earn([Act(**{**given, **how})])
    return str({**given, **how}["source"])


def test_a_point_is_there_and_says_why(client: Client, who: Member) -> None:
    source = acted(who)
    page = words(client.get("/m/"))
    assert "You answered in our thread" in page and "+9" in page and f'href="/m/activity/{source}/"' in page
    assert "9 more settle on Saturday" in page and "settles in 4 days" in page
    why = words(client.get(f"/m/activity/{source}/"))
    for said in (
        "Why +9?",
        "Useful reply",
        "2 × 2",
        "+4",
        "9 of 40",
        "28 Nov",
        "30 Nov 2031",
        "useful-reply@1",
    ):
        assert said in why, said
    assert "If you delete it before it settles" in why


def test_it_is_the_first_page_of_a_source_with_a_slash(client: Client, who: Member) -> None:
    source = acted(who, source="t:feed/2026/7")
    assert client.get(f"/m/activity/{source}/").status_code == 200
    assert client.get(f"/m/activity/{source}/appeal/").status_code == 200


def test_a_reply_that_got_nothing_says_so(client: Client, who: Member) -> None:
    for number in range(1, 7):
        acted(who, number)
    assert "limit reached" in words(client.get("/m/"))
    assert "40 of 40" in words(client.get("/m/activity/e:6/"))


def test_a_flagged_one_waits_for_a_person(client: Client, who: Member) -> None:
    source = acted(who)
    Flag.objects.create(source=source, member=who, made_at=NOW)
    assert "a person looks first" in words(client.get("/m/"))


def test_a_deleted_one_takes_its_points_with_it(client: Client, who: Member) -> None:
    source = acted(who)
    with transaction.atomic():
        claw.claw_back(source, NOW + 1)
    page = words(client.get("/m/"))
    assert "Post removed" in page and "−9" in page and "gone with the post" in page
    assert "Its 9 points had not settled yet" in page


def test_what_another_member_deleted_stays_hers(client: Client, who: Member) -> None:
    source = acted(her())
    with transaction.atomic():
        claw.claw_back(source, NOW + 1)
    assert "Post removed" not in words(client.get("/m/"))
    assert client.get(f"/m/activity/{source}/").status_code == 404
    assert client.post(f"/m/activity/{source}/appeal/", {"words": "Mine."}).status_code == 404


def test_points_that_expired_are_told(who: Member) -> None:
    month = (2026 - 1970) * 12 + 10
    with transaction.atomic():
        spend.credit(who.pk, "pt", 7, source="g:1", rule="gift", at=NOW, expires=month)
    later = NOW + 10 * DAY_MS
    with clock.frozen(later), transaction.atomic():
        settle.expire_due(later, zone="Asia/Seoul")
    with clock.frozen(later):
        page = words(phone(who).get("/m/"))
    assert "Points expired" in page and "−7" in page and "<b>0</b>" in page


def test_settled_points_can_be_spent_and_expire_in_time(client: Client, who: Member) -> None:
    acted(who)
    later = NOW + 5 * DAY_MS
    with clock.frozen(later), transaction.atomic():
        settle.settle_due(later, zone="Asia/Seoul")
    with clock.frozen(later):
        assert wallet.purse(who).available == 9
        client = phone(who)
        assert "<b>9</b>" in words(client.get("/m/")) and "settles" not in words(client.get("/m/"))
        assert "expire" not in words(client.get("/m/"))
    soon = clock.from_iso("2031-09-01T00:00:00Z")
    with clock.frozen(soon):
        assert "9 expire on 30 Nov" in words(phone(who).get("/m/"))


def test_older_ones_are_a_page_further(who: Member) -> None:
    for number in range(1, 41):
        acted(who, number, at=NOW + number * DAY_MS)
    with clock.frozen(NOW + 41 * DAY_MS):
        client = phone(who)
        first = words(client.get("/m/"))
        older = first.split('rel="next" href="')[1].split('"')[0]
        second = words(client.get(older))
    assert first.count('class="event"') == wallet.EVENTS_MAX and "Show older" in first
    assert second.count('class="event"') == 10 and "Show older" not in second


def test_more_events_are_not_more_statements(client: Client, who: Member) -> None:
    acted(who)
    client.get("/m/")
    with CaptureQueriesContext(connection) as few:
        client.get("/m/")
    for number in range(2, 6):
        acted(who, number)
    with CaptureQueriesContext(connection) as more:
        client.get("/m/")
    assert len(more) == len(few) <= STATEMENTS_MAX


def test_a_page_that_makes_no_sense_is_the_first(client: Client) -> None:
    for before in ("abc", "-1", "9" * 40, "²"):
        assert client.get("/m/", {"before": before}).status_code == 200


def test_she_says_that_it_looks_wrong_and_is_answered_there(client: Client, who: Member) -> None:
    source = acted(who)
    assert "This looks wrong" in words(client.get(f"/m/activity/{source}/"))
    empty = client.post(f"/m/activity/{source}/appeal/", {"words": "  "})
    assert empty.status_code == 422 and 'aria-invalid="true"' in words(empty)
    said = client.post(f"/m/activity/{source}/appeal/", {"words": "It was <b>ten</b> lines."}, follow=True)
    assert "A person will look and answer here." in words(said)
    assert "It was &lt;b&gt;ten&lt;/b&gt; lines." in words(said)
    [made] = appeal.mine(who)
    assert made.source == source


def test_a_receipt_of_nobody_is_a_calm_page(client: Client) -> None:
    missing = client.get("/m/activity/e:999/")
    assert missing.status_code == 404 and "There is no such receipt." in words(missing)
