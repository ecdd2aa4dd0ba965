"""The words of a draft for one channel: what an author gives, what is kept, and what is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bankside.channels import media, preview
from bankside.channels import words as exact
from bankside.channels.models import Channel
from bankside.publish.models import Post
from bankside.record.facts.channels import Words
from bankside.record.identifiers import NEVER_SAID, mask
from bankside.said import Said

FIELDS = ("text", "title", "lang", "kind", "slug", "media")


def kept(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an author's words; what is left out or None is filled in later.

    A picture is given by its obj and a description; the rest is taken from the picture itself. Raises
    BadWords, NoSuchMedia.
    """
    if unknown := sorted(set(said) - set(FIELDS)):
        raise exact.BadWords(
            Said("%(names)s: the words of a post have no such field.", names=", ".join(unknown))
        )
    given = {name: said[name] for name in FIELDS if said.get(name) is not None}
    if "media" in given:
        given["media"] = [_picture(one) for one in given["media"]]
    clean = exact.to_dict(exact.from_dict({"text": "", **given}))
    return {name: _without_numbers(clean[name]) for name in given}


def filled(post: Post, channel: Channel) -> Words:
    """The exact words of a draft for a channel: base words, title and kind where it has none of its own."""
    said = {"text": post.base, "kind": preview.kinds(channel)[0], **post.words[channel.obj]}
    if "title" in preview.offers(channel):
        said.setdefault("title", post.title)
    return exact.from_dict(said)


def without_numbers(text: str) -> str:
    """Our own words as a draft keeps them: an account to pay to may be said, other people's numbers not."""
    return mask(text, NEVER_SAID).text


def _without_numbers(value: Any) -> Any:
    match value:
        case str():
            return without_numbers(value)
        case list() | tuple():
            return [{**one, "alt": without_numbers(one["alt"])} for one in value]
        case _:
            return value


def _picture(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not isinstance(given.get("media"), str):
        raise exact.BadWords(Said("media: give each picture as its obj and a description: {media, alt}."))
    picture = media.said(media.get(given["media"]), str(given.get("alt", "")))
    return {name: getattr(picture, name) for name in ("media", "sha256", "mime", "alt", "name")}
