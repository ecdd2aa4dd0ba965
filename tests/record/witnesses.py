"""For tests: the one-file witness, as a module and as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from tests.house import tree

FILE = tree.ROOT / "witness/bankside_witness.py"
SECONDS_MAX = 20


def module() -> ModuleType:
    """The file, imported by its place."""
    spec = spec_from_file_location("bankside_witness", FILE)
    assert spec is not None and spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def asked(*words: str) -> str:
    """What the file says to these words, without anything of ours on its path."""
    done = subprocess.run(
        [sys.executable, "-P", str(FILE), *words], capture_output=True, text=True, timeout=SECONDS_MAX
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[str]:
    """Its address, while it serves."""
    command = [sys.executable, "-P", str(FILE), "serve", str(folder), f"127.0.0.1:{port}"]
    with (folder / "said").open("wb") as said:
        part = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
    try:
        assert part.stdout is not None
        yield part.stdout.readline().removeprefix("Witness on ").strip()
    finally:
        part.terminate()
        assert part.wait(SECONDS_MAX) == 0, (folder / "said").read_text()
        part.stdout.close()
