"""The pages of a package: an overview, and a page for each thing with what was said of it. Pure.

Everything that came from people is text and nothing else: escaped, in its own direction, with marks of
direction made visible; a policy in each page lets nothing run and nothing be fetched.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from bankside.record.package.item import Item, Native
from bankside.record.package.labels import Labels
from bankside.record.package.opened import HELD, READABLE
from bankside.record.package.written import details_of
from bankside.record.shards import name_of

STYLE: Final = (
    ":root{color-scheme:light dark;--g:light-dark(#E7E4DC,#080B12);--s:light-dark(#FDFCF9,#141924);"
    "--i:light-dark(#16181D,#EFECE4);--m:light-dark(#5C616B,#9AA1B0);--l:light-dark(#CDC6B4,#3A4356)}"
    "body{margin:0;background:var(--g);color:var(--i);font:14px/1.5 system-ui,sans-serif}"
    "main,header{max-width:60rem;margin:0 auto;padding:1rem}h1{font-size:1.25rem;margin:0}"
    "ol{list-style:none;margin:0;padding:0}li{background:var(--s);border:1px solid var(--l);"
    "border-radius:10px;margin:.5rem 0;padding:.75rem 1rem;overflow-wrap:anywhere}p{margin:.25rem 0}"
    ".m{color:var(--m);font-size:13px}.m b{color:var(--i)}a{color:inherit}"
    "blockquote{margin:.5rem 0;padding:0 0 0 .75rem;border-left:3px solid var(--l);white-space:pre-wrap;"
    "unicode-bidi:isolate}img{display:block;max-width:min(100%,30rem);max-height:30rem;margin:.5rem 0}"
    "dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.1rem 1rem;font-size:13px}"
    "dt{color:var(--m)}dd{margin:0;white-space:pre-wrap;unicode-bidi:isolate}summary{cursor:pointer}"
    ".u{font:12px monospace;border:1px solid var(--l);border-radius:4px;padding:0 .2em}"
)
POLICY: Final = (
    "default-src 'none'; img-src 'self' file:; style-src 'self' file:; base-uri 'none'; form-action 'none'"
)
THINGS_PER_PAGE: Final = 500
VALUE_CHARACTERS_MAX: Final = 20_000
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_SPECIAL: Final = re.compile(_UNSEEN.pattern.replace("[", "[&<>\"'", 1))
_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


def page_path(obj: str) -> str:
    """Where the page of a thing lies; entries that are about nothing share one."""
    return f"html/{obj[:2]}/{obj}.html" if obj else "html/00/record.html"


def index_path(number: int) -> str:
    """Where a part of the overview lies, from 1."""
    return "index.html" if number == 1 else f"html/index-{number:04d}.html"


def index_head(labels: Labels, number: int, about: list[tuple[str, str]]) -> str:
    """The beginning of a part of the overview; the first says what the package is."""
    words = labels.words
    rows = "".join(f"<dt>{_shown(name)}</dt><dd>{_shown(value)}</dd>" for name, value in about)
    first = f"<dl>{rows}</dl><p>{_shown(words['check'])}</p><p>{_shown(words['what'])}</p>"
    return _head(labels, words["title"], "" if number == 1 else "../") + (
        f"<header><h1>{_shown(words['title'])}</h1>{first if number == 1 else ''}"
        f"<p class=m>{_shown(words['groups'])}</p></header>\n<main><ol>\n"
    )


def index_line(labels: Labels, item: Item, up: str) -> str:
    """The line of a thing, written when its first entry comes."""
    name = " ".join(part for part in (item.author.name, item.author.handle) if part)
    return (
        f'<li><a href="{up}{item.page}" dir=auto>{_shown(name or labels.fact(item.row.fact))}</a>'
        f"<p class=m>{_shown(labels.fact(item.row.fact))} · {_moment(item)}</p></li>\n"
    )


def index_tail(labels: Labels, more: str) -> str:
    """The end of a part; `more` is the address of the next, or empty."""
    link = f'<p><a href="{more}">{_shown(labels.words["more"])}</a></p>' if more else ""
    return f"</ol>{link}</main></body></html>\n"


def page_head(labels: Labels, item: Item) -> str:
    """The beginning of the page of a thing, which its first entry names."""
    title = item.author.name or labels.fact(item.row.fact)
    back = f'<p class=m><a href="../../index.html">{_shown(labels.words["overview"])}</a></p>'
    return (
        f"{_head(labels, title, '../../')}<header>{back}<h1 dir=auto>{_shown(title)}</h1>"
        f"<p class=m>{_shown(labels.words['time'])}</p></header>\n<main><ol>\n"
    )


def page_entry(labels: Labels, item: Item, missing: tuple[str, ...]) -> str:
    """One entry on the page of its thing."""
    words, row = labels.words, item.row
    state = item.words.state
    said = "" if state in (READABLE, HELD) else f"<p>{_shown(words[state])}</p>"
    held = f" · {_shown(words[HELD])}" if state == HELD else ""
    author = " ".join(part for part in item.author if part)
    proof = _shown(words["proof" if item.proof_path else "no proof"])
    if item.proof_path:
        proof = f'<a href="../../{item.proof_path}">{proof}</a>'
    lost = "".join(f"<p>{_shown(words['missing'])}: {_shown(why)}</p>" for why in missing)
    by = f"<p dir=auto>{_shown(author)}</p>" if author else ""
    return (
        f'<li id="n{item.number}"><p class=m><b>{item.number}</b> {_moment(item)} · '
        f"{_shown(labels.person(row.actor))} · {_shown(labels.fact(row.fact))}{held}</p>{by}{said}"
        f"{_quotes(item)}{''.join(_native(labels, one) for one in item.natives)}{lost}"
        f"{_details(labels, item)}<p class=m>{proof}</p></li>\n"
    )


def page_tail() -> str:
    """The end of the page of a thing."""
    return "</ol></main></body></html>\n"


def _head(labels: Labels, title: str, up: str) -> str:
    lang = {"zh-hans": "zh-Hans"}.get(labels.language, labels.language)
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_shown(title, tags=False)}</title>"
        f'<link rel="stylesheet" href="{up}style.css"></head><body>\n'
    )


def _quotes(item: Item) -> str:
    return "".join(
        f"<blockquote dir=auto{_lang(written.lang)}>{_shown(written.words)}</blockquote>"
        for written in item.written
    )


def _lang(lang: str) -> str:
    return f' lang="{lang}"' if re.fullmatch("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", lang) else ""


def _native(labels: Labels, one: Native) -> str:
    name = _shown(one.name)
    if one.mime in _IMAGES:
        return f'<img src="../../{one.path}" alt="{_shown(one.name, tags=False)}" loading=lazy>'
    return f'<p><a href="../../{one.path}">{_shown(labels.words["file"])}: {name}</a></p>'


def _details(labels: Labels, item: Item) -> str:
    row = item.row
    fields = [
        ("entry", row.id), ("log", f"{row.lane}/{name_of(row.year)}"), ("index", str(row.seq)),
        ("object", row.obj), ("subject", row.subj), *details_of(item.words.said),
    ]  # fmt: skip
    rows = "".join(
        f"<dt>{_shown(name)}</dt><dd dir=auto>{_shown(value[:VALUE_CHARACTERS_MAX])}</dd>"
        for name, value in fields
        if value
    )
    return f"<details><summary>{_shown(labels.words['details'])}</summary><dl>{rows}</dl></details>"


def _moment(item: Item) -> str:
    return f'<time datetime="{item.at}">{item.at[:10]} {item.at[11:19]}</time>'


def _shown(text: str, *, tags: bool = True) -> str:
    """Text as HTML. What nobody would see, or what turns the direction of others, is written out."""
    if not _SPECIAL.search(text):
        return text
    mark = "<span class=u>{}</span>" if tags else "[{}]"
    return _UNSEEN.sub(lambda found: mark.format(f"U+{ord(found[0]):04X}"), escape(text))
