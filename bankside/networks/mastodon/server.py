"""Calls of one account's server, and what it answers."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from bankside.networks.contract import Gone, Later, NotAllowed, Receipt, Reconnect, Refused
from bankside.networks.markup import web_address
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

PAGE_ITEMS = 40
"""The most of a page that every kind of list has (notifications have 80)."""
CONTEXT_BYTES_MAX = 20_000_000
SPARE_CALLS = 60
"""So many calls are left to sending: a look does less when a server says that it lets in fewer."""
REMOTE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
TAKES = "takes "
"""Before a type of file, among the limits that a server names: it takes such files."""
DIRECT = "direct:"
"""Before the name of the other side: a private exchange."""

T = TypeVar("T")
P = TypeVar("P")


class Server:
    """Calls of one account's server. `left`: how many more it lets in now, by its last answer."""

    def __init__(self, wire: Wire, address: str, token: str) -> None:
        self._wire, self.address, self._token = wire, address.rstrip("/"), token
        self.host = urlsplit(self.address).netloc.lower()
        self.left = SPARE_CALLS

    def ask(
        self, method: str, path: str, *, also: Iterable[int] = (), headers: dict[str, str] | None = None,
        **how: Any,
    ) -> WireAnswer:  # fmt: skip
        """One call with the token. Statuses in `also` are given back."""
        if not self._token:
            raise Reconnect(Said("The access token is missing, and nobody has signed in at the server."))
        carried = {**(headers or {}), "authorization": f"Bearer {self._token}"}
        wanted = frozenset(also)
        answer = self._wire.ask(method, f"{self.address}{path}", headers=carried, also=wanted | {429}, **how)
        self.left = number_in(answer.headers.get("x-ratelimit-remaining", ""), SPARE_CALLS)
        if answer.status == 429 and not answer.headers.get("retry-after"):
            wait = until(answer.headers.get("x-ratelimit-reset", ""))
            if wait:
                raise Later(wait, Said("The server lets in no more calls for now."))
        if answer.status not in wanted:
            self._wire.raise_for(answer)
        return answer

    def get(self, path: str, kind: type[T], params: dict[str, Any] | None = None) -> T:
        """A question, and its answer as what it should be."""
        return understood(self.ask("GET", path, params=params), kind)

    def status(self, remote_id: str) -> Status | None:
        """One post; None when it is gone, or not for us to see."""
        answer = self.ask("GET", f"/api/v1/statuses/{path_of(remote_id)}", also=(404, 410))
        return understood(answer, Status) if answer.status == 200 else None

    def statuses(self, remote_ids: Iterable[str]) -> dict[str, Status]:
        """Those of them that are there. At once where the server can (since 4.3), else one by one."""
        wanted = list(dict.fromkeys(remote_ids))
        if not wanted:
            return {}
        found: dict[str, Status] = {}
        if len(wanted) > 1:
            answer = self.ask("GET", "/api/v1/statuses", params={"id[]": wanted}, also=(400, 404, 405, 422))
            listed = understood(answer, list[Status]) if answer.status == 200 else []
            found = {s.id: s for s in listed}
        for missing in [w for w in wanted if w not in found]:  # also to be sure that it is not there
            if there := self.status(missing):
                found[missing] = there
        return found

    def context(self, remote_id: str) -> Context:
        """What stands above and below a post; nothing when it is gone, or the thread is too long to read."""
        path = f"/api/v1/statuses/{path_of(remote_id)}/context"
        try:
            return understood(self.ask("GET", path, bytes_max=CONTEXT_BYTES_MAX), Context)
        except NotAllowed:
            raise
        except Refused:
            return Context()

    def own(self, me: str, before: str) -> tuple[list[Status], str]:
        """(a page of an account's posts, newest first, and where the next one begins)."""
        return self._page(
            f"/api/v1/accounts/{path_of(me)}/statuses", list[Status], before, exclude_reblogs="true"
        )

    def told(self, before: str) -> tuple[list[Notification], str]:
        """The same of notifications, with those that the server would hold back as unwanted (since 4.3)."""
        return self._page("/api/v1/notifications", list[Notification], before, include_filtered="true")

    def _page(self, path: str, kind: type[list[P]], before: str, **which: str) -> tuple[list[P], str]:
        params = {"limit": PAGE_ITEMS, **which} | ({"max_id": before} if before else {})
        answer = self.ask("GET", path, params=params)
        listed = understood(answer, kind)
        return listed, next_page(answer.headers.get("link", "")) if listed else ""


def understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        said = Said("The server answered something unknown: %(strange)s.", strange=strange)
        raise answer.nonsense(said) from None


