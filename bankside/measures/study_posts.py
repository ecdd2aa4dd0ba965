"""What institutions do on the networks on which they were found, from public posts: part of an observation.

Posts are read by `channels/public_posts.py`, counted at once (`observation/posts.py`) and forgotten. What
stays: how many posts and answers there were, how long answers took, what for, in which languages. Of the
people who wrote to an institution nothing is kept, neither name nor words.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

import msgspec

from bankside.channels.public_posts import ACCOUNT_SECONDS_MAX, DAY_MS, Account, Looked, Reader
from bankside.measures.observation import post_questions
from bankside.measures.observation.posts import Activity, Post, activity, together

ACCOUNTS_MAX: Final = 8
INSTITUTION_SECONDS_MAX: Final = 150.0
RIPE_MS: Final = DAY_MS
"""A comment is counted when it is a day old: a younger one may still be answered."""


class Reading(Protocol):
    """What reads an account: `channels.public_posts.Reader`, or what takes its place in tests."""

    def read(self, account: Account, *, seconds_max: float = ...) -> Looked: ...


class Of(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of one account: a line of evidence. `why`: why nothing could be read.

    `at_ms`: when it was looked at; from `since_ms` on (UTC) all its own posts are counted. `unread`: posts
    under which answers were not looked at. Minutes are from a comment to the first answer.
    """

    network: str
    handle: str
    at_ms: int
    since_ms: int = 0
    why: str = ""
    answers_seen: bool = False
    unread: int = 0
    own: int = 0
    replies: int = 0
    posts_per_week: float | None = None
    asked: int = 0
    answered: int = 0
    minutes_median: float | None = None
    minutes_nine_tenths: float | None = None
    purposes: dict[str, int] = {}
    languages: dict[str, int] = {}


def counted(looked: Looked) -> Activity:
    """The figures of what was read of an account."""
    rows = (
        Post(id=one.id, at_ms=one.at_ms, own=one.own, answers=one.answers, lang=one.lang, text=one.text)
        for one in looked.posts
    )
    return activity(rows, since_ms=looked.since_ms, until_ms=looked.at_ms, ripe_ms=RIPE_MS)


def read(accounts: Iterable[Account], reader: Reading) -> tuple[dict[str, Activity], list[Of]]:
    """(figures by network, of those that could be read; what was counted of each account), in their order.

    At most eight accounts, in two and a half minutes: what there is no time for is said to be unread.
    """
    found: dict[str, Activity] = {}
    told: list[Of] = []
    ends = time.monotonic() + INSTITUTION_SECONDS_MAX
    for account in list(accounts)[:ACCOUNTS_MAX]:
        left = min(ends - time.monotonic(), ACCOUNT_SECONDS_MAX)
        looked = reader.read(account, seconds_max=max(left, 0.0))
        if looked.why:
            told.append(_unread(account, looked))
            continue
        one = counted(looked)
        told.append(_told(account, looked, one))
        before = found.get(account.network)
        found[account.network] = one if before is None else together([before, one])
    return found, told


def lines(institution: str, told: Iterable[Of]) -> list[str]:
    """A line of evidence for each account."""
    return [msgspec.json.encode({"institution": institution, "posts": one}).decode() for one in told]


def after(visited: Callable[[], dict[str, Any]], reader: Reading | None = None) -> dict[str, Any]:
    """A visit to the pages of an institution, and then to the accounts that they show. Asks no database."""
    came = visited()
    figures, told = read(accounts_in(came["evidence"]), reader or Reader())
    cells = post_questions.cells(figures) if came["pages"] else {}
    told_lines = lines(came["name"], told)
    return came | {"record": came["record"] | cells, "posts": sorted(figures), "posts_told": told_lines}


def accounts_in(evidence: Iterable[str]) -> list[Account]:
    """The accounts that lines of evidence show as an institution's own and still there, the surest first."""
    found = [json.loads(line) for line in evidence]
    own = [one["account"] for one in found if one.get("own") and "account" in one]
    return of_accounts(own)


def of_accounts(accounts: Iterable[Mapping[str, Any]]) -> list[Account]:
    """The same of accounts as values. Those that are gone or closed, and mere traces, are left out."""
    sure = [one for one in accounts if not {"dead", "closed", "faint"} & set(one.get("flags", ()))]
    sure.sort(key=lambda one: (-one.get("strength", 0), one["network"], one.get("handle", "")))
    return [
        Account(network=one["network"], handle=one.get("handle", ""), address=one.get("address", ""))
        for one in sure
        if one.get("address")
    ]


def evidence_of(seen: Mapping[str, Any]) -> list[str]:
    """All lines of evidence of an institution that was visited."""
    return [*seen["evidence"], *seen.get("posts_told", ())]


def networks_of(seen: Iterable[Mapping[str, Any]]) -> list[str] | None:
    """On which networks posts were read of any institution; None when nobody looked at posts."""
    looked = [one["posts"] for one in seen if "posts" in one]
    return sorted({name for some in looked for name in some}) if looked else None


def _unread(account: Account, looked: Looked) -> Of:
    return Of(network=account.network, handle=account.handle, at_ms=looked.at_ms, why=looked.why)


def _told(account: Account, looked: Looked, one: Activity) -> Of:
    return Of(
        network=account.network, handle=account.handle, at_ms=looked.at_ms, since_ms=looked.since_ms,
        answers_seen=looked.answers, unread=looked.unread, own=one.own, replies=one.replies,
        posts_per_week=one.posts_per_week, asked=one.asked, answered=one.answered,
        minutes_median=one.minutes_median, minutes_nine_tenths=one.minutes_nine_tenths,
        purposes=dict(one.purposes), languages=dict(one.languages),
    )  # fmt: skip
