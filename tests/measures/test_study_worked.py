"""Every printed figure of the worked study beside an independent count that uses none of the engine."""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
import tomllib
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import product
from math import comb
from typing import Any

import pytest

from bankside.commands import main
from tests.house.tree import ROOT

FOLDER = ROOT / "docs/learn/worked-study"
PAGE = ROOT / "docs/learn/studies.md"
POPULATION = 24
Row = dict[str, str]

BASES: dict[str, Callable[[Row], bool]] = {
    "networks": lambda row: row["uses"] == "yes",
    "purposes": lambda row: row["uses"] == "yes",
    "since": lambda row: row["uses"] == "yes",
    "contact-worth": lambda row: "contact" in row["purposes"].split("|"),
    "minutes": lambda row: "contact" in row["purposes"].split("|"),
    "employees": lambda row: row["uses"] == "yes" and row["rules"] in ("yes", "draft"),
    "solved": lambda row: "contact" in row["purposes"].split("|"),
    "languages": lambda row: row["networks"] not in ("", "-"),
    "plans": lambda row: row["uses"] == "no",
}
DEFINED = tomllib.loads((FOLDER / "study.toml").read_text(encoding="utf-8"))
OPTIONS = {
    one["id"]: [str(o["id"] if isinstance(o, dict) else o) for o in one.get("options", [])]
    for one in DEFINED["question"]
}
MULTI = ("networks", "purposes", "reservations", "languages")
NUMBERS = ("minutes", "team")
SCALES = ("contact-worth", "solved", "card")


def rows(wave: str) -> list[Row]:
    text = (FOLDER / "responses.csv").read_text(encoding="utf-8")
    return [row for row in csv.DictReader(io.StringIO(text)) if row["wave"] == wave]


def based(wave: str, question: str) -> list[Row]:
    """Who was asked: the cell is not empty, and the condition holds."""
    return [row for row in rows(wave) if row[question] != "" and BASES.get(question, bool)(row)]


def chosen(row: Row, question: str) -> list[str]:
    return [] if row[question] == "-" else row[question].split("|")


