"""The report on paper: the figures of the page, in four languages, on numbered pages of A4."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest

from bankside.channels.models import Channel
from bankside.measures import figures, places
from bankside.measures.charts import line, stacked
from bankside.measures.figures import Figures, Filters
from bankside.record import clock
from bankside.rewards.art.lettering import SANS
from bankside.web.measured import choice, document, paper, sections
from bankside.web.measured.paper import Paper
from tests.measures import generated
from tests.measures.test_figures import follow

pytestmark = pytest.mark.django_db
DAYS = {"period": "chosen", "first": "2026-09-21", "last": "2026-10-25"}


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)


@pytest.fixture
def found() -> Figures:
    generated.desk(500)
    follow()
    return figures.counted(choice.of(DAYS, "Asia/Seoul", 0).period, Filters(), places.every())


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every line that is set on paper, because outlines cannot be read back."""
    lines: list[str] = []
    drawn = paper._words

    def kept(text: str, *rest: object, **how: object) -> str:
        lines.append(text)
        return drawn(text, *rest, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(paper, "_words", kept)
    return lines


@pytest.mark.parametrize(
    "language", ["ko", *(pytest.param(one, marks=pytest.mark.more) for one in ("en", "zh-hans", "nl"))]
)
def test_it_holds_every_figure_of_the_page(found: Figures, said: list[str], language: str) -> None:
    made = document.composed(found, language)
    body = made.pdf()
    with pikepdf.open(io.BytesIO(body)) as pdf:
        assert len(pdf.pages) == made.pages > 1
        for page in pdf.pages:
            _, _, width, height = (float(n) for n in page.mediabox)
            assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (210, 297)
    from django.utils import translation

    with translation.override(language):
        rows = [row for topic, _ in document.TOPICS for row in sections.rows(found, topic, strips=False)]
    assert len(rows) > 20
    assert {row.number.text for row in rows} <= set(said)
    assert [f"{n} / {made.pages}" for n in range(1, made.pages + 1)] == [
        one for one in said if re.fullmatch(r"\d+ / \d+", one)
    ]
    assert len(body) < 5_000_000


def test_the_letter_says_the_finding_first(found: Figures) -> None:
    letter = document.letter(found, "en")
    assert letter.startswith("Half of all customers had an answer within ")
    assert "Promises kept: " in letter and "Hanul Bank" in document.subject(found, "en")


def test_an_empty_desk_has_a_report_too() -> None:
    found = figures.counted(choice.of(DAYS, "UTC", 0).period, Filters(), places.every())
    assert document.composed(found, "en").pdf().startswith(b"%PDF")
    assert document.letter(found, "nl")


def test_words_that_no_font_has_do_not_stop_it(found: Figures) -> None:
    for row in Channel.objects.all():
        Channel.objects.filter(pk=row.pk).update(name=f"🙂 <b>{row.pk}</b> {'긴' * 90}")
    assert document.composed(found, "ko").pdf().startswith(b"%PDF")


def test_lines_fit_and_lose_nothing() -> None:
    for text, lang in [("one two three " * 12, "en"), ("고객의 절반이 답변을 받았습니다 " * 6, "ko"),
                       ("半数客户在九分钟内得到了答复" * 8, "zh-hans"), ("x" * 190, "nl")]:  # fmt: skip
        lines = paper.wrapped(text, SANS, 3.2, 60, lang)
        assert all(paper.width(one, SANS, 3.2, lang) <= 60.01 for one in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_long_table_turns_the_page_and_says_its_head_again(said: list[str]) -> None:
    made = Paper("en", "foot")
    made.table(["Head", "Number"], [[f"row {n}", str(n)] for n in range(120)], [3, 1])
    assert made.pages == said.count("Head") > 2
    assert made.pdf().startswith(b"%PDF")


def test_charts_are_drawn_with_their_words(said: list[str]) -> None:
    made = Paper("ko", "foot")
    made.chart(line.draw([line.Point("월", 8, 3, 20), line.Point("화", None)], label="x", promise=15))
    parts = [("고객 응대", None), ("PR", "pale")]
    made.chart(stacked.draw([stacked.Row("微博", (60, 40))], parts=parts, label="x"))
    assert {"월", "promise", "微博", "60", "고객 응대"} <= set(said)
    assert made.pdf().startswith(b"%PDF")
