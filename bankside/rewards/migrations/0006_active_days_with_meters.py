"""The days on which a member was active lie beside her meter, as two numbers (`ledger/active.py`): a row for
each member and day was what every batch of awards wrote most of. Days of before are carried over as far as
anything counts them."""

from django.db import migrations, models

from bankside.rewards.ledger.active import DAYS_KEPT

COLUMNS = ("newest", "days")
AT_ONCE = 1_000


def carry(apps, editor):
    cursor = editor.connection.cursor()
    for column in COLUMNS:
        editor.execute(f"alter table rewards_meter add column {column} bigint not null default 0")
    cursor.execute("select member, max(day) from rewards_active_day group by member order by member")
    newest = dict(cursor.fetchall())
    members = list(newest)
    for first in range(0, len(members), AT_ONCE):
        _carry(cursor, newest, members[first : first + AT_ONCE])
    editor.execute("drop table rewards_active_day")


def _carry(cursor, newest, some):
    bits = dict.fromkeys(some, 0)
    cursor.execute(
        "select member, day from rewards_active_day where member between %s and %s", [some[0], some[-1]]
    )
    for member, day in cursor.fetchall():
        if newest[member] - day < DAYS_KEPT:
            bits[member] |= 1 << (newest[member] - day)
    empty = "cast('' as blob)" if cursor.db.vendor == "sqlite" else "''::bytea"
    cursor.executemany(
        f"insert into rewards_meter (member, body, newest, days) values (%s, {empty}, %s, %s)"
        " on conflict (member) do update set newest = excluded.newest, days = excluded.days",
        [(member, newest[member], days) for member, days in bits.items()],
    )


class Migration(migrations.Migration):
    dependencies = [("rewards", "0005_room_in_meters")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(carry)],
            state_operations=[
                migrations.AddField("meter", "newest", models.BigIntegerField(db_default=0)),
                migrations.AddField("meter", "days", models.BigIntegerField(db_default=0)),
                migrations.DeleteModel("ActiveDay"),
            ],
        )
    ]
