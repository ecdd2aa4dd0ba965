"""What writing the rows of the journal of points costs at least: bare inserts, or COPY, right after ours."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

TABLE = "rewards_posting"


class Likeness:
    """A table with the columns, keys and indexes of the journal that takes the same rows, as durable, batch
    by batch, each right after ours: what else the machine does meanwhile slows both."""

    def __init__(self, folder: Path) -> None:
        from django.db import connection

        self._on_postgresql = connection.vendor == "postgresql"
        self._last = _last()
        if self._on_postgresql:
            self._as_postgresql()
        else:
            self._as_sqlite(folder)

    def seconds(self) -> float:
        """Seconds of what was written since the last time."""
        return self._copy() if self._on_postgresql else self._insert()

    def _as_postgresql(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f"drop table if exists bare_{TABLE}")
            cursor.execute(f"create table bare_{TABLE} (like {TABLE} including all)")
            cursor.execute(f"insert into bare_{TABLE} select * from {TABLE}")

    def _as_sqlite(self, folder: Path) -> None:
        path = folder / "bare.db"
        path.unlink(missing_ok=True)
        self._source = sqlite3.connect(folder / "bankside.db", isolation_level=None)
        self._bare = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=wal", "synchronous=full", "secure_delete=on", "cache_size=-64000"):
            self._bare.execute(f"pragma {pragma}")
        made = "select sql from sqlite_master where tbl_name = ? and type in ('table', 'index') and sql > ''"
        for (sql,) in self._source.execute(f"{made} order by type desc", [TABLE]).fetchall():
            self._bare.execute(sql)
        self._into(self._source.execute(f"select * from {TABLE}").fetchall())

    def _insert(self) -> float:
        rows = self._source.execute(f"select * from {TABLE} where id > ?", [self._last]).fetchall()
        self._last = rows[-1][0] if rows else self._last
        started = time.perf_counter()
        self._into(rows)
        return time.perf_counter() - started

    def _into(self, rows: list[Any]) -> None:
        if rows:
            self._bare.execute("begin immediate")
            self._bare.executemany(f"insert into {TABLE} values ({', '.join('?' * len(rows[0]))})", rows)
            self._bare.execute("commit")

    def _copy(self) -> float:
        from django.db import connection

        last, self._last = self._last, _last()
        with connection.cursor() as cursor:
            with cursor.copy(f"copy (select * from {TABLE} where id > {last}) to stdout") as out:
                text = b"".join(out)
            started = time.perf_counter()
            with cursor.copy(f"copy bare_{TABLE} from stdin") as into:
                into.write(text)
            return time.perf_counter() - started


def _last() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"select coalesce(max(id), 0) from {TABLE}")
        return int(cursor.fetchone()[0])
