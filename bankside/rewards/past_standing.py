"""How members stood before a day: active days, what they had done, what they had used of caps and funds.

This is what a version would find if it came into force at the beginning of that day: read from what was
decided before, under whichever version that was. Members are read some at a time, when they first do
something.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db import connection

from bankside.rewards import decided, earning, programme
from bankside.rewards.acts import fields_of
from bankside.rewards.asked import rows
from bankside.rewards.earning import ACTIVE_DAYS, Standing
from bankside.rewards.ledger.active import mark
from bankside.rewards.ledger.candidate import COOL_DOWN
from bankside.rewards.ledger.days import DAY_MS, month_of
from bankside.rewards.ledger.funds import SCOPE
from bankside.rewards.ledger.tables import ROWS_MAX
from bankside.rewards.models import Batch, Cap
from bankside.rewards.rules.replay import Used
from bankside.rewards.rules.terms import Earn, Programme

# No cool-down and no month is longer; nothing before counts for a cap, a cool-down or an active day.
DAYS_BEFORE: Final = 32
_POSTED: Final = "select member, programme, rule, at, points from rewards_posting where"
_CAPPED: Final = "select member, programme, rule, at, reason from rewards_earned where"
_BEFORE: Final = "and kind = 'earn' and due >= %s and at >= %s and at < %s"
_CUT: Final = "and outcome = 'capped' and at >= %s and at < %s"
_SINCE: Final = """select rule, sum(points) from rewards_posting
    where id >= %s and kind = 'earn' and at >= %s group by rule"""


class Decision(NamedTuple):
    """An act that a rule looked at before: `points` 0 when a limit took all of it; `cools`: it passed the
    cool-down."""

    member: int
    rule: Earn
    at: int
    points: int
    cools: bool


class Standings:
    """How members stand on the first moment of a day (since 1970, in the zone of a programme)."""

    def __init__(self, terms: Programme, day: int) -> None:
        self.terms, self.day = terms, day
        self.since = earning.calendar_of(terms).begins(day)
        self.now = Standing(days={}, done=set())
        self._known: set[int] = set()
        self._versions = programme.versions()
        self._began = any(one.row.live_from < self.since for one in self._versions.values())
        self._rules = {rule.id: rule for rule in terms.earn}
        self._firsts = {kind for rule in terms.earn if "first" in fields_of(rule) for kind in rule.on}

    def of(self, members: Iterable[int]) -> list[Used]:
        """Reads those that were not read before into `now`; what they had used."""
        wanted = set(members) - self._known
        self._known |= wanted
        if not wanted or not self._began:
            return []
        if self._firsts:
            self.now.done.update(decided.kinds_done(wanted, self._firsts, self.since))
        found = self._decisions(wanted)
        for one in found:
            day = earning.calendar_of(self.terms).day(one.at)
            if one.rule.cls == "A" and day > self.day - ACTIVE_DAYS:
                mark(self.now.days, one.member, day)
        return list(self._used(found))

    def linked(self, sources: Iterable[str]) -> set[str]:
        """Which of these acts had been decided before: what was decided once is known for ever."""
        return {one.source for one in decided.of_sources(sources) if one.at < self.since}

    def funds(self) -> dict[str, int]:
        """Points that rules with a fund had paid from it."""
        wanted = [rule.id for rule in self.terms.earn if rule.fund]
        used = dict(Cap.objects.filter(scope=SCOPE, subject__in=wanted).values_list("subject", "used"))
        later = self._paid_since() if any(used.values()) else {}
        return {rule: points - later.get(rule, 0) for rule, points in used.items()}

    def _paid_since(self) -> dict[str, int]:
        first = Batch.objects.filter(at__gte=self.since).order_by("id").values_list("id", flat=True).first()
        if first is None:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(_SINCE, [first * ROWS_MAX, self.since])
            return {rule: int(points) for rule, points in cursor.fetchall()}

    def _decisions(self, members: set[int]) -> list[Decision]:
        begin = self.since - DAYS_BEFORE * DAY_MS
        posted = rows(_POSTED, "member", members, _BEFORE, [begin // DAY_MS - 1, begin, self.since])
        capped = rows(_CAPPED, "member", members, _CUT, [begin, self.since])
        return [
            *(Decision(who, rule, at, points, True) for who, pk, name, at, points in posted
              if (rule := self._rule(pk, name)) is not None),
            *(Decision(who, rule, at, 0, reason != COOL_DOWN) for who, pk, name, at, reason in capped
              if (rule := self._rule(pk, name)) is not None),
        ]  # fmt: skip

    def _rule(self, pk: int, name: str) -> Earn | None:
        live = self._versions.get(pk)
        rules = live.programme.earn if live else ()
        return next((rule for rule in rules if rule.id == name), None)

    def _used(self, found: Iterable[Decision]) -> Iterable[Used]:
        """By member and rule of today's version; a rule that changed from day to month begins anew."""
        month, used = month_of(self.day), dict[tuple[str, int], list[Decision]]()
        for one in found:
            rule = self._rules.get(one.rule.id)
            if rule is not None and rule.per == one.rule.per and (one.cools or one.points):
                used.setdefault((rule.id, one.member), []).append(one)
        calendar = earning.calendar_of(self.terms)
        for (name, member), some in used.items():
            by_month = self._rules[name].per == "month"
            paid = [one.points for one in some if by_month and calendar.month(one.at) == month and one.points]
            yield Used(name, member, max(one.at for one in some), sum(paid), len(paid))
