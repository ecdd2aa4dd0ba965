"""Who paused a member is kept, so that she cannot end what the bank began. For pauses from before, the record
says who."""

from django.db import migrations, models

BY_BANK = """update rewards_member set paused_by_bank = true where status = 'paused' and 's:member' <> (
    select actor from record_entry e where e.obj = rewards_member.obj and e.fact = 'rewards.member-paused'
    order by e.n desc limit 1)"""


def add(apps, editor):
    editor.execute("alter table rewards_member add column paused_by_bank boolean not null default false")
    editor.execute(BY_BANK)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0008_orders_drawn"), ("record", "0001_initial")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add)],
            state_operations=[
                migrations.AddField("member", "paused_by_bank", models.BooleanField(db_default=False, default=False)),
            ],
        )
    ]
