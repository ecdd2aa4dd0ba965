"""What an account of others says in public, read without its owner's permission, slowly and little.

A connector reads it where its network lets anybody read (`[public]` in its data); else it is said why not.
Nobody's name comes through this door: posts are numbered anew, others' words and languages are left behind,
and what is left is moments, who answered whom, and the account's own words.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from django.conf import settings as desk

from bankside.networks import catalogue
from bankside.networks.contract import Gone, Grant, Later, NotAllowed, Reconnect, Refused
from bankside.networks.public import Public, PublicPosts, Window
from bankside.networks.public import PublicPost as PublicPost
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

if TYPE_CHECKING:
    import httpx

AGENT: Final = "Bankside"
POSTS_MAX: Final = 200
THREADS_MAX: Final = 40
DAYS_MAX: Final = 90
DAY_MS: Final = 24 * 3_600_000
ACCOUNT_SECONDS_MAX: Final = 60.0
PAUSE_SECONDS: Final = 0.5
SITE_PAUSE_SECONDS: Final = 2.0  # on somebody's own site, as for its pages
SITE_PAUSE_SECONDS_MAX: Final = 20.0
ROBOTS_BYTES_MAX: Final = 500_000
ELSEWHERE: Final = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account that was found: on which network, under which name, and the address of its page."""

    network: str
    handle: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was read of an account at `at_ms` (UTC). `why` says why nothing was; then there are no posts.

    From `since_ms` on all of its own posts are there. `answers`: whether answers can be seen there; `unread`:
    own posts under which they were not looked at any more.
    """

    at_ms: int
    since_ms: int = 0
    posts: tuple[PublicPost, ...] = ()
    answers: bool = False
    unread: int = 0
    why: str = ""


class Reader:
    """Reads accounts one after the other.

    `lent`: settings of connectors that no address tells, by network.
    `pause`, `clock_ms` and `transport` take the place of sleeping, the time and sockets.
    """

    def __init__(
        self,
        *,
        lent: Mapping[str, Mapping[str, str]] | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._lent, self._pause, self._clock_ms = lent or {}, pause, clock_ms
        self._transport = transport

    def read(self, account: Account, *, seconds_max: float = ACCOUNT_SECONDS_MAX) -> Looked:
        """Its public posts of the last 90 days, 200 at most, with the answers under 40 of them at most."""
        at_ms = self._clock_ms()
        try:
            told = catalogue.network(account.network).public
        except catalogue.UnknownNetwork as unknown:
            return Looked(at_ms=at_ms, why=str(unknown))
        if told is None or told.by == "nothing":
            said = told.note if told else Said("Nobody has said how posts are read there.")
            return Looked(at_ms=at_ms, why=str(said))
        window = Window(since_ms=at_ms - DAYS_MAX * DAY_MS, posts_max=POSTS_MAX, threads_max=THREADS_MAX)
        try:
            found = self._found(account, told, window, seconds_max)
        except (Refused, Later, Reconnect) as failed:
            return Looked(at_ms=at_ms, why=str(failed)[:300])
        return Looked(
            at_ms=at_ms, since_ms=found.since_ms, posts=numbered(found.posts), answers=found.answers,
            unread=found.unread,
        )  # fmt: skip

    def _found(self, account: Account, told: Public, window: Window, seconds_max: float) -> PublicPosts:
        """By the interface, and by the feed where there is no other way in."""
        data = catalogue.network(account.network)
        ends = time.monotonic() + seconds_max
        if told.by == "interface":
            try:
                return self._asked(data, account, told, window, ends)
            except Gone:
                if not told.feed:
                    raise
        feeds = _feeds()
        at = feed_of(account, told)
        return self._asked(feeds, replace(account, address=at), replace_way(feeds, told, at), window, ends)

    def _asked(
        self, data: catalogue.NetworkData, account: Account, told: Public, window: Window, ends: float
    ) -> PublicPosts:
        chosen = dict(self._lent.get(data.name, {}))
        if told.setting:
            chosen.setdefault(told.setting, told.at or _place(account, told))
        hosts = {name for host in data.hosts_for(chosen) for name in _with_www(host)}
        wire = _Polite(hosts, ends=ends, robots=told.robots, pause=self._pause, transport=self._transport)
        return data.connector(Grant(settings=chosen), wire).public_posts(account.handle, window)


def numbered(posts: tuple[PublicPost, ...]) -> tuple[PublicPost, ...]:
    """The same under numbers instead of ids, which often hold a name; others without words and language."""
    numbers = {post.id: str(number) for number, post in enumerate(posts, start=1)}
    return tuple(_numbered(post, numbers) for post in posts)


def _numbered(post: PublicPost, numbers: Mapping[str, str]) -> PublicPost:
    above = numbers.get(post.answers, ELSEWHERE) if post.answers else ""
    lang, text = (post.lang, post.text) if post.own else ("", "")
    return PublicPost(
        id=numbers[post.id], at_ms=post.at_ms, own=post.own, answers=above, lang=lang, text=text
    )


def feed_of(account: Account, told: Public) -> str:
    """The address of an account's feed. Raises Refused when it cannot be told from its name."""
    handle = account.handle
    if told.handle:
        fit = re.fullmatch(told.handle, handle)
        if fit is None:
            raise Refused(Said("The feed of this account cannot be told from its name."))
        handle = fit["id"]
    return told.feed.replace("{handle}", handle).replace("{page}", _encrypted(account.address).rstrip("/"))


