"""How long a film is. The column is added as it is, for the reason that 0005 gives."""

from django.db import migrations, models


def add(apps, schema_editor):
    """One column, 0 in the rows that there are: pictures have no length."""
    schema_editor.execute('alter table channels_media add column "seconds" bigint not null default 0')


def take_away(apps, schema_editor):
    """The lengths are lost."""
    schema_editor.execute('alter table channels_media drop column "seconds"')


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0006_lag'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, take_away)],
            state_operations=[migrations.AddField('media', 'seconds', models.BigIntegerField(default=0))],
        ),
    ]
