"""The tables of the room. All of these are derived from the record; those of studies are in study_tables.py.

Nothing here holds what somebody wrote, nor who: times, kinds and arrival numbers alone. Times are UTC ms and
0 when it has not happened; a column that ends in `_n` is the arrival number of the entry that says so.
"""

from __future__ import annotations

from django.db import models

from bankside.measures.mailing_tables import Mailing
from bankside.measures.study_tables import Answer, Evidence, Looking, Respondent, Study

__all__ = [
    "Answer", "Count", "Evidence", "Incoming", "Looking", "Mailing", "Outgoing", "Respondent", "Rule", "Step",
    "Study", "Talk", "Written",
]  # fmt: skip


class Talk(models.Model):
    """Derived: a conversation from a person's first words until it is closed; opened again it is a new row.

    The id is the arrival number of the words that opened it. `turn` counts the times that it was opened
    again before. `asked_n`: the first words that are addressed to us, and `due_at` the time promised for an
    answer to them. `answer_by` is p (a person), m (a machine) or o (in the network's own app).
    `moved_n`: the first private answer where it had begun in public. `version`: the last entry that changed
    the row. `packed` repeats what a page reads (packing.py).
    """

    PERSON, MACHINE, OUTSIDE = "p", "m", "o"

    id = models.BigIntegerField(primary_key=True)
    obj = models.CharField(max_length=32)
    channel = models.CharField(max_length=32)
    lang = models.CharField(max_length=16, default="")
    private = models.BooleanField(default=False)
    turn = models.PositiveIntegerField(default=0)
    opened_at = models.BigIntegerField()
    asked_n = models.BigIntegerField(default=0)
    due_at = models.BigIntegerField(default=0)
    answered_n = models.BigIntegerField(default=0)
    answered_at = models.BigIntegerField(default=0)
    answer_by = models.CharField(max_length=1, default="")
    answer_private = models.BooleanField(default=False)
    answer_remote = models.CharField(max_length=300, default="")
    moved_n = models.BigIntegerField(default=0)
    moved_at = models.BigIntegerField(default=0)
    closed_n = models.BigIntegerField(default=0)
    closed_at = models.BigIntegerField(default=0)
    version = models.BigIntegerField()
    packed = models.BinaryField(default=bytes)

    class Meta:
        db_table = "measures_talk"
        indexes = [
            models.Index(fields=["obj", "id"], name="talk_obj"),
            # with what a page reads of a row: it is never looked up itself
            models.Index(fields=["opened_at", "packed"], name="talk_opened"),
            models.Index(fields=["closed_at", "opened_at", "packed"], name="talk_closed"),
        ]


class Outgoing(models.Model):
    """Derived: words of ours that are on a network. The id is that of the entry that says that they are.

    `purpose` is post, reply, or outside: our account said it, but not by this desk. `topics`: what the words
    are about as far as `topics.toml` tells, between commas. `link`: an address stands in them. `packed`
    repeats what a page reads (packing.py).
    """

    POST, REPLY, OUTSIDE = "post", "reply", "outside"

    id = models.BigIntegerField(primary_key=True)
    obj = models.CharField(max_length=32)
    channel = models.CharField(max_length=32)
    purpose = models.CharField(max_length=7)
    kind = models.CharField(max_length=16, default="")
    lang = models.CharField(max_length=16, default="")
    topics = models.CharField(max_length=200, default="")
    private = models.BooleanField(default=False)
    link = models.BooleanField(default=False)
    answers = models.BooleanField(default=False)
    remote_id = models.CharField(max_length=300, default="")
    at = models.BigIntegerField()
    packed = models.BinaryField(default=bytes)

    class Meta:
        db_table = "measures_outgoing"
        indexes = [
            models.Index(fields=["at", "packed"], name="outgoing_at"),
            models.Index(fields=["answers", "at", "channel", "remote_id", "id"], name="outgoing_thing"),
            models.Index(fields=["purpose", "at", "channel", "remote_id", "id"], name="outgoing_purpose"),
            models.Index(fields=["channel", "remote_id", "purpose"], name="outgoing_remote"),
        ]


class Incoming(models.Model):
    """Derived: one thing that somebody did: wrote (Create), liked, shared (Announce) or followed.

    `about` is the network's id of what it is about: what was answered, liked or shared. `packed` repeats
    what a page reads (packing.py).
    """

    id = models.BigIntegerField(primary_key=True)
    obj = models.CharField(max_length=32)
    channel = models.CharField(max_length=32)
    verb = models.CharField(max_length=10)
    lang = models.CharField(max_length=16, default="")
    private = models.BooleanField(default=False)
    about = models.CharField(max_length=300, default="")
    at = models.BigIntegerField()
    packed = models.BinaryField(default=bytes)

    class Meta:
        db_table = "measures_incoming"
        indexes = [
            models.Index(fields=["at", "packed"], name="incoming_at"),
            models.Index(fields=["channel", "about", "verb"], name="incoming_about"),
        ]


class Count(models.Model):
    """Derived: the newest counts of a network on something of ours; what it does not count is None.

    The id is the arrival number of the first entry about it, `read_n` that of the newest.
    """

    id = models.BigIntegerField(primary_key=True)
    channel = models.CharField(max_length=32)
    remote_id = models.CharField(max_length=300)
    reach = models.BigIntegerField(null=True)
    likes = models.BigIntegerField(null=True)
    shares = models.BigIntegerField(null=True)
    comments = models.BigIntegerField(null=True)
    read_n = models.BigIntegerField()

    class Meta:
        db_table = "measures_count"
        indexes = [models.Index(fields=["channel", "remote_id"], name="count_remote")]


class Written(models.Model):
    """Derived: who wrote an answer, until it is out: a person, or a machine."""

    id = models.BigIntegerField(primary_key=True)
    reply = models.CharField(max_length=32, db_index=True)
    machine = models.BooleanField(default=False)

    class Meta:
        db_table = "measures_written"


class Step(models.Model):
    """Derived: something of the social card. `amount`: points, or 1. The id is that of its entry."""

    id = models.BigIntegerField(primary_key=True)
    what = models.CharField(max_length=16)
    network = models.CharField(max_length=40, default="")
    amount = models.BigIntegerField(default=1)
    at = models.BigIntegerField()

    class Meta:
        db_table = "measures_step"
        indexes = [models.Index(fields=["at"], name="step_at")]


class Rule(models.Model):
    """Derived: what somebody decided about how is counted; the newest of a kind is in force."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=16)
    text = models.TextField()
    actor = models.CharField(max_length=42)
    at = models.BigIntegerField()

    class Meta:
        db_table = "measures_rule"
        indexes = [models.Index(fields=["kind", "id"], name="rule_kind")]
