"""Documents do not go stale: their links lead somewhere, their commands exist, and some are really run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.house import catalogues, reference, tree
from tests.servers import postgresql

PAGES = [file for file in tree.files() if file.suffix == ".md" and file.parts[0] != "tests"]
HEADINGS = ("Decided.", "Why.", "What it costs.", "Instead of.", "Check.")
RUN_SECONDS_MAX = 240  # a shared machine; most take two
PICTURE_BYTES_MAX = 300_000
OPERATE = (
    "deploy",
    "upgrade",
    "back-up",
    "restore",
    "rotate-keys",
    "incidents",
    "settings",
    "measured",
    "card-bureau",
    "card-feed",
    "wallet-passes",
    "credit-firewall",
)
AT_THE_TOP = ("README", "ARCHITECTURE", "STYLE", "CHANGELOG", "CONTRIBUTING", "SECURITY")
LEARN = (
    "first-hour", "add-a-network", "write-a-programme", "the-social-card", "measures", "studies",
    "run-a-study", "observe",
)  # fmt: skip
PAGES_OF_THE_HOUSE = (
    *AT_THE_TOP,
    *(f"docs/learn/{name}" for name in LEARN),
    *(f"docs/operate/{name}" for name in OPERATE),
)


def links(page: str) -> list[str]:
    """Where the links of a page lead inside the repository."""
    found = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page)
    return [link for link in found if not link.startswith(("http:", "https:", "mailto:"))]


def slanted(page: str) -> list[str]:
    """What stands between single stars, line breaks made spaces."""
    prose = re.sub(r"^```.*?^```", "", page, flags=re.S | re.M)
    return [" ".join(words.split()) for words in re.findall(r"(?<!\*)\*([^*|`]+)\*(?!\*)", prose)]


def in_one(message: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The forms of a message: one, or one and many."""
    return (message,) if isinstance(message, str) else tuple(message)


def commands(page: str) -> list[str]:
    """The lines that a page shows after a prompt."""
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.S | re.M)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def to_run(page: str, mark: str = "run") -> list[str]:
    """The shown lines that this suite runs: those of blocks after a comment that holds the mark."""
    blocks = re.findall(r"^<!-- ([^\n]+) -->\n```console\n(.*?)^```", page, re.S | re.M)
    marked = [block for marks, block in blocks if mark in marks.split(", ")]
    return [line[2:] for block in marked for line in block.splitlines() if line.startswith("$ ")]


def unknown(command: str, known: list[str]) -> bool:
    """True when a line starts a command of ours that does not exist."""
    words = shlex.split(command)
    if words[0] != "bin/bankside":
        return words[0].startswith("bin/") and not (tree.ROOT / words[0]).is_file()
    plain = ["bankside", *words[1:]]
    return not any(plain[: len(name.split())] == name.split() for name in known)


def test_the_pages_of_the_house_are_there() -> None:
    assert [name for name in PAGES_OF_THE_HOUSE if Path(f"{name}.md") not in PAGES] == []
    assert "Apache License" in tree.text(Path("LICENSE"))


def test_the_picture_is_small() -> None:
    assert (tree.ROOT / "docs/desk.png").stat().st_size < PICTURE_BYTES_MAX


def test_links_lead_somewhere() -> None:
    dead = {
        str(page): lost
        for page in PAGES
        if (
            lost := [link for link in links(tree.text(page)) if not (tree.ROOT / page.parent / link).exists()]
        )
    }
    assert dead == {}


def test_the_words_of_pages_that_are_named_stand_on_pages() -> None:
    """What learners' and operators' pages put in slanted letters is written so on the desk."""
    known = {words for message in catalogues.wanted() if message.id for words in in_one(message.id)}
    pages = [page for page in PAGES if page.parts[:2] in {("docs", "learn"), ("docs", "operate")}]
    wrong = {str(page): [w for w in slanted(tree.text(page)) if w not in known] for page in pages}
    assert {page: words for page, words in wrong.items() if words} == {}


def test_commands_that_are_shown_exist() -> None:
    known = reference.command_names()
    shown = {str(page): [c for c in commands(tree.text(page)) if unknown(c, known)] for page in PAGES}
    assert {page: lines for page, lines in shown.items() if lines} == {}


def test_decisions_name_their_check() -> None:
    pages = [page for page in PAGES if page.parts[:2] == ("docs", "decisions") and page.name[0].isdigit()]
    assert [page.name[:4] for page in pages] == [f"{n:04}" for n in range(1, len(pages) + 1)]
    for page in pages:
        text = tree.text(page)
        assert [heading for heading in HEADINGS if f"**{heading}**" not in text] == [], page
        checks = re.findall(r"`([^`]+)`", text.partition("**Check.**")[2])
        assert checks, page
        assert [check for check in checks if not (tree.ROOT / check).exists()] == [], page


