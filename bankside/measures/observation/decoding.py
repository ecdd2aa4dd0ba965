"""From the bytes of a page to its text: what the header says, what the page says, or what fits. Pure."""

from __future__ import annotations

import codecs
import re
from typing import Final

DECLARED_WITHIN_BYTES: Final = 4_096
CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.\-]{2,40})""", re.IGNORECASE)
XML: Final = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9_.\-]{2,40})""", re.IGNORECASE)
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
AS_BROWSERS: Final = {
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "korean": "cp949",
    "windows-949": "cp949",
    "x-windows-949": "cp949", "ks_c_5601": "cp949", "uhc": "cp949", "gb2312": "gb18030", "gbk": "gb18030",
    "gb_2312-80": "gb18030", "chinese": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
    "iso_8859-1": "cp1252",
    "utf8": "utf-8", "utf-16": "utf-8", "unicode": "utf-8", "shift-jis": "cp932", "shift_jis": "cp932",
    "sjis": "cp932", "x-sjis": "cp932",
}  # fmt: skip
"""Labels as browsers read them (encoding.spec.whatwg.org); a page that names UTF-16 in ASCII is none."""
MOVING: Final = frozenset({"utf-16-le", "utf-16-be"})


def decoded(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text and the name of the encoding. The first that fits wins; else what is broken is replaced."""
    text, name, _ = fitted(body, content_type)
    return text, name


def fitted(body: bytes, content_type: str = "") -> tuple[str, str, bool]:
    """The same, and whether the encoding fits, so that nothing had to be replaced."""
    tried = list(dict.fromkeys(_candidates(body, content_type)))
    for name in tried:
        try:
            return body.decode(name).removeprefix("\ufeff"), name, True
        except UnicodeDecodeError:
            continue
    return body.decode(tried[0], "replace").removeprefix("\ufeff"), tried[0], False


def _candidates(body: bytes, content_type: str) -> list[str]:
    for mark, name in MARKS:
        if body.startswith(mark):
            return [name]
    said = [_named(CHARSET.search(content_type.encode("latin-1", "replace")))]
    if said == ["utf-8"]:
        return ["utf-8", *filter(None, [_in_page(body)])]
    return [*filter(None, [*said, _in_page(body)]), "utf-8"]


def _in_page(body: bytes) -> str:
    head = body[:DECLARED_WITHIN_BYTES]
    return _named(XML.match(head) or CHARSET.search(head))


def _named(match: re.Match[bytes] | None) -> str:
    if match is None:
        return ""
    label = match[1].decode("ascii").lower().strip(".:")
    label = AS_BROWSERS.get(label, label)
    try:
        codec = codecs.lookup(label)
    except LookupError:
        return ""
    # what is no encoding of text, and what could run for long, is not taken from a page
    return codec.name if codec._is_text_encoding and codec.name not in {"idna", "punycode"} else ""
