"""Who is never shown an offer, so that one can tell what it does; and what it did, with an interval.

The arm hangs on the member and the offer alone: computed, never stored, the same for ever and on every
machine.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

from bankside.late import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTS: Final = 10_000
CONFIDENCE: Final = 0.95
MEMBERS_MIN: Final = 100
"""In each arm; with fewer no figure is shown. The intervals of means below lean on it."""
_MASK: Final = (1 << 64) - 1
_Z: Final = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference, offered less held out, with what it lies between at 95% confidence."""

    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """`members` of one arm, how many of them paid where the offer holds, what they `spent` there together
    (minor units), and the sum of the squares of what each spent."""

    members: int
    paid: int
    spent: int
    squares: int


NOBODY: Final = Arm(members=0, paid=0, spent=0, squares=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """What an offer did: the share of members who pay there, and what a member spends there (minor units).

    Both are None while an arm has fewer than MEMBERS_MIN members.
    """

    offered: Arm
    held_out: Arm
    rate: Interval | None
    spend: Interval | None


def held_out(member_obj: str, offer_id: str, share: int) -> bool:
    """Whether a member is held out of an offer; `share` in basis points."""
    return _mixed(seed(member_obj) ^ seed(offer_id)) % PARTS < share


def held_out_all(seeds: NDArray[np.uint64], offer_id: str, share: int) -> NDArray[np.bool_]:
    """The same for many members, by the seeds of their objs."""
    mixed: NDArray[np.uint64] = seeds ^ np.uint64(seed(offer_id))
    for shift, factor in _STEPS:
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(_LAST)
    return mixed % np.uint64(PARTS) < np.uint64(share)


@lru_cache(maxsize=65_536)
def seed(name: str) -> int:
    """64 bits of the SHA-256 of a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def lift(offered: Arm, held: Arm) -> Lift:
    """What the difference of the arms says."""
    enough = min(offered.members, held.members) >= MEMBERS_MIN
    return Lift(
        offered=offered, held_out=held,
        rate=of_shares(offered.paid, offered.members, held.paid, held.members) if enough else None,
        spend=of_means(offered, held) if enough else None,
    )  # fmt: skip


def of_shares(paid: int, members: int, paid_held: int, held: int) -> Interval:
    """The difference of two shares by the hybrid score method: method 10 of R. G. Newcombe, Interval
    estimation for the difference between independent proportions, Statistics in Medicine 17 (1998), 873-890.
    """
    p, low, high = _wilson(paid, members)
    q, low_held, high_held = _wilson(paid_held, held)
    down, up = math.hypot(p - low, high_held - q), math.hypot(high - p, q - low_held)
    return Interval(p - q, p - q - down, p - q + up)


def of_means(offered: Arm, held: Arm) -> Interval:
    """The difference of two means with unequal variances (B. L. Welch, Biometrika 34 (1947), 28-35); with at
    least MEMBERS_MIN members in each arm the normal quantile stands for Student's."""
    mean, error = _mean(offered)
    mean_held, error_held = _mean(held)
    difference, reach = mean - mean_held, _Z * math.sqrt(error + error_held)
    return Interval(difference, difference - reach, difference + reach)


def arm_of(spent: dict[Any, int], members: int) -> Arm:
    """An arm of so many members, by what those who paid spent."""
    amounts = [amount for amount in spent.values() if amount > 0]
    return Arm(members=members, paid=len(amounts), spent=sum(amounts), squares=sum(n * n for n in amounts))


def _wilson(count: int, of: int) -> tuple[float, float, float]:
    """A share and its score interval (E. B. Wilson, JASA 22 (1927), 209-212)."""
    share, z2 = count / of, _Z * _Z
    middle = share + z2 / (2 * of)
    reach = _Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    whole = 1 + z2 / of
    return share, max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


def _mean(arm: Arm) -> tuple[float, float]:
    """A mean and the square of its standard error."""
    mean = arm.spent / arm.members
    variance = max(0.0, (arm.squares - arm.spent * mean) / (arm.members - 1))
    return mean, variance / arm.members


# The last steps of SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014, 453-472).
_STEPS: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST: Final = 31


def _mixed(bits: int) -> int:
    for shift, factor in _STEPS:
        bits = ((bits ^ (bits >> shift)) * factor) & _MASK
    return bits ^ (bits >> _LAST)
