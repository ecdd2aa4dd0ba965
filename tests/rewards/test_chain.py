"""What an offer owes for a payment: never more than the fund has, never less than nothing, exact on
refunds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bankside.rewards.chain import Sums, kept, owed

amounts = st.integers(0, 1_000_000)


def five_percent(amount: int) -> int:
    return min(3_000, amount * 500 // 10_000)


@given(amounts, st.integers(1, 1_000_000), st.lists(st.integers(1, 400_000), max_size=6))
def test_refunds_take_back_their_share_and_all_together_all_of_it(
    credited: int, cleared: int, refunds: list[int]
) -> None:
    left, before = [], credited
    for n in range(len(refunds) + 1):
        now = kept(credited, Sums(cleared=cleared, refunded=sum(refunds[:n])))
        assert 0 <= now <= before
        before = now
        left.append(now)
    back = min(sum(refunds), cleared)
    assert (credited - left[-1]) * cleared <= credited * back, "rounded in favour of the member"
    assert (credited - left[-1] + 1) * cleared > credited * back, "by less than one unit"
    assert kept(credited, Sums(cleared=cleared, refunded=cleared)) == 0


@given(st.lists(st.tuples(amounts, amounts, amounts, amounts), min_size=1, max_size=6))
def test_whatever_comes_no_more_is_held_than_the_fund_has(steps: list[tuple[int, int, int, int]]) -> None:
    """`left` changes as others take from the fund; sums only grow, as messages come."""
    sums, entitled, held = Sums(), 0, 0
    for left, authorised, cleared, refunded in steps:
        sums = Sums(
            authorised=sums.authorised + authorised, cleared=sums.cleared + cleared,
            refunded=sums.refunded + refunded,
        )  # fmt: skip
        now = owed(sums, five_percent, left=left, entitled=entitled, held=held)
        assert 0 <= now.net <= now.held <= left + held and now.entitled >= entitled
        assert now.net <= now.entitled or not sums.cleared
        assert now.net == 0 or not sums.undone
        assert now.entitled <= five_percent(sums.cleared) or not sums.cleared
        entitled, held = now.entitled, now.held


def test_more_that_clears_after_a_refund_cannot_take_what_the_fund_has_not() -> None:
    """3,000 credited, all of it given back; then more clears while the fund is empty."""
    back = Sums(cleared=60_000, refunded=60_000)
    first = owed(back, five_percent, left=3_000)
    assert (first.entitled, first.held, first.net) == (3_000, 0, 0)
    more = Sums(cleared=120_000, refunded=60_000)
    assert owed(more, five_percent, left=0, entitled=3_000, held=0).net == 0
    assert owed(more, five_percent, left=900, entitled=3_000, held=0).net == 900
    assert owed(more, five_percent, left=9_000, entitled=3_000, held=0).net == 1_500


def test_while_nothing_cleared_the_reward_is_held_and_nothing_is_owed() -> None:
    waits = Sums(authorised=40_000)
    assert owed(waits, five_percent, left=500).held == 500
    assert owed(waits, five_percent, left=9_000) == owed(waits, five_percent, left=0, held=2_000)
