"""What a package of entries takes from this room: the things of each channel, and files of words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db import models

from bankside.channels import media, sealed_file
from bankside.channels.models import Channel
from bankside.channels.pictures import KEPT
from bankside.record import subjects
from bankside.record.package.making import Found
from bankside.record.package.opened import Words
from bankside.record.package.selecting import Row
from bankside.said import Said

BY_HAND: Final = "channels.posted-by-hand"
FILES_PER_ENTRY_MAX: Final = 40
DEPTH_MAX: Final = 64

OBJECTS: Final = (
    "select c.obj as channel, c.obj as about from channels_channel c"
    " union select c.obj, t.obj from channels_thread t join channels_channel c on c.id = t.channel_id"
    " union select c.obj, d.about from channels_delivery d join channels_channel c on c.id = d.channel_id"
)
"""SQL of (channel, about): the channel itself, its conversations, and what was to be sent on it."""


def channels_named(name: str) -> list[str]:
    """The objs of the channels of this name, or the one of this obj."""
    found = Channel.objects.filter(models.Q(name=name) | models.Q(obj=name))
    return list(found.values_list("obj", flat=True))


def natives_of(row: Row, words: Words) -> Iterator[Found]:
    """The pictures and films of an entry, decrypted; of those that cannot be, why."""
    data = words.said.get("data")
    if not isinstance(data, dict):
        return
    if row.fact == KEPT:
        yield _shown(row, data)
    elif row.fact == BY_HAND and data.get("picture"):
        yield _own({"media": data["picture"], "sha256": data["sha256"], "mime": "", "name": ""})
    elif b'"media":"' in words.plaintext:
        for number, one in enumerate(_media_in(data, DEPTH_MAX)):
            if number < FILES_PER_ENTRY_MAX:
                yield _own(one)


def _shown(row: Row, data: dict[str, Any]) -> Found:
    """A picture that somebody showed, as the desk drew it again."""
    try:
        content = sealed_file.read(
            data["file"], obj=data["picture"], subj=row.subj, salt=bytes.fromhex(data["salt"])
        )
    except subjects.Forgotten:
        return Found(data["picture"], data["mime"], data["sha256"], None, Said("This picture was erased."))
    except sealed_file.Damaged as damaged:
        return Found(data["picture"], data["mime"], data["sha256"], None, str(damaged))
    return Found(data["picture"], data["mime"], data["sha256"], content)


def _own(said: dict[str, Any]) -> Found:
    """A picture or film of the bank's own words, the exact bytes that are sent."""
    name = str(said["name"] or said["media"])
    try:
        kept = media.get(said["media"])
        return Found(name, said["mime"] or kept.mime, said["sha256"], media.read(kept))
    except (media.NoSuchMedia, sealed_file.Damaged) as wrong:
        return Found(name, said["mime"], said["sha256"], None, str(wrong))


def _media_in(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Every file that words name, wherever they stand in the fact."""
    if isinstance(value, dict) and depth:
        if {"media", "sha256", "mime", "name"} <= value.keys() and isinstance(value["media"], str):
            yield value
        for inner in value.values():
            yield from _media_in(inner, depth - 1)
    elif isinstance(value, list) and depth:
        for inner in value:
            yield from _media_in(inner, depth - 1)
