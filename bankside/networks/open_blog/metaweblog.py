"""MetaWeblog: posts by XML-RPC, named by the number that the blog gives them. Tried against WordPress 6.1.9.

http://xmlrpc.com/metaWeblogApi.html, and `blogger.*` for what it lacks (list of blogs, deleting), read
2026-11-28. Faults have numbers that each blog chooses; those of WordPress (401, 403, 404) are understood.
"""

from __future__ import annotations

import datetime
import html
import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bankside.networks.contract import (
    Gone,
    Grant,
    Later,
    Media,
    NotAllowed,
    Post,
    Receipt,
    Reconnect,
    Refused,
    Self,
    Uncertain,
)
from bankside.networks.markup import text_of, web_address
from bankside.networks.open_blog import xml_rpc
from bankside.networks.open_blog.words import (
    LISTED_MAX,
    attributes,
    file_name,
    html_of,
    is_recent,
    linked_as,
    links,
    picture_html,
    same_words,
    slug_of,
)
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

APP_KEY = "Bankside"
"""`blogger.*` wants one, and no blog of today looks at it."""
FAULT_LENGTH_MAX = 300
CALL_SECONDS = 20.0
UPLOAD_SECONDS = 60.0


_NAMES = {"id": "postid", "slug": "wp_slug", "at": "date_created_gmt", "status": "post_status"}


class _Blog(msgspec.Struct, rename={"id": "blogid", "name": "blogName"}):
    id: str | int = ""
    name: str = ""
    url: str = ""


class _Entry(msgspec.Struct, rename=_NAMES):
    """A post as the blog gives it. `slug`, `status` and the moment in UTC are WordPress's own."""

    id: str | int = ""
    title: str = ""
    description: str = ""
    link: str = ""
    slug: str = ""
    status: str = ""
    at: datetime.datetime | None = None

    def says(self, post: Post) -> bool:
        return same_words(post, self.title, self.description)

    def published_seconds(self) -> float:
        return self.at.replace(tzinfo=datetime.UTC).timestamp() if self.at else 0.0

    def receipt(self) -> Receipt:
        return Receipt(remote_id=f"post:{self.id}", url=web_address(self.link))


