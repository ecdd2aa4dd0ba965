"""Mastodon: short posts with images on any server that speaks its API, and what people do with them.

Remote ids of posts are the server's own; people are `name@server`, in small letters. A public thread is named
for its root post, a private exchange for the other side (`direct:name@server`). What a server can do is read
from its answers, never from its name: some ignore `Idempotency-Key`, so `find` looks through our own posts.
Written from the documentation (docs.joinmastodon.org, read 2026-11-25) and its OpenAPI form.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Activity,
    Connector,
    Gone,
    Later,
    Measured,
    Media,
    NotAllowed,
    Page,
    Post,
    Preview,
    Receipt,
    Reconnect,
    Refused,
    Self,
    Uncertain,
)
from bankside.networks.counters import count
from bankside.networks.fit import fitted, live_text
from bankside.networks.markup import web_address
from bankside.networks.mastodon import public, whose
from bankside.networks.mastodon.listening import Look, Place
from bankside.networks.mastodon.said import RawAct, RawGone, RawPost, done, removed, said
from bankside.networks.mastodon.server import (
    DIRECT,
    TAKES,
    Account,
    File,
    Instance,
    Server,
    Source,
    Status,
    counts_of,
    full_name,
    limits_of,
    ms_of,
    path_of,
    receipt_of,
    understood,
)
from bankside.networks.mastodon.words import MENTIONED, bare, may_be, multipart, plain, tongue
from bankside.networks.public import PublicPosts, Window
from bankside.networks.whose import Named, Profile
from bankside.said import Said, joined

FIND_HOURS = 24
FIND_PAGES_MAX = 10
SOURCES_MAX = 10
UPLOAD_SECONDS = 60.0
UPLOAD_LOOKS_MAX = 20
REFS_PER_CALL = 40
WIDTH = ("public", "unlisted", "private", "direct")
"""From everybody to the few who are named."""
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class Mastodon(Connector):
    """One account, through its own server."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        try:
            me = self._server.get("/api/v1/accounts/verify_credentials", Account)
        except Gone:
            raise Refused(
                Said("Nothing at %(host)s speaks the Mastodon API.", host=self._server.host)
            ) from None
        about = self._about()
        account = full_name(me.acct, about.domain or about.uri or self._server.host)
        handle = f"@{me.username}@{account.partition('@')[2]}"
        name, url = me.display_name or me.username, web_address(me.url)
        return Self(remote_id=account.lower(), handle=handle, name=name, url=url, limits=limits_of(about))

    def locate(self) -> dict[str, str]:
        """Where the server keeps its pictures, by the address of its own; nothing when it does not tell."""
        if self.grant.settings.get("pictures"):
            return {}
        try:
            url = self.wire.get(f"{self._server.address}/api/v2/instance").json()["thumbnail"]["url"]
        except (Refused, Later, Reconnect, LookupError, TypeError):
            return {}
        parts = urlsplit(url if isinstance(url, str) else "")
        return {"pictures": f"https://{parts.netloc}"} if parts.scheme == "https" and parts.netloc else {}

    # --- whose profile -----------------------------------------------------------------------------------
    def named(self, typed: str) -> Named:
        return whose.named(typed)

    def home(self, account: str) -> str:
        return whose.home(self.wire, self._server.address, account)

    def profile(self, account: str) -> Profile:
        return whose.profile(self.wire, self._server.address, account)

    def public_posts(self, account: str, window: Window) -> PublicPosts:
        return public.public_posts(self.wire, self.grant.settings["server"].rstrip("/"), account, window)

    def _about(self) -> Instance:
        answer = self._server.ask("GET", "/api/v2/instance", also=(404, 410))
        if answer.status == 200:
            return understood(answer, Instance)
        return self._server.get("/api/v1/instance", Instance)

    # --- what comes in ---------------------------------------------------------------------------------
    def poll(self, cursor: str, since_ms: int) -> Page:
        return Look(self._server, self._me, Place.of(cursor, since_ms)).page()

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "post" in raw:
                return (said(msgspec.convert(raw["post"], RawPost), self._me),)
            if "act" in raw:
                return done(msgspec.convert(raw["act"], RawAct), self._me)
            if "gone" in raw:
                return (removed(msgspec.convert(raw["gone"], RawGone), self._me),)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=broken)) from broken
        return ()

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        """With the names of those to whom a private message goes: nobody else would get it."""
        shown = fitted(_data(), replace(post, text=self._naming(post.text, self._to(post))), self._account)
        return replace(shown, findings=(*shown.findings, *self._of_server(post.media)))

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if post.replaces:
            return self._edit(post)
        above = self._answered(post)
        wanted: dict[str, Any] = {
            "status": self._worded(post, above), "visibility": self._width(post, above), **tongue(post),
        }  # fmt: skip
        wanted |= {"in_reply_to_id": above.id} if above else {}
        wanted |= {"media_ids": self._uploaded(post.media)} if post.media else {}
        # The key is ours; what holds it longest keeps it an hour (docs.joinmastodon.org/methods/statuses).
        marked = {"idempotency-key": hashlib.sha256(key.encode()).hexdigest()[:32]}
        made = understood(self._server.ask("POST", "/api/v1/statuses", json=wanted, headers=marked), Status)
        return receipt_of(made)

    def find(self, key: str, post: Post) -> Receipt | None:
        if post.replaces:
            there = self._server.status(post.replaces)
            return receipt_of(there) if there and self._same_words(there, post) else None
        looked_up = 0
        for there in self._candidates(post):
            if not may_be(there, post):
                continue
            if bare(plain(there.content)) == bare(post.text):
                return receipt_of(there)
            looked_up += 1
            if looked_up <= SOURCES_MAX and self._same_words(there, post):
                return receipt_of(there)
        return None

    def remove(self, remote_id: str) -> None:
        there = self._server.status(remote_id)
        if there is None:
            return
        if self._whose(there) != self._me:
            raise NotAllowed(
                Said("Somebody else wrote this; only our own can be removed."), fallback=there.url or ""
            )
        self._server.ask("DELETE", f"/api/v1/statuses/{path_of(remote_id)}", also=(404, 410))

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        posts, found = [ref for ref in refs if ref != self._me], dict[str, Status]()
        for start in range(0, len(posts), REFS_PER_CALL):
            found |= self._server.statuses(posts[start : start + REFS_PER_CALL])
        me = self._followers() if len(posts) < len(refs) else ()
        counted = (Measured(remote_id=ref, counts=counts_of(found[ref])) for ref in posts if ref in found)
        return (*counted, *me)

    def _followers(self) -> tuple[Measured, ...]:
        me = self._server.get("/api/v1/accounts/verify_credentials", Account)
        return (Measured(remote_id=self._me, counts={"followers": max(me.followers_count, 0)}),)

    # --- one post --------------------------------------------------------------------------------------
    def _answered(self, post: Post) -> Status | None:
        """What it answers, as it is now; None when it answers nothing, or a whole private exchange."""
        if not post.in_reply_to or post.in_reply_to.startswith(DIRECT):
            return None
        there = self._server.status(post.in_reply_to)
        if there is None:
            raise Gone(Said("What was to be answered is not there any more, or we may not see it."))
        return there

    def _worded(self, post: Post, above: Status | None) -> str:
        """The text as it goes out: an answer names whom it answers, or she is never told of it."""
        asked = [self._whose(above)] if above else []
        text = self._naming(post.text, [*asked, *self._to(post)])
        for length in count(live_text(_data().text, self._account), text):
            if length.limit and length.used > length.limit:
                raise Refused(
                    Said(
                        "Too long with the name of whom it answers: %(used)s %(unit)s, and "
                        "%(limit)s are allowed.",
                        used=length.used,
                        unit=Said(length.unit),
                        limit=length.limit,
                    )
                )
        return text

    def _naming(self, text: str, people: Iterable[str]) -> str:
        """The text with the names in front that do not stand in it."""
        named = {full_name(m.rstrip(".").lower(), self._home) for m in MENTIONED.findall(text)}
        missing = [p for p in dict.fromkeys(people) if p not in named | {self._me}]
        return " ".join([*(f"@{p.removesuffix('@' + self._home)}" for p in missing), text])

    def _to(self, post: Post) -> list[str]:
        """Who gets a private message."""
        exchange = post.in_reply_to.removeprefix(DIRECT) if post.in_reply_to.startswith(DIRECT) else ""
        people = [*post.to, exchange] if post.private else [exchange]
        return [full_name(p.removeprefix("@").lower(), self._home) for p in people if p]

    def _width(self, post: Post, above: Status | None) -> str:
        """Who sees it: never more people than see what it answers."""
        wanted = self.grant.settings.get("visibility") or "public"
        private = post.private or post.in_reply_to.startswith(DIRECT)
        seen = above.visibility if above else "public"
        shown = ("direct" if private else wanted, seen if seen in WIDTH else "private")
        return max(shown, key=WIDTH.index)

    def _edit(self, post: Post) -> Receipt:
        """New words. Pictures stay unless there are new ones: what is not named would be taken off."""
        there = self._server.status(post.replaces)
        if there is None:
            raise Gone(Said("What was to be changed is not there any more."))
        media = self._uploaded(post.media) if post.media else [m.id for m in there.media_attachments]
        people = (
            [full_name(m.acct, self._home).lower() for m in there.mentions] if there.in_reply_to_id else []
        )
        wanted = {
            "status": self._naming(post.text, people[:1]), "media_ids": media, "sensitive": there.sensitive,
            "spoiler_text": there.spoiler_text, **tongue(post),
        }  # fmt: skip
        path = f"/api/v1/statuses/{path_of(post.replaces)}"
        return receipt_of(understood(self._server.ask("PUT", path, json=wanted), Status))

    def _uploaded(self, media: tuple[Media, ...]) -> list[str]:
        """The pictures on the server. Nothing is said yet: a lost answer leaves a file that nobody sees."""
        try:
            return [self._upload(number, file) for number, file in enumerate(media, start=1)]
        except Uncertain as doubt:
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            ) from doubt

    def _upload(self, number: int, media: Media) -> str:
        kind, body = multipart(f"picture-{number}.{ENDINGS[media.mime]}", media)
        headers = {"content-type": kind}
        answer = self._server.ask(
            "POST", "/api/v2/media", content=body, headers=headers, deadline_seconds=UPLOAD_SECONDS
        )
        made = understood(answer, File)
        for _ in range(UPLOAD_LOOKS_MAX):
            if answer.status == 200:
                return made.id
            answer = self._server.ask("GET", f"/api/v1/media/{path_of(made.id)}")
        if answer.status == 200:
            return made.id
        raise Later(30, Said("The server is still at work on a picture."))

    def _of_server(self, media: tuple[Media, ...]) -> Iterator[str]:
        """What this server has against these files, by the limits that it named itself."""
        limits = self._account.get("limits") or {}
        most, takes = limits.get("media", 0), {n for n in limits if n.startswith(TAKES)}
        if most and len(media) > most:
            yield Said(
                "Too many files: %(number)s, and this server takes %(most)s.", number=len(media), most=most
            )
        for m in media:
            if takes and TAKES + m.mime not in takes:
                yield Said(
                    "%(name)s: this server takes no files of the kind %(kind)s.", name=m.name, kind=m.mime
                )
            yield from _too_much(m, limits.get("image_bytes", 0), limits.get("alt", 0))

    # --- looking for what may have been said -------------------------------------------------------------
    def _candidates(self, post: Post) -> Iterator[Status]:
        """Our own posts of the last day, newest first, and what we said under the one that is answered."""
        if post.in_reply_to and not post.in_reply_to.startswith(DIRECT):
            for below in self._server.context(post.in_reply_to).descendants:
                if self._whose(below) == self._me:
                    yield below
        me = self._server.get("/api/v1/accounts/verify_credentials", Account).id
        earliest, before = int(time.time() * 1000) - FIND_HOURS * 3_600_000, ""
        for _ in range(FIND_PAGES_MAX):
            listed, before = self._server.own(me, before)
            yield from (s for s in listed if ms_of(s.created_at) >= earliest)
            if not before or ms_of(listed[-1].created_at) < earliest:
                return
        raise Later(60, Said("There are more posts of the last day than can be looked through."))

    def _same_words(self, there: Status, post: Post) -> bool:
        """By what was typed, where the server still tells it (since 3.5), else by what is shown."""
        answer = self._server.ask("GET", f"/api/v1/statuses/{path_of(there.id)}/source", also=(404, 410))
        typed = understood(answer, Source).text if answer.status == 200 else plain(there.content)
        return bare(typed) == bare(post.text)

    # --- whose, and where ------------------------------------------------------------------------------
    @cached_property
    def _server(self) -> Server:
        secrets = self.grant.secrets
        token = secrets.get("access") or secrets.get("access_token", "")
        return Server(self.wire, self.grant.settings["server"], token)

    @property
    def _account(self) -> dict[str, Any]:
        return self.grant.account

    @property
    def _me(self) -> str:
        return str(self._account.get("remote_id", ""))

    @property
    def _home(self) -> str:
        return self._me.partition("@")[2]

    def _whose(self, status: Status) -> str:
        return full_name(status.account.acct, self._home).lower()


CONNECTOR = Mastodon


def _data() -> NetworkData:
    return network("mastodon")


def _too_much(media: Media, bytes_most: int, alt_most: int) -> Iterator[str]:
    if bytes_most and len(media.data) > bytes_most:
        yield Said(
            "%(name)s is too large: %(number)s bytes, and this server takes %(most)s.",
            name=media.name,
            number=len(media.data),
            most=bytes_most,
        )
    if alt_most and len(media.alt) > alt_most:
        yield Said(
            "%(name)s: its description has %(number)s characters; this server takes %(most)s.",
            name=media.name,
            number=len(media.alt),
            most=alt_most,
        )
