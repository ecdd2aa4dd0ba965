"""What members may do in some weeks, as the desk really takes it in: for comparing a dry run with the
ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from bankside.record import clock
from bankside.record.append import Draft, Entry
from bankside.rewards import link, reported
from bankside.rewards import member as members
from bankside.rewards.ledger import settle
from bankside.rewards.models import Member, Posting, Programme
from tests.rewards import decisions, joined, living, paying, said

BEGIN: Final = clock.from_iso("2026-11-16T00:30:00Z")
QUARTER_MS, DAY_MS = 900_000, 86_400_000
AD = "Ad: the festival of the bank is on again and you can still join {} #Festival26"
NO_AD = "The festival of the bank is on again and you can still join {} #Festival26"
_CHANGES = (
    ('points = 40, times = 5, per = "day"}', 'points = 40, times = 4, per = "day"}\ncooldown = "10m"'),
    ("fund = 2_000", "fund = 100"),
    (
        'points = "30"\ncap = {points = 60, times = 2, per = "month"}',
        'points = "30 + 5 * tier"\ncap = {points = 100, times = 3, per = "month"}',
    ),
)
_MORE = """
[[earn]]
id = "first-poll"
class = "A"
on = "poll"
when = "first && active_days < 3"
points = "7"
cap = {points = 7, times = 1, per = "day"}

[[earn]]
id = "card-spend"
class = "A"
on = "purchase"
amount_unit = 1_000
points = "min(100, amount) + 3 * tier"
cap = {points = 150, times = 3, per = "day"}

[[earn]]
id = "card-month"
class = "A"
on = "purchase"
points = "50"
cap = {points = 120, times = 3, per = "month"}
cooldown = "1h"

[[tier]]
id = "stream"
active_days = 2
title = {en = "Stream", ko = "시내", zh = "溪流", nl = "Beek"}

[[tier]]
id = "river"
active_days = 4
title = {en = "River", ko = "강", zh = "江河", nl = "Rivier"}
"""


def text() -> str:
    """A programme with a rule of each kind, tight limits and low tiers."""
    made = living.SMALL
    for old, new in _CHANGES:
        assert old in made
        made = made.replace(old, new)
    return made + _MORE


class Step(NamedTuple):
    """After so many quarters of an hour one of the members does something; `which` picks among what is
    there."""

    act: str
    quarters: int
    who: int
    which: int


ACTS: Final = (
    "reply", "reply", "feedback", "poll", "ad", "no-ad", "disclose", "conceal", "remove", "buy", "buy",
    "refund", "pause", "resume", "resume", "unlink", "link", "link", "claimed",
)  # fmt: skip


class Weeks:
    """Two members, a programme in force from the beginning, and a clock."""

    def __init__(self) -> None:
        self.at, self._number = BEGIN, 0
        with clock.frozen(self.at):
            said.channel()
            self.row: Programme = living.live(text())
            self.who: list[Member] = [paying.shopper(), paying.shopper()]
            for place, one in enumerate(self.who):
                joined.linked(one, f"profile-{place}")
            said.earn()
        self._posts: list[tuple[Entry, Draft]] = []
        self._bought: list[tuple[int, str, int]] = []

    def live(self, steps: Iterable[Step]) -> None:
        """Everything earns, and settles, before the next thing is done."""
        for step in steps:
            self.at += step.quarters * QUARTER_MS
            self._number += 1
            with self.now():
                settle.settle_due(self.at, zone="Asia/Seoul")
                self._do(step, self.who[step.who])
                said.earn()

    @contextmanager
    def now(self) -> Iterator[None]:
        with clock.frozen(self.at):
            yield

    def _do(self, step: Step, who: Member) -> None:
        number, name = self._number, f"profile-{step.who}"
        match step.act:
            case "reply":
                place = f"{step.which:032x}"
                hung = {} if step.which else {"in_reply_to": "somebody else", "thread": "elsewhere"}
                said.say(said.draft(name, obj=place, **hung))
            case "claimed":
                said.say(said.draft(name, obj=f"{step.which:032x}", via="somebody said so"))
            case "feedback" | "poll":
                item = reported.Item(ref=f"seen-{number}", member=who.obj, kind=step.act)
                reported.take("s:card", [item])
            case "ad" | "no-ad":
                words = AD if step.act == "ad" else NO_AD
                draft = said.post(name, words.format(number), obj=f"{number:032x}")
                self._posts.append((said.say(draft)[0], draft))
            case "disclose" | "conceal" | "remove" if self._posts:
                entry, draft = self._posts[-1 - step.which % len(self._posts)]
                if step.act == "remove":
                    said.remove(entry, draft)
                else:
                    said.edit(entry, draft, (AD if step.act == "disclose" else NO_AD).format(number))
            case "buy":
                amount = 1_000 * (1 + 17 * step.which)
                paying.take(paying.message(who, "clearing", f"c{number}", amount, at_ms=self.at))
                self._bought.append((step.who, f"c{number}", amount))
            case "refund" if self._bought:
                whose, ref, amount = self._bought[-1 - step.which % len(self._bought)]
                some = amount if step.which % 2 == 0 else max(1, amount // 2)
                told = paying.message(self.who[whose], "refund", f"r{number}", some, ref, at_ms=self.at)
                paying.take(told)
            case "pause":
                members.pause(who)
            case "resume":
                members.resume(who)
            case "unlink":
                for one in link.of(who):
                    link.unlink(who, one.obj)
            case "link" if who.status == Member.ACTIVE:
                who.refresh_from_db()
                if who.status == Member.ACTIVE:
                    joined.linked(who, name)


def paid(since: int = 0) -> dict[str, tuple[int, int, int]]:
    """rule -> points that stayed, points that were taken back, awards: of acts recorded since a moment (UTC
    ms)."""
    when = {(one.source, one.rule): one.at for one in decisions.decisions(outcome="awarded")}
    gone = Counter[tuple[str, str]]()
    for row in Posting.objects.filter(kind="delete"):
        gone[row.source, row.rule] += row.points
    found: dict[str, tuple[int, int, int]] = {}
    for row in Posting.objects.filter(kind="earn"):
        key = (row.source, row.rule)
        if when[key] >= since:
            points, back, awards = found.get(row.rule, (0, 0, 0))
            found[row.rule] = (points + row.points - gone[key], back + gone[key], awards + 1)
    return found
