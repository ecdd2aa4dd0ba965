"""What the desk's own database role may do on PostgreSQL, where the tables belong to another role.

It adds to the record and cannot change it: PostgreSQL itself refuses, also when somebody took the triggers
away. It makes no tables either; a rebuild uses temporary ones (docs/operate/deploy.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

ALL = "select, insert, update, delete"
LESS: dict[str, str] = {
    "record_entry": "select, insert",
    "record_payload": "select, insert, delete",  # an erasure deletes
    "record_head": "select, insert, update",
    "record_checkpoint": "select, insert, update",
    "rewards_posting": "select, insert",
    "rewards_batch": "select, insert",
    "django_migrations": "select",
}


class RoleMissing(LookupError):
    """The desk's own role is not there."""


class RoleTooStrong(PermissionError):
    """The desk's own role could change the record or the tables."""


def grant(owner: BaseDatabaseWrapper, role: str) -> None:
    """Gives `role` its rights on all tables of the owner's schema, and takes every other right on them away.

    `owner` is the connection that the tables were made by. Raises RoleMissing and RoleTooStrong.
    """
    with transaction.atomic(using=owner.alias), owner.cursor() as cursor:
        cursor.execute("select current_database(), current_schema(), current_user")
        database, schema, user = cursor.fetchone()
        cursor.execute("select 1 from pg_roles where rolname = %s", [role])
        if not cursor.fetchone():
            raise RoleMissing(f"PostgreSQL has no role {role}: create role {role} login password '...'")
        name = owner.ops.quote_name
        for statement in _statements(name(database), name(schema), name(role)):
            cursor.execute(statement)
        cursor.execute(STRENGTH, {"role": role, "owner": user, "schema": schema, "database": database})
        if reasons := [reason for reason, strong in zip(REASONS, cursor.fetchone(), strict=True) if strong]:
            raise RoleTooStrong(f"the role {role} {' and '.join(reasons)}: give the desk a plain role")


def _statements(database: str, schema: str, role: str) -> Iterator[str]:
    """In this order: nothing, then what is needed, then less where less is enough."""
    yield f"revoke create on schema {schema} from public"
    yield f"revoke all on all tables in schema {schema} from public, {role}"
    yield f"revoke all on all sequences in schema {schema} from public, {role}"
    yield f"grant connect, temporary on database {database} to {role}"
    yield f"grant usage on schema {schema} to {role}"
    yield f"grant usage, select on all sequences in schema {schema} to {role}"
    yield f"grant {ALL} on all tables in schema {schema} to {role}"
    for table, rights in LESS.items():
        yield f'revoke all on {schema}."{table}" from {role}'
        yield f'grant {rights} on {schema}."{table}" to {role}'


REASONS = (
    "is a superuser",
    "may act as the owner of the tables",
    "may make tables",
    "may make schemas",
)
STRENGTH = """
    select rolsuper, pg_has_role(%(role)s, %(owner)s, 'member'),
           has_schema_privilege(%(role)s, %(schema)s, 'create'),
           has_database_privilege(%(role)s, %(database)s, 'create')
    from pg_roles where rolname = %(role)s"""
