"""Channels, what came in, what is to go out. Rows are the truth; what others must know is also a fact."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bankside.record.ids import new_id


class Channel(models.Model):
    """One of the bank's accounts on a network, its grant (sealed) and its health."""

    OPEN, PAUSED, STOPPED, REMOVED = "open", "paused", "stopped", "removed"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    network = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    handle = models.CharField(max_length=200, default="", blank=True)
    url = models.CharField(max_length=500, default="", blank=True)
    team = models.ForeignKey("people.Team", models.PROTECT, null=True)
    state = models.CharField(max_length=8, default=OPEN)
    settings = models.JSONField(default=dict)
    secrets = models.BinaryField(default=bytes)
    # what the secrets were exchanged for, where a network gives tokens that end; see sessions.py
    session = models.BinaryField(default=bytes)
    fresh_until = models.BigIntegerField(default=0)
    renewing_until = models.BigIntegerField(default=0)
    # when a person must have connected it again, and from when on she is told; 0 never. See token_health.py
    ends_at = models.BigIntegerField(default=0)
    notice_at = models.BigIntegerField(default=0)
    account = models.JSONField(default=dict)
    hook = models.CharField(max_length=64, unique=True)
    poll_seconds = models.PositiveIntegerField(default=0)
    cursor = models.TextField(default="", blank=True)
    since = models.BigIntegerField(default=0)
    created_at = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    # health
    polled_at = models.BigIntegerField(default=0)
    heard_at = models.BigIntegerField(default=0)
    ok_at = models.BigIntegerField(default=0)
    failed_at = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    lag_ms = models.BigIntegerField(default=0)  # from somebody's writing to our keeping it, of the newest
    refused_since = models.BigIntegerField(default=0)
    trouble = models.CharField(max_length=300, default="", blank=True)
    # counters since the channel was connected
    hooks_accepted = models.BigIntegerField(default=0)
    hooks_repeated = models.BigIntegerField(default=0)
    hooks_forged = models.BigIntegerField(default=0)
    hooks_malformed = models.BigIntegerField(default=0)
    items_read = models.BigIntegerField(default=0)
    items_repaired = models.BigIntegerField(default=0)

    class Meta:
        db_table = "channels_channel"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=~models.Q(state="removed"), name="channel_name_once"
            )
        ]


class Notarised(models.Model):
    """How far somebody outside has got with a log: a time-stamp authority or a copy, by its name.

    `size` entries are under its newest head there, since `at` (ms); `since` when it first failed after that,
    0 while it does what it is asked, with `trouble` in words.
    """

    STAMP, COPY = "stamp", "copy"

    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=32)
    lane = models.PositiveSmallIntegerField()
    year = models.PositiveSmallIntegerField()
    size = models.BigIntegerField(default=0)
    at = models.BigIntegerField(default=0)
    since = models.BigIntegerField(default=0)
    trouble = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        db_table = "channels_notarised"
        constraints = [
            models.UniqueConstraint(fields=["kind", "name", "lane", "year"], name="notarised_once")
        ]


class PendingGrant(models.Model):
    """Somebody has gone to sign in at a network, and is expected back; see oauth.py.

    `mac` is made from the state that goes with her, `body` is sealed. A row is used once, or forgotten.
    """

    mac = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    body = models.BinaryField()
    until = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "channels_pending_grant"


class Thread(models.Model):
    """Which conversation a remote thread is: its random obj and its lane, made at first sight."""

    channel = models.ForeignKey(Channel, models.CASCADE)
    mac = models.CharField(max_length=64)
    obj = models.CharField(max_length=32, unique=True, default=new_id)
    lane = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "channels_thread"
        constraints = [models.UniqueConstraint(fields=["channel", "mac"], name="one_thread_per_root")]


class Item(models.Model):
    """What a network gave, masked and sealed, kept until it is read: unknown kinds 7 days, others 30."""

    KEPT, READ, UNKNOWN, POISONED = "kept", "read", "unknown", "poisoned"

    channel = models.ForeignKey(Channel, models.CASCADE)
    remote_id = models.CharField(max_length=300)
    version = models.CharField(max_length=100, default="", blank=True)
    via = models.CharField(max_length=4)
    state = models.CharField(max_length=8, default=KEPT)
    body = models.BinaryField(default=bytes)
    red = models.JSONField(default=list)
    received_at = models.BigIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table = "channels_item"
        constraints = [models.UniqueConstraint(fields=["channel", "remote_id", "version"], name="item_once")]
        indexes = [models.Index(fields=["state", "id"], name="item_state")]


