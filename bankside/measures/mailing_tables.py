"""The tables of reports by mail: who gets the figures, how often, and in which language."""

from __future__ import annotations

from django.db import models

from bankside.people.models import Staff
from bankside.record.ids import new_id


class Mailing(models.Model):
    """A report that goes out each week or month, with the figures that `author` may see.

    The addresses are sealed. `ended_at`: 0 while it goes on.
    """

    WEEK, MONTH = "week", "month"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    every = models.CharField(max_length=5)
    language = models.CharField(max_length=10)
    addresses = models.BinaryField()
    count = models.PositiveSmallIntegerField()
    author = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.BigIntegerField()
    sent_at = models.BigIntegerField(default=0)
    ended_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "measures_mailing"
        indexes = [models.Index(fields=["ended_at"], name="mailing_ended")]
