"""What a channel costs, day by day, on networks that charge for what the desk does there."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0003_sessions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Meter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.PositiveIntegerField()),
                ('sent_micros', models.BigIntegerField(default=0)),
                ('read_micros', models.BigIntegerField(default=0)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='channels.channel')),
            ],
            options={
                'db_table': 'channels_meter',
                'constraints': [models.UniqueConstraint(fields=('channel', 'day'), name='one_meter_per_day')],
            },
        ),
    ]
