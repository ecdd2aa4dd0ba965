"""What was asked never changes, but its title may be emptied: it names whoever the words are for.

When she is forgotten (record/forgetting/erasing.py) her name must not stand in a request for consent to an answer.
"""

from importlib import import_module

from django.db import migrations

before = import_module("bankside.approvals.migrations.0002_four_eyes")
MESSAGE = "what was asked never changes"
KEPT = before.REQUEST_CHANGED.replace(
    "new.title is distinct from old.title", "(new.title is distinct from old.title and new.title <> '')"
)
# A title that is emptied decides nothing, and nothing else changes with it.
DECIDED = f"""({before.REQUEST_DECIDED}) and not (old.title <> '' and new.title = ''
    and new.state = old.state and new.decided_by_id is not distinct from old.decided_by_id
    and new.decided_at = old.decided_at and new.reason = old.reason)"""
RULES = (("kept", KEPT, MESSAGE), ("decided", DECIDED, "somebody else decides, in time, and once"))


def make(apps, editor):
    put_up(editor, RULES)


def put_up(editor, rules):
    """Rules for updates of a request, in the place of those of the same name."""
    for name, wrong, message in rules:
        trigger = f"{before.REQUEST}_{name}"
        if editor.connection.vendor == "sqlite":
            # `is distinct from` came with SQLite 3.39; `is not` says the same there, and before.
            wrong = wrong.replace("is not distinct from", "is").replace("is distinct from", "is not")
            editor.execute(f"drop trigger {trigger}", params=None)
            editor.execute(
                f"""create trigger {trigger} before update on {before.REQUEST} when {wrong}
                    begin select raise(abort, '{message}'); end""",
                params=None,
            )
        else:
            editor.execute(
                f"""create or replace function {trigger}() returns trigger language plpgsql as $$
                    begin if {wrong} then raise exception '{message}'
                        using errcode = 'integrity_constraint_violation';
                    end if; return new; end $$""",
                params=None,
            )


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_four_eyes")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
