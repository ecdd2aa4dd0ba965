"""Words, names and times on their way out, as Ghost wants them."""

from __future__ import annotations

import datetime
import hashlib
import re
from typing import Any

from bankside.networks.contract import Media, Post, Receipt, Refused
from bankside.networks.ghost_org.server import Comment, Thing
from bankside.networks.markup import escaped, paragraphs, text_of, web_address
from bankside.said import Said

MARK_BITS = 64
SLUG_WORDS_LENGTH_MAX = 60


# --- what goes out, as Ghost wants it ----------------------------------------------------------------
def slug_of(post: Post, key: str) -> str:
    """The last part of the address: the words that were wanted, and a mark that only this key makes."""
    words = "-".join(re.findall(r"[a-z0-9]+", (post.slug or post.title).lower()))
    words = words[:SLUG_WORDS_LENGTH_MAX].strip("-")
    return f"{words or 'post'}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def mark_of(key: str) -> str:
    """White space that only this key makes. Browsers show nothing of it at the end of a paragraph."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[: MARK_BITS // 8])
    return "".join(" \t"[number >> bit & 1] for bit in range(MARK_BITS))


def comment_html(text: str, key: str) -> str:
    """The paragraphs of a comment, the last one with the mark of the key."""
    return "".join(f"<p>{p}</p>" for p in paragraphs(text)).removesuffix("</p>") + mark_of(key) + "</p>"


def body_of(post: Post, pictures: list[str]) -> dict[str, Any]:
    """Title and text; the first image is the feature image, the others stand under the text."""
    words = "".join(f"<p>{p}</p>" for p in paragraphs(post.text))
    figures = [
        f'<figure><img src="{escaped(url)}" alt="{escaped(m.alt)}"></figure>'
        for url, m in zip(pictures[1:], post.media[1:], strict=True)
    ]
    body: dict[str, Any] = {"title": post.title, "html": words + "".join(figures)}
    first = {"feature_image": pictures[0], "feature_image_alt": post.media[0].alt} if pictures else {}
    return body | first


def same_words(there: Thing, post: Post) -> bool:
    wanted = text_of("".join(f"<p>{p}</p>" for p in paragraphs(post.text)))
    return there.title.split() == post.title.split() and text_of(there.html or "").split() == wanted.split()


def form_of(media: Media, name: str) -> tuple[str, bytes]:
    """(content type, body) of a form with one file (RFC 7578)."""
    boundary = hashlib.sha256(media.data + name.encode()).hexdigest()[:32]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    head += f"Content-Type: {media.mime}\r\n\r\n"
    return f"multipart/form-data; boundary={boundary}", b"".join(
        (head.encode(), media.data, f"\r\n--{boundary}--\r\n".encode())
    )


# --- names -------------------------------------------------------------------------------------------
def parts_of(remote_id: str) -> tuple[str, str]:
    kind, _, id = remote_id.partition(":")
    if kind not in {"post", "page", "comment"} or not re.fullmatch(r"[0-9a-f]{24}", id):
        raise Refused(Said("'%(remote_id)s' is nothing that Ghost has.", remote_id=remote_id))
    return kind, id


def quoted(value: str) -> str:
    """A value in a filter of Ghost (github.com/TryGhost/NQL, read 2026-11-28)."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def receipt_of(thing: Thing, remote_id: str) -> Receipt:
    moment = ms_of(thing.published_at or "")
    return Receipt(remote_id=remote_id, url=web_address(thing.url), published_ms=moment)


def comment_receipt(comment: Comment) -> Receipt:
    """The answer to a new comment does not name its post, so that its address is not known yet."""
    return Receipt(
        remote_id=f"comment:{comment.id}",
        url=of_comment(comment.post.url, comment.id),
        published_ms=ms_of(comment.created_at),
    )


def of_comment(post_url: str, id: str) -> str:
    """Where a comment stands: as Ghost's own mails lead to it (comments-service-emails.js)."""
    return f"{web_address(post_url)}#ghost-comments-{id}" if web_address(post_url) else ""


def ms_of(moment: str) -> int:
    """UTC milliseconds; 0 for what is no moment."""
    try:
        parsed = datetime.datetime.fromisoformat(moment)
        return max(int(parsed.replace(tzinfo=parsed.tzinfo or datetime.UTC).timestamp() * 1000), 0)
    except (ValueError, OverflowError):
        return 0


def stamp_of(ms: int) -> str:
    """A moment as Ghost's filters take it, in whole seconds of UTC."""
    return datetime.datetime.fromtimestamp(ms // 1000, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
