"""Comments, posts and hooks as items, and where reading stands."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import msgspec

from bankside.networks.contract import Activity, Actor, Item, Refused
from bankside.networks.ghost_org.server import Comment, Hook, Member, Thing
from bankside.networks.ghost_org.words import ms_of, of_comment, stamp_of
from bankside.networks.markup import text_of, web_address
from bankside.said import Said

PAGE_COMMENTS = 100
HEARD = frozenset({"published", "published.edited"})
ENDED = frozenset({"unpublished", "deleted"})


def answers(me: str) -> bool:
    """Only a member can answer: whether the channel speaks as one."""
    return me.startswith("member:")


def said(comment: RawComment, me: str) -> Activity:
    # A member who left has no account any more: what she said is then nobody else's.
    account = f"member:{comment.member or 'former-' + comment.id}"
    above = comment.reply_to or comment.parent
    return Activity(
        remote_id=f"comment:{comment.id}",
        version=comment.version,
        actor=Actor(remote_id=account, name=comment.name, avatar_url=web_address(comment.avatar)),
        text=text_of(comment.html),
        thread=f"comment:{comment.parent or comment.id}",
        in_reply_to=f"comment:{above}" if above else f"post:{comment.post}",
        url=of_comment(comment.url, comment.id),
        own=account == me,
        held=comment.status == "hidden",
        reply_allowed=answers(me),
        published_ms=ms_of(comment.created_at),
    )


def published(post: RawPost, me: str) -> Activity:
    """A post is the bank's own, whoever of its people wrote it."""
    return Activity(
        remote_id=f"{post.kind}:{post.id}",
        version=post.version,
        kind="Article",
        actor=Actor(remote_id=me),
        text=text_of(post.html),
        title=post.title,
        thread=f"{post.kind}:{post.id}",
        url=web_address(post.url),
        own=True,
        reply_allowed=answers(me),
        published_ms=ms_of(post.published_at),
    )


def removed(gone: RawGone, me: str) -> Activity:
    of_post = not gone.remote_id.startswith("comment:")
    return Activity(
        remote_id=gone.remote_id,
        version="gone",
        verb="Delete",
        actor=Actor(remote_id=me if of_post else ""),
        thread=gone.thread,
        own=of_post,
        published_ms=0,
    )


# --- items -------------------------------------------------------------------------------------------
class RawComment(msgspec.Struct, kw_only=True):
    """What is kept of a comment: not the e-mail address of its author."""

    id: str
    post: str
    url: str
    parent: str
    reply_to: str
    member: str
    name: str
    avatar: str
    created_at: str
    status: str
    html: str

    @property
    def version(self) -> str:
        """Ghost dates edits and not changes of status: a digest of what can change."""
        return _digest(self.status, self.name, self.html)


class RawPost(msgspec.Struct, kw_only=True):
    kind: str
    id: str
    title: str
    html: str
    url: str
    updated_at: str
    published_at: str

    @property
    def version(self) -> str:
        return _digest(self.updated_at, self.title, self.html)


class RawGone(msgspec.Struct, kw_only=True):
    remote_id: str
    thread: str


def comment_item(comment: Comment) -> Item:
    member = comment.member or Member(id="")
    kept = RawComment(
        id=comment.id,
        post=comment.post.id,
        url=comment.post.url,
        parent=comment.parent_id or "",
        reply_to=comment.in_reply_to_id or "",
        member=member.id,
        name=member.name or "",
        avatar=member.avatar_image or "",
        created_at=comment.created_at,
        status=comment.status,
        html=comment.html or "",
    )
    raw = {"comment": msgspec.to_builtins(kept)}
    return Item(remote_id=f"comment:{comment.id}", version=kept.version, raw=raw)


def gone_comment(id: str, root: str) -> Item:
    return _gone(f"comment:{id}", f"comment:{root}")


def _gone(remote_id: str, thread: str) -> Item:
    kept = RawGone(remote_id=remote_id, thread=thread)
    return Item(remote_id=remote_id, version="gone", raw={"gone": msgspec.to_builtins(kept)})


def post_item(kind: str, post: Thing) -> Item:
    kept = RawPost(
        kind=kind,
        id=post.id,
        title=post.title,
        html=post.html or "",
        url=post.url,
        updated_at=post.updated_at,
        published_at=post.published_at or "",
    )
    return Item(remote_id=f"{kind}:{post.id}", version=kept.version, raw={"post": msgspec.to_builtins(kept)})


def hooked(told: Hook) -> Item | None:
    """The item in a hook; None for an event that says nothing to us. Raises Refused for a broken one."""
    kind, _, what = told.event.partition(".")
    if kind not in {"post", "page"}:
        return None
    changed = told.page if kind == "page" else told.post
    try:
        if what in HEARD:
            return post_item(kind, msgspec.convert(changed.current, Thing))
        if what in ENDED:
            thing = msgspec.convert(changed.previous | changed.current, Thing)
            return _gone(f"{kind}:{thing.id}", f"{kind}:{thing.id}")
    except msgspec.ValidationError as broken:
        raise Refused(Said("The hook cannot be read: %(broken)s.", broken=str(broken))) from None
    return None


def _digest(*parts: str) -> str:
    """Its letter says that it is no number."""
    return "h" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stands: all up to `done` is read, nothing up to `floor` concerns us (UTC ms).

    In the middle of a long answer, `top` is what will be done when it is read, and `before` where to go on.
    `seen`: comments of the last first page, with their roots and times. One that is not listed any more was
    taken away.
    """

    floor: int = 0
    done: int = 0
    top: int = 0
    before: str = ""
    seen: dict[str, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: str) -> Place:
        return msgspec.json.decode(cursor, type=cls)

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    def lost(self, listed: list[Comment]) -> list[str]:
        """What was seen and should be among these, the newest comments that there are."""
        oldest = ms_of(listed[-1].created_at) if len(listed) == PAGE_COMMENTS else -1
        there = {c.id for c in listed}
        return [id for id, (_, at) in self.seen.items() if id not in there and at > oldest]

    def after(self, listed: list[Comment], kept: dict[str, tuple[str, int]]) -> Place:
        """The next place, when one page held these comments; `kept` are still to be looked after."""
        seen = self.seen if self.before else {**_remembered(listed, self.floor), **kept}
        top = max([self.top, self.done, *(ms_of(c.created_at) for c in listed)])
        oldest = ms_of(listed[-1].created_at) if listed else 0
        if len(listed) < PAGE_COMMENTS or oldest <= max(self.done, self.floor):
            return Place(self.floor, done=top, seen=seen)
        # A page of one single second would be asked for again and again.
        step = 1000 if stamp_of(oldest) == self.before else 0
        return Place(self.floor, self.done, top, stamp_of(oldest - step), seen)


def _remembered(listed: list[Comment], floor: int) -> dict[str, tuple[str, int]]:
    times = {c.id: ms_of(c.created_at) for c in listed}
    return {c.id: (c.parent_id or c.id, times[c.id]) for c in listed if times[c.id] > floor}
