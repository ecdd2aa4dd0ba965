"""`bin/check` runs the tests on both databases, says why when it cannot, and fails when either failed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.house import tree

WITHOUT = "PostgreSQL 15 is missing: apt-get install postgresql-15"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    """The script as a module; it runs nothing when it is only read."""
    sys.path.insert(0, str(tree.ROOT / "bin"))
    loader = SourceFileLoader("bankside_check", str(tree.ROOT / "bin/check"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = sys.modules[loader.name] = module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


def steps_of(check: ModuleType, monkeypatch: pytest.MonkeyPatch, *, missing: str, long: bool = False) -> Any:
    """What the step on PostgreSQL says, and the suites that it ran: their marks, database and data folder."""
    ran: list[tuple[str, str, str]] = []

    def suite(self: Any, marks: str, env: dict[str, str], say: Any, *where: str) -> tuple[str, str]:
        ran.append((marks, env.get("BANKSIDE_TEST_DATABASE", "sqlite"), env["BANKSIDE_DATA"]))
        return "ok", "7 passed in 1.00s"

    def asked(self: Any, *command: str, **how: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, f"{missing}\n", "")

    monkeypatch.setattr(check.Checks, "_suite", suite)
    monkeypatch.setattr(check.Checks, "_run", asked)
    checks = check.Checks("/data", long)
    return checks._tests(print), checks._tests_on_postgresql(print), ran


def test_the_tests_run_on_both_databases(check: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    *said, ran = steps_of(check, monkeypatch, missing="")
    assert said == [("ok", "7 passed in 1.00s")] * 2
    small = "database and not long and not server and not browser and not more"
    assert [how[:2] for how in ran] == [("(not long) and not browser", "sqlite"), (small, "postgresql")]
    assert ran[0][2] != ran[1][2], "the second run finds keys of the first"


def test_every_test_in_the_browser_is_in_a_file_that_is_read(check: ModuleType) -> None:
    marked = {str(file) for file in tree.under("tests") if "mark.browser" in tree.text(file)}
    ours = {name for name in marked if not name.startswith((f"{check.JOURNEYS_FOLDER}/", "tests/house/"))}
    assert ours == set(check.browser_files()) and len(ours) > 10


def test_full_sizes_run_on_both(check: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, ran = steps_of(check, monkeypatch, missing="", long=True)
    assert [how[:2] for how in ran] == [
        ("(long or not long) and not browser", "sqlite"),
        ("database", "postgresql"),
    ]


def test_without_postgresql_its_step_says_why(check: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    _, said, ran = steps_of(check, monkeypatch, missing=WITHOUT)
    assert said == ("skipped", WITHOUT)
    assert len(ran) == 1


@pytest.mark.parametrize("state, code", [("ok", 0), ("FAILED", 1), ("skipped", 0)])
def test_the_summary_ends_with_both_closing_lines(
    check: ModuleType, capsys: pytest.CaptureFixture[str], state: str, code: int
) -> None:
    results = [check.Result("tests", "ok", "9 passed"), check.Result("tests on PostgreSQL", state, "7 of it")]
    assert check._summary(results, {}) == code
    lines = capsys.readouterr().out.splitlines()
    others = ["journeys: no tests ran", "in the browser: no tests ran"]
    assert lines[-4:] == ["on PostgreSQL: 7 of it", *others, "9 passed"]
    assert ("FAILED: tests on PostgreSQL" in lines[-5]) == bool(code)


def test_a_test_that_failed_is_named_beside_the_summary(
    check: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What stands far above is cut off where long output is kept in part."""
    said = ["FAILED tests/a.py::test_b - assert 1 == 2", "1 failed, 3 passed in 1.00s"]
    program = [sys.executable, "-c", f"print({chr(10).join(said)!r}); raise SystemExit(1)"]
    checks = check.Checks(str(tmp_path), False)
    run = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    monkeypatch.setattr(checks, "_start", lambda *_: run)
    state, closing = checks._suite("not long", {}, lambda _: None)
    assert (state, closing) == ("FAILED", said[1])
    assert check._summary([check.Result("tests", state, closing)], {}, checks.fallen) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines.index(said[0]) == lines.index("--- summary") - 2


@pytest.mark.parametrize("lost, code", [(0, 0), (1, 1)])
def test_the_faults_are_shown_and_one_that_lost_something_fails(
    check: ModuleType, capsys: pytest.CaptureFixture[str], lost: int, code: int, tmp_path: Path
) -> None:
    told = {"fault": 5, "injected": 12, "lost": lost, "twice": 0, "inconsistent": 0}
    lines = [{"test": "a", "failed": False} | told, {"test": "b", "failed": False} | told | {"fault": 7}]
    (tmp_path / "told").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    counts = check.faults.counted(tmp_path / "told")
    assert check._summary([check.Result("tests", "ok", "9 passed")], counts) == code
    said = capsys.readouterr().out
    assert f"   5         12 {lost:>6}      0             0" in said
    assert f" all         24 {2 * lost:>6}      0             0" in said
    assert ("FAILED: faults" in said) == bool(code)


def test_the_suites_run_side_by_side_and_are_shown_one_after_the_other(
    check: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    together = threading.Barrier(3, timeout=10)
    folders: list[str] = []

    def suite(self: Any, marks: str, env: dict[str, str], say: Any, *where: str) -> tuple[str, str]:
        in_browser = marks.endswith(" and browser")
        name = "browser" if in_browser else env.get("BANKSIDE_TEST_DATABASE", " ".join(where))
        folders.append(env["BANKSIDE_DATA"])
        if not in_browser:  # that one begins when another has ended
            together.wait()
        say(f"{name} begins\n")
        if not in_browser:
            together.wait()
        say(f"{name} ends\n")
        return ("FAILED" if name == "postgresql" else "ok"), f"{name} closed"

    monkeypatch.setattr(check.Checks, "_suite", suite)
    monkeypatch.setattr(check.Checks, "_run", lambda *_, **__: subprocess.CompletedProcess((), 0, "\n", ""))
    checks = check.Checks("/data", False)
    checks._suites()
    lines = [line for line in capsys.readouterr().out.splitlines() if " begins" in line or " ends" in line]
    names = ("--ignore=tests/flows", "tests/flows", "postgresql", "browser")
    assert lines == [f"{name} {what}" for name in names for what in ("begins", "ends")]
    states = [(one.state, one.words) for one in checks.results]
    assert states == list(
        zip(("ok", "ok", "FAILED", "ok"), (f"{name} closed" for name in names), strict=True)
    )
    assert len(set(folders)) == 4, "one suite finds the keys of another"
