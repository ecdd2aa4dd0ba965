"""PostgreSQL numbers, hashes and writes a few entries of one lane by one statement (append.py).

The lane is then held for the length of that statement and of the commit, and not while the desk waits for answers
between statements. A leaf comes as what stands before its sequence number and what stands after it.

Nothing is placed, and nothing returned, when one of the keys is known or the lane is not in this year's log: what
to do then is append.py's business. Each statement of such a function sees what was committed before it began, so
that the key of whoever held the lane last is seen.
"""

from django.db import migrations

MAKE = r"""
create function record_place(
    in_lane int, in_year int, at bigint, keys text[], facts text[], rids text[], types text[], actors text[],
    objs text[], subjs text[], befores bytea[], afters bytea[], salts bytea[], bodies bytea[]
) returns table (number bigint, log int, place_in_log bigint) language plpgsql as $$
declare
    head record_head;
    leaf bytea;
begin
    select * into head from record_head h where h.lane = in_lane for update;
    if not found or head.year < in_year then
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
    dependencies = [("record", "0006_one_row_each")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
