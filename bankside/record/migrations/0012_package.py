"""Packages that somebody ordered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("record", "0011_recovery_mode")]
    operations = [
        migrations.CreateModel(
            "Package",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("obj", models.CharField(max_length=32, unique=True)),
                ("key", models.CharField(max_length=200, unique=True)),
                ("maker", models.CharField(max_length=42)),
                ("where", models.CharField(max_length=2000)),
                ("reason", models.CharField(max_length=500)),
                ("language", models.CharField(max_length=10)),
                ("until", models.BigIntegerField()),
                ("expected", models.BigIntegerField()),
                ("done", models.BigIntegerField(default=0)),
                ("state", models.CharField(default="waiting", max_length=8)),
                ("trouble", models.CharField(blank=True, default="", max_length=400)),
                ("manifest", models.CharField(blank=True, default="", max_length=64)),
                ("files", models.BigIntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("ordered_at", models.BigIntegerField()),
                ("ended_at", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "record_package",
                "indexes": [models.Index(fields=["ordered_at"], name="package_ordered")],
            },
        ),
    ]
