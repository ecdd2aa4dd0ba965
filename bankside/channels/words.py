"""The exact words for one channel: what they digest to, how they are stored, what a connector is given.

What is approved is what is sent: the digest covers the channel and every field that the network gets,
and pictures by the SHA-256 of the bytes that are sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, cast

import msgspec

from bankside.networks.contract import Media, Post, PostKind
from bankside.record import sealed
from bankside.record.facts.channels import MediaSaid, Words
from bankside.record.log.canonical import NotCanonical, canonical, digest_of
from bankside.said import Said

KEY_CLASS = "delivery"
TEXT_CHARACTERS_MAX = 100_000
MEDIA_MAX = 20
FILM_SECONDS = 720

_FIELDS = frozenset(Words.__dataclass_fields__)
_CONTROLS = {code for code in range(32) if chr(code) not in "\n\t"} | {0x7F}


class BadWords(ValueError):
    """These cannot be words for a channel; the message says which field is wrong."""


class MediaMissing(LookupError):
    """A picture of these words was not given."""


def digest(channel_obj: str, words: Words) -> str:
    """64 hex: the same only for the same words, pictures and channel. Raises BadWords for what has none."""
    said = to_dict(words)
    # The obj of a picture is our own name for it; the network gets its bytes, type, name and description.
    said["media"] = [{k: v for k, v in one.items() if k != "media"} for one in said["media"]]
    try:
        return digest_of({"channel": channel_obj, "words": said})
    except NotCanonical as wrong:
        raise BadWords(Said("These words cannot be sent: %(wrong)s.", wrong=str(wrong))) from None


def to_dict(words: Words) -> dict[str, Any]:
    """The words as plain JSON values; `from_dict` gives them back."""
    said: dict[str, Any] = msgspec.to_builtins(words)
    return said


def from_dict(said: Mapping[str, Any]) -> Words:
    """The words of plain JSON values, with line ends as `\\n`. Raises BadWords, naming the field."""
    if unknown := sorted(set(said) - _FIELDS):
        raise BadWords(Said("%(names)s: words have no such field.", names=", ".join(unknown)))
    try:
        words = msgspec.convert(_with_line_ends(dict(said)), Words)
        canonical(to_dict(words))
    except (msgspec.ValidationError, NotCanonical) as wrong:
        raise BadWords(Said("These cannot be words: %(wrong)s.", wrong=str(wrong))) from None
    _refuse_too_much(words)
    return words


def sealed_for(obj: str, words: Words) -> bytes:
    """The words of a delivery as they lie in the table: readable only under the deliveries' key."""
    return sealed.seal(KEY_CLASS, msgspec.json.encode(words), obj)


def opened(obj: str, body: bytes | memoryview) -> Words:
    """The words of a delivery, opened. Raises sealed.Unreadable."""
    return msgspec.json.decode(sealed.unseal(KEY_CLASS, bytes(body), obj), type=Words)


def post_of(words: Words, files: Mapping[str, bytes], urls: Mapping[str, str] | None = None) -> Post:
    """What a connector sends; `files` holds the bytes of each picture by its obj, `urls` where a network can
    fetch it. Raises MediaMissing."""
    return Post(
        text=words.text, title=words.title, lang=words.lang, in_reply_to=words.in_reply_to,
        thread=words.thread, to=words.to, private=words.private, replaces=words.replaces, slug=words.slug,
        kind=cast(PostKind, words.kind),
        media=tuple(_media_of(one, files, urls or {}) for one in words.media),
    )  # fmt: skip


def lease_seconds(words: Words) -> int:
    """How long nobody may take a delivery of these words over; 0 for the time that every job has. A film goes
    out in one call, which takes as long as its bytes do."""
    return FILM_SECONDS if any(one.mime.startswith("video/") for one in words.media) else 0


def without_media(words: Words, left_out: Collection[MediaSaid]) -> Words:
    """The same words without these pictures."""
    return replace(words, media=tuple(one for one in words.media if one not in left_out))


def _media_of(said: MediaSaid, files: Mapping[str, bytes], urls: Mapping[str, str]) -> Media:
    if said.media not in files:
        raise MediaMissing(Said("The picture '%(name)s' is not there.", name=said.name))
    url, data = urls.get(said.media, ""), files[said.media]
    return Media(mime=said.mime, alt=said.alt, name=said.name, data=data, url=url)


def _with_line_ends(said: dict[str, Any]) -> dict[str, Any]:
    """Browsers send `\\r\\n`; one form of the same words must not have two digests."""
    return {
        k: v.replace("\r\n", "\n").replace("\r", "\n") if isinstance(v, str) else v for k, v in said.items()
    }


def _refuse_too_much(words: Words) -> None:
    if len(words.text) > TEXT_CHARACTERS_MAX:
        raise BadWords(Said("The text is longer than %(number)s characters.", number=TEXT_CHARACTERS_MAX))
    if len(words.media) > MEDIA_MAX:
        raise BadWords(Said("There are more than %(number)s pictures.", number=MEDIA_MAX))
    for text in (words.text, words.title, *(one.alt for one in words.media)):
        if _CONTROLS.intersection(map(ord, text)):
            raise BadWords(Said("The text holds a control character that cannot be sent. Type it again."))
