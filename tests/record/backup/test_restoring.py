"""A desk comes back as it was, but for what was forgotten since (faults 10-12, 43; threat 13; target 8)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db.migrations.loader import MigrationLoader

from bankside.record import schema
from bankside.record.backup import backup_file, backup_keys
from tests.record.restorable import ERASE, ERASED, KEPT, Desk
from tests.servers import postgresql as servers
from tests.servers.postgresql import PostgreSQL

pytestmark = [pytest.mark.server("postgresql"), pytest.mark.timeout(600)]
SERVED = (["web"], ["live"], ["work", "--once"], ["run"])
DATABASES = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.skipif(bool(r := servers.missing()), reason=r)),
]
MORE = {
    "record_entry",
    "record_payload",
    "record_head",
    "record_cursor",
    "record_checkpoint",
    "channels_freeze",
}
NewDesk = Callable[[], Desk]


@pytest.fixture(scope="module", params=DATABASES)
def new(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewDesk:
    """Makes places for desks on this database, each empty."""
    server: PostgreSQL | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
    numbers = iter(range(1_000))

    def place() -> Desk:
        name = f"restored_{next(numbers)}"
        if server:
            server.make(name)
        return Desk(tmp_path_factory.mktemp(name) / "data", name, server)

    return place


@pytest.fixture(scope="module")
def desk(new: NewDesk) -> Desk:
    """The desk of yesterday."""
    return new().lay()


@pytest.fixture(scope="module")
def copy(desk: Desk) -> Path:
    """Its backup; the keys lie beside it. Then the person is erased, and the log published."""
    file = desk.data.parent / "yesterday"
    made = desk.told("backup", str(file))
    assert Path(made["keys"]) == backup_keys_of(file)
    return file


@pytest.fixture(scope="module")
def before(desk: Desk, copy: Path) -> dict[str, Any]:
    """How the desk was when it was copied."""
    return {"tables": desk.tables(), "files": desk.files(), "readable": desk.readable()}


@pytest.fixture(scope="module")
def erased(desk: Desk, before: dict[str, Any]) -> str:
    """Forgotten after the copy was made; the subject."""
    assert any(ERASED in words for words in before["readable"])
    subj = desk.run(ERASE)
    assert not any(ERASED in words for words in desk.readable())
    return subj


@pytest.fixture(scope="module")
def restored(new: NewDesk, desk: Desk, copy: Path, erased: str) -> tuple[Desk, dict[str, Any]]:
    """Yesterday's backup with today's log."""
    other = new()
    return other, other.told("restore", str(copy), "--log", str(desk.data / "log"))


def backup_keys_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.keys")


def test_nothing_can_be_read_in_a_backup_without_its_keys(
    copy: Path, before: dict[str, Any], new: NewDesk
) -> None:
    """Threat 13: not the words, nor who works here, nor a picture, nor any other value of the tables."""
    whole = copy.read_bytes()
    for marker in (
        *ERASED.split(),
        *KEPT.split(),
        "minji@hanul.example",
        "practice",
        "s:practice",
        "aaaaaaaa",
    ):
        if len(marker.encode()) < 6:  # so few bytes stand anywhere
            continue
        assert marker.encode() not in whole
    for name, content in before["files"].items():
        assert content[:64] not in whole, name
    backup = backup_file.read(copy)
    for section in backup.manifest.sections:
        with pytest.raises(backup_file.BackupWrong):
            list(backup.rows(section.name, bytes(32)))
    assert "No such file" in new().refused("restore", str(copy), "--keys", "/nowhere", "--without-log")


def test_the_keys_of_another_backup_open_nothing(
    copy: Path, desk: Desk, new: NewDesk, tmp_path: Path
) -> None:
    """Also those of a later one: destroying the keys' file destroys the backup (decision 25)."""
    desk.told("backup", str(tmp_path / "later"))
    keys = str(backup_keys_of(tmp_path / "later"))
    assert "another backup" in new().refused("restore", str(copy), "--keys", keys, "--without-log")
    key = backup_keys.read(Path(keys)).secret
    with pytest.raises(backup_file.BackupWrong):
        backup_file.read(copy).check_all(key)


def test_derived_tables_are_left_out(copy: Path) -> None:
    names = {one.name for one in backup_file.read(copy).manifest.sections}
    assert {"record_entry", "record_payload", "record_subject", "people_staff", "channels_freeze"} <= names
    assert (
        not {"inbox_message", "inbox_wording", "publish_outcome", "measures_count", "django_session"} & names
    )


