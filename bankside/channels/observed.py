"""Polite fetching of pages of others: what robots.txt allows, slowly, little, and kept as it was seen.

Of each host no more than a few pages are asked for, one after the other, with a pause that is never shorter
than the site asks for; a site that asks for more than a minute is left alone. What did not change is not sent
again (RFC 9110, section 13). Whatever came is kept under the digest of its bytes, with a line that says what
was asked, when, and what was answered.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import msgspec
from django.conf import settings as desk

from bankside.networks.contract import Gone, Later, Refused
from bankside.networks.wire import Wire
from bankside.said import Said

AGENT: Final = "Bankside"
PAGES_MAX: Final = 6
PAGE_BYTES_MAX: Final = 5_000_000
ROBOTS_BYTES_MAX: Final = 500_000
PAGE_SECONDS_MAX: Final = 20.0
INSTITUTION_SECONDS_MAX: Final = 180.0
PAUSE_SECONDS: Final = 2.0
PAUSE_SECONDS_MAX: Final = 60.0
FRESH_MS: Final = 24 * 3_600_000
LINES_MAX: Final = 1_000_000
HTML: Final = ("text/html", "application/xhtml+xml")
ANSWERED: Final = (304, 401, 403, 404, 410, 429, 500, 502, 503)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that was kept. `at_ms`: when (UTC); `sha256`, `size`: of the body, if there is one."""

    url: str
    at_ms: int
    status: int
    content_type: str = ""
    sha256: str = ""
    size: int = 0
    etag: str = ""
    modified: str = ""
    why: str = ""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one institution: pages with their bodies, and what was not fetched, with the reason."""

    pages: tuple[tuple[Kept, bytes], ...]
    refused: tuple[Kept, ...]


class Collector:
    """Fetches pages and keeps them in a folder, from one run to the next.

    `pause`, `clock_ms` and `wire` take the place of sleeping, the time and sockets.
    """

    def __init__(
        self,
        folder: Path,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        wire: Callable[[frozenset[str]], Wire] | None = None,
    ) -> None:
        self._folder, self._pause, self._clock_ms = folder, pause, clock_ms
        self._wire = wire or _wire
        self._robots: dict[str, RobotFileParser | None] = {}
        (folder / "bodies").mkdir(parents=True, exist_ok=True)
        self._seen = self._read_seen()

    def visit(
        self, home: str, pages_wanted: Callable[[str, bytes], Iterable[str]], hosts: Iterable[str]
    ) -> Visit:
        """The home page, and pages that it leads to: `pages_wanted(url, body)` names them, the best first.

        Six pages at most, three minutes at most, and only at these hosts.
        """
        allowed = frozenset(hosts)
        wire, queue, done = self._wire(allowed), [home], set[str]()
        pages: list[tuple[Kept, bytes]] = []
        refused: list[Kept] = []
        ends_ms = self._clock_ms() + round(INSTITUTION_SECONDS_MAX * 1000)
        while queue and len(pages) + len(refused) < PAGES_MAX and self._clock_ms() < ends_ms:
            url = queue.pop(0)
            done.add(url)
            kept, body = self._one(wire, url)
            if not body:
                refused.append(kept)
                continue
            pages.append((kept, body))
            wanted = (urljoin(url, one).partition("#")[0] for one in pages_wanted(url, body))
            queue += [
                one for one in dict.fromkeys(wanted) if _place(one) in allowed and one not in {*done, *queue}
            ]
        return Visit(pages=tuple(pages), refused=tuple(refused))

    def pages(self) -> Iterator[tuple[Kept, bytes]]:
        """Every page that is kept, as it was seen last, in the order in which they were first asked for."""
        for kept in self._seen.values():
            if kept.sha256 and (body := self._body(kept.sha256)):
                yield kept, body

    def _one(self, wire: Wire, url: str) -> tuple[Kept, bytes]:
        """A page, from the folder when it is of today or did not change. No body: there is none."""
        before = self._seen.get(url)
        if before and before.sha256 and self._clock_ms() - before.at_ms < FRESH_MS:
            return before, self._body(before.sha256)
        rules = self._rules(wire, url)
        if rules is not None and not rules.can_fetch(AGENT, url):
            return self._keep(Kept(url=url, at_ms=self._clock_ms(), status=0, why="robots.txt")), b""
        if _pause_seconds(rules) > PAUSE_SECONDS_MAX:
            return self._keep(Kept(url=url, at_ms=self._clock_ms(), status=0, why="crawl-delay")), b""
        self._pause(_pause_seconds(rules))
        return self._asked(wire, url, before)

    def _asked(self, wire: Wire, url: str, before: Kept | None) -> tuple[Kept, bytes]:
        at_ms = self._clock_ms()
        headers = {"user-agent": agent(), "accept": "text/html,application/xhtml+xml"}
        if before and before.sha256:
            headers |= {"if-none-match": before.etag} if before.etag else {}
            headers |= {"if-modified-since": before.modified} if before.modified else {}
        try:
            answer = wire.get(
                url,
                headers=headers,
                also=ANSWERED,
                bytes_max=PAGE_BYTES_MAX,
                deadline_seconds=PAGE_SECONDS_MAX,
            )
        except (Refused, Later, Gone) as failed:
            return self._keep(Kept(url=url, at_ms=at_ms, status=0, why=str(failed)[:300])), b""
        kind = answer.headers.get("content-type", "")
        if answer.status == 304 and before:
            return self._keep(msgspec.structs.replace(before, at_ms=at_ms)), self._body(before.sha256)
        if answer.status != 200 or not kind.lower().startswith(HTML):
            return self._keep(Kept(url=url, at_ms=at_ms, status=answer.status, content_type=kind[:100])), b""
        sha256 = hashlib.sha256(answer.content).hexdigest()
        self._keep_body(sha256, answer.content)
        kept = Kept(
            url=url, at_ms=at_ms, status=200, content_type=kind[:100],
            sha256=sha256, size=len(answer.content),
            etag=answer.headers.get("etag", "")[:200], modified=answer.headers.get("last-modified", "")[:100],
        )  # fmt: skip
        return self._keep(kept), answer.content

    def _rules(self, wire: Wire, url: str) -> RobotFileParser | None:
        """What the host allows; None: everything, there is no robots.txt. In trouble it allows nothing."""
        place = f"{urlsplit(url).scheme}://{_place(url)}"
        if place not in self._robots:
            self._robots[place] = self._read_rules(wire, f"{place}/robots.txt")
        return self._robots[place]

    def _read_rules(self, wire: Wire, address: str) -> RobotFileParser | None:
        """As RFC 9309, 2.3.1: 4xx is no file, 5xx and silence close the whole site."""
        rules = RobotFileParser()
        try:
            answer = wire.get(
                address, headers={"user-agent": agent(), "accept": "text/plain"}, also=ANSWERED,
                bytes_max=ROBOTS_BYTES_MAX, deadline_seconds=PAGE_SECONDS_MAX,
            )  # fmt: skip
        except Gone:
            return None
        except (Later, Refused):
            return _closed(rules)
        if 400 <= answer.status < 500 and answer.status != 429:
            return None
        if answer.status != 200:
            return _closed(rules)
        rules.parse(answer.text.splitlines())
        return rules

    def _keep(self, kept: Kept) -> Kept:
        self._seen[kept.url] = kept
        with (self._folder / "seen.jsonl").open("ab") as stream:
            stream.write(msgspec.json.encode(kept) + b"\n")
        return kept

    def _keep_body(self, sha256: str, body: bytes) -> None:
        """Whole or not at all, whenever this is stopped."""
        file = self._folder / "bodies" / sha256
        half = file.with_suffix(".half")
        half.write_bytes(body)
        half.replace(file)

    def _body(self, sha256: str) -> bytes:
        try:
            return (self._folder / "bodies" / sha256).read_bytes()
        except FileNotFoundError:
            return b""

    def _read_seen(self) -> dict[str, Kept]:
        """The newest line about each address."""
        file, found = self._folder / "seen.jsonl", dict[str, Kept]()
        if file.exists():
            with file.open("rb") as stream:
                for line, _ in zip(stream, range(LINES_MAX), strict=False):
                    with suppress(msgspec.DecodeError):  # half a line, when it was stopped while writing
                        kept = msgspec.json.decode(line, type=Kept)
                        found[kept.url] = kept
        return found


def status_of(address: str) -> int:
    """What a network answers about the page of an account: an HTTP status, 0 when it cannot be told."""
    host = urlsplit(address).netloc.rpartition("@")[2]
    try:
        wire = _wire(frozenset({host, f"www.{host}", host.removeprefix("www.")}))
        return wire.get(
            address, headers={"user-agent": agent()}, also=ANSWERED, bytes_max=PAGE_BYTES_MAX
        ).status
    except Gone:
        return 410
    except (Refused, Later):
        return 0


def hosts_of(home: str) -> frozenset[str]:
    """The host of a home page, with and without www. Raises Refused for what is no address."""
    place = _place(home)
    if not place or urlsplit(home).scheme not in {"http", "https"}:
        raise Refused(Said("'%(address)s' is not the whole address of a page.", address=home[:200]))
    bare = place.removeprefix("www.")
    return frozenset({bare, f"www.{bare}"})


def agent() -> str:
    """What we call ourselves, with an address at which one reads who we are."""
    return f"{AGENT} (+{desk.PUBLIC_URL})"


def _wire(hosts: frozenset[str]) -> Wire:
    return Wire(hosts, private_hosts=desk.WIRE_PRIVATE_HOSTS)


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _pause_seconds(rules: RobotFileParser | None) -> float:
    """As long as the site asks for, and never shorter than our own pause."""
    asked = rules.crawl_delay(AGENT) if rules else None
    return max(float(asked or 0), PAUSE_SECONDS)


def _closed(rules: RobotFileParser) -> RobotFileParser:
    rules.parse(["User-agent: *", "Disallow: /"])
    return rules
