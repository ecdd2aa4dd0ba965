"""For tests of commands: runs one in this process and gives what it said."""

from __future__ import annotations

import argparse
import json
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from bankside.commands import main, programmes


class Said(NamedTuple):
    """Exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)


class Ask:
    """`ask("channel", "list", "--json")`."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> Said:
        self._capsys.readouterr()
        try:
            code = main(list(words))
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        out, err = self._capsys.readouterr()
        return Said(code, out, err)


def one(room: ModuleType, *words: str) -> int | None:
    """One command of this module of commands alone; what it refuses is raised, not said."""
    root = argparse.ArgumentParser()
    room.declare(root.add_subparsers(required=True))
    parsed = root.parse_args(words)
    code: int | None = parsed.command(parsed)
    return code


def programme(*words: str) -> int | None:
    """What `bankside programme ...` does."""
    return one(programmes, "programme", *words)
