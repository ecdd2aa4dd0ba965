"""The index of messages: a full-text table beside the tokens on SQLite, an inverted index on PostgreSQL.

Triggers carry the tokens over, so that whoever changes `inbox_wording`, a rebuild too, changes what is found.
The tokeniser of FTS5 is `ascii`, which cuts at spaces and leaves every other character alone: the words are
cut by us, and `unicode61` knows the letters of an older Unicode than we do.
"""

import django.db.models as models
from django.db import migrations

import bankside.inbox.tokens

TABLE = """create virtual table inbox_found using fts5(
    tokens, content='inbox_wording', content_rowid='id', tokenize='ascii', detail=full, columnsize=0)"""
ADD = "insert into inbox_found(rowid, tokens) values (new.id, new.tokens);"
TAKE = "insert into inbox_found(inbox_found, rowid, tokens) values ('delete', old.id, old.tokens);"
TRIGGERS = [("insert", ADD), ("delete", TAKE), ("update", TAKE + " " + ADD)]


def sqlite():
    yield TABLE
    for event, what in TRIGGERS:
        yield f"create trigger inbox_wording_{event} after {event} on inbox_wording begin {what} end"


def postgresql():
    yield "create index inbox_wording_tokens on inbox_wording using gin (tokens)"


def make(apps, editor):
    for statement in postgresql() if editor.connection.vendor == "postgresql" else sqlite():
        editor.execute(statement)


def unmake(apps, editor):
    if editor.connection.vendor == "sqlite":
        editor.execute("drop table inbox_found")


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("conversation", models.BigIntegerField()),
                ("tokens", bankside.inbox.tokens.Tokens()),
            ],
            options={"db_table": "inbox_wording"},
        ),
        migrations.RunPython(make, unmake),
    ]
