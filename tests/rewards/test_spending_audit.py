"""Whoever changes a payment, a line or a file behind the desk's back is noticed, and it is said where."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bankside.record import audit, clock
from bankside.record.log.verify import Report
from bankside.rewards import offer, spending_audit, statement
from bankside.rewards.models import Line, MadeFile, Payment
from tests.rewards import living, paying
from tests.rewards.paying import BEFORE, NOW, message, shopper, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _paid() -> Iterator[None]:
    with clock.frozen(BEFORE):
        living.live(paying.TEXT)
        who = shopper()
        offer.add(who, "cafe")
    with clock.frozen(NOW):
        take(message(who, "clearing", "c1", 20_000), message(who, "refund", "r1", 5_000, "c1"))
        take(message(who, "clearing", "c2", 10_000))
        statement.make(None, "statement-credit", "monday")
        yield


def places() -> list[str]:
    report = Report()
    spending_audit.check(report)
    return [problem.place.partition(" of ")[0] for problem in report.problems]


def test_what_nobody_touched_holds_and_the_whole_check_asks_for_it() -> None:
    assert places() == []
    Payment.objects.filter(ref="c1").update(amount=2)
    assert any("card payments" in problem.place for problem in audit.audit().problems)


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        (lambda: Payment.objects.filter(ref="c1").update(amount=2), ["card payments"]),
        (lambda: Payment.objects.filter(ref="r1").update(for_offers=False), ["card payments"]),
        (lambda: Payment.objects.filter(ref="c2").delete(), ["card payments"]),
        (lambda: Payment.objects.filter(ref="c2").update(batch="0" * 32), ["card payments", "card payments"]),
        (lambda: Line.objects.filter(amount=500).update(amount=600), ["lines"]),
        (lambda: Line.objects.filter(amount=500).update(file="0" * 32), ["lines", "lines"]),
        (lambda: Line.objects.all().delete(), ["lines"]),
        (lambda: MadeFile.objects.update(sha256="0" * 64), None),
        (lambda: MadeFile.objects.all().delete(), None),
    ],
)
def test_every_change_is_named(change: Callable[[], object], noticed: list[str] | None) -> None:
    change()
    found = places()
    assert found == noticed if noticed is not None else [place[:4] for place in found] == ["file"]