@pytest.mark.timeout(900)
def test_a_copy_made_as_written_can_be_restored_as_written(tmp_path: Path) -> None:
    place = {name: str(tmp_path / name) for name in ("data", "restored", "copy", "keys")}
    for name in ("copy", "keys"):
        Path(place[name]).mkdir()
    shared = {"COPY": place["copy"], "KEY_COPY": place["keys"]}
    run(["bin/bankside migrate", "bin/bankside freeze"], {**shared, "BANKSIDE_DATA": place["data"]})
    pages = [tree.text(Path(f"docs/operate/{name}.md")) for name in ("back-up", "restore")]
    run(to_run(pages[0]), {**shared, "BANKSIDE_DATA": place["data"]})
    run(to_run(pages[1]), {**shared, "BANKSIDE_DATA": place["restored"]})
    assert entries(place["restored"]) > entries(place["data"]) > 0


@pytest.mark.timeout(900)
@pytest.mark.skipif(bool(postgresql.missing()), reason=postgresql.missing())
@pytest.mark.skipif(not shutil.which("createdb"), reason="PostgreSQL's client programs are not installed")
def test_on_postgresql_a_desk_is_set_up_copied_and_restored_as_written(tmp_path: Path) -> None:
    """The copy is restored into another server, as after the loss of the first."""
    for name in ("copy", "keys"):
        (tmp_path / name).mkdir()
    shared = {"COPY": str(tmp_path / "copy"), "KEY_COPY": str(tmp_path / "keys")}
    deploy, back_up, restore = (
        to_run(tree.text(Path(f"docs/operate/{name}.md")), "run on PostgreSQL")
        for name in ("deploy", "back-up", "restore")
    )
    with empty_server(tmp_path / "data") as (there, place):
        run(deploy, {**shared, **place})
        run(["bin/bankside freeze --reason '점검 检查'"], place)
        before = recorded(there)
        run(back_up, {**shared, **place})
    with empty_server(tmp_path / "restored") as (there, place):
        run([line for line in deploy if "create role" in line], {**shared, **place})
        run(restore, {**shared, **place})
        after = recorded(there)
    assert after[: len(before)] == before
    assert len(after) > len(before) > 0


@contextmanager
def empty_server(data: Path) -> Iterator[tuple[postgresql.PostgreSQL, dict[str, str]]]:
    """A new PostgreSQL without a role of ours, and what an operator has set there."""
    with postgresql.running(durable=False) as server:
        with server.connect("postgres", postgresql.ADMIN) as admin:
            admin.execute("drop role bankside")
            admin.execute("drop role bankside_owner")
        yield server, {
            "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": postgresql.ADMIN,
            "OWNER_PASSWORD": "zeven sloten", "DESK_PASSWORD": "七把锁", "BANKSIDE_DATA": str(data),
            "OWNER_URL": server.url("bankside", "bankside_owner"),
            "BANKSIDE_DATABASE_URL": server.url("bankside", "bankside"),
        }  # fmt: skip


def run(lines: list[str], environment: dict[str, str]) -> None:
    """Runs shown lines one after the other with the environment of this suite."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
    assert lines
    for line in lines:
        command = line.replace("bin/bankside", f"{sys.executable} -m bankside")
        done = subprocess.run(
            ["sh", "-c", command], cwd=tree.ROOT, env={**ours, **environment}, capture_output=True, text=True,
            timeout=RUN_SECONDS_MAX,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def entries(data: str) -> int:
    """How many entries the record in a data folder has."""
    with sqlite3.connect(f"{data}/bankside.db") as database:
        return int(database.execute("select count(*) from record_entry").fetchone()[0])


def recorded(server: postgresql.PostgreSQL) -> list[tuple[object, ...]]:
    """The entries of the record of a desk on PostgreSQL."""
    with server.connect("bankside") as connection:
        return connection.execute("select n, hash from record_entry order by n").fetchall()


def test_a_dead_link_and_a_wrong_command_are_found() -> None:
    assert links("see [it](docs/nowhere.md#part) and [that](https://bank.example)") == ["docs/nowhere.md"]
    assert slanted("*Send\nback* and **Inbox** and *Approve*") == ["Send back", "Approve"]
    known = ["bankside verify", "bankside channel add"]
    assert commands("```console\n$ bin/bankside gossip\nwords\n```\n") == ["bin/bankside gossip"]
    assert unknown("bin/bankside gossip", known)
    assert unknown("bin/gossip", known)
    assert not unknown("bin/bankside channel add practice --name X", known)