class MetaWeblog:
    """One blog, as one of its users."""

    def __init__(self, grant: Grant, wire: Wire) -> None:
        self._grant, self._wire = grant, wire

    def locate(self) -> dict[str, str]:
        """By the description that the first page links to (Really Simple Discovery)."""
        page = self._wire.get(self._site, headers={"accept": "text/html"})
        described = linked_as(links(page.text, page.headers.get("link", ""), self._site), "EditURI")
        if not described:
            return {}
        told = self._wire.get(described, headers={"accept": "application/rsd+xml, text/xml"}).text
        for tag in _API.findall(told[:100_000]):
            api = attributes(tag)
            if api.get("name", "").lower() == "metaweblog" and web_address(api.get("apilink", "")):
                return {"endpoint": api["apilink"], **({"blog": api["blogid"]} if api.get("blogid") else {})}
        return {}

    def whoami(self) -> Self:
        blogs = self._known(self._read("blogger.getUsersBlogs", APP_KEY, *self._who), list[_Blog])
        wanted = [b for b in blogs if str(b.id) == self._blog] or blogs
        if not wanted:
            raise NotAllowed(Said("This user has no blog there."))
        name, host = text_of(wanted[0].name), urlsplit(self._site).netloc
        return Self(
            remote_id=f"{wanted[0].id}@{host}", handle=self._who[0], name=name or host,
            url=web_address(wanted[0].url) or self._site, limits={},
        )  # fmt: skip

    # --- what goes out -------------------------------------------------------------------------------
    def publish(self, post: Post, key: str) -> Receipt:
        slug = slug_of(post, key)
        entry = {**self._said(post, slug), "wp_slug": slug}
        made, answer = self._write("metaWeblog.newPost", self._blog, *self._who, entry, True)
        if not isinstance(made, str | int) or not str(made):
            raise answer.nonsense(Said("The blog does not say which post it made."))
        return self._told(str(made))

    def edit(self, post: Post, key: str) -> Receipt:
        number = _number(post.replaces)
        if self._existing(number) is None:
            raise Gone(Said("What was to be changed is not there any more."))
        entry = self._said(post, slug_of(post, key))
        self._write("metaWeblog.editPost", number, *self._who, entry, True)
        return self._told(number)

    def remove(self, remote_id: str) -> None:
        number = _number(remote_id)
        if self._existing(number) is not None:
            self._write("blogger.deletePost", APP_KEY, number, *self._who, True)

    def find(self, key: str, post: Post) -> Receipt | None:
        """By the wanted address where the blog tells it, else by the words."""
        listed = self._read("metaWeblog.getRecentPosts", self._blog, *self._who, LISTED_MAX)
        entries, slug = self._known(listed, list[_Entry]), slug_of(post, key)
        there = [e for e in entries if e.slug == slug or slug in e.link]
        there += [e for e in entries if e.says(post) and is_recent(e.published_seconds())]
        return there[0].receipt() if there else None

    def find_edit(self, post: Post) -> Receipt | None:
        there = self._existing(_number(post.replaces))
        return there.receipt() if there and there.says(post) else None

    def _said(self, post: Post, slug: str) -> dict[str, Any]:
        body = [html_of(post)]
        body += [
            picture_html(self._uploaded(one, file_name(one, slug, number)), one.alt)
            for number, one in enumerate(post.media, start=1)
        ]
        return {"title": html.escape(post.title, quote=False), "description": "\n".join(body)}

    def _uploaded(self, media: Media, name: str) -> str:
        """Nobody sees a picture without its post, so a lost answer is no doubt, and it is sent again."""
        file = {"name": name, "type": media.mime, "bits": media.data}
        try:
            made, answer = self._write(
                "metaWeblog.newMediaObject", self._blog, *self._who, file, seconds=60.0
            )
            address = web_address(str(made.get("url", ""))) if isinstance(made, dict) else ""
            if address:
                return address
            raise answer.nonsense(Said("The blog does not say where the picture is."))
        except Uncertain as doubt:
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            ) from doubt

    def _told(self, number: str) -> Receipt:
        """With its address, if the blog tells it: what was said is said, whatever becomes of the question."""
        try:
            there = self._existing(number)
        except (Later, Refused, Reconnect):
            there = None
        return Receipt(remote_id=f"post:{number}", url=web_address(there.link) if there else "")

    def _existing(self, number: str) -> _Entry | None:
        try:
            there: _Entry = self._known(self._read("metaWeblog.getPost", number, *self._who), _Entry)
        except Gone:
            return None
        return None if there.status == "trash" else there

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
    def _blog(self) -> str:
        return self._grant.settings.get("blog", "") or "1"

    @property
    def _who(self) -> tuple[str, str]:
        return self._grant.settings.get("user", ""), self._grant.secrets.get("password", "")

    def _read(self, method: str, *params: Any) -> Any:
        try:
            return xml_rpc.read(self._wire, self._endpoint, method, *params)
        except xml_rpc.Fault as fault:
            raise self._meant(fault) from None

    def _write(self, method: str, *params: Any, seconds: float = CALL_SECONDS) -> tuple[Any, WireAnswer]:
        try:
            return xml_rpc.write(self._wire, self._endpoint, method, *params, seconds=seconds)
        except xml_rpc.Fault as fault:
            raise self._meant(fault) from None

    def _meant(self, fault: xml_rpc.Fault) -> Exception:
        """The error of the contract for a fault. Faults are answers: what was asked was not done."""
        words = self._wire.redacted(" ".join(text_of(str(fault.faultString)).split()))[:FAULT_LENGTH_MAX]
        told = f"{words} ({fault.faultCode})"
        match fault.faultCode:
            case 403:
                return Reconnect(told)
            case 401:
                return NotAllowed(told)
            case 404:
                return Gone(told)
        return Refused(told)

    def _known(self, value: Any, kind: type[Any]) -> Any:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as strange:
            raise Later(
                60, Said("The blog answered something unknown: %(strange)s.", strange=str(strange))
            ) from None


def _number(remote_id: str) -> str:
    kind, _, number = remote_id.partition(":")
    if kind != "post" or not number:
        raise Refused(Said("'%(remote_id)s' is nothing that a blog has.", remote_id=remote_id))
    return number


_API = re.compile(r"<api\s([^<>]{1,2000})>", re.IGNORECASE)
