"""Whether a page can be used by everybody, as far as axe-core can tell: no violation at all is accepted."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bin"))
import front_end

SCRIPT: Path = front_end.CHECK / "axe.min.js"


@cache
def source() -> str:
    """axe-core as it was pinned."""
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """One line for each place where a rule is broken, once the page is there as a whole."""
    page.wait_for_load_state()
    page.evaluate(source())
    found: list[dict[str, Any]] = page.evaluate("axe.run().then((said) => said.violations)")
    return [
        f"{page.url} {rule['id']}: {node['html'][:160]} ({node['failureSummary'][:300]})"
        for rule in found
        for node in rule["nodes"]
    ]


def check(page: Page) -> None:
    """Fails with every violation of the page as it stands."""
    found = violations(page)
    assert not found, "\n".join(found)
