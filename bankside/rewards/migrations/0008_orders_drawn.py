"""The file of an order is drawn by the worker, kept for a while, and drawn again when somebody wants it.

Orders from before have no file; theirs can be drawn again."""

from django.db import migrations, models


def field(name, made):
    return migrations.AddField("order", name, made)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0007_notices")]
    operations = [
        field("key", models.CharField(max_length=140, unique=True, null=True)),
        field("state", models.CharField(max_length=8, default="away")),
        field("done", models.PositiveIntegerField(default=0)),
        field("left_out", models.PositiveIntegerField(default=0)),
        field("size", models.BigIntegerField(default=0)),
        field("drawn_at", models.BigIntegerField(default=0)),
        field("trouble", models.CharField(max_length=400, default="", blank=True)),
        migrations.AlterField("order", "by", models.CharField(max_length=32, blank=True)),
        migrations.AlterField("order", "sha256", models.CharField(max_length=64, default="", blank=True)),
    ]
