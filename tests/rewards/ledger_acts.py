"""Candidates for tests of the ledger, made from a seed: hot members, duplicates, several rules and days."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

from django.db import OperationalError, connection, transaction

from bankside.rewards.ledger import post
from bankside.rewards.ledger.candidate import Candidate, Outcome, Terms
from bankside.rewards.ledger.days import Calendar, month_of
from bankside.rewards.models import Member
from tests.servers.postgresql import OWNER

TRIES_MAX = 5_000
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
START = 20_800 * DAY_MS
CALENDAR = Calendar("UTC", 72 * HOUR_MS, 3)
REPLY = Terms(programme=1, rule="reply", cap_points=20, cap_times=3)
EVENT = Terms(programme=1, rule="event", cap_points=60, per="month", cooldown_ms=2 * HOUR_MS)
FUNDED = Terms(programme=1, rule="scam-report", fund=300)
RULES = (REPLY, EVENT, Terms(programme=1, rule="poll", cap_times=2, per="week"))
_numbers = count(1)


def member() -> int:
    """A new member's number."""
    return int(Member.objects.create(customer_ref=f"acts-{next(_numbers)}", joined_at=0).pk)


def candidate(source: str, who: int, points: int = 9, *, at: int = START, **how: Any) -> Candidate:
    """One candidate; `seq` is its arrival, 0 unless it is given."""
    day = CALENDAR.day(at)
    given: dict[str, Any] = {
        "seq": 0, "terms": REPLY, "day": day, "month": month_of(day), "settles": CALENDAR.settles(at),
        "expires": CALENDAR.expires(at),
    }  # fmt: skip
    return Candidate(source=source, member=who, points=points, at=at, **{**given, **how})


def acts(seed: int, members: Sequence[int], how_many: int, rules: Sequence[Terms] = RULES) -> list[Candidate]:
    """Acts in order of arrival; one in eight is a replay of an earlier one."""
    draw, made, at = random.Random(seed), list[Candidate](), START
    for seq in range(how_many):
        at += draw.randrange(20 * 60_000)
        source = f"a:{draw.randrange(seq)}" if seq and not draw.randrange(8) else f"a:{seq}"
        place = int(source[2:])
        who, terms = members[place * place % len(members)], rules[place % len(rules)]
        made.append(candidate(source, who, 1 + place % 12, at=at, seq=seq, terms=terms))
    return made


def posted(candidates: Sequence[Candidate], batch: int = 1_000) -> list[Outcome]:
    """Posts in batches, a transaction each."""
    found: list[Outcome] = []
    for start in range(0, len(candidates), batch):
        found += in_one(partial(post.post, candidates[start : start + batch]))
    return found


def in_one(call: Callable[[], Any]) -> Any:
    """A call in a transaction of its own. The tests' SQLite lies in memory, where nobody waits for a lock."""
    for _ in range(TRIES_MAX):
        try:
            with transaction.atomic():
                return call()
        except OperationalError as error:
            if "is locked" not in str(error):
                raise
            time.sleep(0.002)
    raise AssertionError("locked for ever")


def journal() -> list[Any]:
    """Every row of the journal but for its number, in an order that says nothing of batches."""
    columns = "source, rule, kind, due, until, member, unit, dr, cr, points, at, programme, origin"
    return sql(f"select {columns} from rewards_posting order by source, rule, kind, due")


def sql(statement: str, values: Sequence[Any] = ()) -> list[Any]:
    """Rows of a statement; none of one that gives none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall()) if cursor.description else []


def let_the_journal_change() -> None:
    """Takes the append-only triggers away, as the tables' owner could, until the test is rolled back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"set local role {OWNER}")
            for table in ("rewards_posting", "rewards_batch"):
                cursor.execute(f"drop trigger {table}_no_change on {table}")
            return
        for table in ("rewards_posting", "rewards_batch"):
            for event in ("update", "delete", "replace"):
                cursor.execute(f"drop trigger {table}_no_{event}")
