"""Desks for tests of backups: each a data folder and a database of its own, commanded as operators do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import founded
from tests.servers.postgresql import DESK, OWNER, PostgreSQL

ROOT = Path(__file__).resolve().parents[2]
SECONDS_MAX = 200
# What customers said, and what somebody else did; the first is erased.
ERASED, KEPT = "지워 주세요 wis dit alstublieft 请删除", "blijft staan 남아 있습니다 留下"
FILL = f"""
import django; django.setup()
from django.conf import settings
from django.db import transaction
from bankside.people import staff
from bankside.record import seal, subjects
from bankside.record.append import Draft, append_many
from bankside.record.facts.channels import DeskFrozen
from bankside.people.models import Staff
staff.add('minji@hanul.example', 'approver')
for who, words in (('a', {ERASED!r}), ('b', {KEPT!r})):
    subj = subjects.subject_of('practice', who)
    drafts = [Draft(fact=DeskFrozen(reason=f'{{words}} {{n}}'), key=f'said:{{who}}:{{n}}', actor='s:practice',
                    obj=who * 32, subj=subj, lane=n % settings.LANES) for n in range(20)]
    with transaction.atomic():
        append_many(sorted(drafts, key=lambda draft: draft.lane))
    folder = settings.MEDIA_FOLDER / who
    folder.mkdir(parents=True)
    (folder / who).write_bytes(who.encode() * 3_000_000)
settings.NETWORKS_FOLDER.mkdir()
from bankside.record import evidence
from bankside.record.models import Checkpoint
(settings.NETWORKS_FOLDER / 'own.txt').write_text('what the bank added itself')
seal.seal_all()
for row in Checkpoint.objects.all():
    evidence.keep_head(row.lane, row.year, row.note)
"""
# Two people decide, and the worker does what follows.
ERASE = """
import django; django.setup()
from bankside.record import seal, subjects
from bankside.record.forgetting import erasing, shredding
from bankside.record.forgetting.covered import Scope
row = erasing.ask('u:' + 'c' * 32, Scope(subjects.subject_of('practice', 'a')), 'GDPR-17', 'asked by letter')
row = erasing.agree('u:' + 'd' * 32, row.obj)
shredding.drive(row.obj)
seal.seal_all()
print(row.subj)
"""
READABLE = """
import django; django.setup()
from bankside.record.models import Entry
from bankside.record.append import entry_of
from bankside.record.projection import facts_of
rows = [entry_of(row) for row in Entry.objects.filter(actor='s:practice')]
said = facts_of(rows)
print(json.dumps(sorted(said[row.n].reason for row in rows if row.n in said)))
"""
TABLES = """
import django; django.setup()
from django.db import connection
from bankside.record.backup import copied
told = {}
with connection.cursor() as cursor:
    for table in [*copied.tables(), *sorted(copied.derived())]:
        cursor.execute(f'select * from "{table}"')
        told[table] = sorted(repr(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row))
                             for row in cursor.fetchall())
print(json.dumps(told))
"""


@dataclass
class Desk:
    """A desk that may be there or not."""

    data: Path
    database: str
    server: PostgreSQL | None = None

    @property
    def env(self) -> dict[str, str]:
        """What an operator has set there."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
        there = {"BANKSIDE_DATA": str(self.data), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
        if self.server:
            there["BANKSIDE_DATABASE_URL"] = self.server.url(self.database, DESK)
            there["BANKSIDE_MIGRATE_DATABASE_URL"] = self.server.url(self.database, OWNER)
        return plain | there

    def lay(self) -> Desk:
        """Founded, with people, words, pictures and a published log."""
        founded.lay(self.env)
        self.run(FILL.replace("settings.LANES", "16" if self.server else "1"))
        return self

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command of the command line."""
        return subprocess.run(
            [sys.executable, "-m", "bankside", *words], cwd=ROOT, env=self.env, capture_output=True,
            text=True, timeout=SECONDS_MAX, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def told(self, *words: str) -> Any:
        """What a command prints as JSON; it has to be done."""
        done = self.ask(*words, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def refused(self, *words: str) -> str:
        """Why a command is refused."""
        done = self.ask(*words)
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stderr

    def run(self, code: str, *, dies: bool = False) -> str:
        """Python in a process of its own at this desk; the last line that it printed."""
        done = subprocess.run(
            [sys.executable, "-c", f"import json, os, signal, sys\n{code}"], cwd=ROOT, env=self.env,
            capture_output=True, text=True, timeout=SECONDS_MAX,
        )  # fmt: skip
        assert (done.returncode == -9) == dies and (dies or done.returncode == 0), done.stdout + done.stderr
        return (done.stdout.splitlines() or [""])[-1]

    def readable(self) -> list[str]:
        """The words of customers that can be read here."""
        found: list[str] = json.loads(self.run(READABLE))
        return found

    def tables(self) -> dict[str, list[str]]:
        """Every row of every table of ours."""
        found: dict[str, list[str]] = json.loads(self.run(TABLES))
        return found

    def files(self) -> dict[str, bytes]:
        """Pictures, data files and keys."""
        folders = (self.data / name for name in ("media", "networks", "evidence", "keys"))
        found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(self.data).as_posix(): path.read_bytes() for path in found}
