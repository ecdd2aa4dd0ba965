"""What pages put in order by themselves is what the expressions of the same name give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures import frames
from bankside.measures.counting import DAYS, ENDS, Counted, ranked
from bankside.measures.engine import Engine
from bankside.record import clock
from tests.measures import generated
from tests.measures.test_figures import asked, follow


@pytest.mark.django_db
def test_bands_and_what_was_open_are_those_of_the_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)
    generated.desk(700, seed=3)
    follow()
    rows, engine = Counted(asked().asked), Engine()
    frame = rows.frame("talks")
    engine.put("talks", frame, frame.groups)
    compared = 0
    for group in ("", *frames.GROUPS):
        keys = frame.keys[group]
        for id in ENDS:
            told = {
                (row["span"], keys[row["grp"]]): {
                    name: row[name] for name in ("base", "low", "middle", "high")
                }
                for row in engine.run(id, "talks", (group,))
            }
            assert rows.bands(id, group) == told
            compared += len(told)
        for id in DAYS if group != "day" else ():
            by_key: dict[str, list[tuple[int, int]]] = {}
            for row in sorted(engine.run(id, "talks", (group,)), key=lambda row: row["day"]):
                by_key.setdefault(keys[row["grp"]], []).append((row["day"], row["open"]))
            assert rows.running(id, group) == by_key
            compared += len(by_key)
    assert compared > 100
    rows.close()
    engine.close()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 50)), max_size=40), st.booleans())
@settings(max_examples=60)
def test_nearest_rank(told: list[tuple[int, int]], wide: bool) -> None:
    """One in ten, half, nine in ten are within: the first value for which that is so."""
    told = sorted(((spot + 40_000 * wide, value) for spot, value in told), key=lambda one: one[1])
    found = ranked(*(np.array([one[place] for one in told], np.int64) for place in (0, 1)))
    expected = {}
    for spot in {spot for spot, _ in told}:
        values = [value for at, value in told if at == spot]
        within = [
            next(v for place, v in enumerate(values, 1) if place * 10 >= len(values) * tenths)
            for tenths in (1, 5, 9)
        ]
        expected[spot] = dict(zip(("base", "low", "middle", "high"), (len(values), *within), strict=True))
    assert found == expected
