"""The figures of a study, beside small counts by hand and beside properties that must hold of any."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.study.as_json import as_json
from bankside.measures.study.findings import chance, findings
from bankside.measures.study.read_definition import define
from bankside.measures.study.report import report
from bankside.measures.study.responses import Study, build
from bankside.measures.study.standing import standing

DEFINED: dict[str, Any] = {
    "title": "A study", "year": 2026,
    "question": [
        {"id": "uses", "kind": "single", "options": ["yes", "no"]},
        {"id": "networks", "kind": "multi", "options": ["a", "b", "c"], "base": 'uses == "yes"'},
        {"id": "worth", "kind": "scale", "options": [1, 2, 3, 4, 5]},
        {"id": "team", "kind": "number"},
    ],
}  # fmt: skip
HEAD = ["institution", "sector", "uses", "networks", "worth", "team"]


def study(rows: Sequence[tuple[str, ...]], **also: Any) -> Study:
    table = [HEAD, *([f"Bank {n}", *row] for n, row in enumerate(rows))]
    return build(define({**DEFINED, **also}), table)


def printed(rows: Sequence[tuple[str, ...]], **also: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(as_json(report(study(rows, **also)))))
    return found


def of(found: dict[str, Any], question: str) -> dict[str, Any]:
    return next(one for one in found["questions"] if one["id"] == question)


ROWS = [
    ("bank", "yes", "a|b", "4", "10"),
    ("bank", "yes", "-", "5", ""),
    ("bank", "no", "a", "-", "2.5"),
    ("insurance", "yes", "", "", "-"),
    ("insurance", "-", "b", "2", "0"),
]


def test_by_hand() -> None:
    found = printed(ROWS)
    uses = of(found, "uses")
    assert {key: uses[key] for key in ("id", "base", "options")} == {
        "id": "uses", "base": 5,
        "options": [
            {"option": "yes", "count": 3, "percent": 60.0, "low": 23.1, "high": 88.2},
            {"option": "no", "count": 1, "percent": 20.0, "low": 3.6, "high": 62.4},
        ],
    }  # fmt: skip
    assert (uses["none"], uses["outside"]) == (1, 0)
    networks = of(found, "networks")
    assert (networks["base"], networks["none"], networks["outside"]) == (2, 1, 3)
    assert [(one["count"], one["percent"]) for one in networks["options"]] == [(1, 50.0), (1, 50.0), (0, 0.0)]
    assert networks["used"]["mean"] == 1.0
    assert [networks["used"][key]["count"] for key in ("at_least_one", "several")] == [1, 1]
    assert [(p["rank"], p["joint"], p["option"]) for p in networks["ranking"]] == [
        (1, True, "a"), (1, True, "b"), (3, False, "c"),
    ]  # fmt: skip
    worth = of(found, "worth")
    assert (worth["base"], worth["none"]) == (4, 1)
    assert [one["option"] for one in worth["options"]] == [1, 2, 3, 4, 5]
    assert worth["spread"] == {
        "count": 3, "mean": 3.67, "least": 2.0, "lower": 3.0, "median": 4.0, "upper": 4.5, "most": 5.0,
    }  # fmt: skip
    team = of(found, "team")
    assert (team["base"], team["none"], team["options"]) == (4, 1, [])
    assert (team["spread"]["mean"], team["spread"]["median"]) == (4.17, 2.5)


def test_nobody_was_asked() -> None:
    found = printed([("bank", "no", "a", "", "")])
    networks = of(found, "networks")
    assert networks["base"] == 0
    assert networks["options"][0] == {"option": "a", "count": 0, "percent": None, "low": None, "high": None}
    assert networks["used"]["mean"] is None
    assert networks["by_sector"] is None and of(found, "team")["spread"]["median"] is None
    assert len(found["warnings"]) == 1
    words = [str(one) for one in findings(report(study([("bank", "no", "", "", "")])), "en")]
    assert "networks: Nobody was asked, so there is no share." in words


def test_no_answers_at_all() -> None:
    found = printed([])
    assert found["institutions"] == 0
    assert {one["base"] for one in found["questions"]} == {0}


def test_the_first_keys_are_those_of_the_format() -> None:
    for one in printed(ROWS)["questions"]:
        assert list(one)[:3] == ["id", "base", "options"]
        assert all(list(o) == ["option", "count", "percent", "low", "high"] for o in one["options"])


@pytest.mark.parametrize(
    ("population", "low", "high"), [(5, 60.0, 60.0), (6, 40.7, 76.6), (1_000_000, 23.1, 88.2)]
)
def test_a_known_population(population: int, low: float, high: float) -> None:
    """5 of 6 count as 5 x 5 / 1 = 25, and 15 of 25 have 40.7 to 76.6; of 5, nothing is open."""
    first = of(printed(ROWS, population=population), "uses")["options"][0]
    assert (first["percent"], first["low"], first["high"]) == (60.0, low, high)


def test_all_were_asked_is_said() -> None:
    words = [str(one) for one in findings(report(study(ROWS, population=5)), "en")]
    assert "5 of 5 institutions answered." in words
    assert "uses: yes: 3 of 5 institutions (60%); all were asked, so this is exact." in words


rows = st.lists(
    st.tuples(
        st.sampled_from(["bank", "investment", "insurance", "", "cards"]),
        st.sampled_from(["yes", "yes", "no", "-", ""]),
        st.sampled_from(["a", "a|b", "a|b|c", "c", "-", ""]),
        st.sampled_from(["1", "2", "5", "-", ""]),
        st.sampled_from(["0", "1", "2.5", "12", "-", ""]),
    ),
    max_size=14,
)


@settings(max_examples=60)
@given(rows)
def test_bases_and_counts(rows: list[tuple[str, ...]]) -> None:
    """A cell that is empty, or whose base does not hold, is outside; `-` is inside; the others count once."""
    found = printed(rows)
    for place, question in enumerate(("uses", "networks", "worth", "team"), 1):
        cells = [row[place] for row in rows if row[place] and (question != "networks" or row[1] == "yes")]
        one = of(found, question)
        assert one["base"] == len(cells)
        assert one["none"] == cells.count("-")
        assert one["base"] + one["outside"] == len(rows)
        for option in one["options"]:
            count = sum(str(option["option"]) in cell.split("|") for cell in cells)
            assert option["count"] == count
            if cells:
                tenths = Fraction(1000 * count, len(cells)) + Fraction(1, 2)
                assert option["percent"] == float(Fraction(tenths.numerator // tenths.denominator, 10))
                assert 0 <= option["low"] <= option["percent"] <= option["high"] <= 100
    assert len(found["warnings"]) == sum(bool(row[2]) and row[1] != "yes" for row in rows)


@settings(max_examples=40)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[tuple[str, ...]], chance: random.Random) -> None:
    named = [(f"Bank {n}", *row) for n, row in enumerate(rows)]
    shuffled = named[:]
    chance.shuffle(shuffled)
    first, second = (as_json(report(build(define(DEFINED), [HEAD, *order]))) for order in (named, shuffled))
    first["warnings"] = second["warnings"] = []
    assert first == second


@settings(max_examples=40)
@given(rows)
def test_an_institution_that_says_nothing_changes_no_share(rows: list[tuple[str, ...]]) -> None:
    first, second = printed(rows), printed([*rows, ("bank", "", "", "", "")])
    for one, other in zip(first["questions"], second["questions"], strict=True):
        assert (one["base"], one["options"]) == (other["base"], other["options"])


@settings(max_examples=60)
@given(rows, st.sampled_from([2, 3, 5]))
def test_small_cells_are_never_printed(rows: list[tuple[str, ...]], least: int) -> None:
    found = printed(rows, suppress=least)
    for one in found["questions"]:
        table = one["by_sector"]
        if table is None:
            continue
        if table["withheld"]:
            assert (table["rows"], table["spreads"], table["bases"]) == ([], [], [])
        for line in table["rows"]:
            for cell in line["cells"]:
                assert cell["count"] is None or cell["count"] == 0 or cell["count"] >= least
                assert (cell["count"] is None) == (cell["percent"] is None) or cell["count"] == 0
        for spread in table["spreads"]:
            assert spread is None or spread["count"] == 0 or spread["count"] >= least
            assert spread is None or spread["least"] is spread["most"] is None


def test_who_was_asked_is_not_told_by_sector_where_that_is_an_answer() -> None:
    """One insurer uses networks: how many insurers were asked the next question would say so."""
    rows = [("bank", "yes", "a", "1", "1")] * 6 + [("insurance", "no", "", "1", "1")] * 5
    rows += [("insurance", "yes", "a", "1", "1")]
    found = printed(rows)
    uses, networks = of(found, "uses")["by_sector"], of(found, "networks")["by_sector"]
    assert uses["suppressed"] > 0 and networks["withheld"]
    shown = printed([*rows, *[("insurance", "yes", "a", "1", "1")] * 2])
    assert of(shown, "networks")["by_sector"]["withheld"] == ""
    assert of(shown, "networks")["by_sector"]["bases"] == [6, 3]


def test_what_is_hidden_with_a_small_cell_is_not_told_by_the_next_base() -> None:
    """One investment house chose neither: what is hidden with it would be the next question's bases."""
    rows = [("bank", "yes", "a", "1", "1")] * 6 + [("bank", "no", "", "1", "1")] * 6
    rows += [("insurance", "yes", "a", "1", "1")] * 6 + [("insurance", "no", "", "1", "1")] * 4
    rows += [("investment", "yes", "a", "1", "1")] * 6 + [("investment", "no", "", "1", "1")] * 3
    rows += [("investment", "-", "", "1", "1")]
    found = printed(rows, suppress=3)
    assert of(found, "uses")["by_sector"]["suppressed"] > 0
    assert of(found, "networks")["by_sector"]["withheld"].startswith("Not shown by sector")
    several = [*rows, *[("investment", "-", "", "1", "1")] * 2]
    assert of(printed(several), "networks")["by_sector"]["bases"] == [6, 6, 6]


