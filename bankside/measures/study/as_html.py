"""A report as one page that carries all it shows: for print, for a board, for a reader without a desk."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from bankside.measures.charts import bars
from bankside.measures.charts.paints import PRINT
from bankside.measures.study.definition import named
from bankside.measures.study.findings import findings
from bankside.measures.study.report import Figures, Report
from bankside.measures.study.sections import Reader, Section, Table, sections, title_of
from bankside.said import Said

STYLE: Final = """
:root{color-scheme:light}
body{font:15px/1.6 "Instrument Sans",system-ui,sans-serif;color:#16181d;background:#fdfcf9;
margin:0 auto;max-width:46rem;padding:2.5rem 1.5rem;word-break:keep-all;overflow-wrap:anywhere}
h1{font:400 2rem/1.2 "Instrument Serif",Georgia,serif;margin:0 0 1rem}
h2{font-size:1.05rem;line-height:1.4;margin:0 0 .25rem}
section{border-top:1px solid #cdc6b4;padding:1.5rem 0}
ul{padding-left:1.2em;margin:0 0 2rem}
li{margin:.35em 0}
p{margin:.4em 0}
.note{color:#5c616b;font-size:.82rem}
table{border-collapse:collapse;width:100%;margin:1rem 0 .5rem;font-size:.87rem}
td{font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding-bottom:.3rem}
th,td{border-bottom:1px solid #e4dfd2;padding:.3rem .5rem;text-align:right;vertical-align:top}
th{font-weight:400}
th:first-child{text-align:left;padding-left:0}
thead th{color:#5c616b}
svg{display:block;width:100%;height:auto;margin:1rem 0}
@page{size:A4;margin:18mm}
@media print{body{background:none;padding:0;max-width:none;font-size:10.5pt}
section,table,svg{break-inside:avoid}h2{break-after:avoid}}
"""


def as_html(report: Report, reader: Reader) -> str:
    """The page; everything in it is escaped, and nothing is loaded from elsewhere."""
    title = escape(title_of(report, reader))
    found = "".join(f"<li>{escape(reader.say(one))}</li>" for one in findings(report, reader.language))
    parts = "".join(_section(section, n, reader) for n, section in enumerate(sections(report, reader), 1))
    return (
        f'<!doctype html>\n<html lang="{escape(reader.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{title}</h1><ul>{found}</ul>{parts}</main></body></html>\n"
    )


def _section(section: Section, number: int, reader: Reader) -> str:
    tables = "".join(_table(table) for table in section.tables)
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in section.sentences)
    return (
        f"<section><h2>{number}. {escape(section.heading)}</h2>"
        f'<p class="note">{escape(section.asked)}</p>{said}{_picture(section, reader)}{tables}</section>'
    )


def _picture(section: Section, reader: Reader) -> str:
    """The shares as bars with their intervals; nothing where there is nothing to draw."""
    figures = section.figures
    if not figures.base or not figures.options:
        return ""
    label = " ".join(section.sentences) or section.heading
    words = bars.Words(
        percent=reader.say(Said("per cent")), interval=reader.say(Said("interval of 95%")),
        count=reader.say(Said("institutions")),
    )  # fmt: skip
    chart = bars.draw(list(_bars(figures, reader)), label=label, words=words, width=700)
    return chart.svg(PRINT)


def _bars(figures: Figures, reader: Reader) -> Iterator[bars.Bar]:
    for one in figures.options:
        if one.option and one.percent is not None and one.low is not None and one.high is not None:
            yield bars.Bar(
                name=named(one.option, reader.language), value=float(one.percent), low=float(one.low),
                high=float(one.high), count=one.count,
            )  # fmt: skip


def _table(table: Table) -> str:
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in table.notes)
    if not table.rows:
        return notes
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(c)}</td>" for c in row[1:])}</tr>'
        for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"
