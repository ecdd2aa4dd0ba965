"""What every chart has: a sentence, a table, a CSV of no formula, and no word unescaped."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.charts import bars, days, dots, line, multiples, spread, stacked
from bankside.measures.charts.chart import Chart, neutral, plain
from bankside.measures.charts.figure import figure
from bankside.measures.charts.paints import PAGE, PRINT
from tests.measures.charts.drawn import HOSTILE, SVG, root, words

LABEL = "What one sees: 8 & 9"
CHARTS = {
    "line": line.draw([line.Point(HOSTILE, 8, 3, 21), line.Point("Tue", 7, 3, 19)], label=LABEL, promise=15),
    "stacked": stacked.draw(
        [stacked.Row(HOSTILE, (70, 30))], parts=[("a", None), (HOSTILE, None)], label=LABEL
    ),
    "dots": dots.draw(dots.Strip(3, ((HOSTILE, 2), ("b", 4))), label=LABEL),
    "bars": bars.draw([bars.Bar(HOSTILE, 50, 40, 60, 12), bars.Bar("b", None)], label=LABEL),
    "multiples": multiples.draw([multiples.Panel(HOSTILE, (1, None, 3))], names=["a", "b", "c"], label=LABEL),
    "spread": spread.draw([spread.Bin(HOSTILE, 3), spread.Bin("b", 0)], label=LABEL, middle=0.5),
    "days": days.draw([1, None, 3], names=[HOSTILE, "b", "c"], label=LABEL),
}


@pytest.mark.parametrize("name", CHARTS)
def test_each_is_named_told_and_escaped(name: str) -> None:
    chart = CHARTS[name]
    picture = root(chart)
    assert (picture.get("role"), picture.get("aria-label")) == ("img", LABEL)
    assert picture[0].tag == f"{SVG}title" and picture[0].text == LABEL
    assert picture[1].tag == f"{SVG}desc" and picture[1].text
    assert "<script" not in chart.svg() and "<script" not in figure(chart, HOSTILE, note=HOSTILE)
    assert "style=" not in chart.svg()  # the policy of pages allows none


@pytest.mark.parametrize("name", CHARTS)
def test_each_has_its_figures_as_a_table_and_as_csv(name: str) -> None:
    chart = CHARTS[name]
    assert all(len(row) == len(chart.head) for row in chart.rows)
    read = list(csv.reader(io.StringIO(chart.csv(), newline="")))
    assert read[0] == [neutral(one) for one in chart.head] and len(read) == 1 + len(chart.rows)
    assert chart.csv().endswith("\r\n")
    assert figure(chart, "h").count("<tr>") == 1 + len(chart.rows)


@pytest.mark.parametrize("name", CHARTS)
def test_each_has_page_paints_and_print_paints(name: str) -> None:
    chart = CHARTS[name]
    assert "var(--" in chart.svg(PAGE) and "var(--" not in chart.svg(PRINT)


def test_one_that_says_the_same_as_the_words_beside_it_is_passed_over() -> None:
    picture = CHARTS["days"].svg(hidden=True)
    assert 'aria-hidden="true"' in picture and "role=" not in picture and "<title>" not in picture


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20))
def test_no_cell_is_a_formula(text: str) -> None:
    made = Chart(label="x", width=1, height=1, marks=(), head=("a",), rows=((text,),)).csv()
    [_, [cell]] = list(csv.reader(io.StringIO(made, newline=""))) if text else [[], [""]]
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert cell.removeprefix("'") == text or cell == text


def test_numbers_stay_numbers() -> None:
    assert [neutral(one) for one in (-3, 0.1 + 0.2, None, float("nan"), "-3", " =1")] == [
        "-3", "0.3", "", "", "'-3", "' =1",
    ]  # fmt: skip
    assert [plain(one) for one in (3.0, 3.25, 10, 1e-9)] == ["3", "3.25", "10", "0"]


def test_words_of_four_languages_stand_in_it() -> None:
    names = ["고객 응대", "客户联系", "Klantcontact", "Customer contact"]
    chart = bars.draw([bars.Bar(name, 10) for name in names], label="x")
    assert set(names) <= set(words(chart))
