"""A report of the engine as pages and paper show it: sentences, tables, a drawing for each question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from babel import numbers
from django.utils.translation import gettext
from markupsafe import Markup

from bankside.measures.charts import bars, spread
from bankside.measures.charts.chart import Chart, NothingToDraw
from bankside.measures.study import findings, sections
from bankside.measures.study.definition import Definition, Question, asked_as, named
from bankside.measures.study.report import Figures, Report
from bankside.measures.study.sections import Reader, Section, Table
from bankside.measures.study.spans import Span, is_whole
from bankside.measures.study.tongue import speaker
from bankside.measures.study_answers import NONE as NONE_CHOSEN
from bankside.measures.study_reports import Unlike
from bankside.web import moments, pages
from bankside.web.measured.paper import Paper
from bankside.web.spoken import spoken

WIDE_PX, NARROW_PX, PAPER_PX = 540.0, 340.0, 700.0
CELLS_MAX = 8  # columns that a page of paper holds
FIRST_COLUMN = 3.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One question: what the engine says of it, and its picture for wide and for narrow screens.

    `sentences` stand under the question, and do not say it again.
    """

    said: Section
    sentences: tuple[str, ...]
    wide: Markup
    narrow: Markup
    tables: tuple[Table, ...]
    sectors: tuple[Table, ...]
    change: tuple[Table, ...]

    @property
    def id(self) -> str:
        """The question's own."""
        return self.said.figures.question.id


@dataclass(frozen=True, slots=True)
class Shown:
    """A whole report. `lead`: the first sentence, `findings` the others."""

    title: str
    institutions: int
    wave: str
    before: str
    lead: str
    findings: tuple[str, ...]
    questions: tuple[Drawn, ...]
    warnings: tuple[str, ...]


def of(report: Report, language: str) -> Shown:
    """The report in the reader's language."""
    reader = Reader(language, speaker(language))
    said = [reader.say(one) for one in findings.findings(report, language)]
    return Shown(
        title=sections.title_of(report, reader), institutions=report.institutions, wave=report.wave,
        before=report.before, lead=said[0], findings=tuple(said[1:]),
        questions=tuple(_drawn(one) for one in sections.sections(report, reader)),
        warnings=tuple(spoken(one.said) for one in report.warnings),
    )  # fmt: skip


def differences(report: Report, language: str) -> tuple[Drawn, ...]:
    """The questions that both studies ask, with what differs."""
    return tuple(one for one in of(report, language).questions if one.change)


def in_words(found: Iterable[Unlike], definition: Definition, language: str) -> list[Unlike]:
    """The same with questions and options as people read them."""
    questions = {one.id: one for one in definition.questions}
    return [
        Unlike(
            one.institution, asked_as(questions[one.question], language),
            *(_cell(cell, questions[one.question], language) for cell in (one.here, one.there)),
        )
        for one in found
    ]  # fmt: skip


def _cell(cell: str, question: Question, language: str) -> str:
    """An answer as a line of words; a dash for none."""
    if cell == NONE_CHOSEN:
        return gettext("none of these")
    names = {option.id: named(option, language) for option in question.options}
    return ", ".join(names.get(one, one) for one in cell.split("|") if one) or "–"


def on_paper(report: Report, language: str) -> bytes:
    """The report as PDF."""
    shown = of(report, language)
    paper = Paper(language, shown.title)
    paper.say(shown.title, muted=True)
    paper.gap(1)
    paper.title(shown.lead)
    for words in shown.findings:
        paper.say(words)
    for place, one in enumerate(shown.questions, 1):
        _question_on_paper(paper, one, place)
    return paper.pdf()


def _drawn(section: Section) -> Drawn:
    drawn = [_picture(section, width) for width in (WIDE_PX, NARROW_PX)]
    wide, narrow = (Markup(one.svg()) if one else Markup("") for one in drawn)  # noqa: S704 - escaped there
    rest = list(section.tables)
    change = [rest.pop()] if section.figures.change else []
    sectors = [rest.pop()] if section.figures.by_sector and section.figures.base else []
    spans = [_spans_table(drawn[0])] if drawn[0] and section.figures.spans else []
    return Drawn(
        section, _under(section), wide, narrow, (*rest, *spans), tuple(sectors), tuple(change)
    )  # fmt: skip


