"""The same steps for the ledger and for the naive one, compared bucket by bucket.

Totals alone would not see points that were taken from the wrong month.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ClassVar

from django.db import transaction

from bankside.record.log.verify import Report
from bankside.rewards.models import Flag
from tests.rewards.ledger_acts import sql
from tests.rewards.ledger_oracle import DAY, HOUR, RULES, Oracle

START = 20_800 * DAY  # a day in December 2026
HOLD_MS = 72 * HOUR
LIFE_MONTHS = 3
MODULES = (
    "candidate", "days", "meter", "decide", "buckets", "locks", "funds", "journal", "awards", "post",
    "settle", "claw", "spend", "balance", "audit", "few_rows", "standing",
    "why",
)  # fmt: skip

# Decisions that are kept both as an award and as what got nothing.
TWICE = """select e.source from rewards_earned e join rewards_posting p
    on p.source = e.source and p.rule = e.rule and p.kind = 'earn'"""


class Ledger:
    """The modules of the ledger as they are now in `sys.modules`: a test may have put others there."""

    def __init__(self) -> None:
        for name in MODULES:
            setattr(self, name, import_module(f"bankside.rewards.ledger.{name}"))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


Step = tuple[str, int, int, int]


@dataclass
class Play:
    """Steps, each done by the ledger and by the oracle; `check` compares what came of them."""

    members: tuple[int, ...]
    batch: int = 7
    ledger: Any = field(default_factory=Ledger)
    oracle: Oracle = field(default_factory=Oracle)
    now: int = START
    seq: int = 0
    keys: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=lambda: ["none"])
    waiting: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    refunds: dict[str, list[int]] = field(default_factory=dict)

    KINDS: ClassVar = (
        "act", "act", "act", "act", "days", "late", "again", "held", "refused", "post", "wait", "wait",
        "settle", "settle", "expire", "delete", "delete", "delete", "reverse", "reverse", "redeem", "redeem",
        "redeem", "respend", "undo", "credit", "credit", "uncredit", "uncredit", "flag", "release", "partly",
        "refund", "refund", "restore", "delete", "reverse", "act", "act", "act", "post", "undo", "days",
    )  # fmt: skip

    def run(self, steps: list[Step]) -> None:
        """Every step, then whatever waits to be posted, then the last comparison."""
        for kind, a, b, c in steps:
            with transaction.atomic():
                getattr(self, f"do_{kind}")(a, b, c)
            if kind in (
                "settle",
                "expire",
                "delete",
                "reverse",
                "redeem",
                "undo",
                "credit",
                "uncredit",
                "partly",
                "refund",
                "restore",
            ):
                self.check()
        with transaction.atomic():
            self.do_post(0, 0, 0)
        self.check()
        self.check_whole()

    # Acts wait until a batch is full, so that the size of a batch is one more thing that may not matter.
    def do_act(self, a: int, b: int, c: int) -> None:
        self.now += c * 60_000
        self._wish(f"e:{self.seq}", a, b, self.now)

    def do_late(self, a: int, b: int, c: int) -> None:
        """An act whose day is long gone: it arrives now."""
        self._wish(f"e:{self.seq}", a, b, max(START - 40 * DAY, self.now - c * 7 * HOUR))

    def do_days(self, a: int, b: int, c: int) -> None:
        """Acts of one member by one rule on six days, in an order that is none."""
        for n in range(6):
            day = (n * (1 + c % 5) + a) % 7
            self._wish(f"e:{self.seq}", 4 * a + 1, b, self.now - day * (DAY, 7 * DAY, 31 * DAY)[c % 3])

    def do_again(self, a: int, b: int, c: int) -> None:
        if self.history:
            self._queue(self.history[a % len(self.history)] | {"seq": self._next(), "points": 1 + b})

    def do_held(self, a: int, b: int, c: int) -> None:
        self._wish(f"e:{self.seq}", a, b, self.now, held="disclosure")

    def do_refused(self, a: int, b: int, c: int) -> None:
        self._wish(f"e:{self.seq}", a, b, self.now, refused="employee")

    def do_post(self, a: int, b: int, c: int) -> None:
        if a % 3 == 2:  # one that was held may be paid now
            for wish in [wish for wish in self.history if wish["held"]][:1]:
                self._queue(wish | {"seq": self._next(), "held": ""})
        wishes, self.waiting = self.waiting, []
        for start in range(0, len(wishes), self.batch):
            some = wishes[start : start + self.batch]
            got = self.ledger.post.post([self._candidate(wish) for wish in reversed(some)])
            want = self.oracle.post(some)
            assert [(o.source, o.rule, o.points, o.outcome, o.reason) for o in got] == want
            self._check_kept(want)
        self.sources += [wish["source"] for wish in wishes]

    def _check_kept(self, decided: list[tuple[Any, ...]]) -> None:
        """What got nothing is kept as it was decided last; what was awarded stands in the journal alone."""
        rows = sql("select source, rule, points, outcome, reason from rewards_earned")
        kept = {(source, rule): (int(points), *rest) for source, rule, points, *rest in rows}
        last = {(source, rule): said for source, rule, *said in decided if said[1] != "known"}
        for key, said in last.items():
            assert kept.get(key) == (None if said[1] == "awarded" else tuple(said))

    def do_wait(self, a: int, b: int, c: int) -> None:
        self.now += (HOUR, 9 * HOUR, DAY, 4 * DAY, 35 * DAY)[a % 5]

    def do_settle(self, a: int, b: int, c: int) -> None:
        self.do_post(0, 0, 0)
        got, limit = 0, 1 + b % 9
        while done := self.ledger.settle.settle_due(self.now, limit):
            assert done <= limit
            got += done
        assert got == self.oracle.settle(self._day(self.now))

    def do_expire(self, a: int, b: int, c: int) -> None:
        got, limit = 0, 1 + b % 9
        while done := self.ledger.settle.expire_due(self.now, limit):
            assert done <= limit
            got += done
            self.now += 1
        assert got == self.oracle.expire(self._month(self.now))

    def do_delete(self, a: int, b: int, c: int) -> None:
        source = self.sources[-1 - a % min(len(self.sources), 1 + b)]
        source = self._held(("deleted", "reversed"), a, source) if c % 3 == 0 else source
        if c % 6 == 1:  # on the very day on which the hold is over
            source = self._held(("",), a, source)
            self.now = max([self.now, *(x.day * DAY for x in self.oracle.awards if x.source == source)])
        got = self.ledger.claw.claw_back(source, self.now)
        assert got == self.oracle.claw_back(source, self._day(self.now))

    def do_reverse(self, a: int, b: int, c: int) -> None:
        settled = [award.source for award in self.oracle.awards if award.fate == "settled"]
        source = settled[a % len(settled)] if settled and c % 4 else self.sources[a % len(self.sources)]
        source = self._held(("deleted",), a, source) if c % 8 == 1 else source
        want = self.oracle.reverse(source, self._month(self.now))
        assert tuple(self.ledger.claw.reverse(source, self.now)) == want

    def do_restore(self, a: int, b: int, c: int) -> None:
        self.now += 40 * DAY if c % 5 == 1 else 0
        fates = ("reversed",) if c % 4 else ("restored", "reversed")
        found = [award.source for award in self.oracle.awards if award.fate in fates]
        source = found[a % len(found)] if found else self.sources[a % len(self.sources)]
        want = self.oracle.restore(source, self._month(self.now))
        assert tuple(self.ledger.claw.restore(source, self.now)) == want

    def do_refund(self, a: int, b: int, c: int) -> None:
        """Part of a payment of 60 is given back, once more or for the first time; sometimes asked again."""
        fates = ("deleted", "reversed", "settled") if c % 4 == 0 else ("",)
        source = self._held(fates, a % 2, "none", "purchase")
        if c % 8 == 1:  # when it is over
            self.now = max([self.now, *(x.day * DAY for x in self.oracle.awards if x.source == source)])
        refunds = self.refunds.setdefault(source, [])
        if c % 5 or not refunds:
            refunds.append(max(1, 60 - sum(refunds)) if c % 7 == 0 else 1 + b)
        keys = [f"{source}<{n}" for n in range(len(refunds))]
        got = self.ledger.claw.give_back(source, sum(refunds), 60, keys, self.now)
        assert got == self.oracle.give_back(source, refunds, 60, self._day(self.now))

    def _held(self, fates: tuple[str, ...], a: int, otherwise: str, origin: str = "") -> str:
        """A source of which something became one of these while its hold lasts; else the other one."""
        today = self._day(self.now)
        found = [x.source for x in self.oracle.awards
                 if x.fate in fates and today < x.day and origin in ("", x.origin)]  # fmt: skip
        return found[-1 - a % min(len(found), 6)] if found else otherwise

    def do_redeem(self, a: int, b: int, c: int) -> None:
        key = f"r:{self._next()}"
        self._redeem(
            self.members[a % len(self.members)], 1 + (b * 7 + c) % 45, ("pt", "pt", "KRW")[c % 3], key
        )
        self.keys.append(key)

    def do_respend(self, a: int, b: int, c: int) -> None:
        """The same key again, for the same or for something else."""
        if self.keys:
            key = self.keys[a % len(self.keys)]
            member, unit, _, _ = self.oracle.spent.get(key, [(self.members[0], "pt", 0, 0)])[0]
            points = sum(part[3] for part in self.oracle.spent.get(key, ())) or 5
            self._redeem(member, points + b % 2, unit, key)

    def do_undo(self, a: int, b: int, c: int) -> None:
        key = self.keys[a % len(self.keys)] if self.keys else "none"
        assert self.ledger.spend.undo(key, self.now) == self.oracle.undo(key)

    def do_credit(self, a: int, b: int, c: int) -> None:
        unit = ("KRW", "pt")[c % 2]
        expires = self.ledger.days.NEVER_MONTH if unit == "KRW" else self._month(self.now) + c // 2 % 4
        given: dict[str, Any] = {"member": self.members[a % len(self.members)], "unit": unit, "amount": 1 + b}
        source, rule = f"t:{self.seq - c % 5}", f"cafe-{a % 2}"
        got = self.ledger.spend.credit(**given, source=source, rule=rule, at=self.now, expires=expires)
        if (source, rule) in self.oracle.credits:
            assert got == 0
        else:
            self._next()
            assert got == self.oracle.credit(given["member"], unit, given["amount"], source, rule, expires)

    def do_uncredit(self, a: int, b: int, c: int) -> None:
        known = [*(key for key in self.oracle.credits if key[1] != "cafe-9"), ("t:none", "cafe-0")]
        source, rule = known[a % len(known)]
        got = tuple(self.ledger.spend.uncredit(source, rule, self.now))
        assert got == self.oracle.uncredit(source, rule)

    def do_partly(self, a: int, b: int, c: int) -> None:
        """A credit, part of it back and the rest, in one call."""
        spend, n, member = self.ledger.spend, self._next(), self.members[a % len(self.members)]
        same = {"member": member, "unit": "KRW", "rule": "cafe-9", "at": self.now}
        back = [
            spend.Uncredit(**same, amount=amount, source=f"t:{n}.{part}", of_source=f"t:{n}")
            for part, amount in enumerate((2, 1 + b))
        ]
        changes = [spend.Credit(**same, amount=3 + b, source=f"t:{n}"), *back, back[0]]
        assert spend.credit_all(changes) == [3 + b, 2, 1 + b, 0]
        never = self.ledger.days.NEVER_MONTH
        self.oracle.credit(member, "KRW", 3 + b, f"t:{n}", "cafe-9", never)
        assert self.oracle.uncredit(f"t:{n}", "cafe-9") == (3 + b, 0)

    def do_flag(self, a: int, b: int, c: int) -> None:
        source = self.sources[-1 - a % min(len(self.sources), 12)]
        if source not in self.oracle.flags:
            Flag.objects.create(source=source, member_id=self.members[0], made_at=self.now)
            self.oracle.flags[source] = "open"

    def do_release(self, a: int, b: int, c: int) -> None:
        for source in [source for source, state in self.oracle.flags.items() if state == "open"][: 1 + a % 2]:
            Flag.objects.filter(source=source).update(
                state=Flag.RELEASED, decided_at=self.now, decided_by="1", why="looked at"
            )
            self.oracle.flags[source] = "released"

    def check(self) -> None:
        """Bucket by bucket, and what a member sees of hers."""
        want = self.oracle.buckets()
        assert buckets() == want
        member = self.members[self.seq % len(self.members)]
        seen, month = self.ledger.balance.balance(member, now_ms=self.now), self._month(self.now)
        mine = {key[2:]: points for key, points in want.items() if key[:2] == (member, "pt")}
        assert seen.settles == tuple(sorted((d, p) for (s, d), p in mine.items() if s == "pending"))
        assert seen.expires == tuple(
            sorted((d, p) for (s, d), p in mine.items() if s == "available" and d >= month)
        )
        assert (seen.pending, seen.available) == tuple(
            sum(p for _, p in x) for x in (seen.settles, seen.expires)
        )

    def check_whole(self) -> None:
        """The journal by itself: its sum, its accounts, the buckets that it gives, and its audit."""
        rows = sql("select dr, cr, sum(points) from rewards_posting group by dr, cr")
        accounts: dict[str, int] = defaultdict(int)
        for dr, cr, points in rows:
            accounts[dr] -= int(points)
            accounts[cr] += int(points)
        assert sum(accounts.values()) == 0
        assert {a: p for a, p in accounts.items() if p} == {
            a: p for a, p in self.oracle.accounts.items() if p
        }
        assert sql(TWICE) == []
        rebuilt = {tuple(row[:4]): int(row[4]) for row in sql(self.ledger.buckets.EXPECTED)}
        assert rebuilt == buckets()
        report = Report()
        self.ledger.audit.check(report)
        assert report.problems == []
        self._check_owed()

    def _check_owed(self) -> None:
        """What is owed, now and as of the last moment, which must agree; and what the years were worth."""
        owed: dict[tuple[str, str, int], list[int]] = defaultdict(list)
        for (_, unit, state, due), points in self.oracle.buckets().items():
            owed[unit, state, due].append(points)
        want = [(*key, sum(points), len(points)) for key, points in sorted(owed.items())]
        assert [tuple(v) for v in self.ledger.balance.liability()] == want
        self._check_values()

    def _check_values(self) -> None:
        worth: dict[tuple[int, str, str], int] = defaultdict(int)
        for a in self.oracle.awards:
            if a.fate in ("settled", "restored"):
                worth[a.member, "pt", a.origin] += a.left
        for member, unit, amount, _, back in self.oracle.credits.values():
            worth[member, unit, "purchase"] += 0 if back else amount
        got: dict[tuple[int, str, str], int] = defaultdict(int)
        for year in range(2026, 2040):
            for value in self.ledger.balance.values_by_origin(year):
                got[value.member, value.unit, value.origin] += value.points
        assert {k: p for k, p in got.items() if p} == {k: p for k, p in worth.items() if p}

    def _redeem(self, member: int, points: int, unit: str, key: str) -> None:
        want = self.oracle.redeem(member, points, unit, key, self._month(self.now))
        try:
            with transaction.atomic():
                got: Any = tuple(self.ledger.spend.redeem(member, points, unit=unit, key=key, at=self.now))
        except ValueError as refused:
            got = type(refused).__name__
        assert got == want

    def _wish(self, source: str, a: int, b: int, at: int, **more: str) -> None:
        rules = list(RULES)
        for rule in {rules[a % 4], rules[b % 4]} if a % 2 == 0 else {rules[a % 4]}:
            self._queue(
                {
                    "source": source, "rule": rule, "seq": self._next(), "at": at, "points": 1 + b,
                    "member": self.members[b % len(self.members)], "day": self._day(at),
                    "month": self._month(at),
                    "settles": (at + HOLD_MS) // DAY + 1, "expires": self._month(at) + b % LIFE_MONTHS,
                    "held": "", "refused": "", "origin": ("purchase", "participation")[int(source[2:]) % 2],
                } | more
            )  # fmt: skip

    def _queue(self, wish: dict[str, Any]) -> None:
        self.waiting.append(wish)
        self.history.append(wish)

    def _candidate(self, wish: dict[str, Any]) -> Any:
        module = self.ledger.candidate
        terms = module.Terms(programme=1, rule=wish["rule"], **RULES[wish["rule"]])
        calendar = self.ledger.days.Calendar("UTC", HOLD_MS, LIFE_MONTHS)
        found = tuple(
            f(wish["at"]) for f in (calendar.day, calendar.month, calendar.settles, calendar.expires)
        )
        wanted = (wish["day"], wish["month"], wish["settles"], wish["month"] + LIFE_MONTHS)
        assert found == wanted
        return module.Candidate(terms=terms, **{k: v for k, v in wish.items() if k != "rule"})

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def _day(self, at: int) -> int:
        return at // DAY

    def _month(self, at: int) -> int:
        date = datetime.date(1970, 1, 1) + datetime.timedelta(days=at // DAY)
        return (date.year - 1970) * 12 + date.month - 1


def buckets() -> dict[Any, int]:
    """The table, without empty ones."""
    rows = sql("select member, unit, state, due, points from rewards_bucket")
    assert all(row[4] >= 0 for row in rows)
    return {tuple(row[:4]): row[4] for row in rows if row[4]}


def steps_of(draw: Any, count: int) -> Iterator[Step]:
    """Steps by a `random.Random`."""
    for _ in range(count):
        yield draw.choice(Play.KINDS), draw.randrange(60), draw.randrange(30), draw.randrange(60)
