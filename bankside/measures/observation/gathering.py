"""Findings of one page, each once, with where it stands in the bytes. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from bankside.measures.observation.addresses import Found
from bankside.measures.observation.finding import STRENGTH, Around, Evidence, Finding

FINDINGS_MAX: Final = 2_000
SAID_CHARACTERS_MAX: Final = 300


class Gathering:
    """What was found on a page so far. The same account by the same evidence in the same place is counted."""

    def __init__(self, body: bytes, encoding: str) -> None:
        self._body, self._encoding, self._last = body, encoding, 0
        self._found: dict[tuple[str, str, str, str], Finding] = {}
        self._times: dict[tuple[str, str, str, str], int] = {}

    def add(self, found: Found, kind: Evidence, around: Around, where: str, said: str) -> None:
        """One more trace. Over 2,000 different ones on a page nothing is added any more."""
        name = (found.network, found.key, kind, around)
        self._times[name] = self._times.get(name, 0) + 1
        if name in self._found or len(self._found) >= FINDINGS_MAX:
            return
        byte = self._byte(said)
        self._found[name] = Finding(
            network=found.network, key=found.key, handle=found.handle, address=found.address,
            shows=found.shows, evidence=kind, around=around, where=where, byte=byte,
            line=-1,
            strength=STRENGTH[kind], said=said[:SAID_CHARACTERS_MAX],
        )  # fmt: skip

    def findings(self) -> tuple[Finding, ...]:
        """All of them, in one order on every machine."""
        lines = self._lines(sorted({one.byte for one in self._found.values()}))
        return tuple(
            sorted(
                msgspec.structs.replace(one, line=lines[one.byte], times=self._times[name])
                for name, one in self._found.items()
            )
        )

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
        ways = (said, said.replace("&", "&amp;"), said.replace("/", "\\/"), said.partition("&")[0])
        for way in dict.fromkeys(ways):
            try:
                wanted = way.encode(self._encoding)
            except UnicodeEncodeError:
                continue
            at = self._body.find(wanted, self._last)
            if at < 0:
                at = self._body.find(wanted, 0, self._last + len(wanted))
            if at >= 0:
                self._last = at
                return at
        return -1
