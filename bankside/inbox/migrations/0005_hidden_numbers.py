"""Which classes of numbers were hidden in what waits for an answer, for lists. The column is added where the
table stands, and filled from the messages that are there."""

from typing import Any

from django.db import migrations, models

ASKS = {"BSN", "CNID", "CVV", "PAN", "RRN"}


def fill(apps: Any, schema_editor: Any) -> None:
    """The same as the projection says of them; by the connection that makes the tables."""
    alias = schema_editor.connection.alias
    conversations = apps.get_model("inbox", "Conversation").objects.using(alias)
    messages = apps.get_model("inbox", "Message").objects.using(alias)
    said = messages.filter(way="in", erased=False, removed_at=0)
    found: dict[int, set[str]] = {}
    settled = dict[int, int]()
    for number, place, red in said.exclude(red=[]).values_list("id", "conversation", "red").iterator():
        if place not in settled:
            settled[place] = conversations.values_list("settled", flat=True).get(pk=place)
        if number > settled[place]:
            found.setdefault(place, set()).update(ASKS.intersection(red))
    for place, classes in found.items():
        conversations.filter(pk=place).update(hidden=" ".join(sorted(classes)))


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0004_reply_allowed'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='hidden',
            field=models.CharField(db_default='', default='', max_length=40),
        ),
        migrations.AddIndex(
            model_name='conversation',
            index=models.Index(condition=models.Q(('hidden__gt', '')), fields=['state', 'turn', 'id'], name='conversation_hidden'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
