"""What people said and did, as it is kept, and as an activity."""

from __future__ import annotations

import msgspec

from bankside.networks.contract import Activity, Actor, Attachment, Item, MediaKind, Verb
from bankside.networks.markup import web_address
from bankside.networks.mastodon.server import Account, Notification, full_name, ms_of
from bankside.networks.mastodon.words import plain

VERBS: dict[str, Verb] = {"favourite": "Like", "reblog": "Announce", "follow": "Follow"}
KINDS: dict[str, MediaKind] = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}


# --- as it is kept ---------------------------------------------------------------------------------------
class Raw(msgspec.Struct, kw_only=True):
    who: str
    handle: str
    name: str
    profile: str
    avatar: str


class RawMedia(msgspec.Struct, kw_only=True):
    type: str
    url: str
    alt: str


class RawPost(Raw, kw_only=True):
    """A post; `content` is the network's HTML. `parent` is empty when it answers nothing."""

    id: str
    edited: str
    content: str
    warning: str
    lang: str
    thread: str
    parent: str
    url: str
    private: bool
    published_ms: int
    mentions: list[str]
    shown: list[RawMedia]


class RawAct(Raw, kw_only=True):
    """Something without words: `type` as in a notification, `subject` what it was done to."""

    type: str
    subject: str
    published_ms: int


class RawGone(msgspec.Struct, kw_only=True):
    """A post that was there and is not any more."""

    id: str
    thread: str
    who: str


def act_item(told: Notification, home: str) -> Item:
    """Named by who did what to what, so that a like that is taken back and given again is one like."""
    subject = told.status.id if told.status else ""
    kept = RawAct(
        **author(told.account, home), type=told.type, subject=subject, published_ms=ms_of(told.created_at)
    )
    name = ":".join(filter(None, (told.type, kept.who, subject)))
    return Item(remote_id=name, version="", raw={"act": msgspec.to_builtins(kept)})


def gone_item(id: str, thread: str, who: str) -> Item:
    """A post that was reported and is there no more."""
    kept = RawGone(id=id, thread=thread, who=who)
    return Item(remote_id=id, version="gone", raw={"gone": msgspec.to_builtins(kept)})


def author(account: Account, home: str) -> dict[str, str]:
    full = full_name(account.acct, home)
    return {
        "who": full.lower(), "handle": f"@{full}", "name": account.display_name or account.username,
        "profile": account.url, "avatar": account.avatar,
    }  # fmt: skip


# --- as an activity --------------------------------------------------------------------------------------
def said(post: RawPost, me: str) -> Activity:
    text = "\n\n".join(filter(None, (post.warning.strip(), plain(post.content))))
    return Activity(
        remote_id=post.id, version=post.edited, actor=actor(post), text=text, lang=post.lang,
        thread=post.thread, in_reply_to=post.parent, url=web_address(post.url), private=post.private,
        own=post.who == me, published_ms=post.published_ms, mentions=tuple(post.mentions),
        attachments=tuple(
            Attachment(kind=KINDS.get(s.type, "document"), url=s.url, alt=s.alt)
            for s in post.shown
            if web_address(s.url)
        ),
    )  # fmt: skip


def done(act: RawAct, me: str) -> tuple[Activity, ...]:
    verb = VERBS.get(act.type)
    if verb is None:
        return ()
    name = ":".join(filter(None, (act.type, act.who, act.subject)))
    done = Activity(
        remote_id=name, verb=verb, actor=actor(act), thread=act.subject or name, in_reply_to=act.subject,
        own=act.who == me, published_ms=act.published_ms,
    )  # fmt: skip
    return (done,)


def removed(gone: RawGone, me: str) -> Activity:
    return Activity(
        remote_id=gone.id, version="gone", verb="Delete", actor=Actor(remote_id=gone.who), thread=gone.thread,
        own=gone.who == me, published_ms=0,
    )  # fmt: skip


def actor(raw: Raw) -> Actor:
    return Actor(
        remote_id=raw.who, handle=raw.handle, name=raw.name, url=web_address(raw.profile),
        avatar_url=web_address(raw.avatar),
    )  # fmt: skip
