"""DuckDB inside this process, for the frames of one question. One thread: a page shares the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from bankside.late import duckdb, pyarrow
from bankside.late import numpy as np
from bankside.measures.compiled import statements
from bankside.measures.frames import Frame, Numbers

MEMORY_MB_MAX: Final = 1024
KIND: Final = 1 << 32


class Engine:
    """Frames as tables, and the statements of `compiled.toml` over them."""

    def __init__(self) -> None:
        self._there = _database().cursor()

    def put(self, table: str, frame: Frame, groups: Mapping[str, Any]) -> None:
        """Makes the frame the table of that name, with the codes of the groups that will be asked for."""
        columns = {name: _column(values) for name, values in frame.columns.items()}
        codes = {_group(name): _column(values) for name, values in groups.items()}
        self._there.register(f"frame_{table}", pyarrow.table(columns | codes))

    def run(self, statement: str, table: str, groups: Sequence[str]) -> list[dict[str, int]]:
        """The rows of a statement, for each of these kinds of groups in one go: `kind` is the place of the
        kind among them, `grp` the code of the group."""
        columns = self.columns(statement, table, groups)
        return in_rows(columns)

    def columns(
        self, statement: str, table: str, groups: Sequence[str], frame: str = ""
    ) -> dict[str, Numbers]:
        """The same as columns of whole numbers; `frame` where it is another than the table's own."""
        # Names of our own, never a person's.
        some = " union all ".join(
            f'select *, {place * KIND + 1} + "{_group(group)}" as grp from "frame_{frame or table}"'  # noqa: S608
            for place, group in enumerate(groups)
        )
        self._there.execute(f'create or replace temp view "{table}" as {some}')
        sql = statements()[statement]
        found = self._there.execute(f"select columns(*)::bigint from ({sql})").fetchnumpy()  # noqa: S608
        columns = {name: np.asarray(values, np.int64) for name, values in found.items()}
        kinds, codes = np.divmod(columns["grp"], KIND)
        return columns | {"kind": kinds, "grp": codes - 1}

    def close(self) -> None:
        """Lets go of the frames."""
        self._there.close()


def in_rows(columns: Mapping[str, Numbers]) -> list[dict[str, int]]:
    """Columns as rows."""
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _column(values: Any) -> pyarrow.Array:
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    return pyarrow.array(np.asarray(values), pyarrow.int64(), mask=mask)


def _group(name: str) -> str:
    return f"g_{name}"


@lru_cache(maxsize=1)
def _database() -> duckdb.DuckDBPyConnection:
    settings: dict[str, Any] = {
        "threads": 1,
        "memory_limit": f"{MEMORY_MB_MAX}MB",
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=settings)
