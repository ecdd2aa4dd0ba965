"""Tokens that end, kept with their channel, and those who have gone to sign in at a network.

The columns are added as they are: Django would make the table of channels anew on SQLite, under the triggers
that look into it.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

EMPTY = {"sqlite": "blob not null default x''", "postgresql": "bytea not null default ''"}
COLUMNS = ("session", "fresh_until", "renewing_until")


def add(apps, schema_editor):
    """Three columns, empty in the rows that there are."""
    for name in COLUMNS:
        kind = EMPTY[schema_editor.connection.vendor] if name == "session" else "bigint not null default 0"
        schema_editor.execute(f'alter table channels_channel add column "{name}" {kind}')


def take_away(apps, schema_editor):
    """The tokens are lost; the secrets that they came from are not."""
    for name in COLUMNS:
        schema_editor.execute(f'alter table channels_channel drop column "{name}"')


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0002_consented'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, take_away)],
            state_operations=[
                migrations.AddField('channel', 'session', models.BinaryField(default=bytes)),
                migrations.AddField('channel', 'fresh_until', models.BigIntegerField(default=0)),
                migrations.AddField('channel', 'renewing_until', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='PendingGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mac', models.CharField(max_length=64, unique=True)),
                ('body', models.BinaryField()),
                ('until', models.BigIntegerField(db_index=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'channels_pending_grant',
            },
        ),
    ]
