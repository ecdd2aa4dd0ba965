"""A desk's data folder and database as they were at one moment, and fresh copies of both for each life.

On PostgreSQL a database is copied with `create database ... template ...`, which takes a tenth of a second;
nobody may be at the kept one, and whoever is still at the copy is cut off.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Copies(Protocol):
    """What copies databases: a server of the tests."""

    def copy(self, database: str, new: str) -> None:
        """Makes `new` anew, as `database` is now."""


@dataclass
class Kept:
    """`data` is the folder that a life works in; on SQLite the database lies inside of it.

    What is kept under `name` lies beside it, and in a database of that name.
    """

    name: str
    data: Path
    server: Copies | None = None
    database: str = ""

    def keep(self) -> None:
        """Keeps both as they are now, once."""
        shutil.copytree(self.data, self._folder)
        if self.server:
            self.server.copy(self.database, f"{self.database}_{self.name}")

    def fresh(self) -> None:
        """Both again as they were kept."""
        shutil.rmtree(self.data)
        shutil.copytree(self._folder, self.data)
        if self.server:
            self.server.copy(f"{self.database}_{self.name}", self.database)

    @property
    def _folder(self) -> Path:
        return self.data.with_name(f"kept-{self.name}")
