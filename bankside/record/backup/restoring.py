"""Brings a desk back from a backup: checked first, then laid, then forgotten again what was erased since.

Nothing is written before the whole backup was opened. From then on a marker, in the data folder and in the
database, says that nothing here is to be served; it goes when the record has been verified. A restore that
was killed is run again and begins anew. The order is what counts: erasures before anything derived.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction

from bankside.record import audit, clock, evidence, founding, recovery, refill, roles, schema, standing
from bankside.record.append import Draft, append, append_many
from bankside.record.backup import backup_file, backup_keys, laid, newer_log, republished
from bankside.record.backup.backing_up import ACTOR, EVIDENCE, MEDIA, NETWORKS, operator
from bankside.record.backup.backup_file import Backup
from bankside.record.backup.backup_keys import Keys
from bankside.record.backup.newer_log import Newer
from bankside.record.durable import sync_folder
from bankside.record.facts.keeping import Erased
from bankside.record.facts.restored import DeskRestored
from bankside.record.forgetting import covered, erasing
from bankside.record.ids import new_id
from bankside.record.log.leaf import parse
from bankside.record.log.proofs import head_of
from bankside.record.log.trust import Trust, parse_trust
from bankside.record.models import Checkpoint, Entry, Standstill
from bankside.record.shards import logs, origin_of

PROBLEMS_NAMED_MAX: Final = 5
Progress = Callable[[str], None]


class OtherDatabase(RuntimeError):
    """A backup goes back into a database of the same kind."""


class OtherDesk(RuntimeError):
    """The settings name another desk than the backup is of."""


class LogNotGiven(RuntimeError):
    """Nobody said where the newest log is, in which later erasures stand."""


class NotWhole(RuntimeError):
    """What was laid does not verify; it is not served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be restored. `log` is a folder of published logs, `without_log`: there is none any more.

    `replace`: the name of the desk (LOG_ORIGIN_HOST), typed by whoever wants what is here destroyed.
    """

    file: Path
    keys: Path
    log: Path | None = None
    without_log: bool = False
    trust: Trust | None = None
    replace: str = ""
    old_keys: bool = False


@dataclass(slots=True)
class Restored:
    """What came of it; times in ISO form. `lost` are entries that the log has and the backup has not."""

    backup: str
    made_at: str
    rows: int = 0
    entries: int = 0
    erasures: int = 0
    newer: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    log: str = ""


def restore(wish: Wish, freeze: Callable[[], object], progress: Progress = lambda words: None) -> Restored:
    """Restores, and leaves a desk that sends nothing until a person lets it. `freeze` puts that brake on.

    Raises, before anything is written: BackupWrong, KeysWrong, SchemaNewer, OtherDatabase, OtherDesk,
    LogNotGiven, LogNotBelieved, NotEmpty. After that NotWhole; the marker stays then.
    """
    progress("reading the whole backup")
    backup, keys = _checked(wish)
    place, newer = _newer(wish, backup)
    owner = _owner()
    _require_room(wish, owner, keys)
    told = Restored(backup.manifest.id, clock.iso(backup.manifest.made_at), log=str(place or ""))
    _begin(told)
    laid.hurry(owner, connection)
    progress("laying the tables")
    told.rows = _lay(owner, backup, keys)
    progress("bringing the tables to this version")
    _upgrade(owner)
    stood = _walk_again()
    told.lost = newer.ahead({origin_of(one.lane, one.year): one.size for one in logs()})
    progress("replaying erasures")
    _forget_again(told, newer)
    progress("computing what is derived")
    told.entries = refill.refill()
    progress("verifying")
    _verify()
    _go_on(told, stood, freeze)
    _end()
    return told


# --- before anything is written --------------------------------------------------------------------------
def _checked(wish: Wish) -> tuple[Backup, Keys]:
    """The backup and its keys, every part opened once."""
    backup, keys = backup_file.read(wish.file), backup_keys.read(wish.keys)
    manifest = backup.manifest
    backup_keys.check(keys, backup=manifest.id, sha256=backup.digest, now=clock.now_ms(), old=wish.old_keys)
    schema.refuse_newer(manifest.migrations, "The backup")
    if manifest.database != connection.vendor:
        raise OtherDatabase(f"The backup is of {manifest.database}, and this desk is on {connection.vendor}.")
    for note in manifest.heads:
        _require_name(head_of(note.encode()).origin)
    backup.check_all(keys.secret)
    return backup, keys


def _require_name(origin: str) -> None:
    """The name of the logs is for ever; heads that are signed under another are of no use here."""
    host = origin.partition("/log/")[0]
    if host != settings.LOG_ORIGIN_HOST:
        raise OtherDesk(
            f"The backup is of {host}, and this desk would be {settings.LOG_ORIGIN_HOST}: set"
            f" BANKSIDE_LOG_ORIGIN_HOST={host}"
        )


def _newer(wish: Wish, backup: Backup) -> tuple[Path | None, Newer]:
    """The newest log that can be had: the one that is named, or else the one that this desk published."""
    heads = [head_of(note.encode()) for note in backup.manifest.heads]
    place = wish.log or next((folder for folder in _own_logs() if newer_log.is_there(folder)), None)
    if place is None and not wish.without_log:
        raise LogNotGiven(
            "What was erased after this backup stands in the published log. Say where its newest copy is:"
            " --log FOLDER. If there is none any more, say --without-log; what was erased since can be read"
            " again then, and has to be erased again by hand."
        )
    if place is None:
        return None, Newer()
    trust = wish.trust or (parse_trust(backup.manifest.trust.encode()) if backup.manifest.trust else None)
    return place, newer_log.look(place, trust, [head for head in heads if head.size])


def _own_logs() -> Iterator[Path]:
    """Where this desk published, and where a restore that was killed put that aside."""
    yield settings.LOG_FOLDER
    yield _aside()


def _require_room(wish: Wish, owner: Any, keys: Keys) -> None:
    """An empty database and folder, or one where a restore was begun, or somebody typed the desk's name."""
    if wish.replace and wish.replace != settings.LOG_ORIGIN_HOST:
        raise laid.NotEmpty(
            f"To replace this desk, type its name: --replace {settings.LOG_ORIGIN_HOST}. What is here is"
            " lost then."
        )
    data: Path = settings.DATA
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    there = laid.tables_in(owner)
    if wish.replace or standing.marker().exists() or standing.TABLE in there:
        return
    what = ["tables"] * bool(there)
    what += [
        folder.name for folder in (settings.MEDIA_FOLDER, settings.NETWORKS_FOLDER) if _has_files(folder)
    ]
    what += [str(file) for file in backup_keys.differ(keys)]
    if what:
        raise laid.NotEmpty(
            f"There is a desk here already ({', '.join(what)}). Restore into an empty data folder and"
            f" database, or destroy what is here: --replace {settings.LOG_ORIGIN_HOST}"
        )


