"""What a reversal took by mistake is given back by two people: once, for good, and of a reversal alone."""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "rewards_restoration"


def changed(*columns):
    return " or ".join(f"new.{column} is distinct from old.{column}" for column in columns)


BORN = """new.second_by <> '' or new.done_at <> 0
    or not exists (select 1 from rewards_flag f where f.id = new.flag_id and f.state = 'reversed')"""
REVIVED = f"""{changed("id", "flag_id")} or (old.done_at > 0 and
    ({changed("proposed_by", "made_at", "second_by", "done_at", "points")}))"""
REPLACES = f"exists (select 1 from {TABLE} o where new.id = o.id or new.flag_id = o.flag_id)"
RULES = [
    ("insert", "born", BORN, "a restoration begins by waiting, of what was reversed"),
    ("update", "revived", REVIVED, "a restoration is agreed to once, for good"),
]


def sqlite():
    for event, name, wrong, message in [*RULES, ("insert", "replaces", REPLACES, "it is never replaced")]:
        yield f"""create trigger {TABLE}_{name} before {event} on {TABLE}
            when {wrong.replace("is distinct from", "is not")}
            begin select raise(abort, '{message}'); end"""
    yield f"""create trigger {TABLE}_no_delete before delete on {TABLE}
        begin select raise(abort, '{TABLE} is kept as it is'); end"""


def postgresql():
    for event, name, wrong, message in RULES:
        yield f"""create function {TABLE}_{name}() returns trigger language plpgsql as $$
            begin if {wrong} then raise exception '{message}' using errcode = 'integrity_constraint_violation';
            end if; return new; end $$"""
        yield f"""create trigger {TABLE}_{name} before {event} on {TABLE}
            for each row execute function {TABLE}_{name}()"""
    yield f"""create trigger {TABLE}_no_delete before delete on {TABLE}
        for each row execute function record_refuse()"""


def make(apps, editor):
    for statement in postgresql() if editor.connection.vendor == "postgresql" else sqlite():
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0009_paused_by_bank")]
    operations = [
        migrations.CreateModel(
            name="Restoration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("why", models.CharField(blank=True, default="", max_length=500)),
                ("proposed_by", models.CharField(max_length=32)),
                ("made_at", models.BigIntegerField()),
                ("second_by", models.CharField(blank=True, default="", max_length=32)),
                ("done_at", models.BigIntegerField(default=0)),
                ("points", models.BigIntegerField(default=0)),
                (
                    "flag",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="restoration", to="rewards.flag"
                    ),
                ),
            ],
            options={
                "db_table": "rewards_restoration",
                "constraints": [
                    models.CheckConstraint(
                        condition=~models.Q(proposed_by="")
                        & ~models.Q(proposed_by=models.F("second_by"))
                        & (
                            models.Q(second_by="", done_at=0)
                            | (~models.Q(second_by="") & models.Q(done_at__gt=0))
                        ),
                        name="restored_by_two",
                    )
                ],
            },
        ),
        migrations.RunPython(make, migrations.RunPython.noop),
    ]
