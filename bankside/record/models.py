"""The tables of the record. Rows of Entry are never changed or deleted; the database refuses it too."""

from __future__ import annotations

from django.db import models


class Head(models.Model):
    """One row per lane: which log (year) is written and how many entries it has. Its row lock is the lane."""

    lane = models.PositiveSmallIntegerField(primary_key=True)
    year = models.PositiveSmallIntegerField(default=0)
    size = models.BigIntegerField(default=0)

    class Meta:
        db_table = "record_head"


class Checkpoint(models.Model):
    """The last head of a log that was written out as tiles: size, Merkle root, and as it was signed.

    `refused`: why the signer does not sign what comes after it; nothing is published until a person looked.
    """

    lane = models.PositiveSmallIntegerField()
    year = models.PositiveSmallIntegerField()
    size = models.BigIntegerField(default=0)
    root = models.CharField(max_length=64, default="")
    note = models.TextField(default="")
    at = models.BigIntegerField(default=0)
    refused = models.CharField(max_length=400, default="")

    class Meta:
        db_table = "record_checkpoint"
        constraints = [models.UniqueConstraint(fields=["lane", "year"], name="one_checkpoint_per_log")]


class Witnessed(models.Model):
    """What a witness has signed of a log, as far as this desk knows. `name` is that of its first key.

    `at` is when it last did what it was asked (ms); `since` when it first failed after that, 0 while it does.
    """

    name = models.CharField(max_length=255)
    lane = models.PositiveSmallIntegerField()
    year = models.PositiveSmallIntegerField()
    size = models.BigIntegerField(default=0)
    at = models.BigIntegerField(default=0)
    since = models.BigIntegerField(default=0)
    trouble = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "record_witnessed"
        constraints = [models.UniqueConstraint(fields=["name", "lane", "year"], name="witnessed_once")]


class Entry(models.Model):
    """One recorded fact: its leaf (no personal data) and what is needed to find it.

    `n` is the arrival number: not hashed, never recomputed; rows derived from an entry take it as id.
    """

    n = models.BigAutoField(primary_key=True)
    lane = models.PositiveSmallIntegerField()
    year = models.PositiveSmallIntegerField()
    seq = models.BigIntegerField()
    key = models.CharField(max_length=400)
    fact = models.CharField(max_length=48)
    rid = models.CharField(max_length=32, unique=True)
    type = models.CharField(max_length=48)
    t = models.BigIntegerField()
    actor = models.CharField(max_length=42)
    obj = models.CharField(max_length=32)
    subj = models.CharField(max_length=32)
    leaf = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "record_entry"
        constraints = [
            models.UniqueConstraint(fields=["lane", "year", "seq"], name="one_entry_per_place"),
            models.UniqueConstraint(fields=["lane", "key"], name="twice_is_once"),
        ]
        indexes = [
            models.Index(fields=["obj", "n"], name="entry_obj"),
            models.Index(fields=["subj", "n"], name="entry_subj"),
            models.Index(fields=["fact", "n"], name="entry_fact"),
            models.Index(fields=["actor", "n"], name="entry_actor"),
        ]


class Payload(models.Model):
    """The encrypted words of an entry. Deleting the salt makes them unreadable; the leaf stays."""

    n = models.BigIntegerField(primary_key=True)
    salt = models.BinaryField()
    body = models.BinaryField()

    class Meta:
        db_table = "record_payload"


class Subject(models.Model):
    """A person (or the desk) whose words are encrypted under a key of their own.

    `mac` is HMAC(network, remote account id): the account itself is not stored here.
    """

    subj = models.CharField(max_length=32, primary_key=True)
    mac = models.CharField(max_length=64, unique=True)
    wrapped = models.BinaryField()
    created_at = models.BigIntegerField()

    class Meta:
        db_table = "record_subject"


class KeyClass(models.Model):
    """One wrapped key per class of small secrets (channel tokens, intake, deliveries)."""

    name = models.CharField(max_length=32, primary_key=True)
    wrapped = models.BinaryField()

    class Meta:
        db_table = "record_keyclass"


class Cursor(models.Model):
    """How far a projection or reaction has followed a lane. Its row lock makes it one at a time."""

    follower = models.CharField(max_length=64)
    lane = models.PositiveSmallIntegerField()
    year = models.PositiveSmallIntegerField(default=0)
    seq = models.BigIntegerField(default=-1)

    class Meta:
        db_table = "record_cursor"
        constraints = [models.UniqueConstraint(fields=["follower", "lane"], name="one_cursor_per_lane")]


class Quarantined(models.Model):
    """An entry that a follower could not take; the others went on. Shown in health."""

    follower = models.CharField(max_length=64)
    n = models.BigIntegerField()
    error = models.CharField(max_length=200)
    at = models.BigIntegerField()

    class Meta:
        db_table = "record_quarantined"
        constraints = [models.UniqueConstraint(fields=["follower", "n"], name="quarantined_once")]


class Job(models.Model):
    """A timer or a send: due at a time, taken under a lease, done once."""

    WAITING, DONE, FAILED = "waiting", "done", "failed"

    kind = models.CharField(max_length=48)
    key = models.CharField(max_length=200, unique=True)
    due_at = models.BigIntegerField()
    lease_until = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, default=WAITING)
    data = models.JSONField(default=dict)
    error = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "record_job"
        indexes = [models.Index(fields=["state", "due_at"], name="job_due")]
