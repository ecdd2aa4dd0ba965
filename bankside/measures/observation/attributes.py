"""Where hosts of networks stand in the bytes of a page, and in which attributes not read anyway. Pure.

Asking a parsed page for every attribute of every element would cost more than parsing it. So the bytes are
gone through for what stands behind two slashes, and the few places with a known host are looked at.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.marks import DATA
from bankside.measures.observation.skimming import Skim

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
SIGN: Final = re.compile(r"^[\d\-]|[^\w\-]", re.ASCII)


class Occurrences:
    """What was found in the bytes (UTF-8) of one page. `calls`: something opens an app at an account."""

    def __init__(self, raw: bytes, table: Addresses) -> None:
        self._skim = Skim(raw)
        self._raw, self._table, self._names = raw, table, set[bytes]()
        self.calls = False
        self._look()

    def selector(self) -> str:
        """Of the elements that are looked at on this page."""
        return self._table.marks.selector(self._skim.held())

    def attributes(self) -> list[str]:
        """Names of attributes, in lower case, in which an address of a network stands."""
        return sorted(name.decode("utf-8", "replace") for name in self._names)

    def widgets(self) -> list[tuple[str, str, str]]:
        """(selector, attribute, network) of the widgets that may be on the page."""
        marks = self._table.marks
        if not marks.data_names.may_be_in(self._raw):
            return []
        names = {DATA + rest.decode() for rest in marks.widget_names.findall(self._raw)}
        return [one for one in marks.widgets if one[1] in names] if names else []

    def _look(self) -> None:
        raw, seen = self._raw, dict[bytes, bool]()
        hosts = filter(None, (HOST.match(raw, at) for at in self._skim.slashes))
        for match in islice(hosts, OCCURRENCES_MAX):
            name = match[1]
            if (wanted := seen.get(name)) is None:
                wanted = seen[name] = self._is_wanted(name.decode("ascii", "replace").lower())
            if wanted:
                at = match.start()
                at = at - 1 if raw[at - 1 : at] == ESCAPED else at
                if not raw.endswith(MOSTLY, 0, at):
                    self._note(at)

    def _is_wanted(self, host: str) -> bool:
        if host in self._table.marks.call_hosts:
            self.calls = True
        return self._table.is_known(host.rstrip("."))

    def _note(self, end: int) -> None:
        """Remembers the attribute in which an address stands, unless it is one that is read anyway."""
        raw = self._raw
        near = max(0, end - HOST_CHARACTERS_MAX)
        if raw.rfind(b"=", near, end) >= 0 and LINKED.search(raw, near, end):
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
    """The selector of elements with an attribute, whatever a page has for a name of one."""
    return f"[{SIGN.sub(_escaped, name)}]"


def _escaped(sign: re.Match[str]) -> str:
    return f"\\{ord(sign[0]):x} "
