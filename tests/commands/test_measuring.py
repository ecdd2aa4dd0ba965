"""measures show, measures report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bankside import commands
from bankside.measures import figures, period, places
from bankside.record import clock
from tests.measures import generated
from tests.measures.test_figures import follow

pytestmark = pytest.mark.django_db
DAYS = ["--period", "2026-09-21:2026-10-25", "--zone", "Asia/Seoul"]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)


def test_figures_as_json_are_those_of_the_room(capsys: pytest.CaptureFixture[str]) -> None:
    generated.desk(400)
    follow()
    assert commands.main(["measures", "show", *DAYS, "--json"]) == commands.DONE
    lines = {one["measure"]: one for one in json.loads(capsys.readouterr().out)}
    import datetime

    span = period.chosen(datetime.date(2026, 9, 21), datetime.date(2026, 10, 25), "Asia/Seoul")
    found = figures.counted(span, figures.Filters(), places.every())
    for measure, line in lines.items():
        figure = found.one(measure)
        assert figure is not None and (line["value"], line["base"]) == (figure.value, figure.base)
    assert {"opened", "answered", "first-answer"} <= lines.keys()
    assert commands.main(["measures", "show", *DAYS]) == commands.DONE
    assert "opened: " in capsys.readouterr().out


def test_a_report_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.pdf"
    assert commands.main(["measures", "report", *DAYS, "--lang", "ko", "--out", str(out)]) == commands.DONE
    assert out.read_bytes().startswith(b"%PDF") and "pages" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--period", "eternity"], ["--zone", "Nowhere/Here"],
                                   ["--period", "2026-10-02:2026-10-01"]])  # fmt: skip
def test_what_is_no_period_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["measures", "show", *wrong]) == commands.REFUSED
    assert capsys.readouterr().err.startswith("bankside: ")
