"""Points for spending, against a naive oracle: any clearings and refunds, in any batches, on any day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.record import clock
from bankside.rewards import due
from bankside.rewards.ledger import balance
from bankside.rewards.payments.transaction import CardTransaction
from tests.rewards import paying
from tests.rewards.paying import NOW, message, shopper, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    yield from paying.noon()


class Undone(Exception):
    """Ends a play: everything it wrote is undone."""


class Purchases:
    """Chains of one member in plain lists; what is asked of it is computed from the beginning."""

    def __init__(self) -> None:
        self.cleared: dict[int, list[tuple[int, int, int]]] = {}  # chain -> amount, points, day
        self.refunded: dict[int, int] = {}
        self.taken: dict[tuple[int, int], int] = {}

    def take(self, some: list[tuple[str, int, int]], day: int) -> None:
        """Messages that come together: kind, chain, amount."""
        for kind, n, amount in some:
            if kind == "refund":
                self.refunded[n] = self.refunded.get(n, 0) + amount
        for kind, n, amount in some:
            if kind == "clearing":
                self.cleared.setdefault(n, []).append((amount, amount // 1_000, day))
        for n, parts in self.cleared.items():
            whole, back = sum(amount for amount, _, _ in parts), self.refunded.get(n, 0)
            for place, (_, points, then) in enumerate(parts):
                if day - then < 4:  # 72 hours from noon are over in the night before the fourth day
                    share = points * min(back, whole) // whole
                    self.taken[n, place] = max(self.taken.get((n, place), 0), share)

    def points(self) -> int:
        earned = sum(points for parts in self.cleared.values() for _, points, _ in parts)
        return earned - sum(self.taken.values())


SPENDING = st.lists(
    st.one_of(
        st.tuples(st.just("clearing"), st.integers(0, 2), st.integers(1, 60_000)),
        st.tuples(st.just("refund"), st.integers(0, 2), st.integers(1, 40_000)),
        st.tuples(st.just("wait"), st.integers(1, 3), st.just(0)),
        st.tuples(st.just("send"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


def spend_and_return(steps: list[tuple[str, int, int]]) -> None:
    who, naive, day, together = shopper(), Purchases(), 0, list[tuple[str, int, int]]()
    sent = list[CardTransaction]()
    for number, (kind, n, amount) in enumerate([*steps, ("send", 0, 0)]):
        if kind in {"clearing", "refund"}:
            together.append((kind, n, amount))
            sent.append(message(who, kind, f"{kind}{number}", amount, f"a{n}", mcc=1))  # type: ignore[arg-type]
            continue
        with clock.frozen(NOW + day * 86_400_000):
            due.settled(clock.now_ms())
            take(*sent[-len(together) :] if together else ())
            take(*sent)  # everything again is nothing new
            naive.take(together, day)
            has = balance.balance(who.pk, now_ms=clock.now_ms())
            assert has.pending + has.available == naive.points()
        together, day = [], day + (n if kind == "wait" else 0)


@given(SPENDING)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_points_of_any_clearings_and_refunds_are_what_the_naive_oracle_says(
    steps: list[tuple[str, int, int]],
) -> None:
    try:
        with transaction.atomic():
            spend_and_return(steps)
            raise Undone
    except Undone:
        pass
