"""The practice network: a simulator with scripted customers and every failure on demand.

Nothing leaves the machine. All state is one JSON file in the folder of the channel's settings, changed
under a file lock and replaced in one step, so that web, worker and tests may use it at the same time.
The connector below speaks for the bank; `PracticeServer` is the network's other side, for the demo, for
training and for tests.
"""

from __future__ import annotations

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
    Measured,
    NotAllowed,
    Page,
    Post,
    Preview,
    Receipt,
    Refused,
    Request,
    Self,
)
from bankside.networks.fit import fitted
from bankside.networks.practice import public
from bankside.networks.practice.customers import start
from bankside.networks.practice.failures import KINDS, lose_the_answer
from bankside.networks.practice.items import READABLE, Raw, activity, garbage, hooked, page_behind
from bankside.networks.practice.server import Posted, PracticeServer
from bankside.networks.practice.state import (
    ACTS,
    HOME,
    Image,
    Person,
    State,
    Thing,
    change,
    is_own_post,
    renumber,
)
from bankside.networks.public import PublicPosts, Window
from bankside.said import Said, joined

__all__ = ["CONNECTOR", "KINDS", "Posted", "Practice", "PracticeServer"]

PENDING_SECONDS = 2
LATE_SECONDS = 2
DAY_MINUTES, VIEWS_A_MINUTE, VIEWS_OF_AN_ACT = 1440, 3, 25


# --- the connector: the bank's side ------------------------------------------------------------------
class Practice(Connector):
    """Speaks for the bank. Settings: folder, handle, customers, lookup, failures; secret: hook_secret."""

    def can(self, operation: str) -> bool:
        if operation == "find":
            return self.grant.settings.get("lookup", "yes") != "no"
        if operation == "verify":
            return bool(self.grant.secrets.get("hook_secret"))
        return super().can(operation)

    def whoami(self) -> Self:
        with self._server.open("whoami") as state:
            self._start(state)
        handle = self._server.handle
        return Self(
            remote_id=f"bank:{handle}",
            handle=f"@{handle}",
            name="Hanul Bank",
            url=f"{HOME}/{handle}",
            limits={"limit": _data().text.limit},
        )

    def verify(self, request: Request) -> Accepted | Answer:
        rule, secret = _data().signature, self.grant.secrets.get("hook_secret", "")
        if secret and (answer := signatures.handshake(rule, request, secret)):
            return answer
        signatures.check(rule, request, secret)
        return Accepted(items=hooked(request.body))

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        if raw.get("kind") not in READABLE:
            return ()
        try:
            return (activity(msgspec.convert(raw, Raw)),)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=str(broken))) from broken

    def poll(self, cursor: str, since_ms: int) -> Page:
        with self._server.open("poll") as state:
            self._start(state)
            if state.failing == "garbage":
                return Page(items=(garbage(state),), cursor=cursor or "0", more=False)
            return page_behind(state, cursor, since_ms, overlap_ms=_data().poll.overlap_seconds * 1000)

    def preview(self, post: Post) -> Preview:
        return fitted(_data(), post, self.grant.account)

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        with self._server.open("send") as state:
            if self.can("find") and (known := state.by_key(key)):
                return _receipt(state, known)
            self._start(state)
            return _send(state, post, key, self._server.handle)

    def settle(self, handle: str) -> Receipt:
        with self._server.open("settle") as state:
            thing = state.things.get(handle)
            if thing is None:
                raise Gone(Said("The practice network knows no such post."))
            return _receipt(state, thing)

    def find(self, key: str, post: Post) -> Receipt | None:
        if not self.can("find"):
            raise self._not_offered("find")
        with self._server.open("find") as state:
            thing = state.by_key(key)
            return _receipt(state, thing) if thing and thing.n else None

    def remove(self, remote_id: str) -> None:
        with self._server.open("remove") as state:
            thing = state.things.get(remote_id)
            if thing and not thing.own:
                raise NotAllowed(
                    Said("Only what the bank said can be removed."), fallback=f"{HOME}/{remote_id}"
                )
            if thing and not thing.deleted and state.failing != "uncertain-before":
                change(state, thing, text="", deleted=True)
            lose_the_answer(state)

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        with self._server.open("measure") as state:
            there = [state.things[r] for r in refs if r in state.things and not state.things[r].deleted]
            counted = tuple(_measured(state, thing) for thing in there)
            me = f"bank:{self._server.handle}"
            return (*counted, _followed(state, me)) if me in refs else counted

    def public_posts(self, account: str, window: Window) -> PublicPosts:
        with self._server.open("public_posts") as state:
            return public.public_posts(state, account, window)

    def picture(self, url: str, bytes_max: int) -> bytes:
        content = self._server.picture(url)
        if len(content) > bytes_max:
            raise Refused(Said("The picture is larger than %(number)s bytes.", number=bytes_max))
        return content

    @property
    def _server(self) -> PracticeServer:
        settings = self.grant.settings
        return PracticeServer(
            settings["folder"],
            handle=settings.get("handle", "") or "hanulbank",
            failures=settings.get("failures", ""),
        )

    def _start(self, state: State) -> None:
        scripted = self.grant.settings.get("customers", "yes") == "yes"
        start(state, handle=self._server.handle, scripted=scripted)


