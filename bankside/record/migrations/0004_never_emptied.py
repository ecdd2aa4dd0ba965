"""The record is not emptied either: TRUNCATE asks no trigger for rows, so it is refused as a statement.

SQLite has no such statement; there, deleting all rows is deleting each.
"""

from django.db import migrations

TABLES = ("record_entry", "record_payload")


def make(apps, editor):
    if editor.connection.vendor != "postgresql":
        return
    for table in TABLES:
        editor.execute(
            f"""create trigger {table}_no_truncate before truncate on {table}
                for each statement execute function record_refuse()"""
        )


class Migration(migrations.Migration):
    dependencies = [("record", "0003_entries_by_fact_and_actor")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
