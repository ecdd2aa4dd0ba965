"""How words look to WeChat, to whom they go, and what it would refuse of them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from bankside.networks.contract import Post
from bankside.networks.wechat.listening import DIRECT
from bankside.said import Said

AUTHOR_LIMIT = 16
CONTENT_LIMIT = 20_000
CONTENT_BYTES_MAX = 1_000_000
INNER_BYTES_MAX = 999_999
"""uploadimg takes pictures of less than 1 MB."""


def content(post: Post, pictures: list[str]) -> str:
    """The text as WeChat's HTML: paragraphs, no links (it takes them out), the pictures below."""
    parts = re.split(r"\n[ \t]*\n+", post.text.replace("\r\n", "\n").strip("\n"))
    made = [f"<p>{html.escape(p, quote=False).replace(chr(10), '<br/>')}</p>" for p in parts if p.strip()]
    made += [f'<p><img src="{html.escape(url)}"/></p>' for url in pictures]
    return "".join(made)


def is_private(post: Post) -> bool:
    return post.private or post.in_reply_to.startswith((DIRECT, "message:"))


def receiver(post: Post) -> str:
    """The openid of the one who gets a private message; empty for none."""
    exchange = next((t for t in (post.in_reply_to, post.thread) if t.startswith(DIRECT)), "")
    return post.to[0] if post.to else exchange.removeprefix(DIRECT)


# --- what WeChat would refuse ----------------------------------------------------------------------------
def of_article(post: Post, author: str) -> Iterator[str]:
    """What is wrong with an article, beside what the numbers in the data file say."""
    if not post.title.strip():
        yield Said("An article needs a title.")
    if not post.media:
        yield Said("An article needs a picture: the first one is its cover.")
    if len(author) > AUTHOR_LIMIT:
        yield Said("The author has more than %(number)s characters.", number=AUTHOR_LIMIT)
    for media in post.media[1:]:
        if len(media.data) > INNER_BYTES_MAX:
            yield Said(
                "%(name)s is too large: %(number)s bytes, and %(most)s are allowed.",
                name=media.name, number=len(media.data), most=INNER_BYTES_MAX,
            )  # fmt: skip
    made = content(post, ["https://mmbiz.qpic.cn/" + "x" * 200] * len(post.media[1:]))
    if len(post.text) < CONTENT_LIMIT and (
        len(made) >= CONTENT_LIMIT or len(made.encode("utf-8", "surrogatepass")) >= CONTENT_BYTES_MAX
    ):
        yield Said("The text is too long as WeChat counts it, with everything around it.")


def of_answer(post: Post) -> Iterator[str]:
    """What is wrong with an answer, to a comment or in private."""
    if post.title:
        yield Said("An answer has no title.")
    if not is_private(post):
        if post.media:
            yield Said("A comment carries no pictures.")
        return
    if not receiver(post):
        yield Said("A private message needs a receiver.")
    if len(post.media) > 1 or (post.media and post.text.strip()):
        yield Said("A private message there holds either words or one picture.")
