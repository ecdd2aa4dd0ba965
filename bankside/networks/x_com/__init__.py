"""X: posts of 280 characters with pictures, and what people answer, in public or in private.

Written from X's own documentation (docs.x.com, read 2026-11-28) and its OpenAPI form 2.159; no call was ever
made to X itself. A post is known by the id of its first version: an edit makes a new one. A private message
is known as `dm:<id>`, an exchange as `with:<account>`. Every call costs money there: none is made to be sure.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import msgspec

from bankside.networks import signatures
from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Answer,
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
    Refused,
    Request,
    Self,
    Uncertain,
)
from bankside.networks.fit import fitted
from bankside.networks.x_com.api import (
    WITH_MESSAGES,
    WITH_POSTS,
    Api,
    Entities,
    Event,
    Events,
    Made,
    MadeEvent,
    Me,
    Posts,
    Removed,
    Tweet,
    moment_of,
    ms_of,
    number,
    trouble,
    understood,
)
from bankside.networks.x_com.hooks import genuine, items_of
from bankside.networks.x_com.listening import Look, Place
from bankside.networks.x_com.said import (
    MESSAGE,
    WITH,
    RawAct,
    RawGone,
    RawMessage,
    RawPost,
    done,
    post_url,
    removed,
    told,
    written,
)
from bankside.networks.x_com.words import CASHTAG, bare, plain, said_in
from bankside.said import Said, joined

FIND_HOURS = 24
FIND_PAGES_MAX = 10
FIND_ITEMS = 100
REFS_PER_CALL = 100
PART_BYTES = 1_000_000
"""Of a picture in one call: a third more as base64, and far below the 5 MB that X takes."""
UPLOAD_SECONDS = 60.0
MESSAGE_CHARACTERS_MAX = 10_000
MESSAGE_MEDIA_MAX = 1
ENTERPRISE = "enterprise"
MESSAGES = "https://x.com/messages"


class X(Connector):
    """One account, which has let the bank's own app in."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        fields = {"user.fields": "id,name,subscription_type,username"}
        answer = self._api.get("/2/users/me", Me, fields)
        if answer.data is None:
            raise trouble(answer.errors)
        me = answer.data
        paid = me.subscription_type not in ("", "None")
        return Self(
            remote_id=me.id, handle=f"@{me.username}", name=me.name or me.username,
            url=f"https://x.com/{me.username}", limits={"premium": int(paid)} if me.subscription_type else {},
        )  # fmt: skip

    # --- what comes in ---------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        rule, secrets = _data().signature, self.grant.secrets
        secret = secrets.get("client_secret") or secrets.get("consumer_secret", "")
        if answer := signatures.handshake(rule, request, secret):
            return answer
        genuine(rule, request, secrets)
        return Accepted(items=items_of(request.body, self._me))

    def poll(self, cursor: str, since_ms: int) -> Page:
        return Look(self._api, self._me, self._handle, Place.of(cursor, since_ms)).page()

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "post" in raw:
                post, only = msgspec.convert(raw["post"], RawPost), not self._is_enterprise
                return (written(post, self._me, self._handle, summoned_only=only),)
            if "message" in raw:
                return (told(msgspec.convert(raw["message"], RawMessage), self._me),)
            if "act" in raw:
                return done(msgspec.convert(raw["act"], RawAct), self._me)
            if "gone" in raw:
                return (removed(msgspec.convert(raw["gone"], RawGone), self._me),)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=broken)) from broken
        return ()

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        shown = fitted(_data_for(post), post, self.grant.account)
        return replace(shown, findings=(*shown.findings, *self._of_x(post)))

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        return self._told(post) if _is_private(post) else self._said(post)

    def find(self, key: str, post: Post) -> Receipt | None:
        if post.replaces:
            return self._found_edit(post)
        return self._found_message(post) if _is_private(post) else self._found_post(post)

    def remove(self, remote_id: str) -> None:
        """One version is removed with all others (docs.x.com/x-api/fundamentals/edit-posts)."""
        if remote_id.startswith(MESSAGE):
            raise NotAllowed(
                Said("X removes a private message for ourselves alone: the other side keeps it.")
            )
        answer = self._api.ask("DELETE", f"/2/tweets/{number(remote_id)}", also=(404, 410))
        if answer.status in (404, 410):
            return
        end = understood(answer, Removed)
        if end.data is None and not isinstance(problem := trouble(end.errors), Gone):
            raise problem
        if end.data is not None and not end.data.deleted:
            raise Refused(Said("X did not remove it and does not say why."), fallback=_by_hand(remote_id))

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        wanted = [ref for ref in refs if not ref.startswith(MESSAGE)]
        counted: dict[str, dict[str, int]] = {}
        for start in range(0, len(wanted), REFS_PER_CALL):
            found = self._api.posts(map(number, wanted[start : start + REFS_PER_CALL]), versions=True)
            counted |= _counts({p.id: p for p in (*found.includes.tweets, *found.data)}, found.data)
        return tuple(Measured(remote_id=ref, counts=counted[ref]) for ref in wanted if ref in counted)

    # --- one post --------------------------------------------------------------------------------------
    def _said(self, post: Post) -> Receipt:
        wanted: dict[str, Any] = {"text": post.text} if post.text else {}
        if post.in_reply_to:
            wanted["reply"] = {"in_reply_to_tweet_id": number(post.in_reply_to)}
        if post.replaces:
            there, _ = self._api.post(post.replaces)
            wanted["edit_options"] = {"previous_post_id": there.newest}
        if post.media:
            wanted["media"] = {"media_ids": self._uploaded(post.media, "tweet_image")}
        try:
            answer = self._api.ask("POST", "/2/tweets", json=wanted)
        except NotAllowed as refusal:
            raise NotAllowed(refusal.reason, fallback=_by_hand(post.in_reply_to or post.replaces)) from None
        made = understood(answer, Made)
        if made.data is None:
            raise trouble(made.errors)
        # An edit makes a new number; the post stays known by its first one.
        return self._receipt(post.replaces or made.data.id, made.data.id)

    def _told(self, post: Post) -> Receipt:
        wanted: dict[str, Any] = {"text": post.text} if post.text else {}
        if post.media:
            ids = self._uploaded(post.media, "dm_image")
            wanted["attachments"] = [{"media_id": id} for id in ids]
        path = f"/2/dm_conversations/with/{_receiver(post)}/messages"
        try:
            made = understood(self._api.ask("POST", path, json=wanted), MadeEvent)
        except NotAllowed as refusal:
            raise NotAllowed(refusal.reason, fallback=MESSAGES) from None
        if made.data is None:
            raise trouble(made.errors)
        return Receipt(remote_id=MESSAGE + made.data.dm_event_id, url=MESSAGES)

    def _uploaded(self, media: tuple[Media, ...], category: str) -> list[str]:
        """The pictures at X. Nothing is said yet: a lost answer leaves a file that nobody sees."""
        try:
            return [self._upload(file, category) for file in media]
        except Uncertain as doubt:
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            ) from doubt

    def _upload(self, file: Media, category: str) -> str:
        about = {"media_category": category, "media_type": file.mime, "total_bytes": len(file.data)}
        begun = understood(self._api.ask("POST", "/2/media/upload/initialize", json=about), Made)
        if begun.data is None:
            raise trouble(begun.errors)
        path = f"/2/media/upload/{number(begun.data.id)}"
        for index, start in enumerate(range(0, len(file.data), PART_BYTES)):
            part = base64.b64encode(file.data[start : start + PART_BYTES]).decode()
            self._api.ask(
                "POST", f"{path}/append", json={"media": part, "segment_index": index},
                deadline_seconds=UPLOAD_SECONDS,
            )  # fmt: skip
        ended = understood(self._api.ask("POST", f"{path}/finalize"), Made)
        if ended.data is None:
            raise trouble(ended.errors)
        if file.alt:
            described = {"id": begun.data.id, "metadata": {"alt_text": {"text": file.alt}}}
            self._api.ask("POST", "/2/media/metadata", json=described)
        return begun.data.id

    def _of_x(self, post: Post) -> Iterator[str]:
        """What X has against it beside its length: rules of the plan, and of what may be changed."""
        if not _is_private(post) and not self._is_enterprise and len(set(CASHTAG.findall(post.text))) > 1:
            yield Said("X takes one cashtag in a post, such as $HNL, and not more.")
        if post.replaces and _is_private(post):
            yield Said("X lets nobody change a private message.")
        elif post.replaces and (self.grant.account.get("limits") or {}).get("premium") == 0:
            yield Said("X lets only accounts with a Premium subscription change a post.")

    # --- looking for what may have been said -------------------------------------------------------------
    def _found_post(self, post: Post) -> Receipt | None:
        """Among our own posts of the last day: the same words, under the same post, with as many pictures."""
        wanted = bare(post.text)
        for there in self._own_posts():
            same = there.other("replied_to") == post.in_reply_to and bare(said_in(there)) == wanted
            if same and len(there.attachments.media_keys) == len(post.media):
                return self._receipt(there.root, there.id, ms_of(there.created_at))
        return None

    def _own_posts(self) -> Iterator[Tweet]:
        since = moment_of(int(time.time() * 1000) - FIND_HOURS * 3_600_000)
        params: dict[str, Any] = {
            "max_results": FIND_ITEMS, "exclude": "retweets", "start_time": since, **WITH_POSTS
        }  # fmt: skip
        for _ in range(FIND_PAGES_MAX):
            found = self._api.get(f"/2/users/{number(self._me)}/tweets", Posts, params)
            yield from found.data
            if not found.meta.next_token:
                return
            params["pagination_token"] = found.meta.next_token
        raise Later(60, Said("There are more posts of the last day than can be looked through."))

    def _found_edit(self, post: Post) -> Receipt | None:
        there, beside = self._api.post(post.replaces, versions=True)
        newest = next((v for v in beside.tweets if v.id == there.newest), there)
        if newest.id == there.root or bare(said_in(newest)) != bare(post.text):
            return None
        return self._receipt(post.replaces, newest.id, ms_of(newest.created_at))

    def _found_message(self, post: Post) -> Receipt | None:
        earliest = int(time.time() * 1000) - FIND_HOURS * 3_600_000
        path = f"/2/dm_conversations/with/{_receiver(post)}/dm_events"
        found = self._api.get(path, Events, {"max_results": FIND_ITEMS, **WITH_MESSAGES})
        for event in found.data:
            if event.sender_id == self._me and ms_of(event.created_at) >= earliest and _same(event, post):
                at = ms_of(event.created_at)
                return Receipt(remote_id=MESSAGE + event.id, url=MESSAGES, published_ms=at)
        return None

    # --- whose -----------------------------------------------------------------------------------------
    @cached_property
    def _api(self) -> Api:
        return Api(self.wire, self.grant.secrets.get("access", ""))

    @property
    def _me(self) -> str:
        return str(self.grant.account.get("remote_id", ""))

    @property
    def _handle(self) -> str:
        return str(self.grant.account.get("handle", "")).removeprefix("@").lower()

    @property
    def _is_enterprise(self) -> bool:
        return self.grant.settings.get("plan") == ENTERPRISE

    def _receipt(self, root: str, id: str, at_ms: int = 0) -> Receipt:
        return Receipt(remote_id=root, url=post_url(f"@{self._handle}", id), published_ms=at_ms)


