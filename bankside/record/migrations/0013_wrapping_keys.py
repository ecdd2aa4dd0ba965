"""Generations of the wrapping key. On a desk that has keys already, generation 0 is its key file."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

WRAPPED_WITH = models.ForeignKey(
    "record.WrappingKey", db_column="kek", db_index=False, default=0,
    on_delete=django.db.models.deletion.PROTECT,
)  # fmt: skip


def generation_of_before(apps: object, editor: object) -> None:
    """What is wrapped already was wrapped with the file itself."""
    alias = editor.connection.alias  # type: ignore[attr-defined]
    model = apps.get_model  # type: ignore[attr-defined]
    if model("record", "KeyClass").objects.using(alias).exists():
        model("record", "WrappingKey").objects.using(alias).create(generation=0, made_at=0)
        model("record", "WrappedKey").objects.using(alias).create(
            wrapping_id=0, provider="file", holder="", wrapped=b""
        )


class Migration(migrations.Migration):
    dependencies = [("record", "0012_package")]
    operations = [
        migrations.CreateModel(
            "WrappingKey",
            [
                ("generation", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("made_at", models.BigIntegerField()),
            ],
            options={"db_table": "record_kek"},
        ),
        migrations.CreateModel(
            "WrappedKey",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=16)),
                ("holder", models.CharField(blank=True, max_length=200)),
                ("wrapped", models.BinaryField()),
                (
                    "wrapping",
                    models.ForeignKey("record.WrappingKey", on_delete=django.db.models.deletion.CASCADE),
                ),
            ],
            options={
                "db_table": "record_kek_wrapped",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("wrapping", "provider", "holder"), name="wrapped_once_by_each"
                    )
                ],
            },
        ),
        migrations.RunPython(generation_of_before, migrations.RunPython.noop),
        migrations.AddField("Subject", "kek", WRAPPED_WITH),
        migrations.AddField("KeyClass", "kek", WRAPPED_WITH),
    ]
