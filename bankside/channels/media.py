"""Pictures and films that go with words: checked, and kept as ciphertext named by its own SHA-256.

A picture is never kept as it came: it is decoded and encoded anew, so that places, names of cameras
and anything hidden behind the pixels stay out. A film is cleaned (film.py). The file is readable only under
the desk's key and the row's salt (HKDF info `med/v1|` and the obj of the picture).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from pathlib import PurePath

from django.conf import settings
from django.core import signing

from bankside.channels import film, picture, sealed_file
from bankside.channels.models import Media
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, subjects
from bankside.record.facts.channels import MediaSaid
from bankside.record.identifiers import kept
from bankside.record.ids import new_id
from bankside.said import Said

BYTES_MAX = film.BYTES_MAX
"""So large may be what somebody adds; a picture is smaller (picture.py)."""

NAME_CHARACTERS_MAX = 100
TOKEN_SECONDS = 3600
_TOKENS = "bankside.media"
MediaDamaged = sealed_file.Damaged


class NoSuchMedia(LookupError):
    """There is no such picture, or its address has run out."""


def add(staff: Staff, content: bytes, name: str) -> Media:
    """Keeps a picture, drawn again, or a film, cleaned. Raises NotYours, and NotAPicture, NotAFilm, TooLarge
    of either."""
    _refuse_others(staff)
    if not film.is_meant(content):
        return keep(staff, content, name)
    cleaned = film.cleaned(content)
    return _keep(staff, cleaned, _clean(name, cleaned.suffix, "film"), seconds=cleaned.seconds)


def keep(staff: Staff, content: bytes, name: str) -> Media:
    """The same for a picture that is not to go out, once her room has let her."""
    drawn = picture.drawn_again(content)
    return _keep(staff, drawn, _clean(name, drawn.suffix, "picture"))


def _keep(staff: Staff, made: picture.Drawn | film.Film, name: str, *, seconds: int = 0) -> Media:
    obj, salt = new_id(), secrets.token_bytes(32)
    digest = sealed_file.keep(made.content, obj=obj, subj=subjects.desk(), salt=salt)
    return Media.objects.create(
        obj=obj, file=digest, sha256=hashlib.sha256(made.content).hexdigest(), salt=salt, mime=made.mime,
        name=name, size=len(made.content), width=made.width, height=made.height, seconds=seconds,
        added_by=staff, added_at=clock.now_ms(),
    )  # fmt: skip


def get(obj: str) -> Media:
    """A picture by its obj; raises NoSuchMedia."""
    found = Media.objects.filter(obj=obj).first()
    if found is None:
        raise NoSuchMedia(Said("This picture is not on the desk."))
    return found


def read(media: Media) -> bytes:
    """The exact bytes that are sent. Raises MediaDamaged when file and row do not agree."""
    content = sealed_file.read(media.file, obj=media.obj, subj=subjects.desk(), salt=bytes(media.salt))
    if hashlib.sha256(content).hexdigest() != media.sha256:
        raise MediaDamaged(f"Picture {media.obj} is not the one that its row names.")
    return content


def drop(objs: Iterable[str]) -> None:
    """Deletes pictures and films for good; what is not there is no error. Twice is once."""
    for media in Media.objects.filter(obj__in=list(objs)):
        sealed_file.drop(media.file)
        media.delete()


def said(media: Media, alt: str = "") -> MediaSaid:
    """The picture as words name it; `alt` says what it shows."""
    return MediaSaid(media=media.obj, sha256=media.sha256, mime=media.mime, alt=alt, name=media.name)


def token_of(media: Media) -> str:
    """The last part of `/media/<token>`: signed, good for one hour, and nobody can guess it."""
    return signing.TimestampSigner(salt=_TOKENS, sep=".").sign(media.obj)


def public_url(media: Media) -> str:
    """Where a network can fetch it for an hour; empty on a desk that nobody outside can reach."""
    here = settings.PUBLIC_URL
    return f"{here}/media/{token_of(media)}" if here.startswith("https://") else ""


def media_of(token: str) -> Media:
    """The picture of a token; raises NoSuchMedia when it was changed or has run out."""
    try:
        return get(signing.TimestampSigner(salt=_TOKENS, sep=".").unsign(token, max_age=TOKEN_SECONDS))
    except signing.BadSignature:
        raise NoSuchMedia(Said("This address of a picture has run out. Open the page again.")) from None


def _refuse_others(staff: Staff) -> None:
    """Whoever writes posts or answers, in any team, may add a picture."""
    if not policy.teams_with(staff, "conversation.reply"):
        policy.require_somewhere(staff, "post.write")


def _clean(name: str, suffix: str, nameless: str) -> str:
    """A file name without folders and without anything but letters, digits, dots, spaces and dashes."""
    stem = re.sub(r"[^\w .-]+", "-", kept(PurePath(name.replace("\\", "/")).stem)).strip(" .-")
    return f"{stem[:NAME_CHARACTERS_MAX] or nameless}{suffix}"
