"""Bluesky: short posts with images, answers in threads, and what people do with them.

Remote ids are the addresses of records, `at://did/collection/key`. A thread is named for its root post. The
key of a post's record is made from the delivery key (record.py), and a record is only written where none is:
a second try writes nothing, and `find` asks whether the record is there. Tried against the servers of
@atproto/dev-env 0.6.7.
"""

from __future__ import annotations

import base64
import re
import time
from dataclasses import replace
from functools import cached_property
from typing import Any

import msgspec

from bankside.networks.bluesky import public, whose
from bankside.networks.bluesky.listening import POSTS_PER_CALL, Look
from bankside.networks.bluesky.place import Place
from bankside.networks.bluesky.record import POST, embed_of, handles, key_of, record_of, shown_post
from bankside.networks.bluesky.said import (
    APP,
    Posts,
    PostView,
    activities,
    address_of,
    did_of,
    moment_of,
    ms_of,
)
from bankside.networks.bluesky.xrpc import Server, refused, session_of, trouble, understood
from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Activity,
    Connector,
    Gone,
    Later,
    Measured,
    NotAllowed,
    Page,
    Post,
    Preview,
    Receipt,
    Reconnect,
    Refused,
    Self,
    Tokens,
    Uncertain,
)
from bankside.networks.fit import fitted
from bankside.networks.public import PublicPosts, Window
from bankside.networks.whose import Named, Profile
from bankside.said import Said, joined

MENTIONS_MAX = 20
DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+")
ABSENT = frozenset({"RecordNotFound", "InvalidRequest"})
UNKNOWN = frozenset({"InvalidRequest", "HandleNotFound", "UnknownHandle"})
SESSION_SECONDS = 3600
"""How long tokens are taken to hold when they do not say it themselves."""


