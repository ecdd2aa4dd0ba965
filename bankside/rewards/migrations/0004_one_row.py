"""An award is one row: its posting says why. Awards of before keep their decision in rewards_earned.

The column is added in place: no row of the journal is touched, its triggers stay, and the canonical form of
what was posted before is the same. An item is found by the first 64 bits of its digest. Active days lie in
their key. SQLite loses the index and this form when a table is rebuilt (0002_ledger).
"""

from django.db import migrations, models

ITEM = """create index posting_of_item on rewards_posting (substr(why, 10, 16))
    where substr(why, 1, 9) = '{"item":"'"""
SQLITE = [
    "alter table rewards_posting add column why text not null default ''",
    ITEM,
    "alter table rewards_active_day rename to rewards_active_day_before",
    """create table rewards_active_day (
        member bigint not null, day bigint not null, primary key (member, day)) without rowid""",
    "insert into rewards_active_day (member, day) select member, day from rewards_active_day_before",
    "drop table rewards_active_day_before",
]
POSTGRESQL = [
    "alter table rewards_posting add column why text not null default ''",
    ITEM,
    """alter table rewards_active_day drop column id, drop constraint active_day_once,
        add primary key (member, day)""",
]


def make(apps, editor):
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0003_two_people")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, migrations.RunPython.noop)],
            state_operations=[
                migrations.AddField("posting", "why", models.TextField(db_default="")),
                migrations.DeleteModel("ActiveDay"),
                migrations.CreateModel(
                    name="ActiveDay",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "member", "day", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("member", models.BigIntegerField()),
                        ("day", models.BigIntegerField()),
                    ],
                    options={"db_table": "rewards_active_day"},
                ),
            ],
        ),
        migrations.CreateModel(
            name="Unchecked",
            fields=[
                ("batch", models.BigIntegerField(primary_key=True, serialize=False)),
                ("after", models.BigIntegerField()),
            ],
            options={"db_table": "rewards_unchecked"},
        ),
    ]