def test_what_was_erased_stays_erased_after_yesterdays_backup(
    restored: tuple[Desk, dict[str, Any]], before: dict[str, Any], erased: str
) -> None:
    """Fault 11, target 8: unreadable, and every proof still holds."""
    desk, told = restored
    assert told["newer"] > 0
    assert desk.readable() == [words for words in before["readable"] if ERASED not in words]
    assert len(desk.readable()) == 20
    for file in (*desk.data.glob("bankside.db*"),):
        assert ERASED.split()[0].encode() not in file.read_bytes()
    tables = desk.tables()
    assert not any(erased in row for row in tables["record_subject"])
    assert desk.told("verify")["problems"] == []
    assert "frozen" in desk.run(FROZEN)


def test_the_rest_is_as_it_was(restored: tuple[Desk, dict[str, Any]], before: dict[str, Any]) -> None:
    desk, told = restored
    tables, was = desk.tables(), before["tables"]
    forgotten = {"record_subject", "record_erasure", "record_job", "record_standstill"}
    for table in was.keys() - MORE - forgotten:
        assert tables[table] == was[table], table
    said = {row for row in was["record_entry"] if "record.backed-up" not in row}
    assert said <= set(tables["record_entry"])
    assert desk.files() == before["files"]
    assert told["entries"] >= len(said)


def test_entries_that_others_saw_are_missed_and_nothing_is_added(
    restored: tuple[Desk, dict[str, Any]],
) -> None:
    """Fault 10: the published log goes on where the backup ends, so the desk waits for two people."""
    desk, told = restored
    assert sum(told["lost"].values()) > 0
    assert "recovery mode" in desk.refused("unfreeze", "--reason", "on we go")


def test_without_a_log_nothing_is_restored_unless_somebody_says_so(
    new: NewDesk, copy: Path, erased: str
) -> None:
    desk = new()
    assert "--log FOLDER" in desk.refused("restore", str(copy))
    assert not (desk.data / "keys").exists() and not (desk.data / "media").exists()
    told = desk.told("restore", str(copy), "--without-log")
    assert told["newer"] == 0 and told["lost"] == {}
    again = desk.refused("restore", str(copy), "--without-log")
    assert "There is a desk here already" in again and "--replace" in again
    assert "type its name" in desk.refused(
        "restore", str(copy), "--without-log", "--replace", "other.example"
    )
    # Where it served before, the log lies: nobody has to name it.
    shutil.copytree(desk.data / "log", desk.data.parent / "log")
    told = desk.told("restore", str(copy), "--replace", "127.0.0.1")
    assert told["log"] == str(desk.data / "log")
    assert (desk.data / "log.replaced").is_dir()
    assert desk.told("verify")["problems"] == []
    assert desk.ask("unfreeze", "--reason", "looked at what is due").returncode == 0


