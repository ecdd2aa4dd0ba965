"""What a page of measures reads stands in the indexes; what others did is packed as the rest is."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from bankside.measures import packing

ROWS_AT_ONCE = 5_000


def pack(apps: Any, schema_editor: Any) -> None:
    """Packs the rows that are there, some at a time."""
    rows = apps.get_model("measures", "Incoming").objects.using(schema_editor.connection.alias)
    after = 0
    while some := list(rows.filter(pk__gt=after).order_by("pk")[:ROWS_AT_ONCE]):
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany(
                "update measures_incoming set packed = %s where id = %s",
                [(packing.of_incoming(row), row.pk) for row in some],
            )
        after = some[-1].pk


def nothing(apps: Any, schema_editor: Any) -> None:
    """Backwards the column goes away."""


def replaced(model: str, name: str, *fields: str) -> list[Any]:
    index = models.Index(fields=fields, name=name)
    return [migrations.RemoveIndex(model, name), migrations.AddIndex(model, index)]


class Migration(migrations.Migration):
    dependencies = [("measures", "0004_looking")]

    operations = [
        migrations.AddField("incoming", "packed", models.BinaryField(default=bytes)),
        migrations.RunPython(pack, nothing),
        *replaced("incoming", "incoming_at", "at", "packed"),
        *replaced("talk", "talk_opened", "opened_at", "packed"),
        *replaced("talk", "talk_closed", "closed_at", "opened_at", "packed"),
        *replaced("outgoing", "outgoing_at", "at", "packed"),
        *replaced("outgoing", "outgoing_purpose", "purpose", "at", "channel", "remote_id", "id"),
        *replaced("outgoing", "outgoing_remote", "channel", "remote_id", "purpose"),
        migrations.AddIndex(
            "outgoing",
            models.Index(fields=["answers", "at", "channel", "remote_id", "id"], name="outgoing_thing"),
        ),
    ]
