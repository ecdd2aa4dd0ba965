"""What became of the pictures of a message: kept at the desk, or missed and why.

They stand beside the address that the network gave, in the message's list of files.
"""

from __future__ import annotations

from django.db.models import QuerySet

from bankside.inbox.models import Conversation, Message
from bankside.record.append import Entry
from bankside.record.facts.channels import PictureKept, PictureMissed

File = dict[str, str]
OURS = ("picture", "width", "height", "missed", "trouble")
KEYS = ("channels.picture-kept:", "channels.picture-missed:")


def kept(entry: Entry, fact: PictureKept) -> None:
    """The desk has the picture, of so many pixels."""
    found = {"picture": fact.picture, "width": str(fact.width), "height": str(fact.height)}
    _mark(entry, fact.remote_id, fact.url, found)


def missed(entry: Entry, fact: PictureMissed) -> None:
    """The desk does not have it, and says why."""
    _mark(entry, fact.remote_id, fact.url, {"missed": fact.picture, "trouble": fact.reason})


def erased(entry: Entry) -> None:
    """The words of a picture's fact are gone, and the picture with them."""
    name = entry.key.rpartition(":")[2]
    for message in _messages(entry).exclude(attachments=[]):
        files = [_plain(f) if name in (f.get("picture"), f.get("missed")) else f for f in message.attachments]
        _save(message, files)


def carried(before: list[File], after: list[File]) -> list[File]:
    """The files of a new version, with what is known of those that were there before."""
    known = {file["url"]: {name: file[name] for name in OURS if name in file} for file in before}
    return [{**file, **known.get(file["url"], {})} for file in after]


def _mark(entry: Entry, remote_id: str, url: str, found: File) -> None:
    for message in _messages(entry).filter(remote_id=remote_id[:300], erased=False):
        files = [{**_plain(file), **found} if file["url"] == url else file for file in message.attachments]
        _save(message, files)


def _messages(entry: Entry) -> QuerySet[Message]:
    rows = Conversation.objects.filter(obj=entry.obj).values("pk")
    return Message.objects.filter(conversation__in=rows)


def _plain(file: File) -> File:
    return {name: value for name, value in file.items() if name not in OURS}


def _save(message: Message, files: list[File]) -> None:
    message.attachments = files
    message.save(update_fields=["attachments"])
