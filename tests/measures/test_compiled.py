"""The statements that pages run are what Ibis makes of the expressions now; and every measure has one."""

from __future__ import annotations

from bankside.measures import compiled
from bankside.measures.behind import ENTRIES
from bankside.measures.columns import PURPOSES
from bankside.measures.definitions import MEASURES
from bankside.measures.figures import BANDS, RUNNING, STEPS
from bankside.measures.rules import COUNTED, SERVED

DERIVED = {"cost", "minutes-saved"}


def test_the_file_is_what_ibis_compiles() -> None:
    assert compiled.statements() == {name: f"{sql}\n" for name, sql in compiled.compiled().items()}


def test_every_measure_is_computed_and_every_computation_is_defined() -> None:
    counted = {name.removesuffix("__rows") for name in compiled.statements() if name.endswith("__rows")}
    assert counted | BANDS | RUNNING | DERIVED == set(MEASURES)
    for id in counted:
        [table] = MEASURES[id].tables
        assert f'"{id}__part"' in compiled.statements()[table]


def test_lists_that_must_agree_do() -> None:
    assert SERVED == PURPOSES
    assert set(COUNTED) <= {id for id, measure in MEASURES.items() if measure.unit == "share"}
    assert set(STEPS) == {id for id, measure in MEASURES.items() if measure.tables == ("steps",)}
    assert set(ENTRIES) == {id for id, measure in MEASURES.items() if measure.tables == ("talks",)}
