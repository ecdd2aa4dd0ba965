"""Plain text out of HTML, and HTML out of plain text, for networks that speak HTML.

What comes in becomes plain text: nothing in it is markup any more, and whoever shows it escapes it. A
link keeps the address that it really leads to. What goes out is plain text too: every character of it
stands for itself, whatever the other side does with markup or codes in brackets.
"""

from __future__ import annotations

import html
import re

import nh3

HTML_LENGTH_MAX = 200_000
ADDRESS = re.compile(r"https?://[^\s<>\"'）)\]]{1,2000}(?<![.,;:!?。，、！？])")


def text_of(markup: str) -> str:
    """The plain text of a piece of HTML: paragraphs and line breaks stay, `<a>` shows where it leads."""
    cut = markup[:HTML_LENGTH_MAX].replace("\x00", "")
    cut = _LINK.sub(_shown_link, cut)
    cut = _BREAK.sub("\n", cut)
    cut = _PARAGRAPH.sub("\n\n", cut)
    plain = html.unescape(nh3.clean(cut, tags=set(), clean_content_tags={"script", "style"}, link_rel=None))
    lines = [_SPACES.sub(" ", line).strip() for line in plain.replace("\r", "").split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def paragraphs(text: str) -> list[str]:
    """HTML of each paragraph of a plain text (blank lines part them); addresses become links."""
    found = re.split(r"\n[ \t]*\n+", text.replace("\r\n", "\n").strip("\n"))
    return ["<br>".join(linked(line) for line in part.split("\n")) for part in found if part.strip()]


def linked(text: str) -> str:
    """One line as HTML, its addresses as links."""
    found, end = [], 0
    for match in ADDRESS.finditer(text):
        address = escaped(match[0])
        found += [escaped(text[end : match.start()]), f'<a href="{address}">{address}</a>']
        end = match.end()
    return "".join((*found, escaped(text[end:])))


def escaped(text: str) -> str:
    """Every character stands for itself, in HTML and for programs that look for [codes] in it."""
    return html.escape(text).replace("[", "&#91;").replace("]", "&#93;")


def web_address(given: str) -> str:
    """The address if it is one of the web, else nothing: no other scheme is ever shown as a link."""
    return given if re.match(r"https?://[^\s]+$", given) else ""


def _shown_link(match: re.Match[str]) -> str:
    address, shown = match["address"], match["shown"]
    return shown if address in shown else f"{shown} ({address})"


_LINK = re.compile(
    r"<a\s[^>]{0,500}?href\s*=\s*[\"'](?P<address>[^\"'<>]{1,2000})[\"'][^>]{0,500}>(?P<shown>.{0,2000}?)</a\s*>",
    re.IGNORECASE | re.DOTALL,
)
_BREAK = re.compile(r"<br\s*/?>\n?|</(?:li|tr|div|h[1-6])\s*>|<hr\s*/?>", re.I)
_PARAGRAPH = re.compile(r"</(?:p|blockquote|ul|ol|pre|table)\s*>\n?", re.I)
_SPACES = re.compile(r"[ \t\u00a0]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
