"""The country that a post is for, and the picture of words posted by hand. Added where the tables stand."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publish', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='post',
            name='market',
            field=models.CharField(blank=True, db_default='', default='', max_length=2),
        ),
        migrations.AddField(
            model_name='outcome',
            name='picture',
            field=models.CharField(db_default='', default='', max_length=32),
        ),
    ]
