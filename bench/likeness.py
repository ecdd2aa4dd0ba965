"""What writing the rows of the journal of points costs at least: bare inserts, or COPY, right after ours."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

TABLES = ("rewards_posting", "rewards_earned")


class Likeness:
    """Tables with the columns, keys and indexes of the journal and of the decisions, that take the same rows,
    as durable, batch by batch, each right after ours: what else the machine does meanwhile slows both."""

    def __init__(self, folder: Path) -> None:
        from django.db import connection

        self._on_postgresql = connection.vendor == "postgresql"
        self._last = [_last(table) for table in TABLES]
        if self._on_postgresql:
            self._as_postgresql()
        else:
            self._as_sqlite(folder)

    def seconds(self) -> list[float]:
        """Seconds of what was written since the last time, for each table."""
        return [self._copy(n) if self._on_postgresql else self._insert(n) for n in range(len(TABLES))]

    def _as_postgresql(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"drop table if exists bare_{table}")
                cursor.execute(f"create table bare_{table} (like {table} including all)")
                cursor.execute(f"insert into bare_{table} select * from {table}")

    def _as_sqlite(self, folder: Path) -> None:
        path = folder / "bare.db"
        path.unlink(missing_ok=True)
        self._source = sqlite3.connect(folder / "bankside.db", isolation_level=None)
        self._bare = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=wal", "synchronous=full", "secure_delete=on", "cache_size=-64000"):
            self._bare.execute(f"pragma {pragma}")
        made = "select sql from sqlite_master where tbl_name = ? and type in ('table', 'index') and sql > ''"
        for table in TABLES:
            for (sql,) in self._source.execute(f"{made} order by type desc", [table]).fetchall():
                self._bare.execute(sql)
            rows = self._source.execute(f"select * from {table}").fetchall()
            self._into(table, rows)

    def _insert(self, n: int) -> float:
        rows = self._source.execute(f"select * from {TABLES[n]} where id > ?", [self._last[n]]).fetchall()
        self._last[n] = rows[-1][0] if rows else self._last[n]
        started = time.perf_counter()
        self._into(TABLES[n], rows)
        return time.perf_counter() - started

    def _into(self, table: str, rows: list[Any]) -> None:
        if rows:
            self._bare.execute("begin immediate")
            self._bare.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
            self._bare.execute("commit")

    def _copy(self, n: int) -> float:
        from django.db import connection

        table, last = TABLES[n], self._last[n]
        self._last[n] = _last(table)
        with connection.cursor() as cursor:
            with cursor.copy(f"copy (select * from {table} where id > {last}) to stdout") as out:
                text = b"".join(out)
            started = time.perf_counter()
            with cursor.copy(f"copy bare_{table} from stdin") as into:
                into.write(text)
            return time.perf_counter() - started


def _last(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"select coalesce(max(id), 0) from {table}")
        return int(cursor.fetchone()[0])