def _has_files(folder: Path) -> bool:
    return any(path.is_file() for path in folder.rglob("*"))


# --- laying ----------------------------------------------------------------------------------------------
def _begin(told: Restored) -> None:
    """From here on nothing is served, whatever happens."""
    with suppress(FileExistsError), backup_file.fresh(standing.marker()) as file:
        file.write(json.dumps({"backup": told.backup, "begun": clock.iso(clock.now_ms())}).encode())


def _lay(owner: Any, backup: Backup, keys: Keys) -> int:
    """Everything anew: what a killed restore left is taken away first."""
    laid.empty(owner)
    with owner.cursor() as cursor:
        cursor.execute(f"create table {standing.TABLE} (begun bigint)")
    _put_aside(settings.LOG_FOLDER)
    for folder, name in ((settings.MEDIA_FOLDER, MEDIA), (settings.NETWORKS_FOLDER, NETWORKS)):
        shutil.rmtree(folder, ignore_errors=True)
        _lay_files(folder, backup.rows(name, keys.secret))
    _lay_files(evidence.folder(), backup.rows(EVIDENCE, keys.secret), keep=True)
    backup_keys.place(keys)
    manifest, rows = backup.manifest, 0
    schema.make(owner, manifest.migrations)
    with laid.laying(owner):
        for table, columns in manifest.columns.items():
            rows += laid.lay(owner, table, columns, backup.rows(table, keys.secret))
    return rows


def _lay_files(folder: Path, pieces: Iterator[Any], *, keep: bool = False) -> None:
    """Each file from its pieces, durably; with `keep`, a whole one that is there stays: evidence is written
    once, and that of the desk that was here may say something else."""
    folders: set[Path] = set()
    for name, at, piece in pieces:
        path = folder / name
        if ".." in path.parts or not path.is_relative_to(folder):
            raise backup_file.BackupWrong(f"{name!r} is no name of a file")
        if keep and path.is_file() and path.stat().st_size >= at + len(piece):
            continue
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folders.add(path.parent)
        with path.open("ab" if at else "wb") as out:
            out.write(piece)
            out.flush()
            os.fsync(out.fileno())
    for one in folders:
        sync_folder(one)


