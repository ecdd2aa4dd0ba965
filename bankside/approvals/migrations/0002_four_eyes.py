"""Four eyes, once more in the database: whoever asks, by whatever way, these rows cannot lie or be changed.

A request is written waiting; what it asks never changes; who decides it is neither author nor last editor;
it is decided once. A consent of a person repeats exactly what its request says, for a part of it, after that
person decided; it is voided at most once, and nothing else about it changes. Nothing is deleted.

SQLite loses triggers when a table is rebuilt: a later migration that alters these tables makes them again.
The tests of raw SQL find it when it does not.
"""

from django.db import migrations

REQUEST, PART, CONSENT = "approvals_request", "approvals_part", "approvals_consent"


def changed(*columns):
    return " or ".join(f"new.{column} is distinct from old.{column}" for column in columns)


REQUEST_BORN = "new.state <> 'waiting' or new.decided_by_id is not null or new.decided_at <> 0"
REQUEST_CHANGED = changed(
    "id", "obj", "kind", "thing", "version", "about", "lane", "team_id", "author_id", "editor_id", "title",
    "asked_at", "expires_at", "due_at",
)  # fmt: skip
REQUEST_DECIDED = """not (
    (old.state = 'waiting' and new.state in ('given', 'sent-back')
       and new.decided_by_id is not null
       and new.decided_by_id <> old.author_id and new.decided_by_id <> old.editor_id
       and (new.state <> 'given' or new.decided_at < old.expires_at))
    or (old.state in ('waiting', 'given') and new.state = 'void'
       and new.decided_by_id is not distinct from old.decided_by_id
       and new.decided_at = old.decided_at))"""

PART_LATE = """not exists (
    select 1 from approvals_request r where r.id = new.request_id and r.state = 'waiting')"""

CONSENT_LIES = """new.voided_at <> 0 or (new.basis = 'person' and not exists (
    select 1 from approvals_request r join approvals_part p on p.request_id = r.id
    where r.id = new.request_id and r.state = 'given' and r.decided_by_id = new.approver_id
      and r.author_id = new.author_id and r.editor_id = new.editor_id
      and r.kind = new.kind and r.thing = new.thing and r.version = new.version
      and r.about = new.about and r.lane = new.lane and r.expires_at = new.expires_at
      and p.channel = new.channel and p.digest = new.digest))"""
CONSENT_CHANGED = changed(
    "id", "obj", "request_id", "basis", "policy", "kind", "about", "lane", "thing", "version", "channel",
    "digest", "author_id", "editor_id", "approver_id", "given_at", "expires_at",
)  # fmt: skip
CONSENT_REVIVED = "old.voided_at <> 0 or new.voided_at <= 0"

# `insert or replace` of SQLite deletes the row in the way without asking a trigger; so it may not be there.
REQUEST_REPLACES = f"exists (select 1 from {REQUEST} o where new.id = o.id or new.obj = o.obj or new.version = o.version)"
PART_REPLACES = f"""exists (select 1 from {PART} o where new.id = o.id
    or (new.request_id = o.request_id and new.channel = o.channel))"""
CONSENT_REPLACES = f"""exists (select 1 from {CONSENT} o where new.id = o.id or new.obj = o.obj
    or (new.version = o.version and new.channel = o.channel and new.digest = o.digest))"""

RULES = [
    (REQUEST, "insert", "born", REQUEST_BORN, "a request begins by waiting"),
    (REQUEST, "update", "kept", REQUEST_CHANGED, "what was asked never changes"),
    (REQUEST, "update", "decided", REQUEST_DECIDED, "somebody else decides, in time, and once"),
    (PART, "insert", "late", PART_LATE, "words are added to a request only while it waits"),
    (CONSENT, "insert", "lies", CONSENT_LIES, "a consent says what its request says, after somebody decided"),
    (CONSENT, "update", "kept", CONSENT_CHANGED, "what was agreed to never changes"),
    (CONSENT, "update", "revived", CONSENT_REVIVED, "a consent is voided once, and for good"),
]
ON_SQLITE = [
    (REQUEST, "insert", "replaces", REQUEST_REPLACES, "a request is never replaced"),
    (PART, "insert", "replaces", PART_REPLACES, "the words of a request are never replaced"),
    (CONSENT, "insert", "replaces", CONSENT_REPLACES, "a consent is never replaced"),
]
NEVER = [(PART, "update"), (PART, "delete"), (REQUEST, "delete"), (CONSENT, "delete")]


def sqlite():
    for table, event, name, wrong, message in RULES + ON_SQLITE:
        # `is distinct from` came with SQLite 3.39; `is not` says the same there, and before.
        wrong = wrong.replace("is not distinct from", "is").replace("is distinct from", "is not")
        yield f"""create trigger {table}_{name} before {event} on {table} when {wrong}
            begin select raise(abort, '{message}'); end"""
    for table, event in NEVER:
        yield f"""create trigger {table}_no_{event} before {event} on {table}
            begin select raise(abort, '{table} is kept as it is'); end"""


def postgresql():
    for table, event, name, wrong, message in RULES:
        yield f"""create function {table}_{name}() returns trigger language plpgsql as $$
            begin if {wrong} then raise exception '{message}' using errcode = 'integrity_constraint_violation';
            end if; return new; end $$"""
        yield f"""create trigger {table}_{name} before {event} on {table}
            for each row execute function {table}_{name}()"""
    for table, event in NEVER:
        yield f"""create trigger {table}_no_{event} before {event} on {table}
            for each row execute function record_refuse()"""


def make(apps, editor):
    for statement in postgresql() if editor.connection.vendor == "postgresql" else sqlite():
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("record", "0002_append_only")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
