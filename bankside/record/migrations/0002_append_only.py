"""Rows of the record are never changed or deleted: the database refuses it, whoever asks.

Only an erasure deletes payloads and subjects; leaves stay for ever.
"""

from django.db import migrations

SQLITE = [
    """create trigger record_entry_no_update before update on record_entry
       begin select raise(abort, 'record_entry is append-only'); end""",
    """create trigger record_entry_no_delete before delete on record_entry
       begin select raise(abort, 'record_entry is append-only'); end""",
    """create trigger record_payload_no_update before update on record_payload
       begin select raise(abort, 'record_payload is never changed'); end""",
]
POSTGRESQL = [
    """create function record_refuse() returns trigger language plpgsql as $$
       begin raise exception '% is append-only', tg_table_name; end $$""",
    """create trigger record_entry_no_change before update or delete on record_entry
       for each row execute function record_refuse()""",
    """create trigger record_payload_no_update before update on record_payload
       for each row execute function record_refuse()""",
]


def make(apps, editor):
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
