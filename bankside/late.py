"""Large libraries that few acts need: each is loaded when something of it is first used.

Every command, worker and page would else load numpy, openpyxl and the like before its first line, and start
in three seconds instead of one. `tests/house/test_light_start.py` keeps a start light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import contourpy as contourpy
    import duckdb as duckdb
    import httpcore as httpcore
    import httpx as httpx
    import ibis as ibis
    import numpy as numpy
    import openpyxl as openpyxl
    import pikepdf as pikepdf
    import psycopg as psycopg
    import pyarrow as pyarrow
    import regex as regex
    import segno as segno
    import uharfbuzz as uharfbuzz
    from pyarrow import parquet as parquet
else:

    class _Late(ModuleType):
        """Stands for a module. What was asked for once is kept, so that it costs no more than ever."""

        def __getattr__(self, name: str) -> Any:
            found = getattr(import_module(self.__name__), name)
            setattr(self, name, found)
            return found

    contourpy, duckdb, httpcore, httpx = map(_Late, ("contourpy", "duckdb", "httpcore", "httpx"))
    ibis, numpy, openpyxl, pikepdf = map(_Late, ("ibis", "numpy", "openpyxl", "pikepdf"))
    psycopg, pyarrow, parquet, regex = map(_Late, ("psycopg", "pyarrow", "pyarrow.parquet", "regex"))
    segno, uharfbuzz = map(_Late, ("segno", "uharfbuzz"))


class _Compiled:
    """Stands for a pattern, and keeps what it was asked for."""

    def __init__(self, pattern: str, lists: dict[str, Callable[[], Iterable[str]]]) -> None:
        self._pattern, self._lists = pattern, lists

    def __getattr__(self, name: str) -> Any:
        lists: dict[str, Any] = {name: words() for name, words in self._lists.items()}
        made = regex.compile(self._pattern, **lists)
        for method in ("match", "fullmatch", "search", "finditer", "findall", "sub", "split"):
            setattr(self, method, getattr(made, method))
        return getattr(made, name)


def compiled(pattern: str, **lists: Callable[[], Iterable[str]]) -> regex.Pattern[str]:
    """A pattern of the regex module, compiled when it is first used: some take 0.1 s. Flags stand in it.

    `lists`: for `\\L<name>` in the pattern, what gives its words.
    """
    return cast("regex.Pattern[str]", _Compiled(pattern, lists))
