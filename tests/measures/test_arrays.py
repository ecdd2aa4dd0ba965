"""What pages add up is what the expressions give on DuckDB, for every table and kind of group."""

from __future__ import annotations

import numpy as np
import pytest

from bankside.measures import arrays, each_row, frames
from bankside.measures.columns import COLUMNS
from bankside.measures.engine import Engine
from bankside.measures.frames import Frame
from bankside.record import clock
from tests.measures import generated
from tests.measures.test_figures import asked, follow


@pytest.mark.django_db
def test_sums_are_those_of_the_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)
    generated.desk(500, seed=5)
    follow()
    question, engine, compared = asked().asked, Engine(), 0
    for table, load in frames.LOADED.items():
        frame = load(question)
        engine.put(table, frame, frame.groups)
        for group, codes in frame.groups.items():
            there = engine.columns(table, table, (group,))
            assert in_order(arrays.added_up(table, frame, codes)) == in_order(there), (table, group)
            compared += len(there["grp"])
    engine.close()
    assert compared > 100


def in_order(columns: dict[str, frames.Numbers]) -> list[dict[str, int]]:
    """Rows by span and group; `kind` is the engine's alone."""
    names = [name for name in columns if name != "kind"]
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    found = (dict(sorted(zip(names, row, strict=True))) for row in rows)
    return sorted(found, key=lambda row: (row["span"], row["grp"]))


def test_sums_of_money_are_whole_where_no_fraction_can_hold_them() -> None:
    """2**53 + 1 is no number with a fraction."""
    large = (1 << 53) + 1
    columns = {name: np.zeros(3, np.int64) for name in (*COLUMNS["acts"], "span")}
    columns |= {"times": np.array([1, 1, 1]), "price": np.ma.array([large, 2, 9], mask=[False, False, True])}
    frame = Frame(columns)
    found = arrays.added_up("acts", frame, np.zeros(3, np.int64))
    assert found["cost-read__part"].tolist() == [large + 2]
    assert found["cost-read__base"].tolist() == [2]


def test_nothing_is_nothing() -> None:
    for table, names in COLUMNS.items():
        columns = {name: np.zeros(0, np.int64) for name in (*names, "span")}
        missing = {name: np.ma.array([], np.int64, mask=[]) for name in names if name in {"price", "reach"}}
        counted = {name: np.ma.array([], np.int64, mask=[]) for name in ("likes", "shares", "comments")}
        frame = Frame(columns | missing | (counted if table == "posts" else {}))
        found = arrays.added_up(table, frame, np.zeros(0, np.int64))
        assert not any(len(values) for values in found.values())


def test_each_table_has_its_rules() -> None:
    assert all(callable(getattr(each_row, table)) for table in COLUMNS)