def _put_aside(log: Path) -> None:
    """The log of the desk that was here: evidence, and whatever it knows must be found by a second try."""
    if newer_log.is_there(log):
        aside = _aside()
        while aside.exists() and newer_log.is_there(aside):
            aside = aside.with_name(f"{aside.name}-before")
        log.rename(aside)
        sync_folder(aside.parent)
    else:
        shutil.rmtree(log, ignore_errors=True)


def _aside() -> Path:
    log: Path = settings.LOG_FOLDER
    return log.with_name(f"{log.name}.replaced")


def _upgrade(owner: Any) -> None:
    call_command("migrate", database=owner.alias, verbosity=0, interactive=False)
    laid.go_on(owner)
    if owner.alias != "default":
        roles.grant(owner, str(settings.DATABASES["default"]["USER"]))
    founding.forget()
    founding.found()


def _owner() -> Any:
    """The connection that makes the tables: that of the owner where one is given."""
    return connections["owner" if "owner" in connections else "default"]


# --- before it is served ---------------------------------------------------------------------------------
def _forget_again(told: Restored, newer: Newer) -> None:
    """Every erasure of the record and of the newer log, before anything is computed from words."""
    known = Entry.objects.filter(type="erase").values_list("leaf", flat=True).iterator()
    mine = {bytes(leaf) for leaf in known}
    further = [leaf for leaf in newer.erasures if leaf not in mine]
    if drafts := sorted((one for leaf in further for one in _decided_again(leaf)), key=attrgetter("lane")):
        with transaction.atomic():
            append_many(drafts)
    told.erasures, told.newer = erasing.replay(further), len(further)
    founding.forget()


def _decided_again(leaf: bytes) -> Iterator[Draft]:
    """The same decision as an entry of the restored record, in every lane that has such words."""
    said, scope = parse(leaf), covered.scope_of(leaf)
    for lane, count in covered.lanes_of(scope).items():
        yield Draft(
            fact=Erased(), key=f"erase:{said['id']}:{lane}", actor=said["actor"], obj=scope.about, lane=lane,
            subj=scope.subj, basis=said["basis"], count=count, by=tuple(said["by"]),
        )  # fmt: skip


def _verify() -> None:
    """The files of the logs are written again from the rows, then everything is checked."""
    republished.republish()
    if problems := audit.audit().problems:
        named = "; ".join(f"{place}: {what}" for place, what in problems[:PROBLEMS_NAMED_MAX])
        raise NotWhole(f"What was restored does not verify, so it is not served: {named}")


def _go_on(told: Restored, stood: str, freeze: Callable[[], object]) -> None:
    """The brake and the record of it in one transaction; recovery mode where entries are lost."""
    fact = DeskRestored(
        backup=told.backup, made_ms=clock.from_iso(told.made_at), by=operator(), erasures=told.erasures,
        newer=told.newer, lost=sum(told.lost.values()), log=bool(told.log),
    )  # fmt: skip
    with transaction.atomic():
        freeze()
        append(fact, f"record.restored:{new_id()}", actor=ACTOR, obj=new_id())
        if told.lost:
            _refuse_to_go_on(told.lost)
            named = ", ".join(f"{origin} ({count})" for origin, count in sorted(told.lost.items()))
            stood = f"restored from a backup of {told.made_at}; the published log goes on: {named}"
        if stood:
            recovery.begin(stood)


def _walk_again() -> str:
    """Ends recovery mode for the restore itself, if the backup was made in it; why it was."""
    stood = Standstill.objects.values_list("reason", flat=True).first() or ""
    Standstill.objects.all().delete()
    return stood


def _refuse_to_go_on(lost: dict[str, int]) -> None:
    """Nothing is published of these logs until two people have looked: others have seen what comes next."""
    for row in Checkpoint.objects.all():
        if count := lost.get(origin_of(row.lane, row.year)):
            row.refused = f"{count} entries that were published are not in the backup"
            row.save(update_fields=["refused"])


def _end() -> None:
    """What was laid in haste is durable first; then the markers go, and with them what forbids to serve."""
    laid.make_durable(_owner(), connection)
    with _owner().cursor() as cursor:
        cursor.execute(f"drop table if exists {standing.TABLE}")
    standing.marker().unlink(missing_ok=True)
    sync_folder(settings.DATA)
