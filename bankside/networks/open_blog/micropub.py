"""Micropub: a post is an h-entry, named by its address. https://www.w3.org/TR/micropub/, read 2026-11-28.

`mp-slug`, `post-status` and the list of posts (`q=source` without an address) are extensions that blogs need
not have: https://indieweb.org/Micropub-extensions, read 2026-11-28. Not tried against a server of others.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bankside.networks.contract import Gone, Grant, Later, Media, Post, Receipt, Refused, Self, Uncertain
from bankside.networks.markup import web_address
from bankside.networks.open_blog.words import (
    LISTED_MAX,
    file_name,
    html_of,
    is_recent,
    linked_as,
    links,
    same_words,
    slug_of,
    whole,
)
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

UPLOAD_SECONDS = 60.0
ABSENT = (400, 404, 410)
"""What `q=source` is answered for an address that is nothing: 400 by the Recommendation, 3.7.2."""
UNLISTED = (400, 404, 405, 501)


class _Entry(msgspec.Struct):
    """A post as `q=source` gives it: every property is a list."""

    properties: dict[str, list[Any]] = {}

    def first(self, name: str) -> str:
        value = next(iter(self.properties.get(name, ())), "")
        if isinstance(value, dict):
            value = value.get("html") or value.get("value") or ""
        return value if isinstance(value, str) else ""

    def says(self, post: Post) -> bool:
        return same_words(post, self.first("name"), self.first("content"))

    @property
    def address(self) -> str:
        return web_address(self.first("url"))

    def published_seconds(self) -> float:
        try:
            return datetime.datetime.fromisoformat(self.first("published")).timestamp()
        except (ValueError, OverflowError):
            return 0.0


class _Listed(msgspec.Struct):
    items: list[_Entry]


class _Config(msgspec.Struct):
    media_endpoint: str = msgspec.field(default="", name="media-endpoint")


class Micropub:
    """One blog, with a token."""

    def __init__(self, grant: Grant, wire: Wire) -> None:
        self._grant, self._wire = grant, wire

    def locate(self) -> dict[str, str]:
        """By the Link header or the links of the first page (5.3 of the Recommendation)."""
        page = self._wire.get(self._site, headers={"accept": "text/html"})
        found = links(page.text, page.headers.get("link", ""), self._site)
        endpoint = linked_as(found, "micropub")
        return {"endpoint": endpoint} if endpoint else {}

    def whoami(self) -> Self:
        try:
            _understood(self._ask({"q": "config"}), _Config)
        except Gone:
            raise Refused(
                Said("There is no Micropub interface at %(place)s.", place=self._endpoint)
            ) from None
        listed = self._ask({"q": "source", "limit": 1}, also=UNLISTED)
        limits = {"listed": int(listed.status == 200 and bool(_entries_of(listed)[1]))}
        host = urlsplit(self._site).netloc
        return Self(remote_id=self._site, handle=host, name=host, url=self._site, limits=limits)

    # --- what goes out -------------------------------------------------------------------------------
    def publish(self, post: Post, key: str) -> Receipt:
        slug = slug_of(post, key)
        said = {**self._said(post, slug), "mp-slug": [slug], "post-status": ["published"]}
        answer = self._tell({"type": ["h-entry"], "properties": said})
        address = self._named(answer)
        if not address:
            raise answer.nonsense(Said("The blog does not say where the post is."))
        return Receipt(remote_id=address, url=address)

    def edit(self, post: Post, key: str) -> Receipt:
        if self._existing(post.replaces) is None:
            raise Gone(Said("What was to be changed is not there any more."))
        changed = self._said(post, slug_of(post, key))
        answer = self._tell({"action": "update", "url": post.replaces, "replace": changed})
        address = (answer.status == 201 and self._named(answer)) or post.replaces  # an edit may move it
        return Receipt(remote_id=address, url=address)

    def remove(self, remote_id: str) -> None:
        if self._existing(remote_id) is not None:
            self._tell({"action": "delete", "url": remote_id}, also=(404, 410))

    def find(self, key: str, post: Post) -> Receipt | None:
        """By the wanted address; by the words where the blog chose another."""
        answer = self._ask({"q": "source", "limit": LISTED_MAX})
        entries, is_list = _entries_of(answer)
        if not is_list:
            raise Later(60, Said("The blog does not list its posts."))
        slug = slug_of(post, key)
        there = [e for e in entries if slug in e.address or e.first("mp-slug") == slug]
        there += [e for e in entries if e.says(post) and is_recent(e.published_seconds())]
        address = next((e.address for e in there if e.address), "")
        return Receipt(remote_id=address, url=address) if address else None

    def find_edit(self, post: Post) -> Receipt | None:
        there = self._existing(post.replaces)
        return Receipt(remote_id=post.replaces, url=post.replaces) if there and there.says(post) else None

    def _said(self, post: Post, slug: str) -> dict[str, list[Any]]:
        said: dict[str, list[Any]] = {"content": [{"html": html_of(post)}]}
        said |= {"name": [post.title]} if post.title else {}
        return said | ({"photo": list(self._photos(post.media, slug))} if post.media else {})

    def _existing(self, address: str) -> _Entry | None:
        if not web_address(address):
            raise Refused(Said("'%(remote_id)s' is nothing that a blog has.", remote_id=address))
        answer = self._ask({"q": "source", "url": address}, also=ABSENT)
        there = _understood(answer, _Entry) if answer.status == 200 else None
        return None if there is None or "deleted" in there.properties else there

    # --- pictures ------------------------------------------------------------------------------------
    def _photos(self, media: tuple[Media, ...], slug: str) -> Iterator[dict[str, str]]:
        place = self._grant.settings.get("media") or self._media_endpoint()
        for number, one in enumerate(media, start=1):
            yield {"value": self._uploaded(place, one, file_name(one, slug, number)), "alt": one.alt}

    def _media_endpoint(self) -> str:
        given = _understood(self._ask({"q": "config"}), _Config).media_endpoint
        place = whole(given, self._endpoint)
        if not place:
            raise Refused(Said("The blog takes no pictures: it names no place for them."))
        return place

    def _uploaded(self, place: str, media: Media, name: str) -> str:
        """Nobody sees a picture without its post, so a lost answer is no doubt, and it is sent again."""
        kind, body = _form(name, media)
        try:
            answer = self._wire.post(
                place, content=body, headers={**self._token, "content-type": kind},
                deadline_seconds=UPLOAD_SECONDS,
            )  # fmt: skip
            if address := self._named(answer):
                return address
            raise answer.nonsense(Said("The blog does not say where the picture is."))
        except Uncertain as doubt:
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            ) from doubt

    # --- asking --------------------------------------------------------------------------------------
    @property
    def _site(self) -> str:
        return self._grant.settings.get("site", "").strip()

    @property
    def _endpoint(self) -> str:
        endpoint = self._grant.settings.get("endpoint", "").strip()
        if not endpoint:
            raise Refused(Said("The first page of the blog names no interface; give its address."))
        return endpoint

    @property
    def _token(self) -> dict[str, str]:
        secrets = self._grant.secrets
        return {"authorization": f"Bearer {secrets.get('access') or secrets.get('access_token', '')}"}

    def _ask(self, which: dict[str, str | int], *, also: tuple[int, ...] = ()) -> WireAnswer:
        return self._wire.get(self._endpoint, params=which, headers=self._token, also=also)

    def _tell(self, what: dict[str, Any], *, also: tuple[int, ...] = ()) -> WireAnswer:
        return self._wire.post(self._endpoint, json=what, headers=self._token, also=also)

    def _named(self, answer: WireAnswer) -> str:
        return whole(answer.headers.get("location", ""), self._endpoint)


def _understood(answer: WireAnswer, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        raise answer.nonsense(
            Said("The blog answered something unknown: %(strange)s.", strange=str(strange))
        ) from None


def _entries_of(answer: WireAnswer) -> tuple[list[_Entry], bool]:
    """The posts, and whether it is a list of posts at all; what is no post in it is left out."""
    said = answer.json()
    if not isinstance(said, dict) or not isinstance(said.get("items"), list):
        return [], False
    found = []
    for one in said["items"][:LISTED_MAX]:
        try:
            found.append(msgspec.convert(one, _Entry))
        except msgspec.ValidationError:
            continue
    return found, True


def _form(name: str, media: Media) -> tuple[str, bytes]:
    """(content type, body) of a form with one file, named `file` (3.6.1 of the Recommendation)."""
    boundary = hashlib.sha256(media.data).hexdigest()[:32]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    parts = (head.encode(), f"Content-Type: {media.mime}\r\n\r\n".encode(), media.data)
    return f"multipart/form-data; boundary={boundary}", b"".join((*parts, f"\r\n--{boundary}--\r\n".encode()))