def replace_way(feeds: catalogue.NetworkData, told: Public, at: str) -> Public:
    """How a feed at this address is read, with the manners of the network that it is of."""
    return Public(by="feed", note=told.note, setting=feeds.hosts.from_setting, at=at, robots=told.robots)


def _feeds() -> catalogue.NetworkData:
    """The network that is made of feeds. Raises Refused when there is none."""
    for data in catalogue.load().values():
        if data.known_by and data.known_by.feeds:
            return data
    raise Refused(Said("Nothing here reads feeds."))


def _place(account: Account, told: Public) -> str:
    """Where to ask, from the page of the account."""
    page = _encrypted(account.address)
    parts = urlsplit(page)
    return f"{parts.scheme}://{parts.netloc}" if told.of == "server" else page.rstrip("/")


def _encrypted(address: str) -> str:
    """The address with https://, unless it is in the house."""
    parts = urlsplit(address)
    inside = {parts.netloc, parts.hostname or ""} & set(desk.WIRE_PRIVATE_HOSTS)
    return address if parts.scheme != "http" or inside else f"https{address[4:]}"


def _with_www(host: str) -> tuple[str, str]:
    bare = host.removeprefix("www.")
    return bare, f"www.{bare}"


class _Polite(Wire):
    """A wire that only reads, rests between calls, ends in time, and goes by robots.txt where asked to."""

    def __init__(
        self,
        hosts: set[str],
        *,
        ends: float,
        robots: bool,
        pause: Callable[[float], None],
        transport: httpx.BaseTransport | None,
    ) -> None:
        super().__init__(hosts, private_hosts=desk.WIRE_PRIVATE_HOSTS, transport=transport)
        self._ends, self._robots, self._rest = ends, robots, pause
        self._rules: dict[str, RobotFileParser | None] = {}
        self._calls = 0

    def ask(self, method: str, url: str, **how: Any) -> WireAnswer:
        if method != "GET":
            raise Refused(Said("Nothing is written to accounts of others."))
        agent = {"user-agent": f"{AGENT} (+{desk.PUBLIC_URL})"}
        rules = self._rules_for(url, agent) if self._robots else None
        if rules is not None and not rules.can_fetch(AGENT, url):
            raise NotAllowed(Said("robots.txt of %(host)s forbids it.", host=urlsplit(url).netloc))
        seconds = self._pause_seconds(rules)
        if time.monotonic() + seconds > self._ends:
            raise Later(seconds, Said("There was no time left for it."))
        if self._calls:
            self._rest(seconds)
        self._calls += 1
        return super().ask("GET", url, **{**how, "headers": {**(how.get("headers") or {}), **agent}})

    def _pause_seconds(self, rules: RobotFileParser | None) -> float:
        if not self._robots:
            return PAUSE_SECONDS
        wanted = max(float((rules.crawl_delay(AGENT) if rules else None) or 0), SITE_PAUSE_SECONDS)
        if wanted > SITE_PAUSE_SECONDS_MAX:
            raise NotAllowed(Said("The site asks for longer pauses than there is time for."))
        return wanted

    def _rules_for(self, url: str, agent: dict[str, str]) -> RobotFileParser | None:
        """What the site allows; None: everything, there is no robots.txt. In trouble it allows nothing."""
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}"
        if place not in self._rules:
            self._calls += 1
            self._rules[place] = self._read_rules(f"{place}/robots.txt", agent)
        return self._rules[place]

    def _read_rules(self, address: str, agent: dict[str, str]) -> RobotFileParser | None:
        """As RFC 9309, 2.3.1: 4xx is no file, 5xx and silence close the whole site."""
        rules = RobotFileParser()
        try:
            wanted = {"accept": "text/plain", **agent}
            answer = super().ask("GET", address, headers=wanted, bytes_max=ROBOTS_BYTES_MAX)
        except (Gone, NotAllowed, Reconnect):
            return None
        except (Later, Refused):
            rules.parse(["User-agent: *", "Disallow: /"])
            return rules
        rules.parse(answer.text.splitlines())
        return rules
