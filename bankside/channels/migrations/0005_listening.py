"""When an access ends that a person must renew, since when a network says no, and which signatures were seen.

The columns are added as they are: Django would make the table of channels anew on SQLite, under the triggers
that look into it.
"""

import django.db.models.deletion
from django.db import migrations, models

COLUMNS = ("ends_at", "notice_at", "refused_since")


def add(apps, schema_editor):
    """Three columns, 0 in the rows that there are: nothing is known of them yet."""
    for name in COLUMNS:
        schema_editor.execute(f'alter table channels_channel add column "{name}" bigint not null default 0')


def take_away(apps, schema_editor):
    """What was known of them is lost."""
    for name in COLUMNS:
        schema_editor.execute(f'alter table channels_channel drop column "{name}"')


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0004_by_hand_meter'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, take_away)],
            state_operations=[
                migrations.AddField('channel', 'ends_at', models.BigIntegerField(default=0)),
                migrations.AddField('channel', 'notice_at', models.BigIntegerField(default=0)),
                migrations.AddField('channel', 'refused_since', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='SignatureSeen',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mac', models.CharField(max_length=64)),
                ('until', models.BigIntegerField(db_index=True)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='channels.channel')),
            ],
            options={
                'db_table': 'channels_signature_seen',
                'constraints': [models.UniqueConstraint(fields=('channel', 'mac'), name='signature_once')],
            },
        ),
    ]