class SignatureSeen(models.Model):
    """A hook's signature that holds for a while, so that the same request is taken once; then forgotten."""

    channel = models.ForeignKey(Channel, models.CASCADE)
    mac = models.CharField(max_length=64)
    until = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "channels_signature_seen"
        constraints = [models.UniqueConstraint(fields=["channel", "mac"], name="signature_once")]


class Sighting(models.Model):
    """The newest version that we know of each thing on a network, so that an older one never passes for new.

    `order_ms` is the network's time of that version, 0 when it names none; `gone`: it was taken away;
    `key` is that version's key in the record.
    """

    channel = models.ForeignKey(Channel, models.CASCADE)
    remote_id = models.CharField(max_length=300)
    thread = models.ForeignKey(Thread, models.CASCADE)
    version = models.CharField(max_length=100, default="", blank=True)
    key = models.CharField(max_length=400, default="", blank=True)
    order_ms = models.BigIntegerField(default=0)
    gone = models.BooleanField(default=False)

    class Meta:
        db_table = "channels_sighting"
        constraints = [
            models.UniqueConstraint(fields=["channel", "remote_id"], name="one_sighting_per_thing")
        ]


class Delivery(models.Model):
    """Words on their way out of one channel. It always holds a consent of the same digest.

    `words`: sealed, empty once they were erased. `handle`: by what the network is asked how it goes on; of
    words posted by hand the obj of the picture that shows them.
    """

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    channel = models.ForeignKey(Channel, models.PROTECT)
    key = models.CharField(max_length=120, unique=True)
    purpose = models.CharField(max_length=8)
    about = models.CharField(max_length=32, db_index=True)
    version = models.CharField(max_length=32)
    lane = models.PositiveSmallIntegerField(default=0)
    digest = models.CharField(max_length=64)
    consent = models.ForeignKey("approvals.Consent", models.PROTECT)
    words = models.BinaryField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.BigIntegerField()
    state = models.CharField(max_length=12)
    state_at = models.BigIntegerField()
    due_at = models.BigIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)
    remote_id = models.CharField(max_length=300, default="", blank=True)
    url = models.CharField(max_length=1000, default="", blank=True)
    handle = models.CharField(max_length=300, default="", blank=True)
    note = models.TextField(default="", blank=True)
    fallback = models.CharField(max_length=1000, default="", blank=True)

    class Meta:
        db_table = "channels_delivery"
        indexes = [models.Index(fields=["channel", "state"], name="delivery_state")]


class Attempt(models.Model):
    """One call of the network for a delivery, written before the call. `act` is send, find or settle."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=8)
    started_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(default=0)
    outcome = models.CharField(max_length=16, default="", blank=True)
    detail = models.TextField(default="", blank=True)

    class Meta:
        db_table = "channels_attempt"
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once")]


class Counted(models.Model):
    """Something of ours whose counts are read: a post, or the account itself. See counted.py.

    `due_at`: when it is looked at next, 0 never again; `looked_at`: when it was last, 0 not yet. `told`: what
    the network said last, by name; nothing as long as it has said nothing.
    """

    channel = models.ForeignKey(Channel, models.CASCADE)
    remote_id = models.CharField(max_length=300)
    account = models.BooleanField(default=False)
    said_at = models.BigIntegerField()
    due_at = models.BigIntegerField()
    looked_at = models.BigIntegerField(default=0)
    told = models.JSONField(default=dict)

    class Meta:
        db_table = "channels_counted"
        constraints = [models.UniqueConstraint(fields=["channel", "remote_id"], name="counted_once")]
        indexes = [models.Index(fields=["channel", "due_at"], name="counted_due")]


class Meter(models.Model):
    """What a channel cost in one day (days since 1970, UTC), in millionths of its network's currency."""

    channel = models.ForeignKey(Channel, models.CASCADE)
    day = models.PositiveIntegerField()
    sent_micros = models.BigIntegerField(default=0)
    read_micros = models.BigIntegerField(default=0)

    class Meta:
        db_table = "channels_meter"
        constraints = [models.UniqueConstraint(fields=["channel", "day"], name="one_meter_per_day")]


class Media(models.Model):
    """A picture or a film that goes with words. The file is ciphertext named by its own SHA-256, in the data
    folder. `seconds`: the length of a film."""

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    file = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    salt = models.BinaryField()
    mime = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    seconds = models.BigIntegerField(default=0)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.BigIntegerField()

    class Meta:
        db_table = "channels_media"


class Freeze(models.Model):
    """At most one row: while it is there, nothing goes out."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.BigIntegerField()

    class Meta:
        db_table = "channels_freeze"
        constraints = [models.CheckConstraint(name="one_freeze", condition=models.Q(id=1))]
