"""Active days as bits count as a set of days does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.rewards import traits
from bankside.rewards.ledger import active
from bankside.rewards.ledger.active import DAYS_KEPT, Active
from bankside.rewards.ledger.tables import Meter

days = st.lists(st.integers(20_000, 20_150), max_size=40)


def marked(some: list[int]) -> Active:
    kept: dict[int, Active] = {}
    for day in some:
        active.mark(kept, 1, day)
    return kept.get(1, Active())


@given(some=days, more=days, last=st.integers(19_900, 20_400), span=st.integers(1, 31))
def test_days_count_as_a_set_of_those_that_are_not_too_old(
    some: list[int], more: list[int], last: int, span: int
) -> None:
    whole = marked(some + more)
    newest = max(some + more, default=0)
    known = {day for day in some + more if day > newest - DAYS_KEPT}
    assert active.count(whole, last, span) == sum(last - span < day <= last for day in known)
    assert active.joined(marked(some), marked(more)) == whole
    assert active.merged({1: marked(some)}, {1: marked(more)}).get(1, marked(some)) == whole


def test_a_day_that_is_too_old_is_not_kept_and_years_between_cost_nothing() -> None:
    assert marked([20_000, 20_000 - DAYS_KEPT]) == marked([20_000])
    assert marked([1, 10**15]) == active.on(10**15)
    assert active.count(active.on(1), 10**15, 30) == active.count(active.on(10**15), 1, 30) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("today", [20_000, 20_010, 20_029, 20_030, 20_100, 20_400])
def test_many_members_count_as_one_does(today: int) -> None:
    import numpy as np

    kept = [marked([20_050 - n * n for n in range(place)]) for place in range(9)]
    Meter.objects.bulk_create(Meter(member=n, body=b"", **one._asdict()) for n, one in enumerate(kept, 1))
    ids = np.arange(1, 12, dtype=np.int64)
    wanted = [active.count(one, today, traits.DAYS) for one in kept] + [0, 0]
    assert traits._active_days(ids, today, None).tolist() == wanted
    assert traits._active_days(ids, today, [2, 5]).nonzero()[0].tolist() == [n for n in (1, 4) if wanted[n]]
