"""What is promised in numbers has a bench or a test that exists, and a row in docs/operate/measured.md."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.util import find_spec

from bench.promise import Measured, Promise, promises, rows
from tests.house import tree


def unkept(promise: Promise) -> str:
    """Why nothing keeps a promise; empty when something does."""
    if bool(promise.bench) == bool(promise.test):
        return "give either a bench or a test"
    if promise.bench and find_spec(f"bench.{promise.bench}") is None:
        return f"there is no bench {promise.bench}"
    file, _, name = promise.test.partition("::")
    if promise.test and f"def {name}(" not in (tree.ROOT / file).read_text(encoding="utf-8"):
        return f"there is no {promise.test}"
    return ""


def missing(names: list[str], table: str) -> list[str]:
    """Promises without a row in the table."""
    there = set(re.findall(r"^\| ([\w-]+) \|", table, re.M))
    return [name for name in names if name not in there]


def test_every_promise_is_kept_by_something() -> None:
    assert {promise.name: why for promise in promises() if (why := unkept(promise))} == {}


def test_every_promise_has_a_row() -> None:
    table = (tree.ROOT / "docs/operate/measured.md").read_text(encoding="utf-8")
    assert missing([promise.name for promise in promises()], table) == []


def test_names_are_used_once() -> None:
    names = [promise.name for promise in promises()]
    assert len(names) == len(set(names))


def test_a_missing_row_and_an_empty_promise_are_found() -> None:
    quick = Promise(name="quick", says="It is quick", bench="append", unit="s", limit=5)
    assert missing(["quick", "small"], rows([Measured(quick, 1, 2.0)])[0]) == ["small"]
    assert unkept(replace(quick, bench="wishes")) == "there is no bench wishes"
    assert unkept(replace(quick, bench="")) == "give either a bench or a test"
    assert unkept(replace(quick, bench="", test="tests/house/test_measured.py::test_no_such")) != ""


def test_a_figure_past_its_limit_is_not_held() -> None:
    quick = Promise(name="quick", says="It is quick", bench="append", unit="s", limit=5)
    assert [Measured(quick, 1, figure).held for figure in (4.9, 5.1, None)] == ["yes", "no", "-"]
    assert Measured(replace(quick, at_least=True), 1, 5.1).held == "yes"
