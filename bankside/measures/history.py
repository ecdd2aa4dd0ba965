"""The figures and the rows behind them as files: for people, for other tools, and for long histories.

A folder holds a folder for each logical table, and in it a file for each period that was written. Rows hold
numbers, times and kinds, never what somebody wrote.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

from bankside.late import numpy as np
from bankside.late import parquet, pyarrow
from bankside.measures import frames
from bankside.measures.columns import COLUMNS, NAMED, NOW, WORKED_OUT
from bankside.measures.definitions import MEASURES
from bankside.measures.figures import GROUPS, Figure, Figures
from bankside.measures.frames import WHOLE, Frame
from bankside.record import clock

Kind = Literal["parquet", "csv"]
KINDS: Final[tuple[Kind, ...]] = ("parquet", "csv")
HEAD: Final = (
    "measure", "unit", "group", "key", "span", "base", "part", "low", "middle", "high", "value", "currency",
)  # fmt: skip
GROUPS_IN_FILES: Final = ("channel", "network", "market", "lang")


def rows_of(figures: Figures) -> Iterator[tuple[Any, ...]]:
    """Every figure, overall and by every kind of group, of the period and of the days before, under HEAD.

    Units and values are those of `definitions.Measure` and `figures.Figure`; None where there is none.
    """
    for id in MEASURES:
        for group in (WHOLE, *GROUPS):
            for before in (False, True):
                for figure in figures.by(id, group, before=before):
                    yield _row(figure, group, before=before)


def write(figures: Figures, folder: Path, kind: Kind = "parquet") -> list[Path]:
    """The rows of the period, a file for each logical table; what was written under the same name is
    replaced."""
    period = figures.period
    written = []
    for table in COLUMNS:
        if table == "steps" and not figures.with_card:
            continue
        frame = frames.single_acts(figures.asked) if table == "acts" else figures.rows.frame(table)
        path = folder / table / f"{period.first}_{period.last}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = arrow(table, frame, figures)
        if kind == "parquet":
            parquet.write_table(rows, path)
        else:
            _write_csv(rows, path)
        written.append(path)
    return written


def arrow(table: str, frame: Frame, figures: Figures) -> pyarrow.Table:
    """The rows of the period, with the columns that are not worked out, their moment and their groups."""
    now = np.flatnonzero(frame.columns["span"] == NOW)
    there = now[np.argsort(frame.columns["n"][now])]
    names = [name for name in (*COLUMNS[table], "at") if name not in WORKED_OUT]
    columns: dict[str, Any] = {}
    for name in names:
        values = frame.columns[name][there]
        mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
        columns[name] = pyarrow.array(np.asarray(values), pyarrow.int64(), mask=mask)
    for group in GROUPS_IN_FILES:
        keys = frame.keys.get(group, ())
        texts = [keys[code] for code in frame.groups[group][there].tolist()] if keys else [""] * len(there)
        columns[group] = pyarrow.array(texts, pyarrow.string())
    return pyarrow.table(columns)


def _write_csv(rows: pyarrow.Table, path: Path) -> None:
    """In words: what is a number for engines has its name, and moments are written out."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(rows.column_names)
        for row in rows.to_pylist():
            out.writerow([_shown(name, value) for name, value in row.items()])


def _shown(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if name in NAMED:
        return NAMED[name][value]
    if name == "at" or name.endswith("_at"):
        return clock.iso(value) if value else ""
    # A language is whatever a network says it is: no program may take it for a formula.
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def _row(figure: Figure, group: str, *, before: bool) -> tuple[Any, ...]:
    return (
        figure.measure, MEASURES[figure.measure].unit, group, figure.key, "before" if before else "period",
        figure.base, figure.part, figure.low, figure.middle, figure.high, figure.value, figure.currency,
    )  # fmt: skip
