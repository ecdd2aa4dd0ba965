"""The files of the repository, as the house rules look at them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ROOT / "bankside"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files() -> tuple[Path, ...]:
    """Everything that is, or is about to be, in the repository; relative to its root."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    names = listed.stdout.decode().split("\0")
    return tuple(sorted(Path(name) for name in names if name and (ROOT / name).is_file()))


def under(*folders: str, suffix: str = ".py") -> list[Path]:
    """The files in these folders whose name ends so, migrations left out: nobody writes them by hand."""
    wanted = [file for file in files() if file.parts[0] in folders or str(file.parent) in folders]
    return [file for file in wanted if file.suffix == suffix and "migrations" not in file.parts]


def text(file: Path) -> str:
    """The words of a file; empty when it holds none (a picture, a font)."""
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def functions(source: str) -> Iterator[Function]:
    """Every function and method of a module, inner ones too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            yield node


def lines_of(function: Function, *, docstring: bool = True) -> int:
    """From `def` to the last line, decorators not counted; without its docstring if wanted so."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if not docstring and ast.get_docstring(function) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length
