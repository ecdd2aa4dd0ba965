"""Words before a second person, for tests: who wrote, who edited, who may agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from bankside.approvals import requests
from bankside.approvals.models import Request
from bankside.people.models import Staff
from bankside.record.ids import new_id
from tests.people.team import person

WORDS = [("c" * 32, "1" * 64), ("d" * 32, "2" * 64)]


@dataclass
class Desk:
    """Every one of these may write and approve by role: only the four-eyes rule stands between."""

    author: Staff = field(default_factory=lambda: person("author", "approver", name="김민지"))
    editor: Staff = field(default_factory=lambda: person("author", "approver", name="Daan de Vries"))
    approver: Staff = field(default_factory=lambda: person("author", "approver", name="王芳"))
    other: Staff = field(default_factory=lambda: person("approver", name="Grace Miller"))

    def ask(self, **changes: Any) -> Request:
        """A request of this author and editor for two channels."""
        asked = {
            "kind": "post", "thing": new_id(), "version": new_id(), "author": self.author,
            "editor": self.editor, "words": WORDS, "title": "한울은행 연차 보고서",
        } | changes  # fmt: skip
        return requests.ask(**asked)


def sql(statement: str, *values: Any) -> int:
    """Raw SQL, past every rule of the rooms; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount
