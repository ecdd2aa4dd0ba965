"""Makes a backup while the desk works: the tables at one moment, then pictures and data files, then the keys.

Two files. The backup is unreadable without its keys' file, which is small and soon destroyed (decision 25).
Pictures are copied after the rows: what a row names is there, or was erased meanwhile.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

import bankside
from bankside.record import clock, evidence, published, schema
from bankside.record.append import append
from bankside.record.backup import backup_file, backup_keys, copied
from bankside.record.backup.backup_file import Manifest, Writer
from bankside.record.facts.restored import BackedUp
from bankside.record.ids import new_id
from bankside.record.keys import KeyMissing
from bankside.record.log.verify import TRUST
from bankside.record.models import Checkpoint, WrappedKey
from bankside.record.recovery import ReadOnly
from bankside.record.signer_asking import SignerAway

MEDIA: Final = "files:media"
NETWORKS: Final = "files:networks"
EVIDENCE: Final = "files:evidence"
FILES: Final = frozenset({MEDIA, NETWORKS, EVIDENCE})
PIECE_BYTES: Final = 1_048_576
KEYS_SUFFIX: Final = ".keys"
REASON: Final = "backup"
ACTOR: Final = "s:operator"


class KeysChanged(RuntimeError):
    """The wrapping key was changed meanwhile: these keys might not open these rows."""


class FileThere(FileExistsError):
    """A backup replaces nothing."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: the two files, how much is in them, and until when the keys may live (ISO time)."""

    backup: str
    file: str
    keys: str
    bytes: int
    sha256: str
    rows: int
    entries: int
    files: int
    keys_until: str


def keys_of(file: Path) -> Path:
    """Where the keys' file lies when nobody says so: beside the backup, to be moved away."""
    return file.with_name(f"{file.name}{KEYS_SUFFIX}")


def back_up(file: Path, keys: Path, *, reason: str = REASON) -> Made:
    """Writes both files, durably, and records it. Raises FileThere, KeysChanged, and OSError when the disk
    refuses."""
    schema.refuse_other(schema.applied_in(connection))
    for there in (file, keys):
        if there.exists():
            raise FileThere(f"{there} is there already; a backup replaces nothing: give another name")
    key, manifest, wrapped = backup_keys.new_key(), _manifest(), _wrapped()
    with backup_file.fresh(file) as out:
        writer = Writer(out, manifest, key)
        _tables(writer)
        writer.section(MEDIA, _files(settings.MEDIA_FOLDER))
        writer.section(NETWORKS, _files(settings.NETWORKS_FOLDER))
        writer.section(EVIDENCE, _files(evidence.folder()))
        digest = writer.finish()
        # Before the backup has its name: a backup that is there has its keys.
        held = backup_keys.write(keys, backup=manifest.id, made_at=manifest.made_at, sha256=digest, key=key)
        if _wrapped() != wrapped:
            keys.unlink()
            raise KeysChanged("The wrapping key was changed while the backup was made; make it again.")
    _tell(manifest, digest, held.until, reason)
    return _made(file, keys, manifest, digest, held.until)


def _wrapped() -> list[tuple[int, str, bytes]]:
    """What the providers of keys wrapped, as it stands now."""
    rows = WrappedKey.objects.order_by("pk").values_list("wrapping_id", "provider", "wrapped")
    return [(generation, provider, bytes(wrapped)) for generation, provider, wrapped in rows]


def _manifest() -> Manifest:
    return Manifest(
        id=new_id(), made_at=clock.now_ms(), version=bankside.__version__, database=connection.vendor,
        migrations={}, columns={}, heads=[], trust=_trust(),
    )  # fmt: skip


def _trust() -> str:
    """The public keys of the logs, of this year and the next."""
    try:
        return published.text_of(published.log_trust(years_ahead=1)).decode()
    except (KeyMissing, SignerAway):
        return (published.folder().read(TRUST) or b"").decode()


def _tables(writer: Writer) -> None:
    """Every table, and what was applied and published, as they were at one moment."""
    manifest = writer.manifest
    with copied.moment() as moment:
        applied = moment.rows("django_migrations", ["app", "name"])
        manifest.migrations = schema.by_app((str(app), str(name)) for app, name in applied)
        manifest.heads = [str(note) for (note,) in moment.rows(Checkpoint._meta.db_table, ["note"]) if note]
        for table in copied.tables():
            if columns := moment.columns(table):
                manifest.columns[table] = columns
                writer.section(table, moment.rows(table, columns))


def _files(folder: Path) -> Iterator[list[Any]]:
    """Each file in pieces: its path below the folder, where the piece begins, its bytes."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        name = file.relative_to(folder).as_posix()
        try:
            with file.open("rb") as opened:
                at = 0
                while (piece := opened.read(PIECE_BYTES)) or not at:
                    yield [name, at, piece]
                    at += len(piece)
                    if not piece:
                        break
        except FileNotFoundError:
            continue  # erased meanwhile


def _tell(manifest: Manifest, digest: str, until: int, reason: str) -> None:
    """Recorded after the moment that it tells of, and not at all while the desk is read-only."""
    fact = BackedUp(
        backup=manifest.id, sha256=digest, keys_until_ms=until, by=operator(), reason=reason,
    )  # fmt: skip
    try:
        with transaction.atomic():
            append(fact, f"record.backed-up:{manifest.id}", actor=ACTOR, obj=new_id())
    except ReadOnly:
        return


def operator() -> str:
    """The account of this machine that runs the command; empty where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _made(file: Path, keys: Path, manifest: Manifest, digest: str, until: int) -> Made:
    tables = [one for one in manifest.sections if one.name not in FILES]
    entries, pictures = manifest.section("record_entry"), manifest.section(MEDIA)
    return Made(
        backup=manifest.id, file=str(file), keys=str(keys), bytes=file.stat().st_size, sha256=digest,
        rows=sum(one.rows for one in tables), entries=entries.rows if entries else 0,
        files=pictures.rows if pictures else 0, keys_until=clock.iso(until),
    )  # fmt: skip
