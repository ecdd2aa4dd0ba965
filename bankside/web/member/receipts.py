"""A receipt in the member's words: every sum, limit and date of `Why +9?`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from bankside.rewards import receipt, wallet
from bankside.rewards.receipt import Award, Why
from bankside.rewards.sums import Part
from bankside.web.member import days
from bankside.web.member.told import did, state_of
from bankside.web.moments import number
from bankside.web.spoken import spoken

PERIODS = {
    "day": gettext_noop("That day, this rule"),
    "week": gettext_noop("That week, this rule"),
    "month": gettext_noop("That month, this rule"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One rule as the page shows it; `parts`: label, how it was counted, points."""

    title: str
    sentence: str
    parts: list[tuple[str, str, str]]
    used_label: str
    used: str
    taken: int
    limit: int
    reason: str
    disclosure: str


def told(why: Why) -> dict[str, Any]:
    """Everything that the page of a receipt needs."""
    first = why.awards[0] if why.awards else None
    return {
        "why": why, "heading": gettext("Why %(points)s?") % {"points": days.signed(why.points)},
        "lead": gettext("%(did)s. What you say about us makes no difference.") % {"did": did(why.kind)[0]},
        "awards": [counted(award) for award in why.awards], "seen": days.moment(why.at),
        "state": _state(why), "pending": why.state == receipt.PENDING, "receipt": why.entry,
        "settles": _day(first.settles_at) if first else "",
        "expires": _month(first.expires_month) if first else "",
        "version": f"{first.rule}@{why.number}" if first else "",
        "answered": _day(why.appeal.answered_at) if why.appeal else "",
    }  # fmt: skip


def counted(award: Award) -> Counted:
    """A rule with its sums and its limit."""
    cap = award.cap
    limit = cap.points if cap else 0
    used = (
        gettext("%(used)s of %(limit)s") % {"used": number(cap.used), "limit": number(limit)} if cap else ""
    )
    return Counted(
        title=words_of(award.rule), sentence=spoken(award.sentence), parts=list(_parts(award.parts)),
        used_label=gettext(PERIODS.get(cap.per, PERIODS["day"])) if cap else "", used=used if limit else "",
        taken=min(cap.used, limit) if cap else 0, limit=limit, reason=spoken(award.reason),
        disclosure=award.disclosure,
    )  # fmt: skip


def words_of(rule: str) -> str:
    """`useful-reply` as words: `Useful reply`. The bank names its rules; they are not translated."""
    return rule.replace("-", " ").replace("_", " ").capitalize()


def _parts(parts: Iterable[Part]) -> Iterable[tuple[str, str, str]]:
    """The first as it is, what comes on top of it with its sign."""
    for place, part in enumerate(parts):
        points = days.signed(part.points) if place else number(part.points)
        yield spoken(part.label), part.shown, points


def _state(why: Why) -> tuple[str, str, str] | None:
    """How it stands, where the dates do not say so."""
    if why.state in {receipt.PENDING, receipt.SETTLED}:
        return None
    return state_of(wallet.Event(kind="earned", at=why.at, what=why.kind, state=why.state))


def _day(ms: int) -> str:
    return days.short(days.date_of(ms)) if ms else ""


def _month(month: int) -> str:
    if not month:
        return ""
    last = wallet.last_of(month)
    return days.whole(last) if last else gettext("never")
