"""kill -9 in a backup, a restore or an upgrade: it is begun again, and nothing half is served (fault 43)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bankside.record.backup import backup_file
from tests.record.restorable import KEPT, Desk

pytestmark = [pytest.mark.timeout(900)]
# Dies at the given call of something that the backup, the restore or the upgrade does.
DIES = """
import django; django.setup()
from bankside.commands import main
def dies(owner, name, at, after=False):
    whole, seen = getattr(owner, name), []
    def counted(*given, **named):
        seen.append(1)
        if len(seen) == at and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = whole(*given, **named)
        if len(seen) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    setattr(owner, name, counted)
"""
BACKUP = [("backup_file.Writer, '_put'", 30), ("backup_file.os, 'link'", 1), ("backing_up, '_tell'", 1)]
BACKUP_MORE = [
    ("backup_file.Writer, '_put'", 2), ("backup_file.os, 'fsync'", 1), ("backup_file.os, 'link'", 2),
]  # fmt: skip
RESTORE = [("restoring.laid, 'lay'", 9)]
RESTORE_MORE = [
    ("restoring, '_end'", 1),
    ("restoring.laid, 'empty'", 1), ("restoring.erasing, 'replay'", 1), ("restoring.audit, 'audit'", 1),
    ("restoring.backup_keys, 'place'", 1), ("restoring.schema, 'make'", 1), ("restoring.laid, 'lay'", 40),
    ("restoring, '_upgrade'", 1), ("restoring.refill, '_take'", 1),
    ("restoring.republished, 'republish'", 1), ("restoring.laid, 'make_durable'", 1),
]  # fmt: skip
# The tables are made by statements of the schema editor; how many there are changes with every version.
UPGRADE = [60, *(pytest.param(one, marks=pytest.mark.long) for one in (3, 150))]
NewDesk = Callable[[], Desk]


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> NewDesk:
    return lambda: Desk(tmp_path_factory.mktemp("killed") / "data", "")


@pytest.fixture(scope="module")
def desk(new: NewDesk) -> Desk:
    return new().lay()


@pytest.fixture(scope="module")
def copy(desk: Desk) -> Path:
    file = desk.data.parent / "copy"
    desk.told("backup", str(file))
    return file


@pytest.mark.parametrize(
    ("where", "at"), [*BACKUP, *(pytest.param(*one, marks=pytest.mark.long) for one in BACKUP_MORE)]
)
def test_a_backup_that_was_killed_is_whole_or_not_there(
    desk: Desk, where: str, at: int, tmp_path: Path
) -> None:
    file = tmp_path / "copy"
    code = f"{DIES}\nfrom bankside.record.backup import backing_up, backup_file\ndies({where}, {at})\n"
    desk.run(f"{code}main(['backup', {str(file)!r}])", dies=True)
    if file.exists():
        keys = json.loads(file.with_name("copy.keys").read_text())["keys"]
        assert backup_file.read(file).digest == keys["sha256"]
    again = desk.told("backup", str(tmp_path / "again"))
    assert again["sha256"] == backup_file.read(tmp_path / "again").digest
    assert not list(tmp_path.glob("again*.unfinished"))


@pytest.mark.parametrize(
    ("where", "at"), [*RESTORE, *(pytest.param(*one, marks=pytest.mark.long) for one in RESTORE_MORE)]
)
def test_a_restore_that_was_killed_serves_nothing_and_begins_anew(
    new: NewDesk, copy: Path, where: str, at: int
) -> None:
    desk = new()
    words = ["restore", str(copy), "--without-log"]
    desk.run(
        f"{DIES}\nfrom bankside.record.backup import restoring\ndies({where}, {at})\nmain({words!r})",
        dies=True,
    )
    assert "has not come to its end" in desk.refused("work", "--once")
    told = desk.told(*words)
    assert told["entries"] > 0
    assert len(desk.readable()) == 40
    assert any(KEPT in words for words in desk.readable())
    assert desk.told("verify")["problems"] == []
    assert not (desk.data / "restoring").exists()


@pytest.mark.parametrize("at", UPGRADE)
def test_an_upgrade_that_was_killed_half_way_goes_on(new: NewDesk, desk: Desk, at: int) -> None:
    """Fault 43: what is half migrated is not served, and the next `migrate` brings it to the same tables."""
    half = new()
    half.data.mkdir()
    editor = "from django.db.backends.sqlite3.schema import DatabaseSchemaEditor as editor\n"
    half.run(f"{DIES}{editor}dies(editor, 'execute', {at})\nmain(['migrate'])", dies=True)
    assert "run `bankside migrate`" in half.refused("work", "--once")
    assert half.ask("migrate").returncode == 0
    assert half.ask("work", "--once").returncode == 0
    assert half.run(MADE) == desk.run(MADE)


MADE = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("select type, name, sql from sqlite_master order by 1, 2")
    print(json.dumps(cursor.fetchall()))
"""
