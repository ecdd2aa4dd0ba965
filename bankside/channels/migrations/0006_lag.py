from django.db import migrations, models


class Migration(migrations.Migration):
    """How long news takes to reach the desk. Added in place, as in 0005: the table is in a trigger's words."""

    dependencies = [("channels", "0005_listening")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "alter table channels_channel add column lag_ms bigint not null default 0",
                    "alter table channels_channel drop column lag_ms",
                ),
            ],
            state_operations=[
                migrations.AddField("channel", "lag_ms", models.BigIntegerField(default=0)),
            ],
        ),
    ]