def _under(section: Section) -> tuple[str, ...]:
    """The sentences without the question that stands over them."""
    question = findings.ended(section.heading)
    return tuple(one.removeprefix(question).strip() for one in section.sentences)


def _picture(section: Section, width: float) -> Chart | None:
    """What is drawn of a question: its options as bars, or how its numbers are spread; None for neither."""
    figures = section.figures
    if figures.spans:
        return _spread(section, width)
    if not (figures.base and figures.options):
        return None
    rows = list(_bars(figures))
    told = ", ".join(f"{row.name} {_percent(row.value or 0)}" for row in rows)
    return bars.draw(
        rows, label=f"{section.heading} {told}", first=gettext("Answer"), number=_percent, width=width,
        words=bars.Words(
            percent=gettext("per cent"), interval=gettext("interval, 95 per cent"),
            count=gettext("institutions"),
        ),
    )  # fmt: skip


def _spread(section: Section, width: float) -> Chart | None:
    figures = section.figures
    bins = [spread.Bin(_span(one), one.count) for one in figures.spans]
    told = ", ".join(f"{one.name}: {one.count}" for one in bins)
    words = spread.Words(
        count=gettext("institutions"), middle=gettext("half answer less, half more"), first=gettext("Answer"),
    )  # fmt: skip
    try:
        return spread.draw(
            bins, label=f"{section.heading} {told}", words=words, middle=_middle(figures), number=_plain,
            width=width,
        )  # fmt: skip
    except NothingToDraw:
        return None


def _middle(figures: Figures) -> float | None:
    """Where the median lies, in spans from the left; a whole number lies in the middle of its place."""
    if figures.spread is None or figures.spread.median is None:
        return None
    first = figures.spans[0]
    whole = _whole(figures.spans)
    return float(
        (Fraction(figures.spread.median) - first.low + (Fraction(1, 2) if whole else 0))
        / (first.high - first.low)
    )


def _whole(spans: Sequence[Span]) -> bool:
    return is_whole([end for one in spans for end in (one.low, one.high)])


def _span(one: Span) -> str:
    """`5–9` of whole numbers, `5` when there is but one; else where it begins and ends."""
    if not is_whole([one.low, one.high]):
        return f"{_plain(float(one.low))}–{_plain(float(one.high))}"
    if one.high - one.low == 1:
        return _plain(int(one.low))
    return f"{_plain(int(one.low))}–{_plain(int(one.high) - 1)}"


def _spans_table(chart: Chart) -> Table:
    head = tuple(str(name) for name in chart.head)
    rows = tuple(
        tuple(cell if isinstance(cell, str) else _plain(cell or 0) for cell in row) for row in chart.rows
    )
    return Table(caption=gettext("How many gave which number"), head=head, rows=rows)


def _bars(figures: Figures) -> Iterator[bars.Bar]:
    language = pages.html_lang()
    for one in figures.options:
        if one.option is not None and one.percent is not None:
            low, high = (None if end is None else float(end) for end in (one.low, one.high))
            yield bars.Bar(named(one.option, language), float(one.percent), low, high, one.count)


# --- paper ----------------------------------------------------------------------------------------------
def _question_on_paper(paper: Paper, one: Drawn, place: int) -> None:
    paper.heading(f"{place}. {one.said.heading}", keep_mm=40)
    paper.say(one.said.asked, small=True, muted=True)
    paper.gap(2)
    picture = _picture(one.said, PAPER_PX)
    if picture:
        paper.chart(picture)
    for table in (*one.tables, *one.sectors, *one.change):
        _table_on_paper(paper, table)


def _table_on_paper(paper: Paper, table: Table) -> None:
    if table.rows and len(table.head) <= CELLS_MAX:
        paper.need(24)
        paper.gap(3)
        paper.say(table.caption, small=True, strong=True)
        paper.table(table.head, table.rows, [FIRST_COLUMN, *[1.0] * (len(table.head) - 1)])
    for note in table.notes:
        paper.say(note, small=True, muted=True)


# --- numbers --------------------------------------------------------------------------------------------
def _percent(value: float) -> str:
    """One decimal and the sign, in the reader's way."""
    return f"{numbers.format_decimal(Decimal(str(value)), format='#,##0.0', locale=moments.locale())}%"


def _plain(value: float) -> str:
    """A number in the reader's way, without noughts at its end."""
    return moments.number(int(value)) if value == int(value) else moments.number(value)
