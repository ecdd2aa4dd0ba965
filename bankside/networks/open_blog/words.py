"""What both protocols make of a post, and how a blog's page names its interfaces."""

from __future__ import annotations

import hashlib
import html
import re
import time
from urllib.parse import urljoin

from bankside.networks.contract import Media, Post
from bankside.networks.markup import escaped, paragraphs, text_of, web_address

SLUG_WORDS_LENGTH_MAX = 60
LISTED_MAX = 50
DAY_SECONDS = 86_400
PAGE_LENGTH_MAX = 300_000
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


def slug_of(post: Post, key: str) -> str:
    """The last part of the address: the words that were wanted, and a mark that only this key makes."""
    words = "-".join(re.findall(r"[a-z0-9]+", (post.slug or post.title).lower()))
    words = words[:SLUG_WORDS_LENGTH_MAX].strip("-")
    return f"{words or 'post'}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def html_of(post: Post) -> str:
    """The text in paragraphs; every character stands for itself."""
    return "\n".join(f"<p>{p}</p>" for p in paragraphs(post.text))


def same_words(post: Post, title: str, body: str) -> bool:
    """Whether this title (plain, or as HTML) and this HTML say what the post says, and nothing else."""
    titles = post.title.split() in (title.split(), text_of(title).split())
    return titles and text_of(body).split() == text_of(html_of(post)).split()


def is_recent(moment_seconds: float) -> bool:
    """Whether something is of the last day, or names no time."""
    return not moment_seconds or moment_seconds > time.time() - DAY_SECONDS


def file_name(media: Media, slug: str, number: int) -> str:
    """A name for an uploaded picture that no other has."""
    return f"{slug}-{number}.{ENDINGS[media.mime]}"


def picture_html(address: str, alt: str) -> str:
    return f'<p><img src="{escaped(address)}" alt="{escaped(alt)}"></p>'


# --- links of a page -------------------------------------------------------------------------------------
def links(page: str, header: str, at: str) -> list[dict[str, str]]:
    """`rel`, `type` and `href` of the links in a Link header (RFC 8288) and in a page, whole addresses."""
    found = [
        {"href": target, **{name.lower(): value for name, value in _PARAMETER.findall(rest)}}
        for target, rest in _HEADER.findall(header)
    ]
    for tag in _TAG.findall(page[:PAGE_LENGTH_MAX]):
        found.append({name.lower(): html.unescape(value) for name, _, value in _ATTRIBUTE.findall(tag)})
    return [{**one, "href": whole(one["href"], at)} for one in found if "href" in one]


def linked_as(found: list[dict[str, str]], rel: str) -> str:
    """Where the first link of this relation leads; empty when there is none."""
    there = (one["href"] for one in found if rel.lower() in one.get("rel", "").lower().split())
    return next(there, "")


def whole(address: str, at: str) -> str:
    """The whole address of what is named so at that place; empty when that is none of the web."""
    try:
        return web_address(urljoin(at, address)) if address else ""
    except ValueError:
        return ""


def attributes(tag: str) -> dict[str, str]:
    """Of one tag of an XML document, by their names in lower case."""
    return {name.lower(): html.unescape(value) for name, _, value in _ATTRIBUTE.findall(tag)}


_HEADER = re.compile(r"<([^<>]{0,2000})>\s*((?:;[^,;<>]{0,300}){0,10})")
_PARAMETER = re.compile(r";\s*(\w+)\s*=\s*\"?([^\";,]{0,300})\"?")
_TAG = re.compile(r"<(?:link|a)\s([^<>]{1,3000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]{1,40})\s*=\s*([\"'])(.{0,2000}?)\2", re.DOTALL)