class Bluesky(Connector):
    """One account, through its own server."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        me = self._server.get("com.atproto.server.getSession", _Session)
        if not me.active:
            raise NotAllowed(
                Said(
                    "Bluesky has this account closed for now (%(status)s).",
                    status=me.status or Said("not active"),
                )
            )
        shown = self._server.find("app.bsky.actor.getProfile", _Profile, {"actor": me.did}, UNKNOWN)
        about = self._server.get("com.atproto.server.describeServer", _About)
        limits = {"image_bytes": about.blob_upload_limit} if about.blob_upload_limit else {}
        name = (shown.display_name if shown else "") or me.handle
        url = f"{APP}/profile/{me.did}"
        return Self(remote_id=me.did, handle=f"@{me.handle}", name=name, url=url, limits=limits)

    def locate(self) -> dict[str, str]:
        """The server that keeps the account, by its name and the directory; nothing when they do not tell."""
        try:
            return {"service": whose.home(self.wire, self.grant.settings, self._did(self._named))}
        except (Refused, Later):
            return {}

    def renew(self) -> Tokens:
        """A session that goes on, or a new one by the app password when the old one has ended."""
        kept = self.grant.secrets.get("refresh", "")
        try:
            return self._renewed(kept) or self._signed_in() if kept else self._signed_in()
        except Uncertain as doubt:  # the old token may be used again for two hours
            raise Later(10, doubt.reason) from doubt

    def _renewed(self, kept: str) -> Tokens | None:
        answer = session_of(self.wire, self._service, "com.atproto.server.refreshSession", token=kept)
        return _tokens(understood(answer, _Pair)) if answer.status == 200 else None

    def _signed_in(self) -> Tokens:
        password = self.grant.secrets.get("app_password", "")
        if not password:
            raise Reconnect(Said("The app password is missing, and nobody has signed in at Bluesky."))
        wanted = {"identifier": self._named, "password": password}
        answer = session_of(self.wire, self._service, "com.atproto.server.createSession", body=wanted)
        if answer.status == 400:
            raise refused(answer)
        if answer.status == 401:
            said = trouble(answer).message
            refusal = Said("Bluesky does not accept the account or the app password.")
            raise Reconnect(joined((refusal, said)) if said else refusal)
        return _tokens(understood(answer, _Pair))

    # --- whose profile -----------------------------------------------------------------------------------
    def named(self, typed: str) -> Named:
        return whose.named(typed)

    def home(self, account: str) -> str:
        return whose.home(self.wire, self.grant.settings, self._whose(account))

    def profile(self, account: str) -> Profile:
        did = self._whose(account)
        return whose.profile(self.wire, self._server, self.grant.settings, did)

    def public_posts(self, account: str, window: Window) -> PublicPosts:
        return public.public_posts(Server(self.wire, self._service, {}), account, window)

    def _whose(self, account: str) -> str:
        if did := self._did(account.removeprefix("@")):
            return did
        raise Gone(Said("Nobody on Bluesky is called %(name)s.", name=account))

    # --- what comes in ---------------------------------------------------------------------------------
    def poll(self, cursor: str, since_ms: int) -> Page:
        return Look(self._server, self._me, Place.of(cursor, since_ms)).page()

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        return activities(raw, self._me)

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        shown = fitted(_data(), post, self.grant.account)
        most = (self.grant.account.get("limits") or {}).get("image_bytes", 0)
        over = [m for m in post.media if most and len(m.data) > most]
        found = tuple(
            Said(
                "%(name)s is too large: %(number)s bytes, and this server takes %(most)s.",
                name=m.name,
                number=len(m.data),
                most=most,
            )
            for m in over
        )
        return replace(shown, findings=shown.findings + found)

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if earlier := self.find(key, post):
            return earlier
        record = self._record(post)
        wanted = {
            "repo": self._me, "collection": POST, "rkey": key_of(key), "record": record,
            "swapRecord": None,  # only where there is none: a try that comes through late changes nothing
        }  # fmt: skip
        answer = self._server.post("com.atproto.repo.putRecord", wanted, also=(400,))
        if answer.status == 200:
            uri = understood(answer, _Made).uri
            return Receipt(remote_id=uri, url=address_of(uri), published_ms=ms_of(record["createdAt"]))
        if trouble(answer).error == "InvalidSwap" and (earlier := self.find(key, post)):
            return earlier
        raise refused(answer)

    def find(self, key: str, post: Post) -> Receipt | None:
        which = {"repo": self._me, "collection": POST, "rkey": key_of(key)}
        there = self._server.find("com.atproto.repo.getRecord", _Record, which, ABSENT)
        if there is None:
            return None
        if there.value.text != post.text:
            raise Refused(Said("Other words stand where this post would be."), fallback=address_of(there.uri))
        at = ms_of(there.value.created_at)
        return Receipt(remote_id=there.uri, url=address_of(there.uri), published_ms=at)

    def remove(self, remote_id: str) -> None:
        if did_of(remote_id) != self._me:
            raise NotAllowed(
                Said("Somebody else wrote this; only our own can be removed."), fallback=address_of(remote_id)
            )
        *_, collection, key = remote_id.split("/")
        self._server.post(
            "com.atproto.repo.deleteRecord", {"repo": self._me, "collection": collection, "rkey": key}
        )

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        posts, found = [ref for ref in refs if ref != self._me], list[PostView]()
        for start in range(0, len(posts), POSTS_PER_CALL):
            found += self._posts(*posts[start : start + POSTS_PER_CALL])
        me = self._followers() if len(posts) < len(refs) else ()
        return (*(Measured(remote_id=v.uri, counts=_counts(v)) for v in found), *me)

    def _followers(self) -> tuple[Measured, ...]:
        shown = self._server.find("app.bsky.actor.getProfile", _Profile, {"actor": self._me}, UNKNOWN)
        if shown is None or shown.followers_count is None:
            return ()
        return (Measured(remote_id=self._me, counts={"followers": shown.followers_count}),)

    # --- one record ------------------------------------------------------------------------------------
    def _record(self, post: Post) -> dict[str, Any]:
        """The post as a record. Looks up whom it mentions, what it answers and quotes; uploads its images."""
        dids = {handle: self._did(handle) for handle in handles(post.text)[:MENTIONS_MAX]}
        record = record_of(post, moment_of(int(time.time() * 1000)), dids)
        if post.in_reply_to:
            record["reply"] = self._place_in_thread(post.in_reply_to)
        quoted = self._quoted(post.text)
        blobs = [understood(self._server.upload(m.data, m.mime), _Uploaded).blob for m in post.media]
        embed = embed_of(post.media, blobs, quoted)
        return record | ({"embed": embed} if embed else {})

    def _place_in_thread(self, uri: str) -> dict[str, Any]:
        """What it answers, and the root of that thread, each by address and CID."""
        there = next(iter(self._posts(uri)), None)
        if there is None:
            return self._place_under_our_own(uri)
        if there.viewer.reply_disabled:
            raise NotAllowed(
                Said("The author of this thread lets nobody of ours answer."), fallback=address_of(uri)
            )
        return _place(there.uri, there.cid, there.record)

    def _place_under_our_own(self, uri: str) -> dict[str, Any]:
        """What we have said ourselves a moment ago is on our own server before others see it."""
        which = {"repo": did_of(uri), "collection": POST, "rkey": uri.rpartition("/")[2]}
        mine = did_of(uri) == self._me
        there = self._server.find("com.atproto.repo.getRecord", _Plain, which, ABSENT) if mine else None
        if there is None:
            raise Gone(Said("What was to be answered is not there any more, or its author has blocked us."))
        return _place(there.uri, there.cid, there.value)

    def _quoted(self, text: str) -> dict[str, str] | None:
        """The post of Bluesky whose address stands in the text, as people expect to see it shown."""
        if not (shown := shown_post(text)):
            return None
        did = self._did(shown[0])
        found = self._posts(f"at://{did}/{POST}/{shown[1]}") if did else []
        return {"uri": found[0].uri, "cid": found[0].cid} if found else None

    def _posts(self, *uris: str) -> list[PostView]:
        return self._server.get("app.bsky.feed.getPosts", Posts, {"uris": list(uris)}).posts

    def _did(self, name: str) -> str:
        """Whose name it is; empty when it is nobody's."""
        if DID.fullmatch(name):
            return name
        found = self._server.find("com.atproto.identity.resolveHandle", _Resolved, {"handle": name}, UNKNOWN)
        return found.did if found else ""

    # --- whose, and where ------------------------------------------------------------------------------
    @cached_property
    def _server(self) -> Server:
        return Server(self.wire, self._service, self.grant.secrets)

    @property
    def _service(self) -> str:
        return self.grant.settings["service"]

    @property
    def _named(self) -> str:
        return self.grant.settings["identifier"].strip().removeprefix("@")

    @property
    def _me(self) -> str:
        return str(self.grant.account.get("remote_id", ""))


