"""Members, what they agreed to, their profiles and cards. No card number, code or expiry date has a column.

Times are UTC milliseconds, 0 for never.
"""

from __future__ import annotations

from django.db import models

from bankside.record.ids import new_id


class Member(models.Model):
    """A customer who takes part. `customer_ref` is the bank's own reference, opaque to the desk.

    `name` is the name on the card; both are emptied when the member leaves. `adult` says that the age gate
    was passed; the date of birth is never kept. `employee`: works for the bank, earns nothing.
    `paused_by_bank`: of a pause that the bank began, and which she cannot end.
    """

    ACTIVE, PAUSED, LEFT = "active", "paused", "left"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    customer_ref = models.CharField(max_length=64, unique=True, null=True)
    name = models.CharField(max_length=60, default="", blank=True)
    language = models.CharField(max_length=10, default="en")
    status = models.CharField(max_length=6, default=ACTIVE)
    adult = models.BooleanField(default=False)
    employee = models.BooleanField(default=False)
    interests = models.JSONField(default=list)
    tenure_since = models.BigIntegerField(default=0)
    joined_at = models.BigIntegerField()
    left_at = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    paused_by_bank = models.BooleanField(db_default=False, default=False)

    class Meta:
        db_table = "rewards_member"


class Consent(models.Model):
    """What a member agreed to: a purpose and the version of its words. Given anew, it is a new row."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=16)
    version = models.CharField(max_length=16)
    given_at = models.BigIntegerField()
    withdrawn_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_consent"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "purpose"], condition=models.Q(withdrawn_at=0), name="one_consent_in_force"
            )
        ]


class Link(models.Model):
    """A profile that a member proved to be hers. `subject` is the network's id that never changes.

    `subj` is the record's subject of that account; `handle` is for showing, and was read last at
    `read_at`. `account_since` is when the account was made, 0 when not known. While `unlinked_at` is 0 it is
    the profile's only link.
    """

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    member = models.ForeignKey(Member, models.PROTECT, related_name="links")
    network = models.CharField(max_length=40)
    subject = models.CharField(max_length=300)
    subj = models.CharField(max_length=32, db_index=True)
    handle = models.CharField(max_length=200)
    url = models.CharField(max_length=500, default="", blank=True)
    proof = models.CharField(max_length=8)
    consent_version = models.CharField(max_length=16)
    counts = models.BooleanField(default=True)
    account_since = models.BigIntegerField(default=0)
    read_at = models.BigIntegerField(default=0)
    linked_at = models.BigIntegerField()
    unlinked_at = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "rewards_link"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "subject"], condition=models.Q(unlinked_at=0), name="one_live_link"
            )
        ]


class Counting(models.Model):
    """From when until when acts of a linked profile count; `until` 0: they do now.

    A span opens when a link is made, or its member or the bank lets it count again, and closes at once with
    unlinking, switching off, taking back a consent, a pause, and leaving. So what an act earns hangs on the
    moment at which it was recorded, and never on when it is looked at.
    """

    link = models.ForeignKey(Link, models.CASCADE, related_name="spans")
    member = models.BigIntegerField(db_index=True)
    subj = models.CharField(max_length=32, db_index=True)
    since = models.BigIntegerField()
    until = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_counting"
        constraints = [
            models.UniqueConstraint(fields=["subj"], condition=models.Q(until=0), name="counts_for_one")
        ]


class ProofApp(models.Model):
    """The desk as an application of a server at which members sign in, where it makes itself known first."""

    network = models.CharField(max_length=40)
    server = models.CharField(max_length=255)
    sealed = models.BinaryField()
    until = models.BigIntegerField()

    class Meta:
        db_table = "rewards_proof_app"
        constraints = [models.UniqueConstraint(fields=["network", "server"], name="proof_app_once")]


class PendingProof(models.Model):
    """A proof that was begun: away at a network's page, or waiting for a line on the member's own page.

    `state` is the digest of what her browser carries or of what the page must say; good once, for a while.
    """

    state = models.CharField(max_length=64, unique=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8)
    network = models.CharField(max_length=40)
    sealed = models.BinaryField()
    expires_at = models.BigIntegerField()

    class Meta:
        db_table = "rewards_pending_proof"


class Ticket(models.Model):
    """Lets a member in from the bank's own app, once, within minutes. Only a digest of it is kept."""

    digest = models.CharField(max_length=64, unique=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    expires_at = models.BigIntegerField()
    used_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_ticket"


class Order(models.Model):
    """Cards that go to the bureau together, and the file that is drawn of them.

    `key`: what was asked for twice is one order. `cards` is how many go, `done` how many are drawn,
    `left_out` how many were asked for and do not go. `sha256` is empty until the file was whole for the first
    time, `size` in bytes. Away: the file is deleted, and drawn again for whoever wants it.
    """

    DRAWING, MADE, AWAY, EMPTY = "drawing", "made", "away", "empty"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    key = models.CharField(max_length=140, unique=True, null=True)
    made_at = models.BigIntegerField()
    by = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=8, default=AWAY)
    cards = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="", blank=True)
    size = models.BigIntegerField(default=0)
    drawn_at = models.BigIntegerField(default=0)
    trouble = models.CharField(max_length=400, default="", blank=True)

    class Meta:
        db_table = "rewards_order"


class Card(models.Model):
    """A card of a member: a reference that the bank's token service gave, and what is drawn on it.

    `code` is the end of the short address in its QR code; `qr`: it opens the profile. `line` is the profile
    address as printed, or empty when only the handle is. `voices`: the links that were live when it was
    asked for, by obj, each of which is drawn; so what is printed is what was looked at.
    """

    ASKED, APPROVED, REFUSED, ORDERED, ACTIVE, ENDED = (
        "asked", "approved", "refused", "ordered", "active", "ended",
    )  # fmt: skip

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    member = models.ForeignKey(Member, models.PROTECT, related_name="cards")
    link = models.ForeignKey(Link, models.PROTECT, null=True, related_name="cards")
    token_ref = models.CharField(max_length=64, unique=True, null=True)
    theme = models.CharField(max_length=16)
    handle = models.CharField(max_length=60, default="", blank=True)
    line = models.CharField(max_length=60, default="", blank=True)
    name = models.CharField(max_length=60, blank=True)
    voices = models.JSONField(default=list)
    state = models.CharField(max_length=8, default=ASKED)
    reason = models.CharField(max_length=500, default="", blank=True)
    code = models.CharField(max_length=16, unique=True)
    qr = models.BooleanField(default=True)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")
    asked_at = models.BigIntegerField()
    decided_at = models.BigIntegerField(default=0)
    decided_by = models.CharField(max_length=32, default="", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "rewards_card"
