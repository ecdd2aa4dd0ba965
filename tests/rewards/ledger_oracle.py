"""The ledger once more, so plainly that it is slow: lists of everything that ever happened, summed anew each
time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

HOUR, DAY = 3_600_000, 86_400_000
WINDOWS_KEPT = 4
# rule -> points, times, length of the window, cool-down in ms, fund
RULES: dict[str, dict[str, Any]] = {
    "reply": {"cap_points": 20, "cap_times": 3, "per": "day"},
    "event": {"cap_points": 30, "per": "month", "cooldown_ms": 2 * HOUR},
    "poll": {"cap_points": 25, "cap_times": 4, "per": "week", "fund": 90},
    "quiz": {"cap_times": 2, "per": "day", "cooldown_ms": 600_000},
}
Bucket = tuple[int, str, str, int]


@dataclass(slots=True)
class Award:
    """What a source earned and what became of it."""

    source: str
    rule: str
    member: int
    points: int
    day: int
    month: int
    fate: str = ""
    unit: str = "pt"
    origin: str = "participation"
    returned: dict[int, int] = field(default_factory=dict)  # refund -> points
    reversed: list[tuple[int, int, int]] = field(default_factory=list)  # month (0: written off), points, when

    @property
    def left(self) -> int:
        return self.points - sum(self.returned.values())


@dataclass
class Oracle:
    """Everything that happened, in lists."""

    decided: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    counted: list[tuple[int, str, int, int]] = field(default_factory=list)  # member, rule, at, window
    paid: list[tuple[int, str, int, int]] = field(default_factory=list)  # member, rule, window, points
    awards: list[Award] = field(default_factory=list)
    lots: list[list[Any]] = field(default_factory=list)  # member, unit, month, points (more or less)
    flags: dict[str, str] = field(default_factory=dict)
    spent: dict[str, list[tuple[int, str, int, int]]] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    credits: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def post(self, wishes: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return [self._decide(wish) for wish in sorted(wishes, key=lambda wish: wish["seq"])]

    def _decide(self, wish: dict[str, Any]) -> tuple[Any, ...]:
        key = (wish["source"], wish["rule"])
        before = self.decided.get(key)
        if before and not (before[1] == "held" and not wish["held"]):
            return (*key, before[0], "known", before[1])
        points, outcome, reason = self._looked_at(wish)
        self.decided[key] = (points, outcome)
        if points:
            when = (wish["settles"], wish["expires"])
            self.awards.append(Award(*key, wish["member"], points, *when, origin=wish["origin"]))
            self._account("issued", "pending", points)
        return (*key, points, outcome, reason)

    def _looked_at(self, wish: dict[str, Any]) -> tuple[int, str, str]:
        if wish["refused"]:
            return 0, "refused", wish["refused"]
        if wish["held"]:
            return 0, "held", wish["held"]
        member, rule, terms = wish["member"], wish["rule"], RULES[wish["rule"]]
        window = {"day": wish["day"], "week": (wish["day"] + 3) // 7, "month": wish["month"]}[terms["per"]]
        mine = [(at, w) for m, r, at, w in self.counted if (m, r) == (member, rule)]
        latest = max((at for at, _ in mine), default=None)
        cooldown = terms.get("cooldown_ms", 0)
        if cooldown and latest is not None and abs(wish["at"] - latest) < cooldown:
            return 0, "capped", "cool-down"
        newest = sorted({w for _, w in mine})[-WINDOWS_KEPT:]
        if len(newest) == WINDOWS_KEPT and window < newest[0]:
            return 0, "refused", "late"
        self.counted.append((member, rule, wish["at"], window))
        return self._paid(wish, window, terms)

    def _paid(self, wish: dict[str, Any], window: int, terms: dict[str, Any]) -> tuple[int, str, str]:
        member, rule = wish["member"], wish["rule"]
        before = [points for m, r, w, points in self.paid if (m, r, w) == (member, rule, window)]
        if "cap_times" in terms and len(before) >= terms["cap_times"]:
            return 0, "capped", "cap-times"
        points, reason = wish["points"], ""
        if "cap_points" in terms and sum(before) + points > terms["cap_points"]:
            points, reason = terms["cap_points"] - sum(before), "cap-points"
        fund_left = terms.get("fund", 10**9) - sum(p for _, r, _, p in self.paid if r == rule)
        if points > fund_left:
            points, reason = fund_left, "fund"
        if points:
            self.paid.append((member, rule, window, points))
        return points, "awarded" if points else "capped", reason

    def settle(self, today: int) -> int:
        done = 0
        for award in self.awards:
            if (
                not award.fate
                and award.day <= today
                and self.flags.get(award.source, "released") == "released"
            ):
                award.fate = "settled"
                self._lot(award.member, "pt", award.month, award.left)
                self._account("pending", "available", award.left)
                done += 1
        return done

    def expire(self, month: int) -> int:
        over = {key: points for key, points in self._available().items() if key[2] < month and points}
        for (member, unit, due), points in over.items():
            self._lot(member, unit, due, -points)
            self._account("available", "expired", points)
        return len(over)

    def claw_back(self, source: str, day: int) -> int:
        mine = [a for a in self.awards if a.source == source and not a.fate and day < a.day]
        for award in mine:
            award.fate = "deleted"
            self._account("pending", "clawed", award.left)
        return sum(award.left for award in mine)

    def give_back(self, source: str, refunds: list[int], whole: int, day: int) -> int:
        """Refunds so far of a payment: each takes what is missing of its share then, rounded down."""
        part = sum(refunds)
        if part >= whole:
            return self.claw_back(source, day)
        taken = 0
        for award in [a for a in self.awards if a.source == source and not a.fate and day < a.day]:
            points = award.points * part // whole - sum(award.returned.values())
            if points > 0:
                award.returned[len(refunds)] = points
                self._account("pending", "clawed", points)
                taken += points
        return taken

    def restore(self, source: str, month: int) -> tuple[int, int]:
        """Back into the months that it was taken from; as far ahead as then, when that has passed."""
        back, written = 0, 0
        for award in [a for a in self.awards if a.source == source and a.fate == "reversed"]:
            award.fate = "restored"
            for due, points, then in award.reversed:
                if not due:
                    self._account("clawed", "write-off", points)
                    written += points
                    continue
                self._lot(award.member, "pt", due if due >= month else month + max(0, due - then), points)
                self._account("clawed", "available", points)
                back += points
        return back, written

    def reverse(self, source: str, month: int) -> tuple[int, int]:
        taken, short = 0, 0
        for award in sorted(
            (a for a in self.awards if a.source == source and a.fate in ("", "settled")),
            key=lambda award: award.rule,
        ):
            if award.fate == "settled":
                parts = self._take_back(award.member, "pt", award.left, award.month)
                part = sum(points for _, points in parts)
            else:
                part, parts = award.left, [(award.month, award.left)]
                self._account("pending", "clawed", part)
            award.fate, missing = "reversed", award.left - part
            award.reversed = [(due, points, month) for due, points in parts if points]
            award.reversed += [(0, missing, month)] if missing else []
            taken, short = taken + part, short + missing
        return taken, short

    def redeem(self, member: int, points: int, unit: str, key: str, month: int) -> Any:
        if key in self.spent:
            same = self.spent[key]
            if (sum(s[3] for s in same), same[0][0], same[0][1]) != (points, member, unit):
                return "KeyTaken"
            return points, tuple((due, p) for _, _, due, p in same), True
        there = {k[2]: p for k, p in self._available().items() if k[:2] == (member, unit) and k[2] >= month}
        if points < 1 or sum(there.values()) < points:
            return "NotEnough"
        parts, left = [], points
        while left:
            due = min(month for month, points in there.items() if points)
            part = min(left, there[due])
            there[due] -= part
            left -= part
            parts.append((member, unit, due, part))
            self._lot(member, unit, due, -part)
            self._account("available", "redeemed", part)
        self.spent[key] = parts
        return points, tuple((due, p) for _, _, due, p in parts), False

    def undo(self, key: str) -> int:
        if key in self.undone or key not in self.spent:
            return 0
        self.undone.add(key)
        for part in self.spent[key]:
            self._lot(*part)
            self._account("redeemed", "available", part[3])
        return sum(part[3] for part in self.spent[key])

    def credit(self, member: int, unit: str, amount: int, source: str, rule: str, expires: int) -> int:
        if (source, rule) in self.credits:
            return 0
        self.credits[source, rule] = [member, unit, amount, expires, False]
        self._lot(member, unit, expires, amount)
        self._account("issued", "available", amount)
        return amount

    def uncredit(self, source: str, rule: str) -> tuple[int, int]:
        given = self.credits.get((source, rule))
        if given is None or given[4]:
            return 0, 0
        given[4] = True
        member, unit, amount, expires, _ = given
        part = sum(points for _, points in self._take_back(member, unit, amount, expires))
        return part, amount - part

    def buckets(self) -> dict[Bucket, int]:
        """Every bucket that is not empty."""
        found: dict[Bucket, int] = defaultdict(int)
        for award in self.awards:
            if not award.fate:
                found[award.member, "pt", "pending", award.day] += award.left
        for (member, unit, month), points in self._available().items():
            found[member, unit, "available", month] += points
        return {key: points for key, points in found.items() if points}

    def _take_back(self, member: int, unit: str, wanted: int, own: int) -> list[tuple[int, int]]:
        """From the award's own month, then from the one that expires first; the rest is written off."""
        parts = []
        there = {k[2]: p for k, p in self._available().items() if k[:2] == (member, unit) and p}
        left = wanted
        for month in [own, *sorted(month for month in there if month != own)]:
            part = min(left, there.get(month, 0))
            left -= part
            if part:
                parts.append((month, part))
                self._lot(member, unit, month, -part)
                self._account("available", "clawed", part)
        if left:
            self._account("write-off", "clawed", left)
        return parts

    def _available(self) -> dict[tuple[int, str, int], int]:
        found: dict[tuple[int, str, int], int] = defaultdict(int)
        for member, unit, month, points in self.lots:
            found[member, unit, month] += points
        return found

    def _lot(self, member: int, unit: str, month: int, points: int) -> None:
        self.lots.append([member, unit, month, points])

    def _account(self, dr: str, cr: str, points: int) -> None:
        self.accounts[dr] -= points
        self.accounts[cr] += points
