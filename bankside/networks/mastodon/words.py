"""Words on their way in and out: plain text of HTML, what is compared in doubt, a form with a file."""

from __future__ import annotations

import hashlib
import html
import re

from bankside.networks.contract import Media, Post
from bankside.networks.markup import text_of
from bankside.networks.mastodon.server import DIRECT, Status

LANGUAGE = re.compile(r"[a-z]{2,3}")


def plain(content: str) -> str:
    """Plain text of a post. Names and tags stay as they are shown, and addresses that are shown in pieces
    are joined; any other link keeps the address that it really leads to."""
    return text_of(_ANCHOR.sub(shown, content))


def shown(anchor: re.Match[str]) -> str:
    """A link as text, where what it shows says where it leads, or is no address at all."""
    shown = _TAG.sub("", anchor["shown"])
    if shown.startswith(("@", "#")) or html.unescape(shown) == html.unescape(anchor["address"]):
        return shown
    return anchor[0]


def bare(text: str) -> str:
    """What is compared: without names in front, servers in names, and differences of space."""
    short = MENTIONED.sub(lambda m: f"@{m[1].partition('@')[0].lower()}", text)
    return " ".join(_NAMES_IN_FRONT.sub("", short).split())


def may_be(status: Status, post: Post) -> bool:
    """Whether it could be this post, whatever it says."""
    exchange = post.in_reply_to.startswith(DIRECT)
    above = "" if exchange else post.in_reply_to
    to = [p.removeprefix("@").lower() for p in (*post.to, *([post.in_reply_to[len(DIRECT) :]] * exchange))]
    named = {m.acct.lower().partition("@")[0] for m in status.mentions}
    return (
        status.reblog is None
        and (status.in_reply_to_id or "") == above
        and (status.visibility == "direct") >= (post.private or exchange)
        and len(status.media_attachments) == len(post.media)
        and (not post.private or {p.partition("@")[0] for p in to} <= named)
    )


def tongue(post: Post) -> dict[str, str]:
    """The language by its first part (ISO 639): `zh` for `zh_Hans`."""
    code = re.split(r"[-_]", post.lang.lower())[0]
    return {"language": code} if LANGUAGE.fullmatch(code) else {}


def multipart(name: str, media: Media) -> tuple[str, bytes]:
    """(content type, body) of a form with a file and what it shows (RFC 7578)."""
    boundary = hashlib.sha256(media.data + media.alt.encode()).hexdigest()[:32]
    line = f"--{boundary}\r\nContent-Disposition: form-data; name="
    alt = f'{line}"description"\r\n\r\n{media.alt}\r\n' if media.alt else ""
    head = f'{alt}{line}"file"; filename="{name}"\r\nContent-Type: {media.mime}\r\n\r\n'
    return f"multipart/form-data; boundary={boundary}", b"".join(
        (head.encode(), media.data, f"\r\n--{boundary}--\r\n".encode())
    )


_ANCHOR = re.compile(
    r"<a\s[^>]{0,500}?href\s*=\s*[\"'](?P<address>[^\"'<>]{1,2000})[\"'][^>]{0,500}>(?P<shown>.{0,3000}?)</a\s*>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^>]{0,500}>")
MENTIONED = re.compile(r"(?<![\w/@.])@([\w.-]*\w(?:@[\w.-]*\w)?)")
_NAMES_IN_FRONT = re.compile(r"^(?:\s*@[\w.-]*\w(?=\s|$))+\s*")
