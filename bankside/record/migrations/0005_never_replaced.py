"""`insert or replace` of SQLite deletes the row in its way without asking a trigger; so no row may be there.

PostgreSQL has no such statement: its `on conflict do update` is an update, and refused as one.
"""

from django.db import migrations

ENTRY = """exists (select 1 from record_entry o where o.n = new.n or o.rid = new.rid
    or (o.lane = new.lane and o.year = new.year and o.seq = new.seq)
    or (o.lane = new.lane and o.key = new.key))"""
PAYLOAD = "exists (select 1 from record_payload o where o.n = new.n)"


def make(apps, editor):
    if editor.connection.vendor != "sqlite":
        return
    for table, there in (("record_entry", ENTRY), ("record_payload", PAYLOAD)):
        editor.execute(
            f"""create trigger {table}_no_replace before insert on {table} when {there}
                begin select raise(abort, '{table} is append-only'); end""",
            params=None,
        )


class Migration(migrations.Migration):
    dependencies = [("record", "0004_never_emptied")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
