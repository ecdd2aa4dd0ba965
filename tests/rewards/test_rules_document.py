"""docs/learn/write-a-programme.md works as it stands: its programme is right, its mistakes are found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bankside.rewards.rules import plain
from bankside.rewards.rules.act import KINDS
from bankside.rewards.rules.fields import ACT, MEMBER
from bankside.rewards.rules.programme import check

PAGE = Path("docs/learn/write-a-programme.md").read_text(encoding="utf-8")
HEAD_LINES = 9
WRONG = re.findall(r"^<!-- wrong -->\n```toml\n(.*?)^```\n```text\n(.*?)^```", PAGE, re.S | re.M)


def blocks() -> list[str]:
    """The parts of the programme, in order; what is meant to be wrong is left out."""
    rest = re.sub(r"^<!-- wrong -->\n```toml\n.*?^```", "", PAGE, flags=re.S | re.M)
    return re.findall(r"^```toml\n(.*?)^```", rest, re.S | re.M)


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below a heading row."""
    table = PAGE.partition(heading)[2].partition("\n\n")[0]
    found = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("|")
    ]
    return found[1:]


def test_the_parts_make_one_programme_that_is_right() -> None:
    checked = check("\n".join(blocks()))
    assert checked.findings == ()
    assert checked.programme is not None and checked.worst is not None
    told = plain.costs(checked.worst, 1_000_000, checked.programme.currency)
    tests = f"{len(checked.programme.tests)} tests passed."
    assert "\n".join([*told, tests]) in PAGE


@pytest.mark.parametrize(("toml", "says"), WRONG)
def test_mistakes_are_found_as_shown(toml: str, says: str) -> None:
    checked = check(blocks()[0] + toml)
    found = [f"{f.line - HEAD_LINES}:{f.column}: {f.message} {f.hint}".rstrip() for f in checked.findings]
    assert found == says.splitlines()


def test_the_tables_of_fields_are_whole() -> None:
    act = [[f"`{name}`", str(field.says)] for name, field in ACT.items()]
    assert [row[:2] for row in rows("| field | what | from | to |\n")] == act
    numbers = [[f"{f.low:,}", f"{f.high:,}"] for f in ACT.values() if f.type == "int"]
    assert [row[2:] for row in rows("| field | what | from | to |\n") if row[2].isdigit()] == numbers
    assert rows("| field | what |\n") == [[f"`{name}`", str(field.says)] for name, field in MEMBER.items()]
    assert [kind for kind in KINDS if f"`{kind}`" not in PAGE] == []
    assert len(WRONG) == 3
