"""A report of the engine as pages and paper show it: sentences, tables, a drawing for each question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from babel import numbers
from django.utils.translation import gettext
from markupsafe import Markup

from bankside.measures.charts import bars, dots
from bankside.measures.charts.chart import Chart
from bankside.measures.peers import Peers, Strip
from bankside.measures.study import findings, sections
from bankside.measures.study.definition import named
from bankside.measures.study.report import Figures, Report
from bankside.measures.study.sections import Reader, Section, Table
from bankside.measures.study.tongue import speaker
from bankside.web import moments, pages
from bankside.web.measured.paper import Paper
from bankside.web.moments import number
from bankside.web.spoken import spoken

WIDE_PX, NARROW_PX = 540.0, 340.0
CELLS_MAX = 8  # columns that a page of paper holds
FIRST_COLUMN = 3.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One question: what the engine says of it, and its picture for wide and for narrow screens."""

    said: Section
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where we stand in one question."""

    title: str
    sub: str
    picture: Markup
    value: str
    rank: str


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


def places(peers: Peers | None) -> tuple[Place, ...]:
    """Where we stand, drawn; () when that is not known."""
    return tuple(_place(one, peers.us) for one in peers.strips) if peers else ()


def on_paper(report: Report, language: str) -> bytes:
    """The report as PDF."""
    shown = of(report, language)
    paper = Paper(language, shown.title)
    paper.say(shown.title, strong=True)
    paper.title(shown.lead)
    for words in shown.findings:
        paper.say(words)
    for place, one in enumerate(shown.questions, 1):
        _question_on_paper(paper, one, place)
    return paper.pdf()


def _drawn(section: Section) -> Drawn:
    pictures = [Markup(_picture(section, width).svg()) for width in _widths(section)]  # noqa: S704 - escaped there
    wide, narrow = pictures or [Markup(""), Markup("")]
    rest = list(section.tables)
    change = [rest.pop()] if section.figures.change else []
    sectors = [rest.pop()] if section.figures.by_sector and section.figures.base else []
    return Drawn(section, wide, narrow, tuple(rest), tuple(sectors), tuple(change))


def _widths(section: Section) -> tuple[float, ...]:
    figures = section.figures
    return (WIDE_PX, NARROW_PX) if figures.base and figures.options else ()


def _picture(section: Section, width: float) -> Chart:
    rows = list(_bars(section.figures))
    told = ", ".join(f"{row.name} {_percent(row.value or 0)}" for row in rows)
    return bars.draw(
        rows, label=f"{section.heading} {told}", first=gettext("Answer"), number=_percent, width=width,
        words=bars.Words(
            percent=gettext("per cent"), interval=gettext("interval, 95 per cent"),
            count=gettext("institutions"),
        ),
    )  # fmt: skip


def _bars(figures: Figures) -> Iterator[bars.Bar]:
    language = pages.html_lang()
    for one in figures.options:
        if one.option is not None and one.percent is not None:
            low, high = (None if end is None else float(end) for end in (one.low, one.high))
            yield bars.Bar(named(one.option, language), float(one.percent), low, high, one.count)


def _place(one: Strip, us: str) -> Place:
    value, rank, title = _plain(one.ours), spoken(one.said), one.title
    drawn = dots.draw(
        dots.Strip(one.ours, one.peers), label=f"{title}: {value}, {rank}", number=_plain,
        words=dots.Words(
            you=us, peer=gettext("a peer"), middle=gettext("middle peer"),
            institution=gettext("Institution"), value=gettext("Value"),
        ),
    )  # fmt: skip
    return Place(title, spoken(one.sub), Markup(drawn.svg()), value, rank)  # noqa: S704 - escaped there


# --- paper ----------------------------------------------------------------------------------------------
def _question_on_paper(paper: Paper, one: Drawn, place: int) -> None:
    paper.heading(f"{place}. {one.said.heading}", keep_mm=40)
    paper.say(one.said.asked, small=True, muted=True)
    paper.gap(2)
    if _widths(one.said):
        paper.chart(_picture(one.said, WIDE_PX))
    for table in (*one.tables, *one.sectors, *one.change):
        _table_on_paper(paper, table)


def _table_on_paper(paper: Paper, table: Table) -> None:
    if table.rows and len(table.head) <= CELLS_MAX:
        paper.need(20)
        paper.gap(1)
        paper.say(table.caption, small=True, strong=True)
        paper.table(table.head, table.rows, [FIRST_COLUMN, *[1.0] * (len(table.head) - 1)])
    for note in table.notes:
        paper.say(note, small=True, muted=True)


# --- numbers --------------------------------------------------------------------------------------------
def _percent(value: float) -> str:
    """One decimal and the sign, in the reader's way."""
    return f"{numbers.format_decimal(Decimal(str(value)), format='#,##0.0', locale=moments.locale())}%"


def _plain(value: float) -> str:
    return number(int(value)) if value == int(value) else number(value)
