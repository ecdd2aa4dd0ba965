"""Every fact, setting, address and command is described, and the descriptions are those of this code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house import reference, tree


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_reference_is_written_from_this_code(page: str) -> None:
    kept = tree.text(Path("docs/reference") / page)
    assert kept == reference.PAGES[page](), "write it again: .venv/bin/python -m tests.house.reference"


def test_every_fact_says_what_it_tells() -> None:
    from bankside.record import facts
    from bankside.record.fact import KINDS

    facts.load()
    ours = {
        name: kind.cls for (name, _), kind in KINDS.items() if kind.cls.__module__.startswith("bankside.")
    }
    assert len(ours) > 40
    assert [name for name, cls in ours.items() if not reference.sentence(cls).endswith(".")] == []


def test_every_address_says_what_answers() -> None:
    found = {address: words for address, _, words in reference.views()}
    assert [address for address, words in found.items() if not words] == []


def test_a_fact_without_a_sentence_is_found() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class BareSaid:
        word: str

    assert reference.sentence(BareSaid) == ""


def settings_read(source: str) -> set[str]:
    """The names of the environment variables that a source reads."""
    return {f"BANKSIDE_{name}" for name in re.findall(r"_(?:env|flag)\(\s*\"([A-Z_]+)\"", source)}


def settings_described(page: str) -> set[str]:
    """The names that have a row of their own in the page."""
    return set(re.findall(r"^\| `(BANKSIDE_\w+)` \|", page, re.M))


def test_every_setting_is_described_and_no_other() -> None:
    read = settings_read(tree.text(Path("bankside/settings.py")))
    assert settings_described(tree.text(Path("docs/operate/settings.md"))) == read


def test_the_environment_is_read_in_one_file() -> None:
    """Other files hand it on to processes they start. A password given to one command is no setting."""
    reads = re.compile(r"(?:environ\.get\(|environ\[|getenv\()\s*f?\"BANKSIDE_(?!LOG_LEVEL|PASSWORD)")
    files = [file for file in tree.under("bankside") if file != Path("bankside/settings.py")]
    assert [str(file) for file in files if reads.search(tree.text(file))] == []


def test_a_setting_without_a_row_is_found() -> None:
    assert settings_read('PACE = _env("PACE", "1")\nLOUD = _flag("LOUD")') == {
        "BANKSIDE_PACE",
        "BANKSIDE_LOUD",
    }
    assert settings_described("| `BANKSIDE_PACE` | 1 | how fast |\nand `BANKSIDE_LOUD`") == {"BANKSIDE_PACE"}
