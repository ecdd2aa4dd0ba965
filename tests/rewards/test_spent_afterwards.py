"""Points after she left, and after the last programme: they stay hers and can be spent."""

from __future__ import annotations

from datetime import date

import pytest

from bankside.people.policy import NotYours
from bankside.record.append import entries_where
from bankside.rewards import member as members
from bankside.rewards import owed, programme, redemption, wallet
from bankside.rewards.ledger import balance
from bankside.rewards.models import Line
from bankside.rewards.taking_part import NotTakingPart
from tests.rewards import living, paying
from tests.rewards.test_redemption import MONTH, has, rich
from tests.rewards.test_redemption import _noon as _noon

pytestmark = pytest.mark.django_db


def test_who_left_keeps_her_points_and_the_bank_spends_them_for_her() -> None:
    who, staff = rich(500), living.person("administrator", "Sanne Vos")
    members.leave(who)
    with pytest.raises(NotTakingPart):
        redemption.redeem(who, "river", 100, "hers")
    with pytest.raises(NotYours):
        redemption.redeem(who, "river", 100, "k0", by=living.author())
    with pytest.raises(redemption.AccountWrong):
        redemption.redeem(who, "statement", 120, "k1", by=staff)
    with pytest.raises(redemption.AccountWrong):
        redemption.redeem(who, "statement", 120, "k1", by=staff, account="4111 1111 1111 1111")
    done = redemption.redeem(who, "statement", 120, "k1", by=staff, account="hanul:back")
    again = redemption.redeem(who, "statement", 120, "k1", by=staff, account="hanul:back")
    assert (done.obj, Line.objects.get().account, has(who)) == (again.obj, "hanul:back", [(MONTH, 380)])
    [told] = entries_where("obj = %s", [done.obj])
    assert told.actor == staff.actor, "it is not said to have been herself"
    redemption.undo(who, done.obj, by=staff)
    assert has(who) == [(MONTH, 500)]
    redemption.redeem(who, "river", 100, "k2", by=staff)
    assert Line.objects.get().account == ""


def test_the_account_of_who_takes_part_is_her_own_alone() -> None:
    who, staff = rich(500), living.person("administrator", "Sanne Vos")
    with pytest.raises(redemption.AccountWrong):
        redemption.redeem(who, "statement", 120, "k1", by=staff, account="hanul:another")
    members.pause(who)
    with pytest.raises(NotTakingPart):
        redemption.redeem(who, "statement", 120, "k1", by=staff)
    assert has(who) == [(MONTH, 500)]


def test_when_the_last_programme_has_ended_points_are_spent_by_its_terms() -> None:
    who = rich(500)
    approver, _ = living.approvers()
    programme.retire(approver, programme.live()[0].row.obj, reason="The programme is over.")
    assert programme.live() == () and redemption.quote("statement", 100) == 66
    assert [one.currency for one in redemption.choices()] == ["KRW"] * 4
    assert redemption.redeem(who, "statement", 120, "k1").value == 80
    assert has(who) == [(MONTH, 380)]
    home = wallet.home(who)
    assert home.purse.available == 380
    assert home.ended == wallet.Ended(on=date(2026, 11, 25), until=date(2026, 11, 30))
    assert owed.by_vintage().money == "254 KRW"
    assert [one.outcome for one in paying.take(paying.message(who, "clearing", "c1", 30_000))] == ["taken"]
    assert balance.balance(who.pk).pending == 0, "earning has ended"
