"""What the pretended network shows to everybody: what the bank said, what was asked, what was answered."""

from __future__ import annotations

from bankside.networks.contract import Gone
from bankside.networks.practice.state import ACTS, State, Thing
from bankside.networks.public import PublicPost, PublicPosts, Window, listed_since
from bankside.said import Said


def public_posts(state: State, account: str, window: Window) -> PublicPosts:
    """Everything public of the window, newest first. Raises Gone for another account than the bank's."""
    if account.removeprefix("@") != state.handle:
        raise Gone(Said("The practice network knows no such account."))
    shown = [thing for thing in state.things.values() if _is_public(thing)]
    shown.sort(key=lambda thing: thing.created_ms, reverse=True)
    own = [thing for thing in shown if thing.own and thing.created_ms >= window.since_ms]
    others = [thing for thing in shown if not thing.own and thing.created_ms >= window.since_ms]
    posts = tuple(_post(thing) for thing in (*own[: window.posts_max], *others))
    since_ms = listed_since(posts, window, whole=len(own) <= window.posts_max)
    return PublicPosts(posts=posts, since_ms=since_ms, answers=True)


def _is_public(thing: Thing) -> bool:
    return bool(thing.n) and not thing.private and not thing.deleted and thing.kind not in ACTS


def _post(thing: Thing) -> PublicPost:
    return PublicPost(
        id=thing.id, at_ms=thing.created_ms, own=thing.own, answers=thing.in_reply_to, lang=thing.lang,
        text=thing.text if thing.own else "",
    )  # fmt: skip
