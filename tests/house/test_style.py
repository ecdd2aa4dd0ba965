"""STYLE.md quotes this code: its good examples stand in their files, its bad ones in none."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house import tree

PAGE = tree.text(Path("STYLE.md"))
RULES = 15


def good(page: str) -> list[tuple[str, str]]:
    """File and quote of every good example."""
    return re.findall(r"^Good, `([^`]+)`:\n```\w+\n(.*?)^```", page, re.S | re.M)


def bad(page: str) -> list[str]:
    """The quote of every bad example."""
    return re.findall(r"^Bad:[^\n]*\n```\w+\n(.*?)^```", page, re.S | re.M)


def stands_in(quote: str, source: str) -> bool:
    """True when the lines of the quote follow each other in the source, indented as they are."""
    return quote.rstrip("\n") in source


def test_good_examples_stand_in_their_files() -> None:
    assert [file for file, quote in good(PAGE) if not stands_in(quote, tree.text(Path(file)))] == []


def test_bad_examples_stand_nowhere() -> None:
    sources = [
        tree.text(file) for suffix in (".py", ".html") for file in tree.under("bankside", suffix=suffix)
    ]
    assert [quote for quote in bad(PAGE) if any(stands_in(quote, source) for source in sources)] == []


def test_every_rule_has_its_examples() -> None:
    rules = re.split(r"^## (?=\d+\. )", PAGE, flags=re.M)[1:]
    assert len(rules) == RULES
    assert [rule.splitlines()[0] for rule in rules if not bad(rule)] == []
    without = [rule.splitlines()[0] for rule in rules if not good(rule)]
    assert without == ["11. Points are whole numbers that move between two accounts"]


def test_a_quote_that_is_not_there_is_found() -> None:
    assert not stands_in("LEASE_SECONDS = 121\n", "LEASE_SECONDS = 120\nRETRIES_MAX = 20\n")
    assert stands_in("LEASE_SECONDS = 120\nRETRIES_MAX = 20\n", "LEASE_SECONDS = 120\nRETRIES_MAX = 20\n")
    page = "Good, `a.py`:\n```python\nx = 1\n```\nBad: why.\n```python\ny = 2\n```\n"
    assert good(page) == [("a.py", "x = 1\n")]
    assert bad(page) == ["y = 2\n"]
