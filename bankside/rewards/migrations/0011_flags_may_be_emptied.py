"""What a decided flag says of a member, its evidence and the reason, may be emptied when she is forgotten.

Nothing else of it changes: a flag is decided once, for good. See 0003_two_people.
"""

from importlib import import_module

from django.db import migrations

before = import_module("bankside.rewards.migrations.0003_two_people")
OTHERS = ("reasons", "state", "code", "points", "decided_by", "second_by", "decided_at")
EMPTIED = f"""new.why = '' and cast(new.evidence as text) = '{{}}'
    and not ({before.changed("id", "obj", "source", "member_id", "made_at", *OTHERS)})"""
REVIVED = f"({before.FLAG_REVIVED}) and not ({EMPTIED})"
MESSAGE = "a flag is decided once, for good"
TRIGGER = f"{before.FLAG}_revived"


def sqlite(editor):
    # `is distinct from` came with SQLite 3.39; `is not` says the same there, and before.
    editor.execute(f"drop trigger {TRIGGER}", params=None)
    editor.execute(
        f"""create trigger {TRIGGER} before update on {before.FLAG}
            when {REVIVED.replace("is distinct from", "is not")} begin select raise(abort, '{MESSAGE}'); end""",
        params=None,
    )


def postgresql(editor):
    editor.execute(
        f"""create or replace function {TRIGGER}() returns trigger language plpgsql as $$
            begin if {REVIVED} then raise exception '{MESSAGE}'
                using errcode = 'integrity_constraint_violation';
            end if; return new; end $$""",
        params=None,
    )


def make(apps, editor):
    (postgresql if editor.connection.vendor == "postgresql" else sqlite)(editor)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0010_restoration")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
