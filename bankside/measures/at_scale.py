"""Long histories: the same expressions over Parquet files, on DuckDB or on Spark.

A folder holds a folder of files for each logical table, as `history.py` writes them. Of every row it is
worked out here in which span it is and to which group it belongs; all after that is `expressions.py`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from bankside.late import ibis
from bankside.measures.columns import BEFORE, COLUMNS, EARLIER, NOW, WORKED_OUT
from bankside.measures.expressions import expressions
from bankside.measures.period import Period
from bankside.said import Said

Engine = Literal["duckdb", "spark"]
GROUPS: Final = ("", "day", "network", "market", "lang", "channel")
# The moment at which each row of a table is counted.
MOMENTS: Final[Mapping[str, str]] = {"talks": "opened_at", "posts": "at", "acts": "at", "steps": "at"}
Figures = dict[str, list[dict[str, Any]]]


class NoHistory(ValueError):
    """There are no files to count over; the message says where they were looked for."""


@contextmanager
def engine(name: Engine) -> Iterator[Any]:
    """A connection to DuckDB inside this process, or to a Spark that is started for it or was configured."""
    if name == "spark":
        with _spark() as there:
            yield there
        return
    with tempfile.TemporaryDirectory(prefix="bankside-measures-") as folder:
        there = ibis.duckdb.connect(
            temp_directory=folder, autoinstall_known_extensions=False, preserve_insertion_order=False
        )
        try:
            yield there
        finally:
            there.disconnect()


def count(there: Any, folder: Path, period: Period, *, as_of: int, group: str = "") -> Figures:
    """Every expression over the files of a folder: its rows, in order of span and group.

    `group` is one of GROUPS; that of a day is its date. Raises NoHistory.
    """
    tables = {
        name: framed(read(there, folder, name), name, period, as_of=as_of, group=group) for name in COLUMNS
    }
    return {
        name: _rows(expression)
        for name, expression in expressions(tables).items()
        if not name.endswith("__rows")
    }


def read(there: Any, folder: Path, table: str) -> Any:
    """A logical table out of its files. Raises NoHistory."""
    files = sorted(str(file) for file in (folder / table).glob("*.parquet"))
    if not files:
        raise NoHistory(Said("There is no Parquet file at %(path)s.", path=str(folder / table)))
    if there.name != "pyspark":
        return there.read_parquet(files)
    view = f"bankside_measures_{table}"
    there._session.read.parquet(*files).createOrReplaceTempView(view)
    return there.table(view)


def framed(t: Any, table: str, period: Period, *, as_of: int, group: str = "") -> Any:
    """The rows of both spans with `span`, `grp`, and what hangs on the period."""
    at = t[MOMENTS[table]]
    start, end = period.before().start_ms, period.end_ms
    if table == "talks":
        t = t.filter((at < end) & ((at >= start) | (t.closed_at == 0) | (t.closed_at >= start)))
    else:
        t = t.filter((at >= start) & (at < end))
    day, length = place_of(t[MOMENTS[table]], period), len(period.days)
    span = ibis.cases((day >= 0, _whole(NOW)), (day >= -length, _whole(BEFORE)), else_=_whole(EARLIER))
    columns = {name: t[name].cast("int64") for name in COLUMNS[table] if name not in WORKED_OUT}
    if table == "talks":
        columns |= {
            "as_of": _whole(as_of), "opened_day": day, "closed_day": place_of(t.closed_at, period),
            "ended_day": place_of(_first(t.answered_at, t.closed_at), period),
        }  # fmt: skip
    return t.select(**columns, span=span, grp=_group(t, table, group, day, period))


def place_of(at: Any, period: Period) -> Any:
    """The day of a moment, counted from the first of the period, as `frames.py` has it.

    Days are as long as they are in the zone of the period: a moment is moved by its zone's distance from UTC,
    which changes at the few moments that summer time begins or ends.
    """
    starts = (*period.before().starts[:-1], *period.starts)
    length = len(period.days)
    day_ms = 86_400_000
    # how much the days up to here were longer or shorter than 24 hours
    moved = _whole(-starts[0])
    for number, start in enumerate(starts):
        late = start - starts[0] - number * day_ms
        before = starts[number - 1] - starts[0] - (number - 1) * day_ms if number else 0
        if late != before:
            moved = moved - ibis.ifelse(at >= start, _whole(late - before), _whole(0))
    # a day of 25 hours would count its last one to the next day: no day begins before its start
    days = ((at + moved) // day_ms).cast("int64")
    for number, start in enumerate(starts[1:], 1):
        if start - starts[number - 1] > day_ms:
            days = ibis.ifelse((at < start) & (days >= number), _whole(number - 1), days)
    days = ibis.ifelse(at < starts[0], _whole(-1), days)
    days = ibis.ifelse((at == 0) | (at >= starts[-1]), _whole(len(starts) - 1), days)
    return days - length


def _group(t: Any, table: str, group: str, day: Any, period: Period) -> Any:
    if group == "day":
        length = len(period.days)
        return ibis.ifelse(day >= 0, day, day + length).cast("string")
    if not group or group not in t.columns:
        return ibis.literal("", type="string")
    return t[group].cast("string")


def _rows(expression: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = expression.to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: [str(row.get(name, "")) for name in ("span", "grp", "day")])


def _first(one: Any, other: Any) -> Any:
    return ibis.cases((one == 0, other), (other == 0, one), else_=ibis.least(one, other))


def _whole(number: int) -> Any:
    return ibis.literal(number, type="int64")


@contextmanager
def _spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("bankside measures").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.session.timeZone", "UTC")
    session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    if str(session.sparkContext.master).startswith("local"):
        # Spark makes 200 parts of everything unless told otherwise: right for a cluster, slow on one machine.
        session.conf.set("spark.sql.shuffle.partitions", str(session.sparkContext.defaultParallelism))
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()
