"""The trigger that no row is replaced fails instead of aborting: it refuses the same, at half of an insert's cost.

For `abort` SQLite keeps a copy of every page that a statement changes, to undo the statement alone; the record
is written one row a statement, so that there is nothing to undo. https://www.sqlite.org/lang_createtrigger.html
"""

from django.db import migrations

from importlib import import_module

before = import_module("bankside.record.migrations.0005_never_replaced")


def make(apps, editor):
    if editor.connection.vendor != "sqlite":
        return
    for table, there in (("record_entry", before.ENTRY), ("record_payload", before.PAYLOAD)):
        editor.execute(f"drop trigger {table}_no_replace", params=None)
        editor.execute(
            f"""create trigger {table}_no_replace before insert on {table} when {there}
                begin select raise(fail, '{table} is append-only'); end""",
            params=None,
        )


class Migration(migrations.Migration):
    dependencies = [("record", "0005_never_replaced")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
