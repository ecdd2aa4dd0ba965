"""What members are told of points that are going to expire. Places of payments for which nobody agreed to keep
them go: they were kept beside the consent."""

import django.db.models.deletion
from django.db import migrations, models

import bankside.record.ids

EMPTY = "update rewards_payment set mcc = 0 where not for_offers and mcc <> 0"


class Migration(migrations.Migration):
    dependencies = [("rewards", "0006_active_days_with_meters")]
    operations = [
        migrations.CreateModel(
            name="ExpiryNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("obj", models.CharField(default=bankside.record.ids.new_id, max_length=32, unique=True)),
                ("month", models.BigIntegerField()),
                ("points", models.BigIntegerField()),
                ("expires", models.BigIntegerField()),
                ("more", models.BigIntegerField(default=0)),
                ("made_at", models.BigIntegerField()),
                ("delivered_at", models.BigIntegerField(default=0)),
                ("dismissed_at", models.BigIntegerField(default=0)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="rewards.member"
                    ),
                ),
            ],
            options={
                "db_table": "rewards_expiry_notice",
                "indexes": [
                    models.Index(fields=["month"], name="notice_of_month"),
                    models.Index(
                        condition=models.Q(("delivered_at", 0), ("dismissed_at", 0)),
                        fields=["month", "id"],
                        name="notice_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("member", "month"), name="notice_once_a_month")
                ],
            },
        ),
        migrations.RunSQL(EMPTY, migrations.RunSQL.noop),
    ]
