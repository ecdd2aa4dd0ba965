"""Findings of one page, each once, with where it stands in the bytes. Pure."""

from __future__ import annotations

from typing import Final

from bankside.measures.observation.addresses import Found
from bankside.measures.observation.finding import STRENGTH, Around, Evidence, Finding

Name = tuple[str, str, Evidence, Around]
FINDINGS_MAX: Final = 2_000
SAID_CHARACTERS_MAX: Final = 300


class Gathering:
    """What was found on a page so far. The same account by the same evidence in the same place is counted."""

    def __init__(self, body: bytes, encoding: str) -> None:
        self._body, self._encoding, self._last = body, encoding, 0
        self._found: dict[Name, tuple[Found, str, int, str]] = {}
        self._times: dict[Name, int] = {}

    def add(self, found: Found, kind: Evidence, around: Around, where: str, said: str) -> None:
        """One more trace. Over 2,000 different ones on a page nothing is added any more."""
        name = (found.network, found.key, kind, around)
        self._times[name] = self._times.get(name, 0) + 1
        if name in self._found or len(self._found) >= FINDINGS_MAX:
            return
        self._found[name] = (found, where, self._byte(said), said[:SAID_CHARACTERS_MAX])

    def findings(self) -> tuple[Finding, ...]:
        """All of them, in one order on every machine."""
        if not self._found:
            return ()
        lines = self._lines(sorted({byte for _, _, byte, _ in self._found.values()}))
        return tuple(sorted(self._finding(name, lines) for name in self._found))

    def _finding(self, name: Name, lines: dict[int, int]) -> Finding:
        network, key, kind, around = name
        found, where, byte, said = self._found[name]
        return Finding(
            network=network, key=key, handle=found.handle, address=found.address, shows=found.shows,
            evidence=kind, around=around, where=where, byte=byte, line=lines[byte],
            strength=STRENGTH[kind], said=said, times=self._times[name],
        )  # fmt: skip

    def _lines(self, places: list[int]) -> dict[int, int]:
        """The line of each place, from 1; the lines are counted once."""
        lines, line, before = {-1: -1}, 1, 0
        for place in places:
            if place >= 0:
                line += self._body.count(b"\n", before, place)
                lines[place], before = line, place
        return lines

    def _byte(self, said: str) -> int:
        """Where it stands, from the last one on: as it is, as HTML or JSON writes it, or its beginning."""
        if (at := self._at(said)) >= 0:
            return at
        ways = (said.replace("&", "&amp;"), said.replace("/", "\\/"), said.partition("&")[0])
        return next((at for way in ways if way != said and (at := self._at(way)) >= 0), -1)

    def _at(self, way: str) -> int:
        try:
            wanted = way.encode(self._encoding)
        except UnicodeEncodeError:
            return -1
        at = self._body.find(wanted, self._last)
        if at < 0:
            at = self._body.find(wanted, 0, self._last + len(wanted))
        if at >= 0:
            self._last = at
        return at
