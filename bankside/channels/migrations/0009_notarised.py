"""How far time-stamp authorities and copies have got with each log."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0008_counted")]
    operations = [
        migrations.CreateModel(
            "Notarised",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("name", models.CharField(max_length=32)),
                ("lane", models.PositiveSmallIntegerField()),
                ("year", models.PositiveSmallIntegerField()),
                ("size", models.BigIntegerField(default=0)),
                ("at", models.BigIntegerField(default=0)),
                ("since", models.BigIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "db_table": "channels_notarised",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "name", "lane", "year"), name="notarised_once")
                ],
            },
        ),
    ]