def half_up(number: Fraction, places: int) -> float:
    whole = number * 10**places + Fraction(1, 2)
    return float(Fraction(whole.numerator // whole.denominator, 10**places))


def interval(count: int, base: int, population: int = POPULATION) -> tuple[float, float]:
    """Wilson's interval the long way, by halving: the shares just so far away that this could still be."""
    if base == population:
        return half_up(Fraction(100 * count, base), 1), half_up(Fraction(100 * count, base), 1)
    with localcontext() as here:
        here.prec = 40
        z = Decimal("1.959963984540054")
        size = Decimal(base * (population - 1)) / Decimal(population - base)
        seen = Decimal(count) / Decimal(base)

        def inside(share: Decimal) -> bool:
            return (seen - share) ** 2 * size <= z * z * share * (1 - share)

        ends = []
        for outer in (Decimal(0), Decimal(1)):
            out, within = outer, seen
            if inside(outer) and seen == outer:
                ends.append(outer)
                continue
            for _ in range(100):
                middle = (out + within) / 2
                out, within = (out, middle) if inside(middle) else (middle, within)
            ends.append(within)
        low, high = (float((100 * end).quantize(Decimal("0.1"), ROUND_HALF_UP)) for end in ends)
    return low, high


def share(count: int, base: int) -> dict[str, float]:
    low, high = interval(count, base)
    return {"count": count, "percent": half_up(Fraction(100 * count, base), 1), "low": low, "high": high}


def values(found: list[Row], question: str) -> list[Fraction]:
    steps = OPTIONS[question]
    cells = [row[question] for row in found if row[question] != "-"]
    if question in NUMBERS or steps[0].isdigit():
        return [Fraction(cell) for cell in cells]
    return [Fraction(steps.index(cell) + 1) for cell in cells]


def spread(numbers: list[Fraction]) -> dict[str, float]:
    lower, median, upper = statistics.quantiles(numbers, n=4, method="inclusive")
    found = {
        "mean": sum(numbers, Fraction(0)) / len(numbers), "least": min(numbers), "lower": lower,
        "median": median, "upper": upper, "most": max(numbers),
    }  # fmt: skip
    return {"count": len(numbers), **{name: half_up(Fraction(n), 2) for name, n in found.items()}}


def binomial(up: int, down: int) -> float:
    """Twice the tail of a fair coin, at most 1."""
    coins = up + down
    return min(1.0, 2 * sum(comb(coins, heads) for heads in range(min(up, down) + 1)) / 2**coins)


def all_as_rare(first: int, of_first: int, second: int, of_second: int) -> float:
    """Fisher: every way to part those who chose between both sides, and how often each comes."""
    ways = {
        k: comb(of_first, k) * comb(of_second, first + second - k)
        for k in range(first + second + 1)
        if k <= of_first and first + second - k <= of_second
    }
    return sum(way for way in ways.values() if way <= ways[first]) / sum(ways.values())


def count(found: list[Row], question: str, option: str) -> int:
    return sum(option in chosen(row, question) for row in found)


def holm(found: list[float]) -> list[float]:
    """The largest of (m - j + 1) p(j) up to the own place in the order."""
    order = sorted(found)
    steps = [min(1.0, max((len(order) - j) * order[j] for j in range(k + 1))) for k in range(len(order))]
    return [steps[order.index(p)] for p in found]


@pytest.fixture(scope="module")
def printed() -> dict[str, Any]:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        assert main(["study", "report", str(FOLDER), "--json"]) == 0
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture(scope="module")
def told() -> str:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        assert main(["study", "report", str(FOLDER)]) == 0
    return out.getvalue()


def of(printed: dict[str, Any], question: str) -> dict[str, Any]:
    return next(one for one in printed["questions"] if one["id"] == question)


def test_the_study_is_large_enough_and_has_everything(printed: dict[str, Any]) -> None:
    assert printed["institutions"] == len(rows("2026")) >= 15
    assert [one["id"] for one in printed["questions"]] == list(OPTIONS)
    assert len(OPTIONS) >= 12
    assert {one["kind"] for one in printed["questions"]} == {"single", "multi", "scale", "number"}
    assert set(printed["title"]) == {"en", "ko", "zh-Hans", "nl"}
    assert any("-" in row.values() for row in rows("2026"))
    assert printed["warnings"] == []


@pytest.mark.parametrize("question", OPTIONS)
def test_the_shares(printed: dict[str, Any], question: str) -> None:
    found, base = of(printed, question), based("2026", question)
    assert found["base"] == len(base)
    assert found["outside"] == len(rows("2026")) - len(base)
    assert found["none"] == sum(row[question] == "-" for row in base)
    counts = {option: sum(option in chosen(row, question) for row in base) for option in OPTIONS[question]}
    expected = [{"option": option, **share(count, len(base))} for option, count in counts.items()]
    assert [{**one, "option": str(one["option"])} for one in found["options"]] == expected
    if question not in (*SCALES, *NUMBERS):
        ranks = {o: sum(other > count for other in counts.values()) + 1 for o, count in counts.items()}
        joint = {o: list(counts.values()).count(count) > 1 for o, count in counts.items()}
        assert {p["option"]: (p["rank"], p["joint"], p["count"]) for p in found["ranking"]} == {
            o: (ranks[o], joint[o], counts[o]) for o in counts
        }
        assert [p["rank"] for p in found["ranking"]] == sorted(ranks.values())


@pytest.mark.parametrize("question", MULTI)
def test_how_many_at_once(printed: dict[str, Any], question: str) -> None:
    sizes = [len(chosen(row, question)) for row in based("2026", question)]
    assert of(printed, question)["used"] == {
        "at_least_one": share(sum(size > 0 for size in sizes), len(sizes)),
        "several": share(sum(size > 1 for size in sizes), len(sizes)),
        "mean": half_up(Fraction(sum(sizes), len(sizes)), 2),
    }


@pytest.mark.parametrize("question", [*SCALES, *NUMBERS])
def test_how_numbers_lie(printed: dict[str, Any], question: str) -> None:
    assert of(printed, question)["spread"] == spread(values(based("2026", question), question))


@pytest.mark.parametrize("question", OPTIONS)
def test_what_changed(printed: dict[str, Any], question: str) -> None:
    change = of(printed, question)["change"]
    then = {row["institution"]: row for row in based("2024", question)}
    pairs = [(then[row["institution"]], row) for row in based("2026", question) if row["institution"] in then]
    if not pairs:
        pytest.fail("the worked study compares every question")
    if question in (*SCALES, *NUMBERS):
        pairs = [pair for pair in pairs if all(row[question] != "-" for row in pair)]
        before, after = (values([pair[side] for pair in pairs], question) for side in (0, 1))
        up = sum(b > a for a, b in zip(before, after, strict=True))
        down = sum(b < a for a, b in zip(before, after, strict=True))
        assert (change["method"], change["pairs"]) == ("sign", len(pairs))
        assert [change["before"]["mean"], change["after"]["mean"]] == [
            half_up(sum(side, Fraction(0)) / len(side), 2) for side in (before, after)
        ]
        assert [(r["up"], r["down"], r["p"]) for r in change["rows"]] == [
            (up, down, round(binomial(up, down), 4))
        ]
        return
    if 2 * len(pairs) < min(len(then), len(based("2026", question))):
        assert (change["method"], change["pairs"], change["in_both"]) == ("fisher", 0, len(pairs))
        later = based("2026", question)
        chances = [
            all_as_rare(
                *(x for side in (list(then.values()), later) for x in (count(side, question, o), len(side)))
            )
            for o in OPTIONS[question]
        ]
        assert [r["p"] for r in change["rows"]] == [round(p, 4) for p in chances]
        assert [r["adjusted"] for r in change["rows"]] == [round(p, 4) for p in holm(chances)]
        return
    assert (change["method"], change["pairs"]) == ("mcnemar", len(pairs))
    chances, shown = [], []
    for option in OPTIONS[question]:
        moves = [tuple(option in chosen(row, question) for row in pair) for pair in pairs]
        up, down = moves.count((False, True)), moves.count((True, False))
        chances.append(binomial(up, down))
        counts = [sum(side) for side in zip(*moves, strict=True)]
        shown.append((option, *counts, up, down))
    found = change["rows"]
    assert [
        (r["option"], r["before"]["count"], r["after"]["count"], r["up"], r["down"]) for r in found
    ] == shown
    assert [r["p"] for r in found] == [round(p, 4) for p in chances]
    assert [r["adjusted"] for r in found] == [round(p, 4) for p in holm(chances)]
    assert [r["changed"] for r in found] == [p < 0.05 for p in holm(chances)]


@pytest.mark.parametrize("question", OPTIONS)
def test_the_sectors(printed: dict[str, Any], question: str) -> None:
    table = of(printed, question)["by_sector"]
    if table is None:
        assert len({row["sector"] for row in based("2026", question)}) == 1
        return
    if table["withheld"]:
        assert table["rows"] == table["spreads"] == table["bases"] == []
        return
    sectors = ["bank", "investment", "insurance"]
    parts = [[row for row in based("2026", question) if row["sector"] == sector] for sector in sectors]
    assert table["sectors"] == sectors
    assert table["bases"] == [len(part) for part in parts]
    if question in NUMBERS:
        for part, found in zip(parts, table["spreads"], strict=True):
            assert {name: spread(values(part, question))[name] for name in ("count", "mean", "median")} == {
                name: value for name, value in found.items() if value is not None
            }
        return
    for line in table["rows"]:
        option = line["option"]
        for part, cell in zip(parts, line["cells"], strict=True):
            counts = [chosen(row, question) for row in part]
            there = sum(str(option) in one if option is not None else not one for one in counts)
            if cell["count"] is None:
                assert cell["percent"] is None
            else:
                assert cell["count"] == there
                assert there == 0 or there >= 3
                assert cell["percent"] == half_up(Fraction(100 * there, len(part)), 1)


def test_no_hidden_cell_of_the_worked_study_can_be_solved(printed: dict[str, Any]) -> None:
    """Of all ways to fill what is hidden, each hidden cell has two values at least."""
    looked_at = 0
    for found in printed["questions"]:
        table = found["by_sector"]
        if found["kind"] == "number" or table is None or table["withheld"] or not table["suppressed"]:
            continue
        totals = [one["count"] for one in found["options"]] + [found["none"]]
        lines = [[cell["count"] for cell in line["cells"]] for line in table["rows"]]
        if found["kind"] == "multi":
            groups = [([line], [total]) for line, total in zip(lines, totals, strict=False)]
        else:
            groups = [(lines, totals[: len(lines)])]
        for shown, sums in groups:
            bounds = table["bases"]
            seen = solutions(shown, sums, bounds, exact_columns=found["kind"] != "multi")
            for place, cell in enumerate(value for line in shown for value in line):
                if cell is None:
                    looked_at += 1
                    assert len({solution[place] for solution in seen}) > 1
    assert looked_at > 10


def solutions(
    shown: list[list[int | None]], sums: list[int], bases: list[int], *, exact_columns: bool
) -> list[tuple[int, ...]]:
    """All tables of whole numbers that agree with what is shown, with the sums of rows and with the bases."""
    ways = []
    for line, total in zip(shown, sums, strict=True):
        ranges = [
            range(base + 1) if cell is None else (cell,) for cell, base in zip(line, bases, strict=True)
        ]
        ways.append([way for way in product(*ranges) if sum(way) == total])
    kept = []
    for whole in product(*ways):
        columns = [sum(column) for column in zip(*whole, strict=True)]
        if not exact_columns or columns == bases:
            kept.append(tuple(cell for line in whole for cell in line))
    return kept


def shown_blocks() -> Iterator[list[str]]:
    """What the page shows of the report, without the line of the command."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M)
    for block in blocks:
        lines = block.splitlines()
        if lines[0] == "$ bin/bankside study report docs/learn/worked-study" and len(lines) > 1:
            yield lines[1:]


def test_the_page_shows_what_the_command_prints(told: str) -> None:
    blocks = list(shown_blocks())
    assert len(blocks) >= 2
    for block in blocks:
        for part in re.split(r"^ *\.\.\.$", "\n".join(block), flags=re.M):
            assert part.strip("\n") in told


def test_the_tables_in_print_hold_the_independent_figures(told: str) -> None:
    """In order, question by question, from the text itself."""
    parts = re.split(r"^\d+\. ", told, flags=re.M)[1:]
    for part, question in zip(parts, OPTIONS, strict=True):
        base = based("2026", question)
        text = " ".join(part.split())
        assert f": {len(base)}; " in text
        for option in OPTIONS[question]:
            one = share(sum(option in chosen(row, question) for row in base), len(base))
            line = f"{one['count']} {one['percent']:.1f} {one['low']:.1f} – {one['high']:.1f}"
            assert line in text
        if question in (*SCALES, *NUMBERS):
            numbers = spread(values(base, question))
            assert " ".join(f"{numbers[n]:.2f}" for n in list(numbers)[1:]) in text


def test_the_sentences_hold_the_independent_figures(told: str) -> None:
    sentences = " ".join(told.split())
    for question, option, words in (
        ("purposes", "contact", "use networks for customer contact"),
        ("purposes", "pr", "use networks for public relations"),
        ("networks", "blog", "are on a blog"),
        ("reservations", "security", "name security as a reservation"),
    ):
        base = based("2026", question)
        one = share(sum(option in chosen(row, question) for row in base), len(base))
        whole = int(half_up(Fraction(100 * int(one["count"]), len(base)), 0))
        assert (
            f"{one['count']} of {len(base)} institutions ({whole}%) {words}; "
            f"between {one['low']:.1f} and {one['high']:.1f}% with 95% confidence." in sentences
        )


def test_the_independent_interval_is_right() -> None:
    """R: prop.test(10, 50, correct = FALSE)$conf.int is 0.1124375 0.3303711, of a vast population."""
    assert interval(10, 50, 10**9) == (11.2, 33.0)
    assert interval(0, 10, 10**9) == (0.0, 27.8)
    assert interval(5, 24) == (20.8, 20.8)
