"""Posts whose counts are read. What the desk has said in the last 90 days is among them from the start."""

import time
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

WEEKLY_MS = 90 * 86_400_000
AT_ONCE = 500


def take_in(apps: Any, schema_editor: Any) -> None:
    """Posts that are out; a second delivery of the same remote id is the same post."""
    # By the connection of those who own the tables: the desk's own role may not know of them yet.
    alias = schema_editor.connection.alias
    deliveries = apps.get_model("channels", "Delivery").objects.using(alias)
    counted = apps.get_model("channels", "Counted")
    now = time.time_ns() // 1_000_000
    sent = deliveries.filter(state="sent", purpose="post", state_at__gt=now - WEEKLY_MS).exclude(remote_id="")
    names = sent.order_by("id").values_list("channel_id", "remote_id", "state_at")
    rows = [counted(channel_id=c, remote_id=r, said_at=at, due_at=now) for c, r, at in names.iterator()]
    counted.objects.using(alias).bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("channels", "0007_films")]

    operations = [
        migrations.CreateModel(
            name="Counted",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("remote_id", models.CharField(max_length=300)),
                ("account", models.BooleanField(default=False)),
                ("said_at", models.BigIntegerField()),
                ("due_at", models.BigIntegerField()),
                ("looked_at", models.BigIntegerField(default=0)),
                ("told", models.JSONField(default=dict)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="channels.channel"
                    ),
                ),
            ],
            options={
                "db_table": "channels_counted",
                "indexes": [models.Index(fields=["channel", "due_at"], name="counted_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "remote_id"), name="counted_once")
                ],
            },
        ),
        migrations.RunPython(take_in, migrations.RunPython.noop),
    ]
