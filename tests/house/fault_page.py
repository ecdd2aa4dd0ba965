"""Writes docs/operate/faults.md from tests/faults.toml and from what a run counted.

`python -m tests.house.fault_page [FILE]`: FILE has the lines of a run (BANKSIDE_FAULTS); without it the
figures that stand on the page stay, and so do those of a fault of which the run has not every test: a run
that was broken off, or of some files, would say less than is tried.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from datetime import UTC, datetime
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

from tests import faults
from tests.house import tree

PAGE = tree.ROOT / "docs/operate/faults.md"
OPEN = frozenset({45})
"""Faults that a bench tries and no test."""
HEAD = """# Faults

What the desk is put through before it is given to anybody, and what came of it. Numbers of faults and threats
are those of the project's record sheet. A fault here is one kill, one error of the disk, one lost answer, one
changed byte. Lost means acknowledged and not there afterwards; twice: sent, recorded or signed again; wrong:
anything else that does not hold. All three must be zero; `bin/check` prints this table at its end and fails
otherwise. `bin/check --long` tries the full sizes.

The list is [tests/faults.toml](../../tests/faults.toml). Write this page again:
`python -m tests.house.fault_page FILE`, where BANKSIDE_FAULTS named that FILE while the tests ran.

"""
Figures = dict[int, tuple[int, int, int, int]]


def main(names: list[str]) -> None:
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found, date = figures_in(before), date_in(before)
    for name in names:
        whole, left = figures_of(Path(name))
        found |= whole
        sys.stderr.writelines(f"{line}\n" for line in left)
        date = datetime.now(UTC).date().isoformat()
    PAGE.write_text(page(found, date), encoding="utf-8")


def figures_of(file: Path) -> tuple[Figures, list[str]]:
    """The figures of a run; of a fault of which a test did not run none, but a line that says so."""
    whole: Figures = {}
    left: list[str] = []
    counts, tests = counting().counted(file), tests_of_each_check()
    for number, count in counts.items():
        if missing := tests.get(number, set()) - count.tests:
            left.append(f"fault {number} is left as it was: no word of {', '.join(sorted(missing))}")
        else:
            whole[number] = (count.injected, count.lost, count.twice, count.inconsistent)
    return whole, left


def tests_of_each_check() -> dict[int, set[str]]:
    """By fault, its tests but those that run only in full."""
    rows = tomllib.loads(faults.TABLE.read_text(encoding="utf-8"))["fault"]
    return {row["number"]: {test for test in row["tests"] if not is_long(test)} for row in rows}


def is_long(test: str) -> bool:
    """Whether the mark `long` stands over the test, and not over a size of it alone."""
    file, _, name = test.partition("::")
    found = ast.parse((tree.ROOT / file).read_text(encoding="utf-8")).body
    marks = [
        mark
        for one in found
        if isinstance(one, ast.FunctionDef) and one.name == name
        for mark in one.decorator_list
    ]
    return "pytest.mark.long" in map(ast.unparse, marks)


def page(figures: Figures, date: str) -> str:
    """The whole page with these figures."""
    rows = tomllib.loads(faults.TABLE.read_text(encoding="utf-8"))
    lines = [f"Figures of {date}; - where no run has been counted." if date else "No run has been counted."]
    lines += ["", "| # | fault | how | database | in each check | in full | faults | lost | twice | wrong |"]
    lines += ["|" + "---|" * 10]
    lines += [_line(row, figures) for row in rows["fault"]]
    lines += ["", "## Where the tests are", "", "| # | tests |", "|---|---|"]
    lines += [f"| {row['number']} | {_tests(row)} |" for row in rows["fault"]]
    lines += ["", "## Threats", "", "| T | act | faults | tests |", "|---|---|---|---|"]
    lines += [
        f"| {row['number']} | {row['words']} | {', '.join(f'#{n}' for n in row['faults'])} | {_tests(row)} |"
        for row in rows["threat"]
    ]
    return HEAD + "\n".join(lines) + "\n"


def figures_in(text: str) -> Figures:
    """The figures that stand on a page."""
    found: Figures = {}
    for row in re.findall(r"^\| (\d+) \|(?:[^|]*\|){5} (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.M):
        number, injected, lost, twice, wrong = map(int, row)
        found[number] = (injected, lost, twice, wrong)
    return found


def date_in(text: str) -> str:
    """When they were counted; empty for never."""
    found = re.search(r"^Figures of (\S+);", text, re.M)
    return found[1] if found else ""


def counting() -> ModuleType:
    """bin/faults.py, which reads what tests told."""
    loader = SourceFileLoader("bankside_bin_faults", str(tree.ROOT / "bin/faults.py"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = sys.modules[loader.name] = module_from_spec(spec)
    loader.exec_module(module)
    return module


def _line(row: dict[str, Any], figures: Figures) -> str:
    counted = " | ".join(map(str, figures.get(row["number"], ("-",) * 4)))
    cells = (row["number"], row["words"], row["how"], row["database"], row["check"], row["full"], counted)
    return f"| {' | '.join(map(str, cells))} |"


def _tests(row: dict[str, Any]) -> str:
    return "<br>".join(f"`{test}`" for test in row["tests"]) or "none"


if __name__ == "__main__":
    main(sys.argv[1:])
