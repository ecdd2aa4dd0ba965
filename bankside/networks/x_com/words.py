"""Words on their way in and out: what a post says, and what is compared in doubt."""

from __future__ import annotations

import html
import re
import unicodedata

from bankside.networks.x_com.api import Entities, Tweet


def said_in(post: Tweet) -> str:
    """The whole text of a post, as a reader sees it."""
    long = post.note_tweet
    return plain(long.text, long.entities) if long and long.text else plain(post.text, post.entities)


def plain(text: str, entities: Entities) -> str:
    """Plain text: addresses as they were typed, without those that stand for pictures of the post."""
    for link in entities.urls[:LINKS_MAX]:
        of_picture = bool(link.media_key) or bool(_OF_PICTURE.search(link.expanded_url))
        text = text.replace(link.url, "" if of_picture else link.expanded_url or link.url, 1)
    return html.unescape(text).replace("\x00", "").strip()


def bare(text: str) -> str:
    """What is compared: without names in front, which X puts there itself, and differences that X makes."""
    text = _SCHEME.sub("", _NAMES_IN_FRONT.sub("", unicodedata.normalize("NFC", text)))
    return " ".join(_LAST_SLASH.sub("", text).split())


LINKS_MAX = 100
_OF_PICTURE = re.compile(r"/status/[0-9]+/(?:photo|video)/[0-9]+$")
_SCHEME = re.compile(r"\bhttps?://")
_LAST_SLASH = re.compile(r"/(?=\s|$)")
_NAMES_IN_FRONT = re.compile(r"^(?:\s*@\w{1,15}(?=\s|$))+\s*")
CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?!\w)")