CONNECTOR = Bluesky


def _data() -> NetworkData:
    return network("bluesky")


# --- what the server answers -----------------------------------------------------------------------------
class _Session(msgspec.Struct):
    did: str
    handle: str
    active: bool = True
    status: str = ""


class _Profile(msgspec.Struct, rename="camel"):
    display_name: str = ""
    followers_count: int | None = None


class _About(msgspec.Struct, rename="camel"):
    blob_upload_limit: int = 0


class _Pair(msgspec.Struct, rename="camel"):
    access_jwt: str
    refresh_jwt: str


class _Resolved(msgspec.Struct):
    did: str


class _Said(msgspec.Struct, rename="camel"):
    text: str = ""
    created_at: str = ""


class _Record(msgspec.Struct):
    uri: str
    value: _Said


class _Plain(msgspec.Struct):
    uri: str
    cid: str
    value: dict[str, Any]


class _Made(msgspec.Struct):
    uri: str


class _Uploaded(msgspec.Struct):
    blob: dict[str, Any]


class _Claims(msgspec.Struct):
    exp: int = 0


def _tokens(pair: _Pair) -> Tokens:
    """The pair, and how long its access token holds by its own words."""
    claims = pair.access_jwt.split(".")[1:2]
    try:
        padded = claims[0] + "=" * (-len(claims[0]) % 4)
        ends = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Claims).exp
    except (IndexError, ValueError, msgspec.MsgspecError):
        ends = 0
    fresh_until_ms = (ends or int(time.time()) + SESSION_SECONDS) * 1000
    return Tokens(
        secrets={"access": pair.access_jwt, "refresh": pair.refresh_jwt}, fresh_until_ms=fresh_until_ms
    )


def _place(uri: str, cid: str, record: dict[str, Any]) -> dict[str, Any]:
    """A reply to this record names it, and the root of the thread in which it stands."""
    above = {"uri": uri, "cid": cid}
    reply = record.get("reply")
    root = reply.get("root") if isinstance(reply, dict) else None
    return {"root": root or above, "parent": above}


def _counts(view: PostView) -> dict[str, int]:
    return {
        "likes": view.like_count, "reposts": view.repost_count, "replies": view.reply_count,
        "quotes": view.quote_count,
    }  # fmt: skip
