"""Spending points: four clients at once, as the desk's web server has four threads, against a bare
transaction of the same shape: lock a row, take from a bucket, insert two rows, commit, by plain statements on
the same database, in turns with ours, so that what else the machine does slows both.

`redeem-...` is the ledger's part in a transaction of its own, `redeem-whole-...` what a member's press of the
button does: programme, choice, card, line for the statement, and the record. On PostgreSQL, give
BANKSIDE_DATABASE_URL as for the other benches; SQLite has one writer, for which four clients wait.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from statistics import median
from typing import Any

from bench.desk import empty_desk

CLIENTS = 4
ROUNDS = 10
WARM = 5
MONTHS = 60
POINTS_EACH, SPENT = 20, 30
MEMBERS_MAX = 400
ZONE = "Asia/Seoul"
PROGRAMME = """
[programme]
id = "bench"
unit = "pt"
tz = "Asia/Seoul"
currency = "KRW"
worth = {points = 1, minor = 1}
hold = "72h"
life = "60M"
notice = "6M"

[[earn]]
id = "feedback"
class = "A"
on = "feedback"
points = "30"
cap = {points = 60, times = 2, per = "month"}
"""
Act = Callable[[Any, str], object]
_numbers = count(1)


def measure(size: int) -> dict[str, float]:
    """Spends `size` times by each way, in ms: `redeem` and `redeem-whole` the 99th percentile of four
    clients, `-middle` their median, `-alone` the median of one client; `redeem-bare` is the bare
    transaction's. `-ratio`: how long ours takes in bare ones, four clients; `-statements`, with begin and
    commit.
    """
    with empty_desk():
        members = _members(min(MEMBERS_MAX, max(CLIENTS, size)))
        ways = {"redeem": _ledger(), "redeem-whole": _whole, "redeem-bare": _bare()}
        figures = {f"{name}-statements": float(_statements(act, members[0])) for name, act in ways.items()}
        with ThreadPoolExecutor(1) as alone:
            for name, act in ways.items():
                figures[f"{name}-alone"] = 1000 * median(_at_once(alone, act, members, size // 4))
        taken: dict[str, list[float]] = {name: [] for name in ways}
        with ThreadPoolExecutor(CLIENTS) as clients:
            for _ in range(ROUNDS):
                for name, act in ways.items():
                    taken[name] += _at_once(clients, act, members, size // ROUNDS)
        for name, seconds in taken.items():
            figures[name] = 1000 * sorted(seconds)[int(len(seconds) * 0.99)]
            figures[f"{name}-middle"] = 1000 * median(seconds)
            figures[f"{name}-ratio"] = sum(seconds) / sum(taken["redeem-bare"])
    return figures


# --- three ways to spend ------------------------------------------------------------------------------------
def _ledger() -> Act:
    from django.db import transaction

    from bankside.record import clock
    from bankside.rewards.ledger import spend

    at = clock.now_ms()

    def act(member: Any, key: str) -> object:
        with transaction.atomic():
            return spend.redeem(member.pk, SPENT, key=key, at=at, zone=ZONE)

    return act


def _whole(member: Any, key: str) -> object:
    from bankside.rewards import redemption

    return redemption.redeem(member, "statement", SPENT, key)


def _bare() -> Act:
    """A bare table of each kind; every statement is one way to the database and back, as with ours."""
    from django.db import connection, transaction

    on_postgresql = connection.vendor == "postgresql"
    blob, for_update = ("bytea", " for update") if on_postgresql else ("blob", "")
    with connection.cursor() as cursor:
        cursor.execute("create table bare_bucket (member bigint primary key, points bigint not null)")
        cursor.execute(
            "create table bare_posting (key varchar(80) primary key, member bigint, points bigint)"
        )
        cursor.execute(f"create table bare_entry (key text primary key, body {blob})")
        cursor.execute(f"insert into bare_bucket select id, {10**9} from rewards_member")
    body = b"\x00" * 600  # about what an entry and its words have

    def act(member: Any, key: str) -> object:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"select points from bare_bucket where member = %s{for_update}", [member.pk])
            cursor.execute(
                "update bare_bucket set points = points - %s where member = %s", [SPENT, member.pk]
            )
            cursor.execute("insert into bare_posting values (%s, %s, %s)", [key, member.pk, SPENT])
            cursor.execute("insert into bare_entry values (%s, %s)", [key, body])
        return None

    return act


# --- doing and counting -------------------------------------------------------------------------------------
def _at_once(clients: ThreadPoolExecutor, act: Act, members: list[Any], times: int) -> list[float]:
    """Seconds of each of so many acts, shared out among clients, which begin together."""
    number = clients._max_workers
    begin = threading.Barrier(number)
    shares = [
        clients.submit(_client, act, members[one::number], times // number, begin) for one in range(number)
    ]
    return [seconds for share in shares for seconds in share.result()]


def _client(act: Act, members: list[Any], times: int, begin: threading.Barrier) -> list[float]:
    """A web server keeps its connections for ten minutes: what is done first on one is not counted."""
    taken: list[float] = []
    begin.wait()
    first = next(_numbers)  # not always the same members first: they would run out of points
    for n in range(WARM + max(1, times)):
        key = f"bench:{next(_numbers)}"
        started = time.perf_counter()
        act(members[(first + n) % len(members)], key)
        taken.append(time.perf_counter() - started)
    return taken[WARM:]


def _statements(act: Act, member: Any) -> int:
    """How many statements one act is. Django's begin on PostgreSQL, and its commit, pass no cursor."""
    from django.db import connection

    act(member, f"bench:{next(_numbers)}")  # what is read once in a process is read
    told: list[str] = []

    def tell(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        told.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(tell):
        act(member, f"bench:{next(_numbers)}")
    return len(told) + (2 if connection.vendor == "postgresql" else 1)


# --- what there is to begin with ----------------------------------------------------------------------------
def _members(how_many: int) -> list[Any]:
    """Members with a card and points that expire in sixty months, one after the other; they are known to the
    record, and a programme is in force."""
    from bankside.record import subjects
    from bankside.rewards.models import Card, Member

    _programme()
    Member.objects.bulk_create(
        (Member(customer_ref=f"bench-{n}", joined_at=1, adult=True) for n in range(how_many)), batch_size=500
    )
    members = list(Member.objects.order_by("pk"))
    Card.objects.bulk_create(
        (
            Card(
                member=one, token_ref=f"tok-{one.pk}", theme="ink", name="GUEST", state=Card.ACTIVE,
                code=f"code{one.pk}", asked_at=0,
            )
            for one in members
        ),
        batch_size=500,
    )  # fmt: skip
    subjects.subjects_of(("member", one.obj) for one in members)
    for start in range(0, how_many, 20):
        _give(members[start : start + 20])
    return members


def _give(members: list[Any]) -> None:
    from django.db import transaction

    from bankside.record import clock
    from bankside.rewards.ledger import spend
    from bankside.rewards.ledger.days import Calendar

    now = clock.now_ms()
    give = partial(spend.Credit, unit="pt", amount=POINTS_EACH, rule="given", at=now)
    first = Calendar(ZONE).month(now) + 1
    with transaction.atomic():
        spend.credit_all([
            give(member=one.pk, source=f"given:{one.pk}:{n}", expires=first + n)
            for one in members for n in range(MONTHS)
        ])  # fmt: skip


def _programme() -> None:
    """One in force, as the desk makes it so: one writes, two others agree."""
    from bankside.people import staff
    from bankside.rewards import programme

    author, *others = (
        staff.add(f"{role}@hanulbank.example", f"Somebody {role}", role=role)
        for role in ("author", "approver", "compliance")
    )
    row = programme.submit(author, programme.draft(author, name="bench", text=PROGRAMME).obj)
    for other in others:
        row = programme.approve(other, row.obj, sha256=row.sha256)
