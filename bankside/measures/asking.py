"""The statements that frames are made of: by hand, for both databases.

They say when and no more, so that indexes hold all that they read; the question's filters come after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from bankside.late import numpy as np
from bankside.measures.columns import VERBS

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOT_COUNTED: Final = -(1 << 62)  # what no network counts, whatever it says
_PLACES = " ".join(f"when '{verb}' then {place}" for place, verb in enumerate(VERBS))
TALKS = "select packed from measures_talk where opened_at >= %s and opened_at < %s"
STILL_OPEN = "select packed from measures_talk where closed_at = 0 and opened_at < %s"
CLOSED_SINCE = "select packed from measures_talk where closed_at >= %s and opened_at < %s"
POSTS = "select packed from measures_outgoing where at >= %s and at < %s"
ACTS = "select packed from measures_incoming where at >= %s and at < %s"
# The desk's own words come back from the network: that is the same thing once more.
AGAIN = """select o.id from measures_outgoing o where o.at >= %s and o.at < %s and o.purpose = 'outside'
    and exists (select 1 from measures_outgoing d where d.channel = o.channel and d.remote_id = o.remote_id
        and d.purpose <> 'outside')"""
# What came back is asked of posts alone, which most of our words are not.
# Said as a cross join, SQLite goes through our own things first: what is counted of them is years long.
COUNTED = f"""select o.id || ',' || coalesce(c.reach, {NOT_COUNTED}) || ',' ||
    coalesce(c.likes, {NOT_COUNTED}) || ',' || coalesce(c.shares, {NOT_COUNTED}) || ',' ||
    coalesce(c.comments, {NOT_COUNTED}) as id from measures_outgoing o
    cross join measures_count c where c.channel = o.channel and c.remote_id = o.remote_id
    and o.answers = %s and o.at >= %s and o.at < %s and o.remote_id <> ''"""  # noqa: S608 # numbers and words of this file
# One number for each act: to group them, a database would put them in order first.
SEEN = f"""select o.id * {len(VERBS)} + case i.verb {_PLACES} end as id from measures_outgoing o
    cross join measures_incoming i where i.channel = o.channel and i.about = o.remote_id
    and o.answers = %s and o.at >= %s and o.at < %s and o.remote_id <> ''"""  # noqa: S608
STEPS = "select id, what, network, amount, at from measures_step where at >= %s and at < %s order by id"
# Every packed value behind the other as one: rows that become objects cost several times as much. SQLite
# joins values by their bytes, whatever they are (a test holds it to that).
TOGETHER: Final = {
    "sqlite": "select cast(group_concat(packed, '') as blob) from ({sql}) as found",
    "postgresql": "select string_agg(packed, ''::bytea) from ({sql}) as found",
}
# The same for numbers, as a text that is read at once.
LISTED: Final = {
    "sqlite": "select group_concat(id, ',') from ({sql}) as found",
    "postgresql": "select string_agg(id::text, ',') from ({sql}) as found",
}


def packed(sql: str, values: Sequence[int]) -> bytes:
    """The packed values of the rows of a statement, one behind the other, in no order."""
    with connection.cursor() as cursor:
        cursor.execute(TOGETHER[connection.vendor].format(sql=sql), values)
        [(found,)] = cursor.fetchall()
        return bytes(found or b"")


def numbers(sql: str, values: Sequence[int]) -> NDArray[np.int64]:
    """The whole numbers that a statement gives as `id`, or several of them between commas, as one list."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED[connection.vendor].format(sql=sql), values)
        [(found,)] = cursor.fetchall()
        return np.fromstring(found, np.int64, sep=",") if found else np.zeros(0, np.int64)


def rows(sql: str, values: Sequence[int], width: int) -> list[Any]:
    """The columns of a statement, of which there are so many."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
        return list(zip(*found, strict=True)) if found else [()] * width
