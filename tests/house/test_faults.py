"""Every fault of the table is put in by tests that exist, and the page of them is that of the table."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from tests import faults
from tests.house import fault_page, tree

PROMISED = {*range(1, 20), *range(22, 26), 34, *range(38, 44), 47}
"""Run in every check at a size that fits: issue 7, what must hold, 3."""
FAULTS, THREATS = range(1, 51), range(1, 17)
DATABASES = {"sqlite", "postgresql", "both", "none"}


def table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(faults.TABLE.read_text(encoding="utf-8"))


def missing(test: str) -> bool:
    """Whether a file, or a test in it, is not there."""
    file, _, name = test.partition("::")
    path = tree.ROOT / file
    return not path.exists() or bool(name and f"def {name}(" not in path.read_text(encoding="utf-8"))


def test_the_table_has_every_fault_and_threat_once() -> None:
    found = table()
    assert [row["number"] for row in found["fault"]] == list(FAULTS)
    assert [row["number"] for row in found["threat"]] == list(THREATS)
    assert {row["database"] for row in found["fault"]} <= DATABASES


def test_each_fault_that_is_promised_has_a_test() -> None:
    bare = [row["number"] for row in table()["fault"] if row["number"] in PROMISED and not row["tests"]]
    assert bare == []


def test_each_test_that_is_named_exists() -> None:
    found = table()
    named = [test for rows in found.values() for row in rows for test in row["tests"]]
    assert [test for test in named if missing(test)] == []


def test_threats_name_faults_that_have_tests() -> None:
    tested = {row["number"] for row in table()["fault"] if row["tests"]}
    assert {n for row in table()["threat"] for n in row["faults"]} - tested <= fault_page.OPEN


def test_the_page_is_that_of_the_table() -> None:
    page = fault_page.PAGE.read_text(encoding="utf-8")
    assert fault_page.page(fault_page.figures_in(page), fault_page.date_in(page)) == page, (
        "python -m tests.house.fault_page"
    )


def test_a_run_that_was_broken_off_leaves_the_figures_as_they_were(tmp_path: Path) -> None:
    run = tmp_path / "run"
    every = sorted(fault_page.tests_of_each_check()[6])
    assert len(every) > 2
    lines = [line for test in every for line in faults.lines_of(test, failed=False, told=[])]
    run.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert fault_page.figures_of(run) == ({6: (len(every), 0, 0, 0)}, [])
    run.write_text("".join(f"{json.dumps(line)}\n" for line in lines[:-1]))
    assert fault_page.figures_of(run) == ({}, [f"fault 6 is left as it was: no word of {every[-1]}"])


def test_a_test_that_runs_only_in_full_is_not_waited_for() -> None:
    disk = "tests/record/test_faulty_disk.py::test_a_fault_at"
    assert fault_page.is_long(f"{disk}_every_call_of_append_and_publish_loses_nothing")
    assert not fault_page.is_long(f"{disk}_some_calls_of_append_and_publish_loses_nothing")
    each = "tests/record/test_sweep.py::test_each_byte_of_a_log_that_is_changed_is_found_and_its_place_named"
    assert not fault_page.is_long(each), "it has a small size too"


def test_a_test_that_is_gone_is_found() -> None:
    here = "tests/house/test_faults.py"
    assert not missing(f"{here}::test_a_test_that_is_gone_is_found")
    assert missing(f"{here}::test_no_such") and missing("tests/house/test_no_such.py")


def test_a_run_counts_what_it_told_and_else_one() -> None:
    test = "tests/channels/test_attempt.py::test_an_answer_that_is_accepted_late_is_waited_for"
    ran = {
        "test": test,
        "failed": False,
        "fault": 18,
        "injected": 1,
        "lost": 0,
        "twice": 0,
        "inconsistent": 0,
    }
    assert faults.lines_of(f"{test}[1]", failed=False, told=[]) == [ran]
    [failed] = faults.lines_of(test, failed=True, told=[])
    assert (failed["failed"], failed["inconsistent"]) == (True, 1)
    told = {"fault": 18, "injected": 7, "lost": 1, "twice": 0, "inconsistent": 0}
    assert faults.lines_of(test, failed=False, told=[told]) == [ran | told]
    assert faults.lines_of("tests/house/test_no_such.py::test_x", failed=False, told=[]) == []
