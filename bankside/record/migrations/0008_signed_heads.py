"""Heads are signed. One that was published before is signed when the next head is, or at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("record", "0007_place_few")]
    operations = [
        migrations.AddField("checkpoint", "note", models.TextField(default="")),
    ]