def next_page(links: str) -> str:
    """Where the next page begins, by the Link header (RFC 8288): only the id, never a foreign address."""
    for link in links.split(","):
        address, _, relation = link.partition(";")
        if re.search(r'\brel="?next\b', relation):
            query = parse_qs(urlsplit(address.strip(" <>")).query)
            return next(iter(query.get("max_id", [])), "")
    return ""


def until(reset: str) -> float:
    """Seconds until more calls are let in: by a moment or by seconds since 1970; 0 for none."""
    ends = ms_of(reset) / 1000 or float(number_in(reset, 0))
    return min(max(ends - time.time(), 1.0), 86_400.0) if ends else 0.0


def number_in(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise


def path_of(remote_id: str) -> str:
    """The id in an address. Raises Gone for what no server has."""
    if not REMOTE_ID.fullmatch(remote_id):
        raise Gone(Said("'%(remote_id)s' is nothing that this server has.", remote_id=remote_id))
    return quote(remote_id, safe="")


# --- what the server answers -----------------------------------------------------------------------------
class Account(msgspec.Struct):
    id: str
    acct: str
    username: str
    display_name: str = ""
    url: str = ""
    avatar: str = ""
    created_at: str = ""
    followers_count: int = 0


class Person(msgspec.Struct):
    """Somebody who is named in a post."""

    acct: str


class File(msgspec.Struct):
    id: str
    type: str = ""
    url: str | None = None
    description: str | None = None


class Status(msgspec.Struct):
    id: str
    created_at: str
    account: Account
    content: str = ""
    visibility: str = "public"
    edited_at: str | None = None
    in_reply_to_id: str | None = None
    url: str | None = None
    language: str | None = None
    spoiler_text: str = ""
    sensitive: bool = False
    reblog: dict[str, Any] | None = None
    media_attachments: list[File] = []
    mentions: list[Person] = []
    replies_count: int = 0
    reblogs_count: int = 0
    favourites_count: int = 0


class Context(msgspec.Struct):
    ancestors: list[Status] = []
    descendants: list[Status] = []


class Notification(msgspec.Struct):
    id: str
    type: str
    created_at: str
    account: Account
    status: Status | None = None


class Source(msgspec.Struct):
    text: str


class OfPosts(msgspec.Struct):
    max_characters: int = 0
    max_media_attachments: int = 0
    characters_reserved_per_url: int = 0


class OfMedia(msgspec.Struct):
    supported_mime_types: list[str] = []
    image_size_limit: int = 0
    description_limit: int = 0


class Named(msgspec.Struct):
    statuses: OfPosts = msgspec.field(default_factory=OfPosts)
    media_attachments: OfMedia = msgspec.field(default_factory=OfMedia)


class Instance(msgspec.Struct):
    """A server about itself: `domain` by the newer way of asking, `uri` and `max_toot_chars` by the old."""

    domain: str = ""
    uri: str = ""
    max_toot_chars: int = 0
    configuration: Named = msgspec.field(default_factory=Named)


def limits_of(about: Instance) -> dict[str, int]:
    """The limits that the server names, under the names that the house and `_of_server` know."""
    posts, media = about.configuration.statuses, about.configuration.media_attachments
    named = {
        "limit": posts.max_characters or about.max_toot_chars,
        "url_length": posts.characters_reserved_per_url,
        "media": posts.max_media_attachments, "image_bytes": media.image_size_limit,
        "alt": media.description_limit,
    }  # fmt: skip
    kinds = {TAKES + mime: 1 for mime in media.supported_mime_types if mime.startswith("image/")}
    return {name: value for name, value in named.items() if value > 0} | kinds


def full_name(acct: str, home: str) -> str:
    """`name@server` of somebody; on our own server the API leaves the server out."""
    return acct if "@" in acct else f"{acct}@{home.removeprefix('https://').strip('/')}"


def receipt_of(status: Status) -> Receipt:
    url = web_address(status.url or "")
    return Receipt(remote_id=status.id, url=url, published_ms=ms_of(status.created_at))


def counts_of(status: Status) -> dict[str, int]:
    return {
        "likes": status.favourites_count, "reposts": status.reblogs_count, "replies": status.replies_count,
    }  # fmt: skip


def ms_of(moment: str) -> int:
    """UTC milliseconds; 0 for what is no moment."""
    try:
        parsed = datetime.datetime.fromisoformat(moment)
        return max(int(parsed.replace(tzinfo=parsed.tzinfo or datetime.UTC).timestamp() * 1000), 0)
    except (ValueError, OverflowError):
        return 0
