"""Which migrations a database has, and which this code has. A desk serves only where both are the same.

An older desk on newer tables would write rows that the newer one does not expect, and read what it does not
understand; so it refuses. Asked without setting up Django, because every process asks when it starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

OURS: Final = "bankside."
NAMED_MAX: Final = 5
Applied = dict[str, list[str]]


class SchemaNewer(RuntimeError):
    """The tables were made by a newer version; this one must not touch them."""


class SchemaOlder(RuntimeError):
    """The tables were made by an older version, or an upgrade was cut short; `bankside migrate` goes on."""


def known() -> Applied:
    """The migrations that this code has, of our own rooms, by app."""
    from django.conf import settings

    rooms = [app.removeprefix(OURS) for app in settings.INSTALLED_APPS if app.startswith(OURS)]
    return {room: names for room in rooms if (names := _names(room))}


def newer(applied: Applied) -> list[str]:
    """Migrations of our rooms that were applied somewhere and that this code has not: `record 0099_x`."""
    ours = known()
    return [
        f"{app} {name}"
        for app, names in sorted(applied.items())
        for name in sorted(names)
        if app in ours and name not in ours[app]
    ]


def missing(applied: Applied) -> list[str]:
    """Migrations of our rooms that this code has and that were not applied there."""
    return [
        f"{app} {name}"
        for app, names in sorted(known().items())
        for name in names
        if name not in applied.get(app, ())
    ]


def refuse_newer(applied: Applied, what: str) -> None:
    """Raises SchemaNewer when `what` ("The database", "The backup") was made by a newer version."""
    if found := newer(applied):
        raise SchemaNewer(
            f"{what} was made by a newer version of Bankside ({_few(found)}). Run that version, or a newer"
            " one; to go back, restore a backup that the older version made."
        )


def refuse_other(applied: Applied) -> None:
    """Raises SchemaNewer or SchemaOlder unless the tables are those of this code."""
    refuse_newer(applied, "The database")
    if found := missing(applied):
        raise SchemaOlder(
            f"The tables are not those of this version yet ({_few(found)}): run `bankside migrate`."
        )


def by_app(rows: Iterable[tuple[str, str]]) -> Applied:
    """Rows of (app, name), such as those of django_migrations, in order of names."""
    found: Applied = {}
    for app, name in sorted(rows):
        found.setdefault(app, []).append(name)
    return found


def applied_in(connection: Any) -> Applied:
    """What was applied to the database of a Django connection; empty when it has no tables."""
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return {}
        cursor.execute("select app, name from django_migrations")
        return by_app(cursor.fetchall())


def make(connection: Any, applied: Applied) -> None:
    """Makes the tables of an empty database as they were when just these migrations had been applied."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    wanted = {(app, name) for app, names in applied.items() for name in names if (app, name) in graph.nodes}
    executor.migrate(sorted(node for node in wanted if not _goes_on(graph.node_map[node], wanted)))


def _goes_on(node: Any, wanted: set[tuple[str, str]]) -> bool:
    """Whether a later migration of the same app is wanted, which brings this one with it."""
    return any(child.key in wanted and child.key[0] == node.key[0] for child in node.children)


def _names(room: str) -> list[str]:
    """The files, not imported: a start waits for none of them."""
    found = find_spec(f"{OURS}{room}")
    if found is None or not found.origin:
        return []
    folder = Path(found.origin).parent / "migrations"
    return sorted(file.stem for file in folder.glob("[0-9]*.py"))


def _few(names: list[str]) -> str:
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return ", ".join(names[:NAMED_MAX]) + more