def test_a_lone_hidden_sector_takes_another_with_it() -> None:
    """What is left of the whole would be the mean of the one."""
    rows = (
        [("bank", "", "", "", "5")] * 5
        + [("insurance", "", "", "", "7")] * 4
        + [("cards", "", "", "", "9")] * 2
    )
    spreads = of(printed(rows), "team")["by_sector"]["spreads"]
    assert [spread is None for spread in spreads] == [False, True, True]


def waves(*cells: tuple[str, str, str, str]) -> dict[str, Any]:
    table = [["institution", "wave", "uses", "networks", "worth", "team"]]
    for name, wave, uses, worth in cells:
        table.append([name, wave, uses, "", worth, ""])
    found: dict[str, Any] = as_json(report(build(define(DEFINED), table)))
    return found


def test_change_of_the_same_institutions() -> None:
    names = [f"Bank {n}" for n in range(8)]
    found = waves(
        *((name, "2024", "no", "2") for name in names),
        *((name, "2026", "yes" if name != "Bank 0" else "no", "4") for name in names),
    )
    change = of(found, "uses")["change"]
    assert (found["wave"], found["before"], change["method"], change["pairs"]) == (
        "2026",
        "2024",
        "mcnemar",
        8,
    )
    first = change["rows"][0]
    assert (first["up"], first["down"], first["p"], first["adjusted"]) == (7, 0, 0.0156, 0.0312)
    assert (first["difference"], first["changed"]) == (87.5, True)
    worth = of(found, "worth")["change"]
    assert (worth["method"], worth["rows"][0]["p"]) == ("sign", 0.0078)
    assert (worth["before"]["mean"], worth["after"]["mean"]) == (2.0, 4.0)


