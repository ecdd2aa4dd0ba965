"""Half of each page of the meters is left free, so that a meter that changes stays on its page, where its index
still finds it (PostgreSQL, heap-only tuples): nearly every award changes one."""

from django.db import migrations


def room(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("alter table rewards_meter set (fillfactor = 50)")


def none(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("alter table rewards_meter reset (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0004_one_row")]
    operations = [migrations.RunPython(room, none)]
