"""`export` by the operator, and `verify` of what it made, by somebody who has no desk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bankside.record import reading
from tests.commands.ask import Ask
from tests.record.package import small

pytestmark = pytest.mark.django_db
REASON = "Request 2026-113 of the supervisor"


def made(ask: Ask, folder: Path, where: str = "type = post.in") -> Path:
    small.tell(4, publish=False)
    out = folder / "out"
    said = ask("export", "--where", where, "--reason", REASON, "--out", str(out), "--json")
    assert said.code == 0, said.err
    assert (said.json["folder"], said.json["entries"]) == (str(out), 4)
    return out


def test_the_operator_makes_one_and_anybody_checks_it(ask: Ask, folder: Path) -> None:
    out = made(ask, folder)
    facts = [one.fact for one in reading.entries() if one.type == "export"]
    assert facts[::-1] == ["record.package-ordered", "record.package-made"]
    trust = folder / "given"
    trust.write_text(ask("log", "keys").out)
    said = ask("verify", str(out), "--trust", str(trust), "--json")
    assert (said.code, said.json["entries"], said.json["problems"]) == (0, 4, [])
    (out / "entries.csv").write_bytes(b"other")
    said = ask("verify", str(out), "--trust", str(trust))
    assert said.code == 1 and "entries.csv: has 5 bytes, not" in said.out


def test_checking_needs_neither_database_nor_django(ask: Ask, folder: Path) -> None:
    out = made(ask, folder)
    program = (
        "import sys; sys.modules['django'] = None; from bankside.commands import main;"
        f" sys.exit(main(['verify', {str(out)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=folder,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("4 entries, 0 problems\nThe keys came from ")


@pytest.mark.parametrize(
    ("where", "reason", "told"),
    [
        ("type = blue", REASON, "Line 1, column 8: "),
        ("all", "x", "Say in 5 to 500 characters"),
        ('channel = "No Bank"', REASON, "There is no channel called No Bank here."),
    ],
)
def test_what_is_refused_leaves_nothing(ask: Ask, folder: Path, where: str, reason: str, told: str) -> None:
    said = ask("export", "--where", where, "--reason", reason, "--out", str(folder / "out"))
    assert said.code == 1 and told in said.err
    assert not (folder / "out").exists() and not list(folder.glob(".new-*"))
    assert not [one for one in reading.entries() if one.type == "export"]


def test_no_folder_is_written_over(ask: Ask, folder: Path) -> None:
    (folder / "out").mkdir()
    said = ask("export", "--where", "all", "--reason", REASON, "--out", str(folder / "out"))
    assert said.code == 1 and "is there already" in said.err
    said = ask("export", "--where", "all", "--reason", REASON, "--out", str(folder / "no" / "out"))
    assert said.code == 1 and "is no folder" in said.err
