"""Matrix: private conversations over an open protocol, through one account on any server.

Remote ids are `<room>/<event>`, both as the server names them; people are `@name:server`, and a thread is a
room. The desk joins the direct conversations to which the account is invited, as a part of reading: joining
twice is joining once, and without it nobody would be heard. It joins nothing else. It holds no keys: what is
encrypted is shown as such and never answered, for an answer in the clear would break what was promised.

Every message is sent under a transaction id that is made from the delivery key, and carries it too. Written
from the specification (spec.matrix.org, v1.15, read 2026-11-28); tried against Synapse 1.163.2.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import msgspec

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Activity,
    Connector,
    Gone,
    Item,
    Later,
    Media,
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
from bankside.networks.matrix_org.conversations import Conversations
from bankside.networks.matrix_org.listening import (
    MESSAGE,
    NEWS,
    PAGE_EVENTS,
    PAST,
    Place,
    RawGone,
    RawMessage,
    RawSealed,
    edited,
    items_of,
    link_of,
    removed,
    said,
    unread,
)
from bankside.networks.matrix_org.server import (
    CLIENT,
    Event,
    Invited,
    LoggedIn,
    Messages,
    Profile,
    Sent,
    Server,
    Synced,
    Uploaded,
    Whose,
    of_room,
    part,
    parts_of,
    remote_id_of,
    understood,
)
from bankside.said import Said, joined

DEVICE = "BANKSIDE"
TOKEN_DAYS = 365
"""A token without an end is renewed after so long, where the desk has a password for it."""
SYNC_SECONDS = 60.0
SYNC_BYTES_MAX = 40_000_000
UPLOAD_SECONDS = 60.0
FIND_HOURS = 24
FIND_PAGES_MAX = 5
MARK = "bankside.delivery"
"""A field of a message of ours: other clients leave alone what they do not know (v1.15, events)."""
PERSON = re.compile(r"@[^:\s]{1,200}:[\w.:\[\]-]{1,230}")
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


class Matrix(Connector):
    """One account, through its own server."""

    # --- who we are ----------------------------------------------------------------------------------
    def whoami(self) -> Self:
        try:
            me = self._server.get("/account/whoami", Whose).user_id
        except Gone:
            raise Refused(
                Said("Nothing at %(address)s speaks Matrix.", address=self._server.address)
            ) from None
        profile = self._server.there(f"/profile/{part(me)}", Profile) or Profile()
        return Self(
            remote_id=me, handle=me, name=profile.displayname or me, url=f"https://matrix.to/#/{part(me)}",
            limits={},
        )  # fmt: skip

    def renew(self) -> Tokens:
        """A sign-in by password, always as the same device; or the token that was pasted."""
        until = int((time.time() + TOKEN_DAYS * 86_400) * 1000)
        if pasted := self.grant.secrets.get("access_token", ""):
            return Tokens(secrets={"access": pasted}, fresh_until_ms=until)
        user, password = self.grant.settings.get("user", ""), self.grant.secrets.get("password", "")
        if not user or not password:
            raise Reconnect(Said("Give the account's name and password, or an access token."))
        wanted = {
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": user},
            "password": password, "device_id": DEVICE, "initial_device_display_name": "Bankside",
        }  # fmt: skip
        try:
            place = f"{self._server.address}{CLIENT}/login"
            answer = self.wire.post(place, json=wanted, also=(401, 403))
            given = understood(answer, LoggedIn) if answer.status == 200 else None
        except Uncertain as doubt:
            raise Later(10, doubt.reason) from doubt
        if given is None:
            raise Reconnect(Said("The Matrix server does not accept the account or the password."))
        if given.expires_in_ms:
            until = int(time.time() * 1000) + given.expires_in_ms
        return Tokens(secrets={"access": given.access_token}, fresh_until_ms=until)

    # --- what comes in -------------------------------------------------------------------------------
    def poll(self, cursor: str, since_ms: int) -> Page:
        """What happened in our rooms. Direct conversations to which we are invited are joined on the way."""
        place = Place.of(cursor, since_ms)
        if place.gaps:
            return self._filled(place)
        asked: dict[str, str | int] = {"timeout": 0, "filter": NEWS}
        asked |= {"since": place.since} if place.since else {}
        news = self._server.get(
            "/sync", Synced, params=asked, deadline_seconds=SYNC_SECONDS, bytes_max=SYNC_BYTES_MAX
        )
        joined = tuple(room for room, invited in news.rooms.invite.items() if self._joined(room, invited))
        items: list[Item] = []
        for room, there in news.rooms.join.items():
            said_there = self._genuine(room, there.timeline.events)
            items += items_of(room, said_there, there.state.events, place.floor)
        timelines = {room: there.timeline for room, there in news.rooms.join.items()}
        after = place.after(news.next_batch, timelines, joined)
        return Page(items=tuple(items), cursor=str(after), more=bool(after.gaps or joined))

    def _filled(self, place: Place) -> Page:
        """One page of what one call could not carry."""
        gap = place.gaps[0]
        asked: dict[str, str | int] = {"dir": "b", "from": gap.start, "limit": PAGE_EVENTS, "filter": PAST}
        asked |= {"to": gap.end} if gap.end else {}
        page = self._server.there(f"{of_room(gap.room)}/messages", Messages, params=asked) or Messages()
        oldest = page.chunk[-1].origin_server_ts if page.chunk else 0
        events = self._genuine(gap.room, reversed(page.chunk))
        after = place.filled(page.end or "" if page.chunk else "", oldest)
        items = items_of(gap.room, events, page.state, place.floor)
        return Page(items=items, cursor=str(after), more=bool(after.gaps))

    def _genuine(self, room: str, events: Iterator[Event] | list[Event]) -> Iterator[Event]:
        """Without changes of other people's words: servers pass them on, and clients are to ignore them."""
        senders: dict[str, str] = {}
        for event in events:
            senders[event.event_id] = event.sender
            target = edited(event)
            if target and target not in senders:
                there = self._server.event(room, target)
                senders[target] = there.sender if there else ""
            if not target or senders[target] == event.sender:
                yield event

    def _joined(self, room: str, invited: Invited) -> bool:
        """True when a conversation was joined. One that cannot be joined any more is left alone."""
        direct = [e for e in invited.invite_state.events if e.content.get("is_direct") is True]
        if not direct:
            return False
        try:
            self._server.ask("POST", f"/join/{part(room)}", json={})
            self._rooms.remember(direct[0].sender, room)
        except Uncertain as doubt:  # joined twice is joined once
            raise Later(5, doubt.reason) from doubt
        except Refused:
            return False
        return True

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "message" in raw:
                return (said(msgspec.convert(raw["message"], RawMessage), self._me, self._server_address),)
            if "sealed" in raw:
                return (unread(msgspec.convert(raw["sealed"], RawSealed), self._me),)
            if "gone" in raw:
                return (removed(msgspec.convert(raw["gone"], RawGone), self._me),)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=str(broken))) from broken
        return ()

    # --- what goes out -------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        shown = fitted(_data(), post, self.grant.account)
        return replace(shown, findings=(*shown.findings, *_found(post)))

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        room = self._room(post)
        self._refuse_sealed(room)
        if post.replaces:
            self._refuse_gone(post.replaces, Said("What was to be changed is not there any more."))
        content = self._content(post, key)
        place = f"{of_room(room)}/send/{MESSAGE}/{mark_of(key)}"
        made = understood(self._server.ask("PUT", place, json=content), Sent)
        return _receipt(room, post, made.event_id)

    def find(self, key: str, post: Post) -> Receipt | None:
        """Among our own newest messages in that conversation, by the id that each of them carries."""
        room = self._room_there(post)
        earliest, start = int(time.time() * 1000) - FIND_HOURS * 3_600_000, ""
        only = json.dumps({"types": [MESSAGE], "senders": [self._me]})
        for _ in range(FIND_PAGES_MAX if room else 0):
            asked: dict[str, str | int] = {"dir": "b", "limit": PAGE_EVENTS, "filter": only}
            asked |= {"from": start} if start else {}
            page = self._server.there(f"{of_room(room)}/messages", Messages, params=asked) or Messages()
            for event in page.chunk:
                if event.content.get(MARK) == mark_of(key):
                    return _receipt(room, post, event.event_id, event.origin_server_ts)
            start = page.end or ""
            if not start or not page.chunk or page.chunk[-1].origin_server_ts < earliest:
                break
        return None

    def remove(self, remote_id: str) -> None:
        room, event = parts_of(remote_id)
        there = self._server.event(room, event)
        if there is None or not there.content:
            return
        if there.sender != self._me:
            raise NotAllowed(
                Said("Somebody else wrote this; only our own can be removed."), fallback=link_of(room, event)
            )
        place = f"{of_room(room)}/redact/{part(event)}/{mark_of(remote_id)}"
        self._server.ask("PUT", place, json={}, also=(404,))

    # --- one message ---------------------------------------------------------------------------------
    def _content(self, post: Post, key: str) -> dict[str, Any]:
        words = self._words(post)
        if post.replaces:
            relation = {"rel_type": "m.replace", "event_id": parts_of(post.replaces)[1]}
            changed = {**words, "body": f"* {words['body']}", "m.new_content": words}
            return {**changed, "m.relates_to": relation, MARK: mark_of(key)}
        above = {"m.in_reply_to": {"event_id": parts_of(post.in_reply_to)[1]}} if post.in_reply_to else {}
        return {**words, **({"m.relates_to": above} if above else {}), MARK: mark_of(key)}

    def _words(self, post: Post) -> dict[str, Any]:
        """A text, or a picture with the text under it (v1.15, media captions)."""
        if not post.media:
            return {"msgtype": "m.text", "body": post.text}
        media = post.media[0]
        name = f"picture.{ENDINGS[media.mime]}"
        file = {"url": self._uploaded(media, name), "filename": name}
        info = {"mimetype": media.mime, "size": len(media.data)}
        return {"msgtype": "m.image", "body": post.text or media.alt or name, "info": info, **file}

    def _uploaded(self, media: Media, name: str) -> str:
        """Where the picture lies. Nothing is said yet: a lost answer leaves a file that nobody sees."""
        try:
            answer = self._server.ask(
                "POST", f"/_matrix/media/v3/upload?filename={name}", content=media.data,
                headers={"content-type": media.mime}, deadline_seconds=UPLOAD_SECONDS,
            )  # fmt: skip
            return understood(answer, Uploaded).content_uri
        except Uncertain as doubt:
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            ) from doubt

    def _refuse_sealed(self, room: str) -> None:
        """Words in the clear do not belong into an encrypted conversation."""
        if self._server.there(f"{of_room(room)}/state/m.room.encryption/", dict[str, Any]) is not None:
            raise NotAllowed(
                Said("This conversation is encrypted. The desk cannot write there; use the account's app."),
                fallback=f"https://matrix.to/#/{part(room)}",
            )  # fmt: skip

    def _refuse_gone(self, remote_id: str, reason: Said) -> None:
        there = self._server.event(*parts_of(remote_id))
        if there is None or not there.content:
            raise Gone(reason)

    # --- where it is said ----------------------------------------------------------------------------
    def _room(self, post: Post) -> str:
        """The conversation; one is opened with somebody with whom there is none."""
        if post.replaces or post.in_reply_to:
            return parts_of(post.replaces or post.in_reply_to)[0]
        person = post.to[0]
        try:
            return self._rooms.direct(person) or self._rooms.opened(person)
        except Uncertain as doubt:  # nothing is said yet, and its alias stands for one conversation alone
            raise Later(5, doubt.reason) from doubt

    def _room_there(self, post: Post) -> str:
        """The same, reading only; empty where there is none yet."""
        if post.replaces or post.in_reply_to:
            return parts_of(post.replaces or post.in_reply_to)[0]
        return (self._rooms.direct(post.to[0]) or self._rooms.by_alias(post.to[0])) if post.to else ""

    # --- calls ---------------------------------------------------------------------------------------
    @cached_property
    def _server(self) -> Server:
        secrets = self.grant.secrets
        token = secrets.get("access") or secrets.get("access_token", "")
        renewable = bool(secrets.get("password")) and not secrets.get("access_token")
        return Server(self.wire, self._server_address, token, renewable=renewable)

    @cached_property
    def _rooms(self) -> Conversations:
        return Conversations(self._server, self._me)

    @property
    def _server_address(self) -> str:
        return self.grant.settings.get("server", "").rstrip("/")

    @property
    def _me(self) -> str:
        return str(self.grant.account.get("remote_id", ""))


CONNECTOR = Matrix


def _data() -> NetworkData:
    return network("matrix_org")


def mark_of(key: str) -> str:
    """The transaction id that only this key makes."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _found(post: Post) -> Iterator[str]:
    if post.replaces or post.in_reply_to:
        return
    if not post.private:
        yield Said("Matrix carries private messages alone: name the person who gets it.")
    elif len(post.to) > 1:
        yield Said("A message in Matrix goes to one person at a time.")
    elif post.to and not PERSON.fullmatch(post.to[0]):
        yield Said("'%(person)s' is nobody in Matrix: names look like @name:server.", person=post.to[0])


def _receipt(room: str, post: Post, event: str, at: int = 0) -> Receipt:
    """Of a change, the message that it changed."""
    remote_id = post.replaces or remote_id_of(room, event)
    return Receipt(remote_id=remote_id, url=link_of(*parts_of(remote_id)), published_ms=at)