def test_change_between_other_institutions() -> None:
    found = waves(
        *((f"Bank {n}", "2024", "no", "1") for n in range(8)),
        *((f"Bank {n}", "2026", "yes", "5") for n in range(6, 14)),
    )
    change = of(found, "uses")["change"]
    assert (change["method"], change["pairs"], change["in_both"]) == ("fisher", 0, 2)
    assert change["rows"][0]["p"] == round(2 / 12870, 4)
    assert of(found, "worth")["change"]["method"] == "ranks"


def test_change_against_another_study_and_other_options() -> None:
    earlier = define({**DEFINED, "year": 2020, "question": [
        {"id": "uses", "kind": "single", "options": ["yes", "once"]},
        {"id": "worth", "kind": "scale", "options": [1, 2, 3]},
    ]})  # fmt: skip
    before = build(
        earlier, [["institution", "uses", "worth"], *([f"Bank {n}", "once", "3"] for n in range(5))]
    )
    found = as_json(report(study(ROWS), before))
    assert found["before"] == "2020"
    assert [row["option"] for row in of(found, "uses")["change"]["rows"]] == ["yes"]
    assert of(found, "worth")["change"] is None and of(found, "team")["change"] is None


def test_the_place_of_one_among_its_peers() -> None:
    rows = [
        ("bank", "yes", cell, worth, "")
        for cell, worth in (("a|b", "5"), ("a|b|c", "1"), ("c|b", ""), ("a", "5"))
    ]
    found = standing(study(rows), "bank 0")
    assert [(one.question.id, one.value, one.rank, one.joint, one.of) for one in found] == [
        ("networks", 2, 2, True, 4), ("worth", 5, 1, True, 3),
    ]  # fmt: skip
    assert (found[0].middle, found[1].middle) == (Decimal("2.00"), Decimal("3.00"))
    assert standing(study(rows), "Bank 9") == ()


def test_a_p_is_never_printed_as_nothing() -> None:
    assert [chance(p, "en") for p in (0.0313, 0.00051, 1.0)] == ["p = 0.031", "p < 0.001", "p = 1.000"]
    assert chance(0.0313, "nl") == "p = 0,031"
