"""A FAKE publisher of an Atom feed, with a hub: made by this project from RFC 4287, RFC 9110 and WebSub."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

import httpx

from bankside.networks.contract import Request
from tests.networks.pretended import NOT_REAL, Pretended, said

KIND = "application/atom+xml; charset=utf-8"


@dataclass
class Entry:
    """One article; `words` is HTML."""

    id: str
    title: str
    words: str
    writer: str = "연합 기자"
    published: str = "2026-11-28T09:00:00Z"
    updated: str = "2026-11-28T09:00:00Z"
    link: str = ""
    pictures: list[str] = field(default_factory=list)


class PretendedWebFeeds(Pretended):
    """A newspaper. Its feed has an ETag; a request that names it is answered 304."""

    name = "web_feeds"
    site = "https://news.hanulbank.example"
    settings = {"feed": f"{site}/feed.xml"}
    secrets = {"hub_secret": NOT_REAL}

    def __init__(self) -> None:
        super().__init__()
        self.title = "The Mapo Gazette 마포신문"
        self.entries: list[Entry] = []
        self.kind = KIND
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.method != "GET" or request.url.path != "/feed.xml":
            return said(404, "<html>Not found</html>", {"content-type": "text/html"})
        content = self.feed()
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return said(304, None, {"etag": etag})
        return said(200, content, {"content-type": self.kind, "etag": etag})

    def visible(self) -> list[str]:
        return []

    def publish(self, *entries: Entry) -> None:
        """The newest stands first, as feeds have it."""
        for entry in entries:
            self.entries.insert(0, entry)

    def feed(self) -> bytes:
        """All of it, as Atom."""
        entries = "".join(_xml(entry, self.site) for entry in self.entries)
        head = f'<title>{escape(self.title)}</title><id>{self.site}/</id><link href="{self.site}/"/>'
        links = f'<link rel="self" href="{self.settings["feed"]}"/><link rel="hub" href="{self.site}/hub"/>'
        named = 'xmlns="http://www.w3.org/2005/Atom" xml:lang="ko"'
        return f'<?xml version="1.0"?>\n<feed {named}>{head}{links}{entries}</feed>'.encode()

    def push(self, body: bytes | None = None, *, method: str = "sha256", secret: str = NOT_REAL) -> Request:
        """What the hub brings to a subscriber."""
        content = self.feed() if body is None else body
        signed = f"{method}={hmac.new(secret.encode(), content, method).hexdigest()}"
        headers = {"content-type": "application/atom+xml", "x-hub-signature": signed}
        return Request(method="POST", path="/hooks/x", query={}, headers=headers, body=content)

    def shake(self, *, mode: str = "subscribe", topic: str = "", **more: str) -> Request:
        """How the hub asks whether a subscription is meant."""
        query = {"hub.mode": mode, "hub.topic": topic or self.settings["feed"], **more}
        asked = {"hub.challenge": "c0ffee", "hub.lease_seconds": "864000", **query}
        return Request(method="GET", path="/hooks/x", query=asked, headers={}, body=b"")


def _xml(entry: Entry, site: str) -> str:
    link = entry.link or f"{site}/{entry.id}"
    pictures = "".join(
        f'<link rel="enclosure" type="image/png" href={quoteattr(p)}/>' for p in entry.pictures
    )
    return (
        f"<entry><id>{escape(entry.id)}</id><title>{escape(entry.title)}</title>"
        f"<link href={quoteattr(link)}/>"
        f"<published>{entry.published}</published><updated>{entry.updated}</updated>{pictures}"
        f"<author><name>{escape(entry.writer)}</name><email>desk@news.hanulbank.example</email></author>"
        f'<content type="html">{escape(entry.words)}</content></entry>'
    )


SERVER = PretendedWebFeeds