CONNECTOR = Practice


def _data() -> NetworkData:
    return network("practice")


# --- what goes out -----------------------------------------------------------------------------------
def _send(state: State, post: Post, key: str, handle: str) -> Receipt:
    if state.failing == "uncertain-before":
        lose_the_answer(state)
    thing = _edit(state, post, key) if post.replaces else _accept(state, post, key, handle)
    lose_the_answer(state)
    return _receipt(state, thing)


def _edit(state: State, post: Post, key: str) -> Thing:
    thing = state.things.get(post.replaces)
    if thing is None or thing.deleted:
        raise Gone(Said("What was to be changed is not there any more."))
    if not thing.own:
        raise NotAllowed(Said("Only what the bank said can be changed."), fallback=f"{HOME}/{thing.id}")
    thing.edit_keys.append(key)
    change(state, thing, text=post.text)
    return thing


def _accept(state: State, post: Post, key: str, handle: str) -> Thing:
    parent = state.things.get(post.in_reply_to) if post.in_reply_to else None
    if post.in_reply_to and (parent is None or parent.deleted):
        raise Gone(Said("What was to be answered is not there any more."))
    delay = {"late-acceptance": LATE_SECONDS, "pending": PENDING_SECONDS}.get(state.failing, 0)
    private = post.private or bool(parent and parent.private)
    kind = "message" if private else "reply" if parent else "post"
    id, now = state.new_id(kind[0]), state.now_ms
    to = list(post.to) or ([parent.author.id] if private and parent else [])
    bank = Person(f"bank:{handle}", f"@{handle}", "Hanul Bank")
    thing = Thing(
        id, kind, bank, post.text, post.lang, _thread(parent, private, to, id), now, now + delay * 1000,
        in_reply_to=post.in_reply_to, to=to, private=private, own=True, key=key,
        images=[Image(f"{HOME}/{id}/{m.name}", m.alt, m.mime) for m in post.media],
    )  # fmt: skip
    state.things[id] = thing
    if not delay:
        renumber(state, thing)
    return thing


def _thread(parent: Thing | None, private: bool, to: list[str], id: str) -> str:
    """A private exchange is named for the other party; everything else for its root."""
    if parent and not is_own_post(parent):
        return parent.thread
    return f"exchange:{to[0]}" if private else id


def _receipt(state: State, thing: Thing) -> Receipt:
    url = "" if thing.private else f"{HOME}/{thing.id}"
    if not thing.n:
        return Receipt(remote_id=thing.id, pending=True, handle=thing.id)
    return Receipt(remote_id=thing.id, url=url, published_ms=thing.visible_ms)


def _measured(state: State, thing: Thing) -> Measured:
    there = [t for t in state.things.values() if t.n and not t.deleted and t.kind not in ACTS]
    own_thread = {thing.id} | {t.id for t in there if t.in_reply_to == thing.id}
    comments = sum(
        1 for t in there if t.id != thing.id and (t.thread in own_thread or t.in_reply_to == thing.id)
    )
    likes = sum(1 for t in state.things.values() if t.kind == "like" and t.in_reply_to == thing.id)
    views = _views(state, thing, likes + comments)
    return Measured(remote_id=thing.id, counts={"views": views, "likes": likes, "comments": comments})


def _views(state: State, thing: Thing, acts: int) -> int:
    """Made up, and the same for everybody who asks: so many a minute for a day, and more for each act."""
    minutes = max(state.now_ms - thing.visible_ms, 0) // 60_000
    return int(min(minutes, DAY_MINUTES) * VIEWS_A_MINUTE + acts * VIEWS_OF_AN_ACT)


def _followed(state: State, me: str) -> Measured:
    followers = sum(1 for t in state.things.values() if t.kind == "follow")
    return Measured(remote_id=me, counts={"followers": followers})
