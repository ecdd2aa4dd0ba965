"""A post as a record: its key, its text with what is marked in it, and what it shows.

**The key.** Records of posts are named by a TID: 53 bits of microseconds and 10 bits that tell clocks apart,
in base 32. Ours comes from the delivery key alone: 46 bits of its SHA-256 are microseconds after a fixed
moment in the past (1 May 2023, so that all keys lie before mid 2025), and 10 more are the clock. The same
delivery therefore always writes to the same place, and two deliveries meet there once in 2^56. Nothing reads
the time in a key: Bluesky orders posts by `createdAt`.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bankside.late import compiled, regex
from bankside.networks.contract import Media, Post
from bankside.networks.counters import addresses

POST = "app.bsky.feed.post"
IMAGES, QUOTE, BOTH = (f"app.bsky.embed.{name}" for name in ("images", "record", "recordWithMedia"))
FACET = "app.bsky.richtext.facet"
LANGUAGES_MAX = 3
TAG_GRAPHEMES_MAX = 64
KEYS_BEGIN_US = 1_682_899_200_000_000  # 2023-05-01T00:00:00Z
ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
TID_LENGTH = 13


def key_of(delivery_key: str) -> str:
    """The record key that this delivery always has."""
    digest = int.from_bytes(hashlib.sha256(delivery_key.encode()).digest()[:8], "big")
    number = (KEYS_BEGIN_US + (digest >> 18)) << 10 | (digest >> 8) & 0x3FF
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(TID_LENGTH)))


def record_of(post: Post, created_at: str, dids: dict[str, str]) -> dict[str, Any]:
    """The record without reply and embed. `dids`: whom the handles in the text belong to, as far as known."""
    record: dict[str, Any] = {"$type": POST, "text": post.text, "createdAt": created_at}
    record |= {"langs": [post.lang][:LANGUAGES_MAX]} if post.lang else {}
    marked = [facet for mark in marks(post.text) if (facet := _facet(post.text, mark, dids))]
    return record | ({"facets": marked} if marked else {})


# --- what is marked in a text --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Mark:
    """A link, mention or tag: where it stands in the text (characters), and what it leads to."""

    kind: str
    start: int
    end: int
    to: str


def marks(text: str) -> list[Mark]:
    """Links, mentions and tags in their order, none inside another. The rules are those of Bluesky's app,
    but for links: what follows an address in Hangul or Han is no part of it.
    """
    found: list[Mark] = []
    for mark in sorted([*_links(text), *_mentions(text), *_tags(text)], key=lambda m: (m.start, -m.end)):
        if not found or mark.start >= found[-1].end:
            found.append(mark)
    return found


def handles(text: str) -> list[str]:
    """Whom the text mentions, each once."""
    return list(dict.fromkeys(mark.to for mark in marks(text) if mark.kind == "mention"))


def shown_post(text: str) -> tuple[str, str] | None:
    """(handle or did, record key) of the last post whose address on bsky.app stands in the text."""
    found = [m for mark in marks(text) if mark.kind == "link" and (m := _POST_ADDRESS.fullmatch(mark.to))]
    return (found[-1]["who"], found[-1]["key"]) if found else None


def _links(text: str) -> Iterable[Mark]:
    whole = [Mark("link", m.start(), end := _trimmed(m[0], m.start()), text[m.start() : end])
             for m in _HTTP.finditer(text)]  # fmt: skip
    yield from whole
    for start, end in addresses(text):
        if not text[start:end].lower().startswith(("http://", "https://")):
            yield Mark("link", start, end, f"https://{text[start:end]}")


def _trimmed(address: str, start: int) -> int:
    """Where the address ends when the sentence around it is taken off."""
    while address and (address[-1] in ".,;:!?'\"*_~" or (address[-1] == ")" and "(" not in address)):
        address = address[:-1]
    return start + len(address)


def _mentions(text: str) -> Iterable[Mark]:
    for match in _MENTION.finditer(text):
        yield Mark("mention", match.start("name") - 1, match.end("name"), match["name"].lower())


def _tags(text: str) -> Iterable[Mark]:
    for match in _TAG.finditer(text):
        tag = _ENDS.sub("", match["tag"].strip())
        if tag and len(regex.findall(r"\X", tag)) <= TAG_GRAPHEMES_MAX:
            start = match.start("tag") - 1
            yield Mark("tag", start, start + 1 + len(tag), tag)


def _facet(text: str, mark: Mark, dids: dict[str, str]) -> dict[str, Any] | None:
    """As the lexicon has it: counted in bytes of UTF-8. None for a name that nobody has."""
    names = {"link": "uri", "mention": "did", "tag": "tag"}
    to = dids.get(mark.to, "") if mark.kind == "mention" else mark.to
    if not to:
        return None
    start, end = (len(text[:place].encode("utf-8", "surrogatepass")) for place in (mark.start, mark.end))
    feature = {"$type": f"{FACET}#{mark.kind}", names[mark.kind]: to}
    return {"$type": FACET, "index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


# --- what it shows -------------------------------------------------------------------------------------
def embed_of(
    media: tuple[Media, ...], blobs: list[dict[str, Any]], quoted: dict[str, str] | None
) -> dict[str, Any] | None:
    """Pictures, another post, or both; None when there is neither."""
    shown = [_image(m, blob) for m, blob in zip(media, blobs, strict=True)]
    images = {"$type": IMAGES, "images": shown} if shown else None
    quote = {"$type": QUOTE, "record": quoted} if quoted else None
    if images and quote:
        return {"$type": BOTH, "record": quote, "media": images}
    return images or quote


def _image(media: Media, blob: dict[str, Any]) -> dict[str, Any]:
    size = size_of(media.data)
    ratio = {"aspectRatio": {"width": size[0], "height": size[1]}} if size else {}
    return {"image": blob, "alt": media.alt, **ratio}


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None when it cannot be told."""
    from PIL import Image  # large, and a desk without pictures needs none of it

    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


_HTTP = re.compile(
    r"(?<![A-Za-z0-9@])https?://[^\W_][\w.-]*(?::\d{1,5})?(?:[/?#][!-~]*)?", re.ASCII | re.IGNORECASE
)
_MENTION = re.compile(
    r"(?:^|(?<=[\s(]))@(?P<name>(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
    r"(?![A-Za-z0-9-])"
)
_INVISIBLE = "\u00ad\u2060\u200a\u200b\u200c\u200d\u20e2"
_TAG = compiled(
    rf"(?:^|(?<=\s))[#＃](?P<tag>(?!\ufe0f)[^\s{_INVISIBLE}]*[^\d\s\p{{P}}{_INVISIBLE}]+[^\s{_INVISIBLE}]*)"
)
_ENDS = compiled(r"\p{P}+$")
_POST_ADDRESS = re.compile(
    r"https://bsky\.app/profile/(?P<who>[A-Za-z0-9.:_-]{1,300})/post/(?P<key>[A-Za-z0-9._~-]{1,100})/?(?:\?.*)?"
)
