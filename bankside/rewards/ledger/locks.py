"""One at a time for each member: whoever moves points of members locks them first, in ascending order.

The lock is the row of the member's meter. On SQLite there is one writer, and nothing to lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from bankside.record import prepared
from bankside.record.append import OutsideTransaction

# A row that is there is locked by the attempt to change it, in the order of the list, and left as it is.
_LOCK = """
    insert into rewards_meter (member, body)
    select member, ''::bytea from unnest(%s::bigint[]) with ordinality as m(member, place) order by place
    on conflict (member) do update set body = excluded.body where false"""


def lock(members: Iterable[int]) -> list[int]:
    """Locks members until the transaction ends; their numbers, in the order of locking."""
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("open transaction.atomic() around the change and its postings")
    wanted = sorted(set(members))
    if wanted and connection.vendor == "postgresql":
        with prepared.cursor() as cursor:
            cursor.execute(_LOCK, [array(wanted)])
    return wanted


def metered(members: Iterable[int]) -> dict[int, bytes]:
    """Locks members, and reads their meters: empty for new ones."""
    wanted = lock(members)
    with connection.cursor() as cursor:
        condition, values = among("member", wanted)
        if connection.vendor == "postgresql":
            condition, values = "member = any(%s::bigint[])", [array(wanted)]
        cursor.execute(f"select member, body from rewards_meter where {condition}", values)  # noqa: S608
        found = {member: bytes(body) for member, body in cursor.fetchall()}
    return dict.fromkeys(wanted, b"") | found


def array(values: Iterable[int | str]) -> str:
    """An array of PostgreSQL as it writes one, of numbers or of words without signs: quicker than a list."""
    return f"{{{','.join(map(str, values))}}}"


def among(column: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
    """A condition that a column has one of these values, and what it is asked with."""
    if connection.vendor == "postgresql":
        return f"{column} = any(%s)", [list(values)]
    return f"{column} in (select value from json_each(%s))", [json.dumps(list(values))]  # noqa: S608
