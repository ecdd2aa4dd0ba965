"""The fields that expressions may read, with their types and ranges, and those that are refused with a
reason.

Ranges are part of the language: a number outside its range counts as the nearer end of it, in every back end.
With it no expression that was accepted can leave 64 bits, because every step was bounded before
(`bounds.py`). Nothing else is ever clamped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from bankside.rewards.rules.act import KINDS
from bankside.said import Said

Type = Literal["int", "bool", "str", "list"]
MONEY_MAX: Final = 10**12
CODE_MAX: Final = 9_999


@dataclass(frozen=True, slots=True)
class Allowed:
    """One field: `low` and `high` for numbers, `choices` for words of a closed list (empty: any word)."""

    type: Type
    says: Said
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()


def _number(high: int, says: Said) -> Allowed:
    return Allowed("int", says, 0, high)


ACT: Final[Mapping[str, Allowed]] = {
    "kind": Allowed("str", Said("the kind of act"), choices=KINDS),
    "network": Allowed("str", Said("the network")),
    "lang": Allowed("str", Said("the language of the post")),
    "campaign": Allowed("str", Said("the campaign")),
    "own_thread": Allowed("bool", Said("it is in a thread of the bank's own")),
    "disclosed": Allowed("bool", Said("it is disclosed as advertising")),
    "first": Allowed("bool", Said("it is the member's first of its kind")),
    "text_len": _number(100_000, Said("the length of the text in characters")),
    "quality": _number(100, Said("the quality of the text (0 to 100)")),
    "account_age": _number(36_500, Said("the age of the account in days")),
    "depth": _number(20, Said("the number of answers before it")),
    "hour": _number(23, Said("the hour of the day")),
    "active_days": _number(30, Said("the active days in the last 30")),
    "tier": _number(3, Said("the tier")),
    "tenure": _number(1_200, Said("the months as a customer")),
    "amount": _number(MONEY_MAX, Said("the amount")),
    "mcc": _number(CODE_MAX, Said("the code of the trade (MCC)")),
}
MEMBER: Final[Mapping[str, Allowed]] = {
    "tier": ACT["tier"],
    "tenure": ACT["tenure"],
    "spend": _number(MONEY_MAX, Said("what was spent with the card in 30 days")),
    "active_days": ACT["active_days"],
    "link_days": _number(36_500, Said("the days since the first profile was linked")),
    "interest": Allowed("list", Said("the declared interests")),
    "language": Allowed("str", Said("the member's language")),
}

_ATTENTION = Said(
    "Likes, follows and numbers of followers are never paid for; networks and the law forbid it."
)
_OPINION = Said(
    "What somebody thinks is never paid for: a reward may not hang on praise, a review or a rating."
)
_INVITES = Said("Invitations are never paid for by number.")
_INFERRED = Said(
    "What is inferred about a person is never used: health, politics, faith, age, sex or origin."
)
_NEVER: Final = (
    (
        "followers follower_count followers_count following follows follow likes like like_count likes_count "
        "favourites favorites hearts upvotes subscribe subscribers subscriptions views view_count "
        "impressions reach reposts retweets boosts engagement clicks share_count reply_count",
        _ATTENTION,
    ),
    ("sentiment mood tone review reviews rating ratings stars score testimonial", _OPINION),
    ("invite invites invited invite_count referrals", _INVITES),
    ("health politics party faith religion gender sex race ethnicity age", _INFERRED),
)
REFUSED: Final[Mapping[str, Said]] = {name: why for names, why in _NEVER for name in names.split()}


def clamped(value: int, low: int, high: int) -> int:
    """The number, or the nearer end of its range: the one place where this is defined."""
    return low if value < low else min(value, high)
