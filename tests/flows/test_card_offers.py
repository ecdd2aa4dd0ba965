"""An offer from the card to the statement: added, paid with, credited, given back; points spent and had
again.

The messages come as the bank's card system sends them, in a feed of rows; what is due is done by the
worker's jobs.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.record import audit, clock, jobs
from bankside.rewards import offer, payment, redemption, statement
from bankside.rewards.ledger import balance
from bankside.rewards.models import Member
from bankside.rewards.payments import feed_csv
from bankside.rewards.payments.transaction import CardTransaction
from tests.rewards import living, paying

pytestmark = pytest.mark.django_db
DAY_MS = 86_400_000
SUNDAY = clock.from_iso("2026-11-29T09:00:00+09:00")
HEAD = "ref,kind,token_ref,amount_minor,currency,mcc,merchant,at,original_ref\n"


@pytest.fixture
def member(tmp_path: Path, settings: Any) -> Iterator[Member]:
    settings.LOG_FOLDER = tmp_path / "log"  # others publish their logs beside it
    with clock.frozen(SUNDAY):
        living.live(paying.TEXT)
        yield paying.shopper(language="nl", name="Sanne de Vries")


def at(ms: int) -> None:
    clock._frozen_ms = ms


def feed(*rows: str) -> list[payment.Result]:
    """Rows of a feed, read as its importer reads them."""
    text = HEAD + "\n".join(rows) + "\n"
    read = feed_csv.read(io.BytesIO(text.encode()), file="feed.csv")
    return payment.take([one for one in read if isinstance(one, CardTransaction)], "s:card")


def work() -> None:
    """Does what is due now, as the worker does."""
    for _ in range(20):
        if not jobs.run_due():
            return
    raise AssertionError("the desk does not come to rest")


def points(member: Member) -> balance.Balance:
    return balance.balance(member.pk, now_ms=clock.now_ms(), zone="Asia/Seoul")


def test_from_the_offer_to_the_statement_and_back(member: Member) -> None:
    token = paying.token_of(member)
    shown = offer.offers_for(member)
    assert "5% terug in cafés" in [one.title for one in shown.offers]
    offer.add(member, "cafe")

    at(SUNDAY + DAY_MS)  # Monday morning: a breakfast is authorised, and clears two days later
    paid = f"breakfast,{{kind}},{token},18000,KRW,5814,한강 카페,2026-11-30T08:30:00+09:00,{{of}}"
    [result] = feed(paid.format(kind="auth", of=""))
    assert (result.offer, result.amount, paying.money(member)) == ("cafe", 0, 0)
    assert offer.uses_of(member)[0].state == "matched"
    at(SUNDAY + 3 * DAY_MS)
    cleared = paid.format(kind="clearing", of="breakfast").replace("breakfast,", "clear-1,", 1)
    [result] = feed(cleared)
    assert (result.amount, result.points, paying.money(member)) == (900, 18, 900)
    assert [one.outcome for one in feed(cleared)] == ["known"]
    assert points(member).pending == 18 and points(member).available == 0

    at(SUNDAY + 4 * DAY_MS)  # one of two breakfasts is given back: half of the credit goes, and of the points
    feed(f"back-1,refund,{token},9000,KRW,5814,한강 카페,2026-12-03T10:00:00+09:00,breakfast")
    assert paying.money(member) == 450

    at(SUNDAY + 8 * DAY_MS)  # the hold is over: points can be spent, and spending can be undone
    work()
    assert (points(member).pending, points(member).available) == (0, 9)
    spent = redemption.redeem(member, "statement", 5, "on the phone")
    assert points(member).available == 4
    redemption.undo(member, spent.obj)
    again = redemption.redeem(member, "statement", 8, "on the phone, again")
    assert points(member).available == 1

    made = statement.make(None, "statement-credit", "2026-12-07")
    amounts = [int(row.split(",")[5]) for row in made.body.decode().splitlines() if row.startswith("D,")]
    assert amounts == [900, -450, 8] and made.file.totals == {"KRW": 458}
    with pytest.raises(redemption.TooLate):
        redemption.undo(member, again.obj)
    feed(f"back-2,refund,{token},9000,KRW,5814,한강 카페,2026-12-08T10:00:00+09:00,clear-1")
    assert [use.state for use in offer.uses_of(member) if use.chain] == ["reversed"]
    later = statement.make(None, "statement-credit", "2026-12-08")
    assert later.file.totals == {"KRW": -450} and points(member).available == 1
    assert audit.audit().problems == []
