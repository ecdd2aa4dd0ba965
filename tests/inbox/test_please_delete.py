"""When the answer that asks to delete a number is laid ready: for what was said or changed last."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bankside.inbox import reading
from bankside.inbox.please_delete import PRIVATE, PUBLIC, suggested
from tests.inbox.story import Story, at

pytestmark = pytest.mark.django_db


def test_it_is_laid_ready_for_what_was_said_or_changed_after_our_last_words() -> None:
    story = Story()
    steps: list[tuple[Callable[[], object], str]] = [
        (lambda: story.seen("Waar is mijn pas?", "c:1", lang="nl"), ""),
        (lambda: story.seen("Wij kijken ernaar.", "own:1", own=True), ""),
        (lambda: story.edited("Waar is mijn pas •••• 4242?", "c:1", lang="nl", red=("PAN",)), PUBLIC["nl"]),
        (lambda: story.wrote("e" * 32, "Verwijder uw bericht."), ""),  # it is on its way
        (lambda: story.published("e" * 32, "own:2"), ""),
        (lambda: story.seen("Rekening •••• 1234", "c:2", lang="nl", red=("IBAN",)), ""),
        (lambda: story.seen("卡号 •••• 4242", "c:3", lang="zh", red=("PAN",), private=True), PRIVATE["zh"]),
        (lambda: story.removed("c:3"), ""),
    ]
    for minute, (happens, ready) in enumerate(steps):
        with at(minute):
            happens()
        row = story.row()
        assert suggested(reading.thread(row).lines, row.lang, row.hidden) == ready, f"step {minute}"
