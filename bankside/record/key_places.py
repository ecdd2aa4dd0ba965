"""Where the files of the wrapping key lie, and whether whoever takes the database takes them with it.

It is a warning and no refusal: a first desk on one disk has no other place. The backup of a desk puts the key
files into a file of their own; it is copies of disks and folders by others that this is about.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db import connection

FILES = {"file": "", "passphrase": ".salt"}


def warnings() -> list[str]:
    """What should be another way with the place of the wrapping key; nothing with an HSM or a key service."""
    ending = FILES.get(settings.KEY_PROVIDER)
    if ending is None:
        return []
    kek: Path = settings.KEK_FILE
    file = kek.with_name(kek.name + ending)
    found = [*_beside(file), *_readable(file)]
    if settings.KEY_PROVIDER == "passphrase" and settings.KEY_PASSPHRASE_FILE:
        said = Path(settings.KEY_PASSPHRASE_FILE)
        found += [*_beside(said), *_readable(said)]
    return found


def _beside(file: Path) -> list[str]:
    """In the data folder, of which others make copies; or on the disk of a database that is a file."""
    data: Path = settings.DATA
    if _real(file).is_relative_to(_real(data)):
        return [f"{file} lies in the data folder: a copy of the folder has the key to its words"]
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not name.startswith("file:") and _disk(file) == _disk(Path(name)):
        return [f"{file} lies on the disk of the database: a copy of the disk has the key to its words"]
    return []


def _readable(file: Path) -> list[str]:
    try:
        mode = file.stat().st_mode & 0o077
    except OSError:
        return []
    return [f"{file} may be read by others than the desk's user: chmod 0400"] if mode else []


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _disk(path: Path) -> int:
    """The device of the file, or of the nearest folder that is there; -1 when nothing can be looked at."""
    for one in (path, *path.parents):
        try:
            return one.stat().st_dev
        except OSError:
            continue
    return -1
