"""Every back end gives the same points for every rule and every act, and no payout leaves its bounds."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import duckdb
import ibis
import pyarrow
import pytest

from bankside.rewards.rules import closures, in_ibis, in_sql, walk
from bankside.rewards.rules.act import Act
from bankside.rewards.rules.fields import ACT, MEMBER
from bankside.rewards.rules.standing import Standing
from tests.rewards.random_rules import WORDS, Rule, acts, rules
from tests.servers import postgresql

# ibis 12 asks DuckDB 2 by an older name.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
RULES, RULES_LONG = 200, 10_000
AT_ONCE = 25
Rows = list[tuple[object, ...]]
Ask = Callable[[str], Rows]
TYPES = {"int": "bigint", "bool": "boolean", "str": "text", "list": "text"}


def table(names: dict[str, str]) -> str:
    columns = ", ".join(f'"{name}" {of}' for name, of in names.items())
    return f"create table seen (n bigint, {columns})"


def kept(seen: object, name: str) -> object:
    value = getattr(seen, name)
    return "".join(f"|{word}" for word in value) + "|" * bool(value) if isinstance(value, tuple) else value


class Engines:
    """The same rows in every database that is there."""

    def __init__(self, seen: Sequence[object], types: dict[str, str]) -> None:
        self.seen = seen
        self.rows = [(n, *(kept(one, name) for name in types)) for n, one in enumerate(seen)]
        self.types, self.places = types, ", ".join("?" * (len(types) + 1))

    def sqlite(self) -> Ask:
        database = sqlite3.connect(":memory:")
        database.execute(table(self.types))
        database.executemany(f"insert into seen values ({self.places})", self.rows)
        return lambda text: database.execute(text).fetchall()

    def duckdb(self) -> Ask:
        database = duckdb.connect(":memory:", config={"threads": 1})
        database.execute(table(self.types))
        database.executemany(f"insert into seen values ({self.places})", self.rows)
        return lambda text: database.execute(text).fetchall()


def disagreements(found: list[Rule], seen: Sequence[object], ask: Ask, dialect: in_sql.Dialect) -> list[str]:
    """The rules for which a database says something else than the reference."""
    wrong = []
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        columns = ", ".join(in_sql.award(rule.when, rule.points, dialect) for rule in some)
        answers = zip(*ask(f"select {columns} from seen order by n"), strict=True)
        for rule, answer in zip(some, answers, strict=True):
            if list(answer) != [walk.award(rule.when, rule.points, one) for one in seen]:
                wrong.append(f"{rule.when.text} -> {rule.points.text}")
    return wrong


def as_python(found: list[Rule], seen: Sequence[object]) -> list[str]:
    """The rules for which the made code says something else than the reference, or that leave bounds."""
    wrong = []
    for rule in found:
        made = closures.earner(rule.when, rule.points)
        for one in seen:
            points = walk.award(rule.when, rule.points, one)
            held = walk.holds(rule.when, one)
            bounded = not held or rule.payout.least <= points <= rule.payout.most
            if made(one) != points or not bounded:  # type: ignore[arg-type]
                wrong.append(f"{rule.when.text} -> {rule.points.text}: {one}")
    return wrong


ACT_TYPES = {name: TYPES[field.type] for name, field in ACT.items()}
MEMBER_TYPES = {name: TYPES[field.type] for name, field in MEMBER.items()}


def members(seed: int, count: int) -> list[Standing]:
    chance = random.Random(seed)
    return [
        Standing(
            tier=chance.randint(-1, 4), tenure=chance.choice((0, 5, 1_200, 9_999)),
            spend=chance.randint(0, 10**13), active_days=chance.randint(0, 31),
            link_days=chance.randint(-3, 40_000), language=chance.choice(("ko", "nl", "en")),
            interest=tuple(chance.sample(WORDS, chance.randint(0, 3))),
        )
        for _ in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def few() -> list[Rule]:
    return list(rules(seed=5, count=RULES))


@pytest.fixture(scope="module")
def seen() -> list[Act]:
    return acts(seed=6, count=40)


def test_made_code_agrees_and_bounds_cover_every_payout(few: list[Rule], seen: list[Act]) -> None:
    assert as_python(few, seen) == []
    paid = [rule for rule in few if any(walk.award(rule.when, rule.points, act) for act in seen)]
    assert len(paid) > RULES / 4, "the random rules hardly ever pay: nothing is compared"


def test_rules_that_are_made_together_pay_what_each_pays(few: list[Rule], seen: list[Act]) -> None:
    together: Any = [
        SimpleNamespace(
            when=rule.when, points=rule.points, own_thread=n % 3 == 0, campaign=WORDS[5] * (n % 2)
        )
        for n, rule in enumerate(few[:60])
    ]
    made = closures.earners(together)
    each = [
        closures.earner(one.when, one.points, own_thread=one.own_thread, campaign=one.campaign)
        for one in together
    ]
    for act in seen:
        assert made(act) == tuple(one(act) for one in each)


def test_databases_agree(few: list[Rule], seen: list[Act]) -> None:
    engines = Engines(seen, ACT_TYPES)
    assert disagreements(few, seen, engines.sqlite(), "sqlite") == []
    assert disagreements(few, seen, engines.duckdb(), "duckdb") == []


def test_offers_agree() -> None:
    found, some = list(rules(seed=7, count=100, fields=MEMBER)), members(8, 40)
    assert as_python(found, some) == []
    assert [r for r in found if any(closures.chooser(r.when)(m) != walk.holds(r.when, m) for m in some)] == []
    engines = Engines(some, MEMBER_TYPES)
    assert disagreements(found, some, engines.sqlite(), "sqlite") == []
    assert disagreements(found, some, engines.duckdb(), "duckdb") == []


def test_ibis_agrees(few: list[Rule], seen: list[Act]) -> None:
    columns = {name: [getattr(act, name) for act in seen] for name in ("seq", *ACT)}
    there = ibis.duckdb.connect()
    acts_table = there.create_table("acts", pyarrow.table(columns))
    some = few[:40]
    awarded = {f"r{n}": in_ibis.award(rule.when, rule.points, acts_table) for n, rule in enumerate(some)}
    asked = acts_table.select("seq", **awarded).order_by("seq").to_pyarrow()
    for n, rule in enumerate(some):
        assert asked[f"r{n}"].to_pylist() == [walk.award(rule.when, rule.points, act) for act in seen], rule


@pytest.fixture(scope="module")
def ask_postgresql(seen: list[Act]) -> Iterator[Ask]:
    if reason := postgresql.missing():
        pytest.skip(reason)
    with (
        postgresql.running(durable=False) as server,
        server.connect("postgres", postgresql.ADMIN) as connection,
    ):
        rows = Engines(seen, ACT_TYPES).rows
        connection.execute(table(ACT_TYPES))
        with connection.cursor() as cursor:
            cursor.executemany(f"insert into seen values ({', '.join(['%s'] * len(rows[0]))})", rows)
        yield lambda text: connection.execute(text).fetchall()


@pytest.mark.network
def test_postgresql_agrees(few: list[Rule], seen: list[Act], ask_postgresql: Ask) -> None:
    assert disagreements(few, seen, ask_postgresql, "postgresql") == []


@pytest.mark.long
@pytest.mark.network
@pytest.mark.timeout(1200)
def test_ten_thousand_rules_agree_everywhere(seen: list[Act], ask_postgresql: Ask) -> None:
    engines = Engines(seen, ACT_TYPES)
    found = list(rules(seed=2026, count=RULES_LONG))
    assert as_python(found, seen) == []
    assert disagreements(found, seen, engines.sqlite(), "sqlite") == []
    assert disagreements(found, seen, engines.duckdb(), "duckdb") == []
    assert disagreements(found, seen, ask_postgresql, "postgresql") == []


def test_a_database_that_says_something_else_is_found(few: list[Rule], seen: list[Act]) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(table(ACT_TYPES))
        places = ", ".join("?" * (len(ACT_TYPES) + 1))
        off = [
            (n, *("" if name == "lang" else kept(act, name) for name in ACT)) for n, act in enumerate(seen)
        ]
        database.executemany(f"insert into seen values ({places})", off)
        assert disagreements(few, seen, lambda text: database.execute(text).fetchall(), "sqlite") != []
