"""A report as text, as a page and as a table: lined up, escaped, in the reader's language."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from selectolax.lexbor import LexborHTMLParser

from bankside.measures.study import tongue
from bankside.measures.study.as_csv import as_csv
from bankside.measures.study.as_html import as_html
from bankside.measures.study.printed import aligned, printed, width, wrapped
from bankside.measures.study.read_definition import define
from bankside.measures.study.reading import read
from bankside.measures.study.report import Report, report
from bankside.measures.study.responses import build
from bankside.measures.study.sections import Reader, Table
from bankside.measures.study.tongue import number, speaker
from bankside.said import Said
from tests.house.tree import ROOT

ENGLISH = Reader("en", speaker("en"))
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def worked() -> Report:
    return report(read(ROOT / "docs/learn/worked-study"))


@pytest.fixture
def korean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A catalogue of this test's own."""
    catalogue = Catalog(locale="ko")
    catalogue.add("%(count)s of %(population)s institutions answered.", "%(population)s곳 중 %(count)s곳")
    catalogue.add("Option", "항목")
    catalogue.add("Test: %(test)s.", "검정: %(test)s.")
    catalogue.add("Fisher's exact test", "피셔의 정확 검정")
    folder = tmp_path / "ko/LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(tongue, "LOCALE", tmp_path)
    tongue._catalogue.cache_clear()
    yield Reader("ko", speaker("ko"))
    tongue._catalogue.cache_clear()


def hostile() -> Report:
    definition = define({
        "title": HOSTILE, "year": HOSTILE[:20],
        "question": [
            {"id": "q", "kind": "single", "text": HOSTILE, "options": [{"id": "=1+1", "text": HOSTILE}, "b"]},
        ],
    })  # fmt: skip
    rows = [["institution", "sector", "q"], ["A", HOSTILE, "b"], ["B", "=2+2", "=1+1"]]
    return report(build(definition, rows))


def test_columns_line_up_in_every_script(worked: Report) -> None:
    for language in ("en", "ko", "zh-Hans", "nl"):
        text = printed(worked, Reader(language, speaker(language)))
        block = text.split("\n2. ")[1].split("\n3. ")[0].splitlines()
        first = [line for line in block if re.search(r"\d – ", line)][:6]
        assert len(first) == 6
        ends = {width(line[: line.index(" – ")]) for line in first}
        assert len(ends) == 1
        assert all(width(line) <= 100 for line in text.splitlines())


def test_widths() -> None:
    assert [width(text) for text in ("abc", "한글", "中文a", "e\u0301", "")] == [3, 4, 5, 1, 0]


def test_long_words_are_wrapped() -> None:
    assert wrapped("one two three", 8, "  ") == ["one two", "  three"]
    assert wrapped("가나다 라마바 사아자", 14, "  ") == ["가나다 라마바", "  사아자"]
    assert wrapped("很长的中文句子没有空格", 10, "") == ["很长的中文", "句子没有空", "格"]
    table = Table(caption="", head=("", "n"), rows=(("word " * 20, "5"),))
    assert len(list(aligned(table))) == 4


def test_it_speaks_the_language(worked: Report, korean: Reader) -> None:
    text = printed(worked, korean)
    assert "- 24곳 중 21곳" in text
    assert "\n   항목 " in text
    assert "검정: 피셔의 정확 검정." in text
    assert "고객 응대" in text and "customer contact" not in text


def test_numbers_in_the_readers_format() -> None:
    assert [number(1234567, language) for language in ("en", "ko", "nl")] == [
        "1,234,567",
        "1,234,567",
        "1.234.567",
    ]
    assert speaker("nl")(Said("%(n)s of %(word)s", n=1200, word="1200")) == "1.200 of 1200"


def test_the_page_carries_everything_and_runs_nothing() -> None:
    page = LexborHTMLParser(as_html(hostile(), ENGLISH))
    assert page.css("script, link, img, iframe, [src], [onload]") == []
    assert page.css_first("h1").text().startswith(HOSTILE)
    assert page.css("svg [href]") == []
    assert page.css_first("html").attributes["lang"] == "en"


def test_the_page_has_a_picture_and_a_table_for_each_question_with_options(worked: Report) -> None:
    page = LexborHTMLParser(as_html(worked, Reader("ko", speaker("ko"))))
    sections = page.css("section")
    assert len(sections) == len(worked.questions)
    for section, figures in zip(sections, worked.questions, strict=True):
        drawn = section.css("svg[role=img]")
        assert len(drawn) == (1 if figures.options else 0)
        assert all(svg.attributes["aria-label"] for svg in drawn)
        assert section.css("table caption")
        assert all(cell.attributes["scope"] for cell in section.css("th"))


def table(found: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(found, "en"))))


def test_the_table_has_every_figure(worked: Report) -> None:
    rows = table(worked)
    contact = [row for row in rows if (row["question"], row["option"]) == ("purposes", "contact")]
    kinds = [row["figure"] for row in contact]
    assert kinds == ["share", "suppressed", "suppressed", "suppressed", "mcnemar", "mcnemar"]
    first = contact[0]
    assert [first[name] for name in ("base", "count", "percent", "low", "high", "rank")] == [
        "18", "15", "83.3", "72.8", "90.3", "1",
    ]  # fmt: skip
    assert {row["count"] for row in rows if row["figure"] == "suppressed"} == {""}
    assert [row["value"] for row in rows if (row["question"], row["figure"]) == ("purposes", "mean")] == [
        "2.44"
    ]


def test_no_cell_of_the_table_is_a_formula() -> None:
    cells = [cell for row in table(hostile()) for cell in row.values()]
    assert "'=1+1" in cells and "'=2+2" in cells
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_nothing_turns_the_terminal() -> None:
    definition: Any = {
        "title": "T\x1b[31m",
        "question": [{"id": "q", "kind": "single", "options": ["a\u202eb"]}],
    }
    text = printed(report(build(define(definition), [["institution", "q"], ["A", "a\u202eb"]])), ENGLISH)
    assert not set(text) & {"\x1b", "\u202e"} and "T [31m" in text and "a b" in text


def test_a_report_of_nothing() -> None:
    definition: Any = {"title": "T", "question": [{"id": "q", "kind": "number"}]}
    empty = report(build(define(definition), [["institution", "q"]]))
    assert "Nobody was asked" in printed(empty, ENGLISH)
    assert "<svg" not in as_html(empty, ENGLISH)