CONNECTOR = X


def _data() -> NetworkData:
    return network("x_com")


def _data_for(post: Post) -> NetworkData:
    """The rules of a post, or of a private message: longer, and with one picture (developer.x.com, API v1.1;
    that both hold for v2 is unverified)."""
    data = _data()
    if not _is_private(post):
        return data
    text = msgspec.structs.replace(data.text, limit=MESSAGE_CHARACTERS_MAX, rule="none", url_length=0)
    media = tuple(msgspec.structs.replace(rule, count_max=MESSAGE_MEDIA_MAX) for rule in data.media)
    return msgspec.structs.replace(data, text=text, media=media)


def _is_private(post: Post) -> bool:
    return post.private or post.in_reply_to.startswith((WITH, MESSAGE))


def _receiver(post: Post) -> str:
    """The account that gets a private message. Raises Refused for more than one, and for an unknown one."""
    if len(post.to) > 1:
        raise Refused(Said("A private message on X goes to one account."))
    if post.to:
        return number(post.to[0])
    known = next((t for t in (post.in_reply_to, post.thread) if t.startswith(WITH)), "")
    return number(known.removeprefix(WITH))


def _same(event: Event, post: Post) -> bool:
    """Whether a message is this one; X adds the address of a picture to its words."""
    words = bare(plain(event.text, Entities(urls=event.urls)))
    return words == bare(post.text) and len(event.attachments.media_keys) == len(post.media)


def _counts(versions: dict[str, Tweet], posts: list[Tweet]) -> dict[str, dict[str, int]]:
    """Of each post, all its versions together: X counts each by itself (docs.x.com/x-api/fundamentals/
    edit-posts, read 2026-11-28)."""
    found: dict[str, dict[str, int]] = {}
    for post in posts:
        all_of_it = [
            versions[id].public_metrics for id in {post.id, *post.edit_history_tweet_ids} if id in versions
        ]
        counts = {
            "likes": sum(m.like_count for m in all_of_it), "reposts": sum(m.retweet_count for m in all_of_it),
            "replies": sum(m.reply_count for m in all_of_it), "quotes": sum(m.quote_count for m in all_of_it),
            "views": sum(m.impression_count for m in all_of_it),
        }  # fmt: skip
        found |= {post.root: counts, post.id: counts}
    return found


def _by_hand(remote_id: str) -> str:
    """Where a person does it by hand; empty when it is about nothing that is there."""
    return post_url("", remote_id) if remote_id else ""
