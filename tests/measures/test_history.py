"""What is written to files is counted to the same figures by the same expressions, on DuckDB and on Spark."""

from __future__ import annotations

import csv
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from bankside.measures import at_scale, history
from bankside.measures.columns import NOW
from bankside.measures.figures import Figures
from bankside.measures.question import Question
from bankside.record import clock
from tests.measures import generated
from tests.measures.test_figures import asked, follow

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
]
THERE = {"pyspark": find_spec("pyspark"), "java": shutil.which("java")}
MISSING = ", ".join(f"{name} is not installed" for name, there in THERE.items() if not there)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)


@pytest.fixture
def found() -> Figures:
    generated.desk(700, seed=5)
    follow()
    return asked()


def written(found: Figures, folder: Path) -> Path:
    """Both spans, each as the period that it is."""
    history.write(found, folder)
    before = Question(found.period.before(), found.asked.places, found.filters, found.asked.as_of)
    history.write(Figures(before), folder)
    return folder


def compare(found: Figures, counted: at_scale.Figures, group: str) -> int:
    """Every sum and band of the period; how many there were."""
    compared = 0
    for table in ("talks", "posts", "acts", "steps"):
        if table == "steps" and group not in {"", "day", "network"}:
            continue
        rows = [row for row in counted[table] if row["span"] == NOW]
        for name in [name for name in (rows[0] if rows else ()) if name.endswith("__base")]:
            id = name.removesuffix("__base")
            there = {key_of(row, group, found): (row[name], row[f"{id}__part"]) for row in rows if row[name]}
            assert there == {one.key: (one.base, one.part) for one in found.by(id, group) if one.base}, id
            compared += len(there)
    for id in ("first-answer", "resolution"):
        bands = {
            key_of(row, group, found): (row["base"], row["low"], row["middle"], row["high"])
            for row in counted[id]
            if row["span"] == NOW
        }
        page = found.by(id, group)
        assert bands == {one.key: (one.base, one.low, one.middle, one.high) for one in page if one.base}
        compared += len(bands)
    return compared


def key_of(row: dict[str, Any], group: str, found: Figures) -> str:
    return found.period.days[int(row["grp"])].isoformat() if group == "day" else str(row["grp"])


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Europe/Amsterdam"])
def test_files_are_counted_to_the_same_figures(found: Figures, tmp_path: Path, zone: str) -> None:
    found = asked(zone=zone)
    folder = written(found, tmp_path)
    with at_scale.engine("duckdb") as there:
        compared = 0
        for group in at_scale.GROUPS:
            as_of = found.asked.as_of
            counted = at_scale.count(there, folder, found.period, as_of=as_of, group=group)
            compared += compare(found, counted, group)
            if not group:
                running = {row["day"]: row["open"] for row in counted["backlog"]}
                open_then = found.one("backlog")
                last = max(day for day in running if day < len(found.period.days))
                assert open_then is not None
                assert open_then.part - running[last] == earlier(found)
    assert compared > 300


def earlier(found: Figures) -> int:
    """Conversations from before both spans that were open all the time: they stand in older files."""
    talks = found.rows.frame("talks").columns
    length = len(found.period.days)
    still = (talks["opened_day"] < -length) & (talks["closed_day"] >= length) & (talks["asked"] == 1)
    return int(still.sum())


@pytest.mark.long
@pytest.mark.network
@pytest.mark.timeout(900)
@pytest.mark.skipif(bool(MISSING), reason=MISSING)
@pytest.mark.filterwarnings("ignore")
def test_spark_counts_the_same(found: Figures, tmp_path: Path) -> None:
    folder = written(found, tmp_path)
    for group in ("", "day", "lang"):
        with at_scale.engine("duckdb") as there:
            here = at_scale.count(there, folder, found.period, as_of=found.asked.as_of, group=group)
        with at_scale.engine("spark") as there:
            spark = at_scale.count(there, folder, found.period, as_of=found.asked.as_of, group=group)
        assert spark == here
        assert compare(found, spark, group) > 25


def test_tables_for_people_are_in_words(found: Figures, tmp_path: Path) -> None:
    paths = history.write(found, tmp_path, "csv")
    assert [path.parent.name for path in paths] == ["talks", "posts", "acts", "steps"]
    with paths[2].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    likes = found.one("acts-likes")
    assert likes is not None
    assert sum(row["verb"] == "Like" for row in rows) == likes.part
    assert rows[0]["at"].endswith("Z")
    assert not any("hanul" in path.read_text(encoding="utf-8") for path in paths)


def test_every_figure_is_in_the_table_of_figures(found: Figures) -> None:
    rows = list(history.rows_of(found))
    assert all(len(row) == len(history.HEAD) for row in rows)
    answered = next(row for row in rows if row[:5] == ("answered", "share", "", "", "period"))
    one = found.one("answered")
    assert one is not None and answered[5:7] == (one.base, one.part) and answered[10] == one.value
    assert len({row[:5] for row in rows}) == len(rows) > 500


def test_a_formula_is_only_a_text() -> None:
    assert history._shown("lang", "=1+1") == "'=1+1"


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with at_scale.engine("duckdb") as there, pytest.raises(at_scale.NoHistory, match="no Parquet"):
        at_scale.read(there, tmp_path, "talks")


def test_files_hold_no_words(found: Figures, tmp_path: Path) -> None:
    for path in history.write(found, tmp_path):
        names = pyarrow.parquet.read_schema(path).names
        assert not {"text", "title", "name", "handle", "subj", "actor", "remote_id"} & set(names)
