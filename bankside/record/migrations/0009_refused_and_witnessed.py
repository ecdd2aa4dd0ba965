"""Why a signer refuses, and what witnesses have signed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("record", "0008_signed_heads")]
    operations = [
        migrations.AddField("checkpoint", "refused", models.CharField(max_length=400, default="")),
        migrations.CreateModel(
            "Witnessed",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("lane", models.PositiveSmallIntegerField()),
                ("year", models.PositiveSmallIntegerField()),
                ("size", models.BigIntegerField(default=0)),
                ("at", models.BigIntegerField(default=0)),
                ("since", models.BigIntegerField(default=0)),
                ("trouble", models.CharField(default="", max_length=200)),
            ],
            options={
                "db_table": "record_witnessed",
                "constraints": [models.UniqueConstraint(fields=("name", "lane", "year"), name="witnessed_once")],
            },
        ),
    ]
