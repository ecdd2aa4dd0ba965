"""Recovery mode, and logs that were opened again in their year.

The number of such a log is ten times its year and which of them it is (shards.py): the function that places
a few entries (0007_place_few) has to see the year in it. In recovery mode it places nothing; append.py then says why.
"""

from django.db import migrations, models

MAKE = r"""
create or replace function record_place(
    in_lane int, in_year int, at bigint, keys text[], facts text[], rids text[], types text[], actors text[],
    objs text[], subjs text[], befores bytea[], afters bytea[], salts bytea[], bodies bytea[]
) returns table (number bigint, log int, place_in_log bigint) language plpgsql as $$
declare
    head record_head;
    leaf bytea;
begin
    select * into head from record_head h where h.lane = in_lane for update;
    if not found or (case when head.year > 3276 then head.year / 10 else head.year end) < in_year
    or exists (select 1 from record_standstill) then
        return;
    end if;
    for i in 1 .. cardinality(keys) loop
        -- One by one: of a list, a plan made while the lane was short reads all that the lane has.
        perform from record_entry e where e.lane = in_lane and e.key = keys[i];
        if found then
            return;
        end if;
    end loop;
    update record_head h set size = head.size + cardinality(keys) where h.lane = in_lane;
    log := head.year;
    for i in 1 .. cardinality(keys) loop
        number := nextval('record_entry_n_seq');
        place_in_log := head.size + i - 1;
        leaf := befores[i] || convert_to(place_in_log::text, 'UTF8') || afters[i];
        insert into record_entry (n, lane, year, seq, key, fact, rid, type, t, actor, obj, subj, leaf, hash)
        values (number, in_lane, log, place_in_log, keys[i], facts[i], rids[i], types[i], at, actors[i], objs[i],
            subjs[i], leaf, sha256('\x00'::bytea || leaf));
        insert into record_payload (n, salt, body) values (number, salts[i], bodies[i]);
        return next;
    end loop;
end $$"""


def make(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(MAKE, params=None)


class Migration(migrations.Migration):
    dependencies = [("record", "0010_forgetting")]
    operations = [
        migrations.CreateModel(
            "Standstill",
            [
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=400)),
                ("since", models.BigIntegerField()),
                ("asked_by", models.CharField(default="", max_length=32)),
                ("asked_at", models.BigIntegerField(default=0)),
                ("asked_why", models.CharField(default="", max_length=300)),
                ("without", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "record_standstill",
                "constraints": [models.CheckConstraint(condition=models.Q(id=1), name="one_standstill")],
            },
        ),
        migrations.RunPython(make, migrations.RunPython.noop),
    ]
