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
from bankside.record.prepared import Asked

# A row that is there is locked by the attempt to change it, in the order of the list, and left as it is.
_LOCK = """
    insert into rewards_meter (member, body)
    select member, ''::bytea from unnest(%s::bigint[]) with ordinality as m(member, place) order by place
    on conflict (member) do update set body = excluded.body where false"""


def lock(members: Iterable[int]) -> list[int]:
    """Locks members until the transaction ends; their numbers, in the order of locking."""
    wanted = sorted(set(members))
    _locked(array(wanted) if wanted else "")
    return wanted


def _locked(wanted: str) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("open transaction.atomic() around the change and its postings")
    if wanted and connection.vendor == "postgresql":
        with prepared.cursor() as cursor:
            cursor.execute(_LOCK, [wanted])


def metered(members: Iterable[int]) -> Asked:
    """Locks members, and asks for their meters: member, body, newest active day, active days."""
    if connection.vendor != "postgresql":
        condition, values = among("member", lock(members))
        return Asked(f"{_METERS} where {condition}", values)
    text = array(sorted(set(members)))
    _locked(text)
    return Asked(f"{_METERS} where member = any(%s::bigint[])", [text])


_METERS = "select member, body, newest, days from rewards_meter"


def array(values: Iterable[int | str]) -> str:
    """An array of PostgreSQL as it writes one, of numbers or of words without signs: quicker than a list."""
    return f"{{{','.join(map(str, values))}}}"


def among(column: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
    """A condition that a column has one of these values, and what it is asked with."""
    if connection.vendor == "postgresql":
        return f"{column} = any(%s)", [list(values)]
    return f"{column} in (select value from json_each(%s))", [json.dumps(list(values))]  # noqa: S608
