"""Two people, once more in the database: no programme is in force without them, whatever way somebody came.

A version begins as a draft; its text changes only while it is one; it comes into force only when consents of
the approvals room to its digest were given by the two people that it names, who are two and neither of
them its author; it ends once. Nothing is deleted. A flag is reversed by two people who are not the same.

SQLite loses triggers when a table is rebuilt: a later migration that alters these tables makes them again.
The tests of raw SQL find it when it does not.
"""

from django.db import migrations

PROGRAMME, FLAG = "rewards_programme", "rewards_flag"


def changed(*columns):
    return " or ".join(f"new.{column} is distinct from old.{column}" for column in columns)


BORN = "new.state <> 'draft' or new.first <> '' or new.second <> '' or new.live_from <> 0 or new.ended_at <> 0"
KEPT = f"""{changed("id", "obj", "name", "number")} or
    (not (old.state = 'draft' and new.state = 'draft') and ({changed("text", "sha256", "author_id", "made_at")}))"""
MOVED = """not (
    (new.state = old.state and old.live_from = new.live_from and old.ended_at = new.ended_at
       and new.second = old.second and (new.first = old.first or (old.state = 'waiting' and old.first = '')))
    or (old.state = 'draft' and new.state = 'waiting' and new.first = '' and new.second = '')
    or (old.state = 'waiting' and new.state = 'draft' and new.first = '' and new.second = '')
    or (old.state = 'waiting' and new.state = 'live' and new.first = old.first and new.live_from > 0
       and new.ended_at = 0)
    or (old.state = 'live' and new.state = 'retired' and new.first = old.first and new.second = old.second
       and new.live_from = old.live_from and new.ended_at >= old.live_from))"""
# The approvals room's own rules say that no consent is its author's or its last editor's.
LIES = """new.state = 'live' and old.state <> 'live' and 2 <> (
    select count(distinct c.approver_id) from approvals_consent c join people_staff s on s.id = c.approver_id
    where c.kind = 'programme' and c.thing = new.obj and c.digest = new.sha256 and c.basis = 'person'
      and c.voided_at = 0 and c.approver_id <> new.author_id and s.uid in (new.first, new.second))"""
PROGRAMME_REPLACES = f"""exists (select 1 from {PROGRAMME} o where new.id = o.id or new.obj = o.obj
    or (new.name = o.name and new.number = o.number))"""
FLAG_BORN = "new.state <> 'open' or new.decided_by <> '' or new.second_by <> ''"
FLAG_REVIVED = f"""old.state <> 'open' or {changed("id", "obj", "source", "member_id", "made_at")}"""
FLAG_REPLACES = f"exists (select 1 from {FLAG} o where new.id = o.id or new.obj = o.obj or new.source = o.source)"

RULES = [
    (PROGRAMME, "insert", "born", BORN, "a programme begins as a draft"),
    (PROGRAMME, "update", "kept", KEPT, "the text of a programme that was submitted never changes"),
    (PROGRAMME, "update", "moved", MOVED, "a programme waits, comes into force once, and ends once"),
    (PROGRAMME, "update", "lies", LIES, "two people who did not write it agree to a programme"),
    (FLAG, "insert", "born", FLAG_BORN, "a flag begins by waiting"),
    (FLAG, "update", "revived", FLAG_REVIVED, "a flag is decided once, for good"),
]
ON_SQLITE = [
    (PROGRAMME, "insert", "replaces", PROGRAMME_REPLACES, "a programme is never replaced"),
    (FLAG, "insert", "replaces", FLAG_REPLACES, "a flag is never replaced"),
]
NEVER = [PROGRAMME, FLAG]


def sqlite():
    for table, event, name, wrong, message in RULES + ON_SQLITE:
        # `is distinct from` came with SQLite 3.39; `is not` says the same there, and before.
        yield f"""create trigger {table}_{name} before {event} on {table}
            when {wrong.replace("is distinct from", "is not")}
            begin select raise(abort, '{message}'); end"""
    for table in NEVER:
        yield f"""create trigger {table}_no_delete before delete on {table}
            begin select raise(abort, '{table} is kept as it is'); end"""


def postgresql():
    for table, event, name, wrong, message in RULES:
        yield f"""create function {table}_{name}() returns trigger language plpgsql as $$
            begin if {wrong} then raise exception '{message}' using errcode = 'integrity_constraint_violation';
            end if; return new; end $$"""
        yield f"""create trigger {table}_{name} before {event} on {table}
            for each row execute function {table}_{name}()"""
    for table in NEVER:
        yield f"""create trigger {table}_no_delete before delete on {table}
            for each row execute function record_refuse()"""


def make(apps, editor):
    for statement in postgresql() if editor.connection.vendor == "postgresql" else sqlite():
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("rewards", "0002_ledger"), ("approvals", "0002_four_eyes"), ("record", "0002_append_only"),
    ]  # fmt: skip
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
