"""A desk with a channel on a real blog and one on a real social network, made by commands alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import founded
from tests.flows.desk import ROOT, environment
from tests.servers.bluesky import Bluesky, Person
from tests.servers.postgresql import OWNER, PostgreSQL
from tests.servers.wordpress import WordPress

DATABASES = ("sqlite", "postgresql")
LANGUAGES = {"author": "en", "approver": "ko", "responder": "nl", "administrator": "zh-hans", "auditor": "en"}
PASSWORD = "a long word for a test 한울"


class Founded:
    """What commands made: people of every role, and both channels."""

    def __init__(
        self, data: Path, port: int, database: dict[str, str],
        wordpress: WordPress, bluesky: Bluesky, bank: Person,
    ) -> None:  # fmt: skip
        hosts = (wordpress.host, bluesky.host, bluesky.plc.removeprefix("http://"))
        self.env = {
            **environment(data), **database, "BANKSIDE_PORT": str(port), "BANKSIDE_PASSWORD": PASSWORD,
            "BANKSIDE_WIRE_PRIVATE_HOSTS": ",".join(hosts), "BANKSIDE_REPLY_UNDO_SECONDS": "1",
            "BLOG_PASSWORD": wordpress.app_password, "APP_PASSWORD": bank.app_password(),
        }  # fmt: skip
        founded.lay(self.env)
        for role, language in LANGUAGES.items():
            self.command("staff", "add", address_of(role), "--role", role, "--language", language)
        self.command(
            "channel", "add", "wordpress", "--name", "Blog", "--setting", f"site={wordpress.url}",
            "--setting", f"user={wordpress.user}", "--setting", "poll_seconds=2",
            "--secret", "app_password=BLOG_PASSWORD",
        )  # fmt: skip
        self.command(
            "channel", "add", "bluesky", "--name", "Bluesky", "--setting", f"service={bluesky.url}",
            "--setting", f"identifier={bank.handle}", "--setting", f"directory={bluesky.plc}",
            "--setting", "poll_seconds=2", "--secret", "app_password=APP_PASSWORD",
        )  # fmt: skip

    def command(self, *words: str) -> str:
        """What one of our commands says; it must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "bankside", *words], cwd=ROOT, env=self.env, capture_output=True,
            text=True, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def token(self, role: str) -> str:
        return self.command("token", "create", "--staff", address_of(role)).strip()


def address_of(role: str) -> str:
    return f"{role}@hanulbank.example"


def database_of(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of the database that `request.param` names; a new one on PostgreSQL."""
    if request.param == "sqlite":
        return {}
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = server.make(f"journey_{os.urandom(4).hex()}")
    return {
        "BANKSIDE_DATABASE_URL": server.url(name), "BANKSIDE_MIGRATE_DATABASE_URL": server.url(name, OWNER),
    }  # fmt: skip
