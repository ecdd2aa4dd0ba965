"""For tests of finding changes: a database that lets its history be changed, as its owner could."""

from __future__ import annotations

from django.db import connection

from tests.servers.postgresql import OWNER

TRIGGERS = {
    "sqlite": ("record_entry_no_update", "record_entry_no_delete", "record_payload_no_update"),
    "postgresql": (
        "record_entry_no_change on record_entry",
        "record_payload_no_update on record_payload",
    ),
}


def let_rows_change() -> None:
    """Takes the append-only triggers away, until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"set local role {OWNER}")  # the desk's own role could not
        for trigger in TRIGGERS[connection.vendor]:
            cursor.execute(f"drop trigger {trigger}")


def change_leaf(seq: int) -> None:
    """One letter of the actor in a leaf is another; its hash stays."""
    from bankside.record.models import Entry

    row = Entry.objects.get(seq=seq)
    leaf = bytes(row.leaf).replace(b"s:test", b"s:tesu")
    Entry.objects.filter(n=row.n).update(leaf=leaf)
