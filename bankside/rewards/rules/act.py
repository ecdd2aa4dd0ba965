"""What a member did, as a programme's rules see it: numbers and words of a closed list, nothing of the text.

Sentiment, likes, follows and numbers of followers are not among them and cannot be written in a rule: what is
never rewarded has no name here (card sheet, section 1).
"""

from __future__ import annotations

from typing import Final

import msgspec

# Kinds of acts that may be rewarded, and where the evidence of each comes from.
SOCIAL: Final = ("reply", "post", "mention", "share")
REPORTED: Final = ("feedback", "report", "event", "poll", "quiz", "tenure", "link")
SPENT: Final = ("purchase",)
KINDS: Final = (*SOCIAL, *REPORTED, *SPENT)
# What other programmes pay for and this one never does; named so that the error can say why.
FORBIDDEN: Final = (
    "like", "follow", "subscribe", "review", "rating", "testimonial", "sentiment", "followers", "invite",
)  # fmt: skip

PLATFORM, MEMBER_TOKEN, CLAIMED = "platform", "member_token", "claimed"
EARNING_EVIDENCE: Final = frozenset({PLATFORM, MEMBER_TOKEN})


class Act(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One act of one member.

    `source` is its natural key for ever, such as `e:<id of the entry>` or `t:<reference of the transaction>`;
    `seq` its arrival number, by which acts are ordered; `at` the moment it was recorded (UTC ms); `day` that
    moment's day in the programme's zone, in days since 1970. Lengths in characters, ages in days, `amount` in
    minor units of the programme's currency, `quality` 0 to 100, `hour` in the programme's zone.
    """

    source: str
    seq: int
    member: int
    network: str
    kind: str
    at: int
    day: int
    evidence: str = PLATFORM
    campaign: str = ""
    lang: str = ""
    own_thread: bool = False
    disclosed: bool = False
    text_len: int = 0
    quality: int = 0
    account_age: int = 0
    depth: int = 0
    hour: int = 0
    active_days: int = 0
    tier: int = 0
    tenure: int = 0
    amount: int = 0
    mcc: int = 0
    first: bool = False
