"""The report for a board: the figures of the page on paper, with how they are counted and what is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy, ngettext

from bankside.measures import notes
from bankside.measures.definitions import MEASURES
from bankside.record.clock import now_ms
from bankside.web import moments
from bankside.web.measured import assumed, choice, courses, lede, pictures, sections
from bankside.web.measured.paper import Paper
from bankside.web.spoken import spoken

if TYPE_CHECKING:
    from bankside.measures.figures import Figures

PAPER_PX: Final = 700
LANGUAGES: Final = ("en", "ko", "zh-hans", "nl")
TOPICS: Final = (
    ("answers", gettext_lazy("Answers")),
    ("posts", gettext_lazy("Posts and what came back")),
    ("acts", gettext_lazy("What people did")),
    ("savings", gettext_lazy("Minutes saved for customers")),
    ("card", gettext_lazy("Members and their card")),
)
TABLES: Final = (
    ("answers", sections.COLUMNS["answers"], gettext_lazy("Where people wrote")),
    ("posts", sections.COLUMNS["posts"], gettext_lazy("Where posts stood")),
    ("cost", ("cost",), gettext_lazy("Cost of each network")),
)


def composed(figures: Figures, language: str) -> Paper:
    """The report in a language, ready to be drawn (`Paper.pdf`, which asks no database)."""
    with translation.override(language):
        days = choice.days_of(figures.period)
        paper = Paper(language, f"{settings.CARD_BANK} · {gettext('Measures')} · {days}")
        _head(paper, figures)
        for picture in pictures.both(figures):
            paper.heading(picture.title, keep_mm=40)
            paper.chart(picture.drawn(PAPER_PX))
        if course := courses.shares(figures, PAPER_PX):
            paper.heading(courses.title(), keep_mm=60)
            paper.chart(course)
        _unusual(paper, figures)
        _rows(paper, figures)
        _tables(paper, figures)
        _assumed(paper)
        _meant(paper, figures)
    return paper


def subject(figures: Figures, language: str) -> str:
    """What a mail with the report is called."""
    with translation.override(language):
        return gettext("Measures of %(bank)s, %(days)s") % {
            "bank": settings.CARD_BANK, "days": choice.days_of(figures.period),
        }  # fmt: skip


def letter(figures: Figures, language: str) -> str:
    """The words of that mail: the finding, what it rests on, and the main figures."""
    with translation.override(language):
        said = [lede.finding(figures) or _nothing(), "", moments.in_a_row(lede.grounds(figures)), ""]
        for row in sections.rows(figures, "answers", strips=False):
            said.append(f"{row.title}: {row.number.text}" + (f" ({row.note})" if row.note else ""))
        said += ["", gettext("The whole report is the file of this mail.")]
    return "\n".join(said) + "\n"


def _head(paper: Paper, figures: Figures) -> None:
    paper.title(lede.finding(figures) or _nothing())
    paper.say(moments.in_a_row(lede.grounds(figures)), muted=True)
    made = moments.minute(datetime.fromtimestamp(now_ms() / 1000, UTC))
    filters = figures.filters
    narrowed = [*filters.networks, *filters.markets, *filters.langs]
    of = gettext("Of these alone: %(names)s.") % {"names": ", ".join(narrowed)} if narrowed else ""
    drawn = gettext("Counted from the record on %(when)s.") % {"when": made}
    paper.say(" ".join(filter(None, (drawn, of))), muted=True, small=True)


def _nothing() -> str:
    return gettext("Nothing was counted in these days.")


def _unusual(paper: Paper, figures: Figures) -> None:
    found = notes.of(figures)
    if found:
        paper.heading(gettext("Unusual"))
        for note in found:
            paper.say(spoken(note.words))


def _rows(paper: Paper, figures: Figures) -> None:
    """Each measure with the one before, and how many rows of the record stand behind it."""
    head = (
        gettext("Measure"), gettext("Figure"), choice.before_words(figures.period), gettext("Counted rows"),
    )  # fmt: skip
    for topic, words in TOPICS:
        found = sections.rows(figures, topic, strips=False)
        if found:
            paper.heading(str(words))
            lines = [
                (f"{row.title} ({row.note})" if row.note else row.title, row.number.text, row.before,
                 moments.number(row.number.base))
                for row in found
            ]  # fmt: skip
            paper.table(head, lines, (5, 1.6, 1.8, 1.4))


def _tables(paper: Paper, figures: Figures) -> None:
    for _, columns, words in TABLES:
        found = sections.table(figures, columns, "network")
        if found is None:
            continue
        paper.heading(str(words), keep_mm=36)
        lines: Sequence[Sequence[str]] = [
            (name, *(cell.text if cell else "" for cell in cells)) for name, cells in found.rows
        ]
        paper.table(found.head, lines, (1.6, *([1.0] * (len(found.head) - 1))))


def _assumed(paper: Paper) -> None:
    """The assumptions about minutes saved, as they are in force."""
    lines = assumed.lines()
    if lines:
        paper.heading(gettext("What is assumed about minutes saved"))
        paper.table((gettext("Instead of"), gettext("Reckoned as")), lines, (1, 1))


def _meant(paper: Paper, figures: Figures) -> None:
    """What each number of this report means."""
    shown = [one for one in MEASURES.values() if figures.one(one.id) is not None]
    if not shown:
        return
    paper.heading(gettext("What each number means"))
    paper.say(
        ngettext(
            "One measure is counted, from entries of the record; each can be opened in the desk.",
            "%(n)s measures are counted, from entries of the record; each can be opened in the desk.",
            len(shown),
        ) % {"n": len(shown)},
        muted=True, small=True,
    )  # fmt: skip
    for one in shown:
        paper.gap(1)
        paper.need(12)
        paper.say(spoken(one.title), small=True, strong=True)
        paper.say(spoken(one.rule), small=True, muted=True)
