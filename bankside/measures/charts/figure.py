"""A whole figure as HTML: heading, legend, picture, and under it the table with its CSV."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape

from bankside.measures.charts.chart import Cell, Chart, Key, plain
from bankside.measures.charts.paints import PAGE, Paints


def figure(
    chart: Chart,
    heading: str,
    *,
    table_words: str = "Table",
    note: str = "",
    csv_link: str = "",
    csv_words: str = "CSV",
    paints: Paints = PAGE,
    level: int = 2,
    number: Callable[[float], str] = plain,
) -> str:
    """HTML, everything in it escaped. Without `csv_link` the CSV is carried in the page itself."""
    under = f"<p>{escape(note)}</p>" if note else ""
    link = csv_link or _carried(chart)
    head = f"<h{level}>{escape(heading)}</h{level}>{under}{legend(chart, paints)}"
    return (
        f'<figure class="fig">{head}{chart.svg(paints)}'
        f'<details class="under"><summary>{escape(table_words)}</summary>{table(chart, heading, number)}'
        f'<p><a class="link" href="{escape(link)}" download>{escape(csv_words)}</a></p></details></figure>'
    )


def legend(chart: Chart, paints: Paints = PAGE) -> str:
    """The keys of a chart in a row; nothing when it has none."""
    keys = "".join(f'<span class="key">{_sign(key, paints)}{escape(key.words)}</span>' for key in chart.keys)
    return f'<p class="legend">{keys}</p>' if keys else ""


def table(chart: Chart, caption: str, number: Callable[[float], str] = plain) -> str:
    """The same figures in rows."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in chart.head)
    body = "".join(
        f'<tr><th scope="row">{escape(str(first))}</th>'
        + "".join(f'<td class="r num">{escape(_cell(cell, number))}</td>' for cell in rest)
        + "</tr>"
        for first, *rest in chart.rows
    )
    return (
        f'<table class="tbl small"><caption class="sr">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cell(cell: Cell, number: Callable[[float], str]) -> str:
    return "" if cell is None else cell if isinstance(cell, str) else number(cell)


def _carried(chart: Chart) -> str:
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(chart.csv().encode()).decode()


def _sign(key: Key, paints: Paints) -> str:
    paint, sheet, edge = paints[key.paint], paints["sheet"], paints["edge"]
    outlined = f' stroke="{edge}"' if key.paint in {"pale", "striped"} else ""
    shape = {
        "round": f'<circle cx="5" cy="6" r="4.5" fill="{paint}"/>',
        "ring": f'<circle cx="5" cy="6" r="4" fill="{sheet}" stroke="{paint}" stroke-width="1.4"/>',
        "bar": f'<line x1="5" x2="5" y1="0" y2="12" stroke="{paint}" stroke-width="1.6"/>',
        "dots": f'<line x1="0" x2="10" y1="6" y2="6" stroke="{paint}" stroke-dasharray="2 2"/>',
    }.get(key.shape, f'<rect x="0.5" y="1.5" width="9" height="9" rx="2" fill="{paint}"{outlined}/>')
    stripes = f'<path d="M3.5 6v4M6.5 6v4" stroke="{edge}"/>' if key.paint == "striped" else ""
    return f'<svg width="10" height="12" viewBox="0 0 10 12" aria-hidden="true">{shape}{stripes}</svg>'
