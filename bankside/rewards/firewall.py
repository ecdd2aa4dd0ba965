"""The credit firewall: what underwriting, pricing and collections may read of this desk: nothing social.

They have a database role of their own. It may read a few columns about cards and sums, named here one by one,
and PostgreSQL refuses it everything else: posts, profiles, points, tiers, interests, and every table that is
made later. docs/operate/credit-firewall.md says how it is set up; `breaches` looks whether it still holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# Cards by the token service's reference, and what was paid with them. Not where or for what: that tells of
# health, faith and politics. Not the member: that row leads to points and profiles.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "rewards_card": ("id", "token_ref", "state"),
    "rewards_payment": ("id", "ref", "kind", "card_id", "original", "amount", "currency", "at", "taken_at"),
}


class NotPostgreSQL(RuntimeError):
    """SQLite has no roles: whoever can read the file reads all of it, and underwriting gets no file."""


class RoleMissing(LookupError):
    """The role for underwriting is not there."""


class WallBroken(PermissionError):
    """The role can read or do what it may not; `breaches` are the things, such as `inbox_message.text`."""

    def __init__(self, role: str, breaches: tuple[str, ...]) -> None:
        self.breaches = breaches
        super().__init__(f"the role {role} can reach {', '.join(breaches)}: give underwriting a plain role")


def grants(database: str, schema: str, role: str) -> Iterator[str]:
    """The statements that set the wall up: first nothing, then these columns. Names come quoted."""
    yield f"revoke all on all tables in schema {schema} from public, {role}"
    yield f"revoke all on all sequences in schema {schema} from public, {role}"
    yield f"revoke create on schema {schema} from public"
    yield f"revoke all on schema {schema} from {role}"
    yield f"grant connect on database {database} to {role}"
    yield f"grant usage on schema {schema} to {role}"
    for table, columns in sorted(COLUMNS.items()):
        yield f'grant select ({", ".join(columns)}) on {schema}."{table}" to {role}'


def raise_wall(owner: BaseDatabaseWrapper, role: str) -> None:
    """Gives `role` these columns and takes every other right on the desk's tables away.

    `owner` is the connection that the tables were made by. Raises NotPostgreSQL, RoleMissing, WallBroken.
    """
    if owner.vendor != "postgresql":
        raise NotPostgreSQL("the credit firewall is a role of PostgreSQL; SQLite has none")
    with transaction.atomic(using=owner.alias), owner.cursor() as cursor:
        cursor.execute("select current_database(), current_schema()")
        database, schema = cursor.fetchone()
        cursor.execute("select 1 from pg_roles where rolname = %s", [role])
        if not cursor.fetchone():
            raise RoleMissing(f"PostgreSQL has no role {role}: create role {role} login password '...'")
        name = owner.ops.quote_name
        for statement in grants(name(database), name(schema), name(role)):
            cursor.execute(statement)
        if found := breaches(owner, role):
            raise WallBroken(role, found)


def breaches(connection: BaseDatabaseWrapper, role: str) -> tuple[str, ...]:
    """What a role can reach of the desk beyond the columns above; () while the wall stands.

    Asks PostgreSQL itself, for every column of every table of the schema, and for every way around rights.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READABLE, [role])
        readable = {(table, column) for table, column in cursor.fetchall()}
        cursor.execute(_CHANGEABLE, [role])
        changeable = [f"{table} (it can be changed)" for (table,) in cursor.fetchall()]
        cursor.execute(_AROUND, {"role": role})
        around = [name for name, there in zip(AROUND, cursor.fetchone() or (), strict=False) if there]
    allowed = {(table, column) for table, columns in COLUMNS.items() for column in columns}
    return (*(f"{table}.{column}" for table, column in sorted(readable - allowed)), *changeable, *around)


_READABLE = """
    select c.relname, a.attname from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'v', 'm', 'p', 'f') and has_column_privilege(%s, c.oid, a.attnum, 'select')"""
_CHANGEABLE = """
    select c.relname from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
    where c.relkind in ('r', 'v', 'm', 'p', 'f')
      and has_table_privilege(%s, c.oid, 'insert, update, delete, truncate, references, trigger')
    order by c.relname"""
AROUND: Final = ("superuser", "every table (pg_read_all_data)", "the rights of another role", "making tables")
_AROUND = """
    select rolsuper, pg_has_role(rolname, 'pg_read_all_data', 'member'),
           exists (select 1 from pg_auth_members m where m.member = r.oid),
           has_schema_privilege(rolname, current_schema(), 'create')
    from pg_roles r where rolname = %(role)s"""
