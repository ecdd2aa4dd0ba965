"""Small, with a limit: functions up to 60 lines, files 400 (a network's 800); every wait has its unit."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house import tree

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 400
NETWORK_LINES_MAX = 800
SCRIPT_LINES_MAX = 300
WRITTEN = [*tree.under("bankside", "tests", "bench", "bin", "witness"), Path("bin/run"), Path("bin/check")]
TEMPLATES = tree.under("bankside", suffix=".html")
# Names that a library gives, in classes and settings that it reads.
NAMED_BY_OTHERS = {
    "bankside/networks/pinned_sockets.py": {"timeout"},  # httpcore's backend
    "bankside/settings.py": {"SESSION_COOKIE_AGE"},  # Django
}
BARE = re.compile(
    r"^(timeout|delay|interval|age|wait|duration|cooloff|pause)$|_(timeout|delay|interval|age|wait)$", re.I
)


def long_functions(source: str) -> list[str]:
    """Functions over the limit, with their length."""
    lengths = [(f.name, tree.lines_of(f)) for f in tree.functions(source)]
    return [f"{name}: {length} lines" for name, length in lengths if length > FUNCTION_LINES_MAX]


def lines_max(file: Path) -> int:
    """The limit of a file, in lines: a network's own file may be longer before it becomes a folder."""
    return NETWORK_LINES_MAX if (tree.ROOT / file).with_suffix(".toml").exists() else FILE_LINES_MAX


def without_unit(source: str) -> list[str]:
    """Numbers that hold a span of time, as parameters or constants, and do not say in what unit."""
    numbers = {"int", "float", "int | None", "float | None"}
    arguments = [a for f in tree.functions(source) for a in (*f.args.args, *f.args.kwonlyargs)]
    parameters = [a.arg for a in arguments if a.annotation and ast.unparse(a.annotation) in numbers]
    module = ast.parse(source)
    targets = [t for node in module.body if isinstance(node, ast.Assign) for t in node.targets]
    constants = [target.id for target in targets if isinstance(target, ast.Name)]
    return [name for name in (*parameters, *constants) if BARE.search(name)]


def test_functions_keep_their_limit() -> None:
    assert {str(f): long for f in WRITTEN if (long := long_functions(tree.text(f)))} == {}


def test_files_keep_their_limit() -> None:
    lengths = {file: len(tree.text(file).splitlines()) for file in (*WRITTEN, *TEMPLATES)}
    assert {str(file): length for file, length in lengths.items() if length > lines_max(file)} == {}


def test_our_own_scripts_keep_their_limit() -> None:
    lengths = {str(f): len(tree.text(f).splitlines()) for f in tree.under("bankside", suffix=".js")}
    assert {file: length for file, length in lengths.items() if length > SCRIPT_LINES_MAX} == {}


def test_a_span_of_time_says_its_unit() -> None:
    found = {str(file): set(without_unit(tree.text(file))) for file in tree.under("bankside")}
    bare = {file: names - NAMED_BY_OTHERS.get(file, set()) for file, names in found.items()}
    assert {file: names for file, names in bare.items() if names} == {}


def test_what_is_too_long_is_found() -> None:
    body = "\n".join("    x = 1" for _ in range(FUNCTION_LINES_MAX))
    assert long_functions(f"def short():\n    pass\n\ndef endless():\n{body}\n") == ["endless: 61 lines"]
    assert lines_max(Path("bankside/networks/practice.toml")) == NETWORK_LINES_MAX
    assert lines_max(Path("bankside/inbox/reply.py")) == FILE_LINES_MAX


def test_a_span_without_a_unit_is_found() -> None:
    assert without_unit("LATE_INTERVAL = 5\ndef ask(timeout: int, wait_seconds: int): pass") == [
        "timeout",
        "LATE_INTERVAL",
    ]
    assert without_unit("POLL_SECONDS = 60\ndef ask(*, timeout_seconds: float, wait: bool): pass") == []
