"""Where hosts of networks stand in the bytes of a page, and in which attributes not read anyway. Pure.

Asking a parsed page for every attribute of every element would cost more than parsing it. So the bytes are
gone through for what stands behind two slashes, and the few places with a known host are looked at.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from bankside.measures.observation.addresses import Addresses

OCCURRENCES_MAX: Final = 20_000
HOST_CHARACTERS_MAX: Final = 80
LOOK_BACK_CHARACTERS: Final = 1_500
USUAL: Final = frozenset({b"href", b"xlink:href", b"content", b"src"})
HOST: Final = re.compile(rb"/\\?/([\w.\-]{3,80})")
ESCAPED: Final = b"\\"
LINKED: Final = re.compile(rb"""(?<![\w\-])(?:href|src|content)\s*=\s*["']?(?:https?:)?$""", re.IGNORECASE)
MOSTLY: Final = (
    b' href="https:',
    b' src="https:',
    b' content="https:',
    b' href="http:',
    b' href="',
    b' src="',
)
"""What mostly stands before an address in an attribute that is read anyway."""
SCRIPTS: Final = (b"<script", b"<SCRIPT")
ATTRIBUTE: Final = re.compile(rb"""([^\s"'<>/=]+)\s*=\s*("[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s"'>]+)""")
BEHIND: Final = r"\\\1"
SIGN: Final = re.compile(r"([:@.\[\]()])")


class Occurrences:
    """What was found in the bytes (UTF-8) of one page. `calls`: something opens an app at an account."""

    def __init__(self, raw: bytes, table: Addresses) -> None:
        self._raw, self._table, self._names = raw, table, set[bytes]()
        self.calls = False
        self._look()

    def attributes(self) -> list[str]:
        """Names of attributes, in lower case, in which an address of a network stands."""
        return sorted(name.decode("utf-8", "replace") for name in self._names)

    def widgets(self) -> list[tuple[str, str, str]]:
        """(selector, attribute, network) of the widgets that may be on the page."""
        marks = self._table.marks
        names = {match[1].decode() for match in marks.widget_names.finditer(self._raw)}
        return [one for one in marks.widgets if one[1] in names]

    def _look(self) -> None:
        seen: dict[bytes, bool] = {}
        for match in islice(HOST.finditer(self._raw), OCCURRENCES_MAX):
            name = match[1]
            if name not in seen:
                seen[name] = self._is_wanted(name.decode("ascii", "replace").lower())
            if seen[name]:
                at = match.start()
                self._note(at - 1 if self._raw[at - 1 : at] == ESCAPED else at)

    def _is_wanted(self, host: str) -> bool:
        if host in self._table.marks.call_hosts:
            self.calls = True
        return self._table.is_known(host.rstrip("."))

    def _note(self, end: int) -> None:
        """Remembers the attribute in which an address stands, unless it is one that is read anyway."""
        raw = self._raw
        if raw.endswith(MOSTLY, 0, end) or LINKED.search(raw, max(0, end - HOST_CHARACTERS_MAX), end):
            return
        start = raw.rfind(b"<", max(0, end - LOOK_BACK_CHARACTERS), end)
        if start < 0 or not raw[start + 1 : start + 2].isalpha() or raw.startswith(SCRIPTS, start):
            return
        last = None
        for one in ATTRIBUTE.finditer(raw, start, end):
            last = one
        if last is not None and last.end() == end and last[1].lower() not in USUAL:
            self._names.add(last[1].lower())


def selector_of(name: str) -> str:
    """The selector of elements with an attribute."""
    return f"[{SIGN.sub(BEHIND, name)}]"
