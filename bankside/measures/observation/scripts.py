"""What scripts say of accounts: JSON-LD, addresses in settings, names in settings. Pure.

Nothing is run. A script is words: what looks like an address of a network in it is looked at as one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import msgspec

from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.finding import Around
from bankside.measures.observation.marks import Marks

Calls = tuple[tuple[str, re.Pattern[str]], ...]
SCRIPT_CHARACTERS_MAX: Final = 1_000_000
ADDRESSES_MAX: Final = 500
DEPTH_MAX: Final = 12
NODES_MAX: Final = 5_000
OCCURRENCES_MAX: Final = 20_000
ADDRESS: Final = re.compile(r"""//([\w.\-]{3,80})[^\s"'<>`\\|{}^]{0,1500}""")
BARE: Final = re.compile(r"""www\.[\w.\-]{3,80}/[^\s"'<>`\\|{}^,;]{1,300}""")
BEFORE_A_KEY: Final = ('"', "'", ",", "{", " ", "\n", "(")
BEHIND_A_KEY: Final = re.compile(
    r""":(?=[ "'])(?:(?<=[\w\-]{3}[^\W_]{3}:)|(?<=[\w\-]{3}[^\W_]{3}["']:)) ?["']"""
)
"""What a value in quotes begins with, behind a name of six letters or more; no shorter one is asked for."""
VALUE: Final = re.compile(r"""@?([^"'\s<>]{2,120})(?<!:)(?=["'])""")
KEY_CHARACTERS_MAX: Final = 42
OTHERS: Final = frozenset(
    {
        *("author", "creator", "mentions", "mention", "citation", "about", "sponsor", "funder", "review"),
        *("reviewedby", "comment", "contributor", "editor", "isbasedon", "itemreviewed", "performer"),
        *("director", "actor", "member", "memberof", "employee", "founder", "parentorganization"),
        *("suborganization", "provider", "translator"),
    }
)
ORGANIZED: Final = frozenset({"person"})


def addresses_in(source: str, table: Addresses) -> list[str]:
    """Addresses in a script or an attribute that name a host of a network, each once."""
    plain = _plain(source[:SCRIPT_CHARACTERS_MAX])
    found: dict[str, None] = {}
    for match in islice(ADDRESS.finditer(plain), OCCURRENCES_MAX):
        if table.is_known(match[1].lower().rstrip(".")):
            found[match.group().rstrip(").,;]&")] = None
    for match in islice(BARE.finditer(plain), ADDRESSES_MAX):
        found[match.group().rstrip(").,;]&")] = None
    return list(islice(found, ADDRESSES_MAX))


def named_in(source: str, marks: Marks) -> list[tuple[str, str]]:
    """(network, name) of what settings call a name on a network, such as `{"screen_name": "hanul"}`."""
    found = []
    for match in BEHIND_A_KEY.finditer(source[:SCRIPT_CHARACTERS_MAX]):
        at = match.start()
        key = source[max(0, at - KEY_CHARACTERS_MAX) : at].rstrip("\"'")
        key = key[max(key.rfind(sign) for sign in BEFORE_A_KEY) + 1 :].strip()
        network = marks.keys.get(key.lower().replace("_", "").replace("-", ""))
        value = VALUE.match(source, match.end()) if network else None
        if network and value:
            found.append((network, value[1]))
    return found[:ADDRESSES_MAX]


def called_in(text: str, calls: Calls) -> list[tuple[str, str]]:
    """(network, name) of what opens an app or a widget at an account, anywhere on a page."""
    found = ((name, match["handle"]) for name, pattern in calls for match in pattern.finditer(text))
    return list(islice(found, ADDRESSES_MAX))


def same_as(source: str) -> list[tuple[str, Around]]:
    """Addresses under `sameAs`, and whose they are said to be: the site's, or somebody's whom it tells of."""
    data = _decoded(source)
    if data is msgspec.UNSET:
        data = _decoded(_bare(source))
    if data is msgspec.UNSET:
        return _torn(source)
    counted = [0]
    return list(_walked(data, "", 0, counted))[:ADDRESSES_MAX]


def _decoded(source: str) -> Any:
    """What JSON says; UNSET when nobody can read it."""
    try:
        return msgspec.json.decode(source)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return msgspec.UNSET


def _walked(data: Any, around: Around, depth: int, counted: list[int]) -> Iterator[tuple[str, Around]]:
    counted[0] += 1
    if depth > DEPTH_MAX or counted[0] > NODES_MAX:
        return
    if isinstance(data, list):
        for one in data:
            yield from _walked(one, around, depth + 1, counted)
    if not isinstance(data, dict):
        return
    kinds = data.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if any(str(kind).rpartition("/")[2].lower() in ORGANIZED for kind in kinds):
        around = "byline"
    for key, value in data.items():
        name = key.rpartition(":")[2].rpartition("/")[2].lower()
        if name == "sameas":
            for one in value if isinstance(value, list) else [value]:
                said = one.get("@id") or one.get("url") if isinstance(one, dict) else one
                if isinstance(said, str):
                    yield said.strip(), around
        elif isinstance(value, dict | list):
            inner: Around = "byline" if name in OTHERS else around
            yield from _walked(value, inner, depth + 1, counted)


def _bare(source: str) -> str:
    """Without comments of HTML or CDATA around it, and a comma before a closing bracket."""
    text = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)", "", source)
    text = re.sub(r"(?:-->|//\s*\]\]>|\]\]>|/\*\s*\]\]>\s*\*/)\s*;?\s*$", "", text).strip().rstrip(";")
    return re.sub(r",(\s*[\]}])", r"\1", text)


def _torn(source: str) -> list[tuple[str, Around]]:
    """What stands in a list called sameAs, of JSON that nobody can read."""
    found: list[tuple[str, Around]] = []
    for part in re.findall(
        r'"sameAs"\s*:\s*(\[[^\]]{0,5000}\]|"[^"]{0,2000}")', source[:SCRIPT_CHARACTERS_MAX]
    )[:50]:
        found += [(one, "") for one in re.findall(r'"([^"\s]{8,1500})"', _plain(part))]
    return found[:ADDRESSES_MAX]


def _plain(source: str) -> str:
    """Slashes as they are, however a script writes them."""
    if "\\" in source:
        source = source.replace("\\/", "/")
        source = re.sub(r"\\u00(2[fF]|3[aAdD]|26|40)", lambda m: chr(int(m[1], 16)), source)
        source = re.sub(r"\\x(2[fF]|3[aAdD]|26|40)", lambda m: chr(int(m[1], 16)), source)
    if "&" in source and ("&quot;" in source or "&amp;" in source or "&#" in source):
        source = html.unescape(source)
    if "%3" in source and ("%3A%2F%2F" in source or "%3a%2f%2f" in source):
        source = (
            re.sub(r"https?%3[aA]%2[fF]%2[fF]", " https://", source).replace("%2F", "/").replace("%2f", "/")
        )
    return source
