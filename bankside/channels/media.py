"""Pictures that go with words: checked, drawn again, and kept as ciphertext named by its own SHA-256.

A picture is never kept as it came: it is decoded and encoded anew, so that places, names of cameras
and anything hidden behind the pixels stay out. The file is readable only under the desk's key and the
row's salt (HKDF info `med/v1|` and the obj of the picture).
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path, PurePath

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core import signing

from bankside.channels import picture
from bankside.channels.models import Media
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, subjects
from bankside.record.facts.channels import MediaSaid
from bankside.record.ids import new_id

NAME_CHARACTERS_MAX = 100
TOKEN_SECONDS = 3600
_NONCE_ONCE = bytes(12)  # a key of one picture encrypts exactly one file
_TOKENS = "bankside.media"


class NoSuchMedia(LookupError):
    """There is no such picture, or its address has run out."""


class MediaDamaged(RuntimeError):
    """The file in the media folder is missing or is not the one that was stored."""


def add(staff: Staff, content: bytes, name: str) -> Media:
    """Keeps a picture, drawn again. Raises NotYours, picture.NotAPicture, picture.TooLarge."""
    _refuse_others(staff)
    drawn = picture.drawn_again(content)
    obj, salt = new_id(), secrets.token_bytes(32)
    sealed = AESGCM(_key(obj, salt)).encrypt(_NONCE_ONCE, drawn.content, obj.encode())
    digest = hashlib.sha256(sealed).hexdigest()
    _write(_path(digest), sealed)
    return Media.objects.create(
        obj=obj, file=digest, sha256=hashlib.sha256(drawn.content).hexdigest(), salt=salt, mime=drawn.mime,
        name=_clean(name, drawn.suffix), size=len(drawn.content), width=drawn.width, height=drawn.height,
        added_by=staff, added_at=clock.now_ms(),
    )  # fmt: skip


def get(obj: str) -> Media:
    """A picture by its obj; raises NoSuchMedia."""
    found = Media.objects.filter(obj=obj).first()
    if found is None:
        raise NoSuchMedia("This picture is not on the desk.")
    return found


def read(media: Media) -> bytes:
    """The exact bytes that are sent. Raises MediaDamaged when file and row do not agree."""
    try:
        sealed = _path(media.file).read_bytes()
    except FileNotFoundError:
        raise MediaDamaged(
            f"The file of picture {media.obj} is missing: restore it from the backup."
        ) from None
    try:
        key = _key(media.obj, bytes(media.salt))
        content = AESGCM(key).decrypt(_NONCE_ONCE, sealed, media.obj.encode())
    except InvalidTag:
        raise MediaDamaged(
            f"The file of picture {media.obj} was changed: restore it from the backup."
        ) from None
    if hashlib.sha256(content).hexdigest() != media.sha256:
        raise MediaDamaged(f"Picture {media.obj} is not the one that its row names.")
    return content


def said(media: Media, alt: str = "") -> MediaSaid:
    """The picture as words name it; `alt` says what it shows."""
    return MediaSaid(media=media.obj, sha256=media.sha256, mime=media.mime, alt=alt, name=media.name)


def token_of(media: Media) -> str:
    """The last part of `/media/<token>`: signed, good for one hour, and nobody can guess it."""
    return signing.TimestampSigner(salt=_TOKENS, sep=".").sign(media.obj)


def media_of(token: str) -> Media:
    """The picture of a token; raises NoSuchMedia when it was changed or has run out."""
    try:
        return get(signing.TimestampSigner(salt=_TOKENS, sep=".").unsign(token, max_age=TOKEN_SECONDS))
    except signing.BadSignature:
        raise NoSuchMedia("This address of a picture has run out. Open the page again.") from None


def _refuse_others(staff: Staff) -> None:
    """Whoever writes posts or answers, in any team, may add a picture."""
    if not policy.teams_with(staff, "conversation.reply"):
        policy.require_somewhere(staff, "post.write")


def _key(obj: str, salt: bytes) -> bytes:
    derived = HKDF(hashes.SHA256(), 32, salt, b"med/v1|" + obj.encode())
    return derived.derive(subjects.key_of(subjects.desk()))


def _path(digest: str) -> Path:
    return Path(settings.MEDIA_FOLDER) / digest[:2] / digest


def _write(path: Path, content: bytes) -> None:
    """On the disk for good before a row names it: file, then its name, then the folder."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{secrets.token_hex(8)}")
    with temporary.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    for folder in (path.parent, path.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _clean(name: str, suffix: str) -> str:
    """A file name without folders and without anything but letters, digits, dots, spaces and dashes."""
    stem = re.sub(r"[^\w .-]+", "-", PurePath(name.replace("\\", "/")).stem).strip(" .-")
    return f"{stem[:NAME_CHARACTERS_MAX] or 'picture'}{suffix}"
