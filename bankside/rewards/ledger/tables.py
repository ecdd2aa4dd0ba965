"""The journal of points and what follows from it. The journal is the truth; buckets can be computed again.

Days and months are whole numbers since 1970 in the programme's zone (`days.py`). On SQLite the migration
0002_ledger makes three of these tables in the form that was measured to be quick: same columns, own keys. The
index by which the awards of an item are found is made by 0004_one_row.
"""

from __future__ import annotations

from django.db import models

# The number of a posting is that of its batch times this, plus its place in the batch: no row can be missing
# or added without being named.
ROWS_MAX = 65_536


class Batch(models.Model):
    """Postings that were made together. The record holds one fact for it, with the digest of its rows."""

    id = models.BigIntegerField(primary_key=True)
    obj = models.CharField(max_length=32, unique=True)
    at = models.BigIntegerField()
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "rewards_batch"


class Posting(models.Model):
    """Points (or minor units of a currency) that move from one account of a member's to another; never
    changed.

    `kind` says why: earn, settle, delete, return, redeem, undo, expire, fraud, restore, offer, refund. `dr`
    is the account that gives, `cr` the one that gets. `due` and `until` name the buckets that a posting
    touches: pending points lie under the day they settle, which is `due`; available ones under the month they
    expire, which is `until`. A posting that touches available points alone has the month as its `due` too.
    (source, rule, kind, due) is unique: a replay, a second claw-back and a second settling are the same
    violation. `programme` is the version's row id, 0 for none. `why` of an award is its decision (`why.py`),
    of a return the source of the award; else "", also for awards from before there was one: theirs is a row
    of Earned.
    """

    id = models.BigIntegerField(primary_key=True)
    source = models.CharField(max_length=80)
    rule = models.CharField(max_length=32)
    kind = models.CharField(max_length=8)
    due = models.BigIntegerField()
    until = models.BigIntegerField()
    member = models.BigIntegerField()
    unit = models.CharField(max_length=8)
    dr = models.CharField(max_length=12)
    cr = models.CharField(max_length=12)
    points = models.BigIntegerField()
    at = models.BigIntegerField()
    programme = models.BigIntegerField()
    origin = models.CharField(max_length=13)
    why = models.TextField(db_default="")

    class Meta:
        db_table = "rewards_posting"
        constraints = [
            models.UniqueConstraint(fields=["source", "rule", "kind", "due"], name="posted_once"),
            models.CheckConstraint(name="points_move", condition=models.Q(points__gt=0)),
        ]
        indexes = [models.Index(fields=["member", "due"], name="posting_of_member")]


class Unchecked(models.Model):
    """A batch with awards that the fraud checks have yet to look at: those with a number above `after`.

    Written in the transaction of the batch, so that it does not matter in which order batches are committed.
    """

    batch = models.BigIntegerField(primary_key=True)
    after = models.BigIntegerField()

    class Meta:
        db_table = "rewards_unchecked"


class Bucket(models.Model):
    """Derived: what a member has pending, by day of settling, and available, by month of expiry."""

    pk = models.CompositePrimaryKey("member", "unit", "state", "due")
    member = models.BigIntegerField()
    unit = models.CharField(max_length=8)
    state = models.CharField(max_length=9)
    due = models.BigIntegerField()
    points = models.BigIntegerField()

    class Meta:
        db_table = "rewards_bucket"
        constraints = [
            models.CheckConstraint(name="never_negative", condition=models.Q(points__gte=0)),
        ]
        indexes = [
            models.Index(fields=["state", "due"], condition=models.Q(points__gt=0), name="bucket_due"),
        ]


class Meter(models.Model):
    """One row for a member: how much of each rule's caps is used, active days. Its row lock is the member.

    `body` is written by `meter.py`; empty when nothing was counted yet. `newest` and `days`: `active.py`.
    """

    member = models.BigIntegerField(primary_key=True)
    body = models.BinaryField()
    newest = models.BigIntegerField(db_default=0)
    days = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "rewards_meter"


class Cap(models.Model):
    """How much of a limit that all members share is used: of a rule's or an offer's fund."""

    scope = models.CharField(max_length=16)
    subject = models.CharField(max_length=64)
    window = models.BigIntegerField()
    used = models.BigIntegerField(default=0)
    times = models.BigIntegerField(default=0)
    limit = models.BigIntegerField()

    class Meta:
        db_table = "rewards_cap"
        constraints = [
            models.UniqueConstraint(fields=["scope", "subject", "window"], name="cap_once"),
            models.CheckConstraint(name="within_limit", condition=models.Q(used__lte=models.F("limit"))),
        ]
