"""The journal is only ever added to, whoever asks; and on SQLite its tables get the form that is quick.

SQLite: the number of a posting and the member of a meter are the row's own number, and buckets lie in their
key, so that each has one tree less than Django would make; decisions are numbered without a table of numbers.
The columns, names and checks are the same. SQLite loses triggers and this form when a table is rebuilt: a later
migration that alters these tables makes them again. The tests of raw SQL find it when it does not.

`insert or replace` of SQLite deletes the row in its way without asking a trigger; so none may be there.
"""

from django.db import migrations

TABLES = ("rewards_posting", "rewards_batch")

QUICK = [
    "drop table rewards_posting",
    """create table rewards_posting (
        id integer not null primary key, source varchar(80) not null, rule varchar(32) not null,
        kind varchar(8) not null, due bigint not null, until bigint not null, member bigint not null,
        unit varchar(8) not null, dr varchar(12) not null, cr varchar(12) not null, points bigint not null,
        at bigint not null, programme bigint not null, origin varchar(13) not null,
        constraint points_move check (points > 0))""",
    "create unique index posted_once on rewards_posting (source, rule, kind, due)",
    "create index posting_of_member on rewards_posting (member, due)",
    "drop table rewards_bucket",
    """create table rewards_bucket (
        member bigint not null, unit varchar(8) not null, state varchar(9) not null, due bigint not null,
        points bigint not null, constraint never_negative check (points >= 0),
        primary key (member, unit, state, due)) without rowid""",
    "create index bucket_due on rewards_bucket (state, due) where points > 0",
    "drop table rewards_meter",
    "create table rewards_meter (member integer not null primary key, body blob not null)",
]
REPLACES = {
    "rewards_posting": """exists (select 1 from rewards_posting o where o.id = new.id or (o.source = new.source
        and o.rule = new.rule and o.kind = new.kind and o.due = new.due))""",
    "rewards_batch": "exists (select 1 from rewards_batch o where o.id = new.id or o.obj = new.obj)",
}


def uncounted(editor, table):
    """The same table without AUTOINCREMENT: its rows are never deleted, so no number can come twice."""
    with editor.connection.cursor() as cursor:
        cursor.execute("select sql from sqlite_master where tbl_name = %s and sql > '' order by type desc", [table])
        made = [sql.replace(" AUTOINCREMENT", "") for (sql,) in cursor.fetchall()]
    return [f"drop table {table}", *made]


def sqlite():
    yield from QUICK
    for table in TABLES:
        for event in ("update", "delete"):
            yield f"""create trigger {table}_no_{event} before {event} on {table}
                begin select raise(abort, '{table} is append-only'); end"""
        yield f"""create trigger {table}_no_replace before insert on {table} when {REPLACES[table]}
            begin select raise(abort, '{table} is append-only'); end"""


def postgresql():
    for table in TABLES:
        yield f"""create trigger {table}_no_change before update or delete on {table}
            for each row execute function record_refuse()"""
        yield f"""create trigger {table}_no_truncate before truncate on {table}
            for each statement execute function record_refuse()"""
    # Rows that change in place find room on their own page, and no index has to follow.
    yield "alter table rewards_meter set (fillfactor = 60)"
    yield "alter table rewards_bucket set (fillfactor = 70)"
    yield "create sequence rewards_batch_number owned by rewards_batch.id"


def make(apps, editor):
    if editor.connection.vendor == "postgresql":
        statements = postgresql()
    else:
        statements = [*sqlite(), *uncounted(editor, "rewards_earned")]
    for statement in statements:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0001_initial"), ("record", "0002_append_only")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
