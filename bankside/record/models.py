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


class Standstill(models.Model):
    """There while the desk is in recovery mode: one row alone, and why. Nothing is appended meanwhile.

    `asked_*`: who wants to leave it, since when (ms) and for what reason; a second person has to agree.
    `without`: she knows that entries are lost, and wants to go on without them.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reason = models.CharField(max_length=400)
    since = models.BigIntegerField()
    asked_by = models.CharField(max_length=32, default="")
    asked_at = models.BigIntegerField(default=0)
    asked_why = models.CharField(max_length=300, default="")
    without = models.BooleanField(default=False)

    class Meta:
        db_table = "record_standstill"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_standstill")]


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


class WrappingKey(models.Model):
    """A generation of the key that wraps subjects' and classes' keys.

    The newest wraps; older ones unwrap until nothing is wrapped with them any more.
    """

    generation = models.PositiveIntegerField(primary_key=True)
    made_at = models.BigIntegerField()

    class Meta:
        db_table = "record_kek"


class WrappedKey(models.Model):
    """A generation as a provider of keys wrapped it; two of one generation while it is moved.

    `holder` names the provider's own key. An empty one is a desk of before generations: the key is the file.
    The tables of wrapped keys name the generation, and the database keeps it as long as one does.
    """

    wrapping = models.ForeignKey(WrappingKey, on_delete=models.CASCADE)
    provider = models.CharField(max_length=16)
    holder = models.CharField(max_length=200, blank=True)
    wrapped = models.BinaryField()

    class Meta:
        db_table = "record_kek_wrapped"
        constraints = [
            models.UniqueConstraint(fields=["wrapping", "provider", "holder"], name="wrapped_once_by_each")
        ]


class Subject(models.Model):
    """A person (or the desk) whose words are encrypted under a key of their own.

    `mac` is HMAC(network, remote account id): the account itself is not stored here.
    """

    subj = models.CharField(max_length=32, primary_key=True)
    mac = models.CharField(max_length=64, unique=True)
    wrapped = models.BinaryField()
    kek = models.ForeignKey(WrappingKey, models.PROTECT, db_column="kek", db_index=False, default=0)
    created_at = models.BigIntegerField()

    class Meta:
        db_table = "record_subject"


class KeyClass(models.Model):
    """One wrapped key per class of small secrets (channel tokens, intake, deliveries)."""

    name = models.CharField(max_length=32, primary_key=True)
    wrapped = models.BinaryField()
    kek = models.ForeignKey(WrappingKey, models.PROTECT, db_column="kek", db_index=False, default=0)

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


class Erasure(models.Model):
    """A wish that words be forgotten: who asked, who agreed, how far it is.

    `about` is the obj of one thing, or empty for everything of the subject. `entry` is the arrival number of
    its first erase entry, 0 before there is one.
    """

    ASKED, DECLINED, WAITING, ERASING, ERASED = "asked", "declined", "waiting", "erasing", "erased"

    obj = models.CharField(max_length=32, unique=True)
    subj = models.CharField(max_length=32, db_index=True)
    about = models.CharField(max_length=32, default="", blank=True)
    basis = models.CharField(max_length=64)
    reason = models.CharField(max_length=500, default="", blank=True)
    state = models.CharField(max_length=8, default=ASKED, db_index=True)
    asked_by = models.CharField(max_length=42)
    asked_at = models.BigIntegerField()
    agreed_by = models.CharField(max_length=42, default="", blank=True)
    agreed_at = models.BigIntegerField(default=0)
    why = models.CharField(max_length=500, default="", blank=True)
    entry = models.BigIntegerField(default=0)
    ended_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "record_erasure"


class Hold(models.Model):
    """A duty to keep: nothing of its target is erased until another person has released it."""

    SUBJECT, OBJECT, CHANNEL = "subject", "object", "channel"

    obj = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=8)
    target = models.CharField(max_length=32, db_index=True)
    reason = models.CharField(max_length=500)
    placed_by = models.CharField(max_length=42)
    placed_at = models.BigIntegerField()
    released_by = models.CharField(max_length=42, default="", blank=True)
    released_at = models.BigIntegerField(default=0)
    why = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        db_table = "record_hold"


class Restriction(models.Model):
    """Words that are stored and shown to nobody. `lift_by`: who asks that they be shown again."""

    subj = models.CharField(max_length=32)
    about = models.CharField(max_length=32, default="", blank=True)
    reason = models.CharField(max_length=500)
    placed_by = models.CharField(max_length=42)
    placed_at = models.BigIntegerField()
    lift_by = models.CharField(max_length=42, default="", blank=True)
    lift_why = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        db_table = "record_restriction"
        constraints = [models.UniqueConstraint(fields=["subj", "about"], name="restricted_once")]


class Term(models.Model):
    """How long a class of retention lasts, in months (0: for ever). It grows and never shrinks."""

    name = models.CharField(max_length=32, primary_key=True)
    months = models.PositiveIntegerField()

    class Meta:
        db_table = "record_term"


class Package(models.Model):
    """A package of entries that somebody ordered: what for, how far it is, what became of it.

    `done` and `expected` count entries, none beyond the arrival number `until`; `size` is in bytes.
    """

    WAITING, MAKING, MADE = "waiting", "making", "made"
    STOPPED, DELETED = "stopped", "deleted"

    obj = models.CharField(max_length=32, unique=True)
    key = models.CharField(max_length=200, unique=True)
    maker = models.CharField(max_length=42)
    where = models.CharField(max_length=2000)
    reason = models.CharField(max_length=500)
    language = models.CharField(max_length=10)
    until = models.BigIntegerField()
    expected = models.BigIntegerField()
    done = models.BigIntegerField(default=0)
    state = models.CharField(max_length=8, default=WAITING)
    trouble = models.CharField(max_length=400, default="", blank=True)
    manifest = models.CharField(max_length=64, default="", blank=True)
    files = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    ordered_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "record_package"
        indexes = [models.Index(fields=["ordered_at"], name="package_ordered")]