def test_a_log_that_was_changed_or_is_another_or_an_older_one_is_not_believed(
    new: NewDesk, desk: Desk, copy: Path, erased: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    shutil.copytree(desk.data / "log", log)
    bundle = next(path for path in sorted(log.rglob("tile/entries/*")) if path.is_file() or path.is_dir())
    file = next(path for path in (bundle, *bundle.rglob("*")) if path.is_file())
    whole = file.read_bytes()
    file.write_bytes(whole[:50] + b"x" + whole[51:])
    assert "does not verify" in new().refused("restore", str(copy), "--log", str(log))
    assert "no log is here" in new().refused("restore", str(copy), "--log", str(tmp_path / "none"))


def test_nothing_is_served_while_a_restore_is_half_done(desk: Desk) -> None:
    marker = desk.data / "restoring"
    marker.write_text("{}")
    try:
        assert refusals(desk, *SERVED) == 4 * ["has not come to its end"]
    finally:
        marker.unlink()
    desk.run(f"{AS_OWNER}cursor.execute('create table bankside_restoring (begun bigint)')")
    try:
        assert refusals(desk, *SERVED, ["migrate"]) == 5 * ["has not come to its end"]
    finally:
        desk.run(f"{AS_OWNER}cursor.execute('drop table bankside_restoring')")


def test_an_older_version_refuses_newer_tables(desk: Desk, tmp_path: Path) -> None:
    """Fault 43. What was never migrated, or half, is not served either."""
    row = "('record', '0999_of_tomorrow', current_timestamp)"
    desk.run(f'{AS_OWNER}cursor.execute("insert into django_migrations (app, name, applied) values {row}")')
    backup = ["backup", str(tmp_path / "never")]
    try:
        newer = 6 * ["newer version of Bankside (record 0999_of_tomorrow)"]
        assert refusals(desk, *SERVED, ["migrate"], backup, words=newer[0]) == newer
    finally:
        desk.run(f"{AS_OWNER}cursor.execute(\"delete from django_migrations where name like '0999%'\")")
    assert not list(tmp_path.iterdir())


def test_a_backup_of_an_older_version_is_restored_and_migrated(
    new: NewDesk, copy: Path, before: dict[str, Any], tmp_path: Path
) -> None:
    """Fault 43: as a desk wrote it before the newest migrations; and one of tomorrow is refused."""
    graph = MigrationLoader(None).graph
    # Not one of the record: what this desk wrapped with a generation could not be opened without that table.
    last = ("channels", schema.known()["channels"][-1])
    undone = {*graph.backwards_plan(last)}
    manifest = backup_file.read(copy).manifest
    older = {
        app: [name for name in names if (app, name) not in undone]
        for app, names in manifest.migrations.items()
    }
    columns: dict[str, list[str]] = json.loads(new().run(OLDER.replace("OLDER", repr(older))))
    desk = new()
    told = desk.told("restore", str(rewritten(copy, tmp_path / "older", older, columns)), "--without-log")
    assert told["entries"] > 0
    assert desk.readable() == before["readable"]
    assert desk.told("verify")["problems"] == []
    newer = {**manifest.migrations, "record": [*manifest.migrations["record"], "0999_of_tomorrow"]}
    file = rewritten(copy, tmp_path / "newer", newer, manifest.columns)
    assert "The backup was made by a newer version" in new().refused("restore", str(file), "--without-log")


def rewritten(copy: Path, file: Path, migrations: schema.Applied, columns: dict[str, list[str]]) -> Path:
    """The same backup, with these migrations, and of its tables those columns alone."""
    backup, keys = backup_file.read(copy), backup_keys.read(backup_keys_of(copy))
    there = {
        table: [n for n in names if n in columns.get(table, ())]
        for table, names in backup.manifest.columns.items()
    }
    kept = {table: names for table, names in there.items() if names}
    with backup_file.fresh(file) as out:
        manifest = replace(backup.manifest, migrations=migrations, columns=kept, sections=[])
        writer = backup_file.Writer(out, manifest, keys.secret)
        for table, names in kept.items():
            places = [backup.manifest.columns[table].index(name) for name in names]
            writer.section(table, ([row[at] for at in places] for row in backup.rows(table, keys.secret)))
        for name in ("files:media", "files:networks"):
            writer.section(name, backup.rows(name, keys.secret))
        digest = writer.finish()
    made = msgspec.structs.replace(keys, sha256=digest)
    told = {"keys": msgspec.to_builtins(made), "sha256": backup_keys._sum(made)}
    backup_keys_of(file).write_text(json.dumps(told))
    return file


def refusals(desk: Desk, *commands: list[str], words: str = "has not come to its end") -> list[str]:
    """Of each command `words` when it is refused with them, else what it said; one process for all."""
    said = json.loads(desk.run(f"{ALL}\nprint(json.dumps([one(command) for command in {list(commands)!r}]))"))
    return [words if words in told and code == 1 else told for code, told in said]


FROZEN = (
    "import django; django.setup()\nfrom bankside.channels.freeze import frozen\n"
    "print('frozen' if frozen() else '')"
)
OLDER = """
import django; django.setup()
from django.conf import settings
from django.db import connection, connections
from bankside.record import schema
from bankside.record.backup import copied
settings.DATA.mkdir(exist_ok=True)
owner = connections['owner' if 'owner' in connections else 'default']
schema.make(owner, OLDER)
with owner.cursor() as cursor:
    there = owner.introspection.table_names(cursor)
    print(json.dumps({table: [c.name for c in owner.introspection.get_table_description(cursor, table)]
                      for table in copied.tables() if table in there}))
"""
ALL = """
import io
from contextlib import redirect_stderr
from bankside.commands import main
def one(words):
    with redirect_stderr(io.StringIO()) as told:
        return main(words), told.getvalue()
"""
AS_OWNER = (
    "import django; django.setup()\nfrom django.db import connections\n"
    "cursor = connections['owner' if 'owner' in connections else 'default'].cursor()\n"
)
