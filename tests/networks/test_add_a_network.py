"""The page docs/learn/add-a-network.md, followed to the letter in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import tree
from tests.house.test_documents import to_run

PAGE = Path("docs/learn/add-a-network.md")
STEM = "notice_board"
COMMAND_SECONDS_MAX = 300
OURS = ("BANKSIDE_", "PYTEST_", "DJANGO_", "COV_")
CONTRACT = f"$PYTHON -m pytest tests/networks/test_contract.py -k {STEM}"


def files_on(page: str) -> dict[str, str]:
    """The files that the page shows whole, by their names."""
    return dict(re.findall(r"^`([^`\n]+)`:\n```\w+\n(.*?)^```$", page, re.S | re.M))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it is now, with the files of the page in it."""
    folder = tmp_path_factory.mktemp("copy")
    for file in tree.files():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree.ROOT / file, folder / file)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)  # the checks ask git for its files
    for name, text in files_on(tree.text(PAGE)).items():
        assert not (folder / name).exists(), f"{name} is on the page and in the repository"
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def ran(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One line of the page, with the Python of this suite and nothing of its settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    python = command.replace(".venv/bin/python", "$PYTHON")
    return subprocess.run(
        ["sh", "-c", python], cwd=folder, env={**environment, "PYTHON": sys.executable},
        capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX,
    )  # fmt: skip


@pytest.mark.timeout(1200)
def test_whoever_follows_the_page_has_a_network(copy: Path) -> None:
    lines = to_run(tree.text(PAGE))
    assert len(lines) == 5
    for line in lines:
        done = ran(line, copy)
        assert done.returncode == 0, f"{line}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        assert "pytest" not in line or "passed" in done.stdout
    page = (copy / "docs/networks" / f"{STEM}.md").read_text("utf-8")
    assert page.startswith("# Notice board\n") and "280 characters" in page
    for language in ("ko", "zh_Hans", "nl"):
        words = (copy / f"bankside/locale/{language}/LC_MESSAGES/django.po").read_text("utf-8")
        assert 'msgid "Key of the board"\nmsgstr ""\n' in words
    assert len(list((copy / "tests/networks/recordings" / STEM).glob("*.json"))) == 15


@pytest.mark.timeout(1200)
def test_the_files_of_the_page_are_in_the_style_of_the_house(copy: Path) -> None:
    names = " ".join(name for name in files_on(tree.text(PAGE)) if name.endswith(".py"))
    for command in (f"$PYTHON -m ruff check {names}", f"$PYTHON -m ruff format --check {names}"):
        done = ran(command, copy)
        assert done.returncode == 0, done.stdout


@pytest.mark.timeout(1200)
def test_an_operation_that_is_declared_and_not_written_is_found(copy: Path) -> None:
    file = copy / "bankside/networks" / f"{STEM}.py"
    whole = file.read_text("utf-8")
    without = re.sub(r"    def find\(.*?(?=    def )", "", whole, flags=re.S)
    assert without != whole
    file.write_text(without, "utf-8")
    try:
        done = ran(CONTRACT, copy)
    finally:
        file.write_text(whole, "utf-8")
    assert done.returncode == 1
    assert f"test_what_is_declared_is_written_and_nothing_else[{STEM}]" in done.stdout


def test_the_page_shows_every_file_that_a_network_has() -> None:
    assert list(files_on(tree.text(PAGE))) == [
        f"bankside/networks/{STEM}.toml", f"bankside/networks/{STEM}.py",
        f"tests/networks/pretended/{STEM}.py", f"tests/networks/make_{STEM}_recordings.py",
        f"tests/networks/test_{STEM}.py",
    ]  # fmt: skip
