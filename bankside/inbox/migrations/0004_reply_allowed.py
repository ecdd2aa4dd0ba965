"""Whether the network lets us answer a message from a desk. The column is added where the table stands."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0003_acts'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='reply_allowed',
            field=models.BooleanField(default=True, db_default=True),
        ),
    ]
