"""Faults put into the ledger one at a time: at least 95% are noticed by playing against the naive ledger.

A fault is a piece of text of one file and what takes its place. The ledger is then imported anew, with that
file changed, for the length of a play; what is in use elsewhere stays as it is.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from django.db import transaction

from bankside.rewards import ledger as package
from tests.rewards.ledger_acts import member
from tests.rewards.ledger_play import MODULES, Play, steps_of

pytestmark = [pytest.mark.django_db, pytest.mark.more]
HERE = Path(str(package.__file__)).parent
SEEDS, STEPS, SAMPLE = range(16), 110, 8
KILLED_SHARE_MIN = 0.95


class Fault(NamedTuple):
    """In `file`, the first `old` becomes `new`."""

    file: str
    old: str
    new: str


FAULTS = [
    Fault("decide", "before[1] != HELD or candidate.held", "before[1] != HELD"),
    Fault("decide", "before[1] != HELD or candidate.held", "True"),
    Fault("decide", "before is not None and", "False and before is not None and"),
    Fault("decide", "Outcome(*key, before[0], KNOWN, before[1])", "Outcome(*key, 0, KNOWN, before[1])"),
    Fault("decide", "known[key] = (points, outcome)", "known[key] = (candidate.points, outcome)"),
    Fault("decide", "if candidate.refused:", "if False:"),
    Fault("decide", "if candidate.held:", "if False:"),
    Fault("decide", "if reason == LATE:", "if False:"),
    Fault("decide", "AWARDED if points else CAPPED", "AWARDED"),
    Fault("decide", "if terms.cooldown_ms and meter.cools", "if False and meter.cools"),
    Fault("decide", "state.moved.add(candidate.member)", "pass"),
    Fault("decide", "candidate.at > numbers[0]", "candidate.at < numbers[0]"),
    Fault("decide", "numbers[0] = candidate.at", "pass"),
    Fault("decide", "numbers[place] += points", "numbers[place] += 1"),
    Fault("decide", "numbers[place + 1] += 1", "pass"),
    Fault("decide", "state.funds[terms.rule] += points", "state.funds[terms.rule] += candidate.points"),
    Fault("decide", "state.funds[terms.rule] += points", "pass"),
    Fault("decide", "times >= terms.cap_times", "times > terms.cap_times"),
    Fault("decide", "points > terms.cap_points - used:", "points > terms.cap_points:"),
    Fault("decide", "max(0, terms.cap_points - used), CAP_POINTS", "0, CAP_POINTS"),
    Fault("decide", "points > terms.fund - funds[terms.rule]:", "False:"),
    Fault("decide", "max(0, terms.fund - funds[terms.rule]), FUND", "0, FUND"),
    Fault("meter", "return (candidate.day + 3) // 7", "return candidate.day // 7"),
    Fault("meter", "return candidate.month", "return candidate.day"),
    Fault("meter", "abs(at - numbers[0]) < cooldown_ms", "at - numbers[0] < cooldown_ms"),
    Fault("meter", "abs(at - numbers[0]) < cooldown_ms", "abs(at - numbers[0]) <= cooldown_ms + 60_000"),
    Fault("meter", "WINDOWS_MAX: Final = 4", "WINDOWS_MAX: Final = 3"),
    Fault("meter", "oldest = min(", "oldest = max("),
    Fault("meter", "if window < numbers[oldest]:", "if False:"),
    Fault("meter", "[window, 0, 0]\n        return oldest",
          "[window, numbers[oldest + 1], 0]\n        return oldest"),
    Fault("post", 'sorted((one for share in asked for one in share.candidates), key=attrgetter("seq"))',
          "[one for share in asked for one in share.candidates]"),
    Fault("post", "if key not in waiting", "if True"),
    Fault("post", "(_CHANGE, changed), (_TAKE_OUT, awarded)", "(_TAKE_OUT, awarded),"),
    Fault("post", "(_CHANGE, changed), (_TAKE_OUT, awarded)", "(_CHANGE, changed),"),
    Fault("post", "if outcome.outcome == AWARDED:", "if outcome.points or outcome.outcome == 'capped':"),
    Fault("post", "left.pop((outcome.source, outcome.rule), None)", "pass"),
    Fault("post", "and kind = 'earn'", "and kind = 'settle'"),
    Fault("post", "if used != paid[rule]", "if False"),
    Fault("post", "candidate.settles, candidate.expires,", "candidate.expires, candidate.settles,"),
    Fault("post", "ISSUED, PENDING, outcome.points", "ISSUED, PENDING, candidate.points"),
    Fault("post", "ISSUED, PENDING, outcome.points", "ISSUED, 'available', outcome.points"),
    Fault("journal", "((dr, -points), (cr, points))", "((cr, points),)"),
    Fault("journal", "due if state == PENDING else until", "due"),
    Fault("journal", "due if state == PENDING else until", "until"),
    Fault("journal", "batch=obj, rows=rows", "batch=obj, rows=rows - 1"),
    Fault("journal", "hashlib.sha256(\"\".join(self._lines).encode())", "hashlib.sha256(b'')"),
    Fault("buckets", "[row for row in rows if row[-1] < 0]", "[]"),
    Fault("buckets", "rewards_bucket.points + excluded.points", "excluded.points"),
    Fault("settle", "f.state <> 'released'", "f.state = 'reversed'"),
    Fault("settle", "b.due <= %s", "b.due < %s"),
    Fault("settle", "{PENDING_STILL} and {_UNFLAGGED}", "{_UNFLAGGED}"),
    Fault("settle", "points > 0 and due < %s", "points > 0 and due <= %s"),
    Fault("settle", "PENDING, AVAILABLE, a.left", "PENDING, EXPIRED, a.left"),
    Fault("awards", "and due >= %s and points > 0 order by due", "and points > 0 and %s > 0 order by due"),
    Fault("awards", "kind in ('settle', 'delete', 'fraud')", "kind in ('settle', 'fraud')"),
    Fault("awards", "kind in ('settle', 'delete', 'fraud')", "kind in ('settle', 'delete')"),
    Fault("claw", "if not award.fates and day < award.due", "if day < award.due"),
    Fault("claw", "if not award.fates and day < award.due", "if not award.fates"),
    Fault("claw", "day < award.due", "day <= award.due"),
    Fault("claw", "if not award.fates & {DELETE, FRAUD}", "if not award.fates & {DELETE}"),
    Fault("claw", "if not award.fates & {DELETE, FRAUD}", "if not award.fates & {FRAUD}"),
    Fault("claw", "if SETTLE in award.fates:", "if True:"),
    Fault("claw", "(month != own, month)", "month"),
    Fault("claw", "(month != own, month)", "(month != own, -month)"),
    Fault("claw", "wanted -= points", "pass"),
    Fault("claw", "left[month] -= points", "pass"),
    Fault("claw", "if taken < award.left:", "if False:"),
    Fault("claw", "if part >= whole:", "if part > whole:"),
    Fault("claw", "award.points * part // whole", "-(-award.points * part // whole)"),
    Fault("claw", "part // whole - award.returned", "part // whole"),
    Fault("claw", "not award.fates and day < award.due and points > 0", "day < award.due and points > 0"),
    Fault("claw", "day < award.due and points > 0", "points > 0"),
    Fault("claw", "move._replace(source=key, why=source)", "move._replace(source=key)"),
    Fault("claw", "if key not in awards.returns(award)", "if True"),
    Fault("claw", "if FRAUD in award.fates and RESTORE not in award.fates", "if FRAUD in award.fates"),
    Fault("claw", "if FRAUD in award.fates and RESTORE not in award.fates", "if True"),
    Fault("claw", "or until >= now else", "else"),
    Fault("claw", "or until >= now else", "or until > now else"),
    Fault("claw", "max(0, until - calendar.month(taken_at))", "0"),
    Fault("claw", "AVAILABLE if month else WRITTEN_OFF", "AVAILABLE"),
    Fault("claw", "if move.cr == WRITTEN_OFF", "if move.dr == WRITTEN_OFF"),
    Fault("awards", "and q.rule = p.rule and q.why = p.source", "and q.rule = p.rule"),
    Fault("awards", "return self.points - self.returned", "return self.points"),
    Fault("settle", "PENDING, AVAILABLE, a.left", "PENDING, AVAILABLE, a.points"),
    Fault("claw", "moves) - shortfall, shortfall)", "moves), shortfall)"),
    Fault("spend", "sorted(due for due, points in left.items() if due >= month and points)",
          "sorted((due for due, points in left.items() if due >= month and points), reverse=True)"),
    Fault("spend", "wish.points < 1 or wish.points > there", "wish.points > there + 1"),
    Fault("spend", "sum(points for due, points in left.items() if due >= month)", "sum(left.values())"),
    Fault("spend", "left.items() if due >= month and points):", "left.items() if points):"),
    Fault("spend", "if wish.key in known:", "if False:"),
    Fault("spend", "!= (wish.points, wish.member, wish.unit)", "!= (points, wish.member, wish.unit)"),
    Fault("spend", "if _spent([key], UNDO):", "if False:"),
    Fault("spend", "dr=REDEEMED, cr=AVAILABLE, at=at",
          "dr=REDEEMED, cr=AVAILABLE, until=move.until + 1, at=at"),
    Fault("spend", "if key in known:", "if False:"),
    Fault("spend", "known.add(key)", "pass"),
    Fault("spend", "amount=given.points", "amount=given.points + 1"),
    Fault("spend", "if taken < change.amount:", "if False:"),
    Fault("spend", "AVAILABLE, CLAWED, points)", "AVAILABLE, REDEEMED, points)"),
    Fault("standing", "b.state = '{AVAILABLE}' and b.points > 0", "b.points > 0"),
    Fault("standing", "where source {_AMONG} and kind = %s", "where source {_AMONG} and kind <> %s"),
    Fault("balance", "if state == AVAILABLE and due >= month", "if state == AVAILABLE"),
    Fault("balance", "for state, due, points in rows if state == PENDING", "for state, due, points in rows"),
    Fault("balance", "('settle', 'offer', 'restore') then points else -points end)\n    from",
          "('settle', 'offer', 'restore') then points else 0 end)\n    from"),
    Fault("balance", "'refund', 'restore') or", "'refund') or"),
    Fault("days", "day(at + self.hold_ms) + 1", "day(at + self.hold_ms)"),
    Fault("days", "(on.year - 1970) * 12 + on.month - 1", "(on.year - 1970) * 12 + on.month"),
]  # fmt: skip


class Undone(Exception):
    """Ends a play: everything it wrote is undone."""


@pytest.mark.parametrize("fault", random.Random(5).sample(FAULTS, SAMPLE), ids=str)
def test_a_few_faults_are_noticed(fault: Fault) -> None:
    assert noticed(fault)


def test_without_a_fault_nothing_is_noticed() -> None:
    assert not noticed(Fault("decide", "Pure:", "Pure :"))


@pytest.mark.long
@pytest.mark.timeout(900)
def test_of_all_faults_at_least_95_percent_are_noticed() -> None:
    survivors = [fault for fault in FAULTS if not noticed(fault)]
    killed = 1 - len(survivors) / len(FAULTS)
    print(f"{len(FAULTS)} faults, {killed:.1%} noticed", *survivors, sep="\n")  # noqa: T201
    assert len(FAULTS) >= 40 and killed >= KILLED_SHARE_MIN, survivors


def test_every_fault_is_one() -> None:
    wrong = [f for f in FAULTS if f.old not in source(f.file) or f.old == f.new]
    assert wrong == []


def noticed(fault: Fault) -> bool:
    """Whether any of sixteen plays ends otherwise than it should."""
    with changed(fault):
        return any(failed(seed) for seed in SEEDS)


def failed(seed: int) -> bool:
    try:
        with transaction.atomic():
            play = Play(members=(member(), member(), member()), batch=1 + seed)
            play.run(list(steps_of(random.Random(seed), STEPS)))
            raise Undone
    except Undone:
        return False
    except Exception:
        return True


@contextmanager
def changed(fault: Fault) -> Iterator[None]:
    """The ledger imported anew with the fault in it; afterwards the one from before."""
    names = [f"{package.__name__}.{name}" for name in MODULES]
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    for name in MODULES:
        vars(package).pop(name, None)
    try:
        broken = ModuleType(f"{package.__name__}.{fault.file}")
        broken.__file__ = str(HERE / f"{fault.file}.py")
        sys.modules[broken.__name__] = broken
        setattr(package, fault.file, broken)
        text = source(fault.file)
        assert fault.old in text
        exec(compile(text.replace(fault.old, fault.new, 1), broken.__file__, "exec"), vars(broken))
        for name in names:
            import_module(name)
        yield
    finally:
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(before)
        for name, module in before.items():
            setattr(package, name.rpartition(".")[2], module)


def source(file: str) -> str:
    return (HERE / f"{file}.py").read_text()
