"""No delivery without a consent to the same words, on the same channel: the database refuses it, whoever asks.

What was agreed to never changes on a delivery, a delivery whose consent was taken back does not begin to
be sent, and neither deliveries nor attempts are deleted.
"""

from django.db import migrations

NO_CONSENT = """not exists (
    select 1 from approvals_consent c join channels_channel h on h.obj = c.channel
    where c.id = new.consent_id and h.id = new.channel_id and c.digest = new.digest
      and c.version = new.version and c.voided_at = 0)"""
CHANGED = " or ".join(
    f"new.{column} is distinct from old.{column}"
    for column in ("obj", "channel_id", "key", "purpose", "about", "version", "digest", "consent_id")
)
BEGINS = f"new.state = 'sending' and old.state <> 'sending' and {NO_CONSENT}"

RULES = [
    ("insert", "consent", NO_CONSENT, "a delivery needs a consent to the same words"),
    ("update", "kept", CHANGED, "what was agreed to never changes"),
    ("update", "begins", BEGINS, "the consent was taken back"),
]


def sqlite():
    for event, name, wrong, message in RULES:
        # SQLite 3.38 and older have no `is distinct from`; `is not` says the same there.
        yield f"""create trigger channels_delivery_{name} before {event} on channels_delivery
            when {wrong.replace("is distinct from", "is not")}
            begin select raise(abort, '{message}'); end"""
    for table in ("channels_delivery", "channels_attempt"):
        yield f"""create trigger {table}_no_delete before delete on {table}
            begin select raise(abort, '{table} is never deleted'); end"""


def postgresql():
    for event, name, wrong, message in RULES:
        yield f"""create function channels_delivery_{name}() returns trigger language plpgsql as $$
            begin if {wrong} then raise exception '{message}'; end if; return new; end $$"""
        yield f"""create trigger channels_delivery_{name} before {event} on channels_delivery
            for each row execute function channels_delivery_{name}()"""
    for table in ("channels_delivery", "channels_attempt"):
        yield f"""create trigger {table}_no_delete before delete on {table}
            for each row execute function record_refuse()"""


def make(apps, editor):
    for statement in postgresql() if editor.connection.vendor == "postgresql" else sqlite():
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0001_initial"),
        ("approvals", "0001_initial"),
        ("record", "0002_append_only"),
    ]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
