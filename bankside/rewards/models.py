"""Members, their links and cards, programmes, offers, card payments, and what a person has to look at.

No card number, security code or expiry date has a column anywhere. Times are UTC milliseconds, 0 for never;
money is in minor units of its currency.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bankside.record.ids import new_id
from bankside.rewards.ledger.tables import Batch, Bucket, Cap, Meter, Posting, Unchecked
from bankside.rewards.member_tables import (
    Card,
    Consent,
    Counting,
    Link,
    Member,
    Order,
    PendingProof,
    ProofApp,
    Ticket,
)
from bankside.rewards.offer_tables import Line, MadeFile, OfferUse, PartnerCode, Payment, Redemption

__all__ = [
    "Batch", "Bucket", "Cap", "Card", "Consent", "Counting", "Line", "Link", "MadeFile", "Member", "Meter",
    "OfferUse", "Order", "PartnerCode", "Payment", "PendingProof", "Posting", "ProofApp", "Redemption",
    "Ticket", "Unchecked",
]  # fmt: skip


class Programme(models.Model):
    """A version of a programme: one text, its digest, and who agreed to it. One of a name is live.

    `first` and `second` are the uids of the two people who agreed: never the same, never the author's. The
    database refuses what the room would (0003_two_people). `reason`: why it was sent back, or ended.
    """

    DRAFT, WAITING, LIVE, RETIRED = "draft", "waiting", "live", "retired"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    name = models.CharField(max_length=32)
    number = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, default=DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    first = models.CharField(max_length=32, default="", blank=True)
    second = models.CharField(max_length=32, default="", blank=True)
    reason = models.CharField(max_length=500, default="", blank=True)
    made_at = models.BigIntegerField()
    live_from = models.BigIntegerField(default=0)
    ended_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_programme"
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="version_once"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(state="live"), name="one_live_version"
            ),
            models.CheckConstraint(
                name="two_people",
                condition=(~models.Q(state__in=["live", "retired"]) | ~models.Q(second=""))
                & (models.Q(second="") | (~models.Q(first="") & ~models.Q(first=models.F("second")))),
            ),
        ]


class Earned(models.Model):
    """Why an act earned nothing, or nothing yet. Why one earned what it did, its posting says (`decided.py`).

    `outcome`: capped, held, refused; `reason` names the rule of the house or of the programme. Nothing of a
    row changes but a held one, which is decided later, and goes when it is awarded. Awards from before
    0004_one_row have a row here too, and `checked`: `fraud.py` looked at it.
    `inputs` are the numbers that the rule saw, as JSON; `entry` is the arrival number of the act in the
    record, `remote` a digest of which item it was, `cls` the class of the rule. `day`, and `due` on which the
    points settle, are days since 1970 in the programme's zone.
    """

    AWARDED, CAPPED, HELD, REFUSED = "awarded", "capped", "held", "refused"

    source = models.CharField(max_length=80)
    rule = models.CharField(max_length=32)
    member = models.BigIntegerField()
    programme = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    network = models.CharField(max_length=40, default="", blank=True)
    at = models.BigIntegerField()
    day = models.BigIntegerField(default=0)
    due = models.BigIntegerField(default=0)
    cls = models.CharField(max_length=1, default="A")
    points = models.BigIntegerField()
    asked = models.BigIntegerField()
    outcome = models.CharField(max_length=8)
    reason = models.CharField(max_length=40, default="", blank=True)
    inputs = models.TextField(default="{}")
    entry = models.BigIntegerField(default=0)
    remote = models.CharField(max_length=32, default="", blank=True)
    checked = models.BooleanField(default=False)

    class Meta:
        db_table = "rewards_earned"
        constraints = [models.UniqueConstraint(fields=["source", "rule"], name="earned_once")]
        indexes = [
            models.Index(fields=["member", "-at"], name="earned_of_member"),
            models.Index(fields=["id"], condition=models.Q(checked=False), name="earned_unchecked"),
            models.Index(fields=["remote"], condition=~models.Q(remote=""), name="earned_of_item"),
            models.Index(fields=["at"], condition=models.Q(outcome="held"), name="earned_held"),
        ]


class Answers(models.Model):
    """How many answers of members a thread of the bank's own has had; `place` is the conversation's obj."""

    place = models.CharField(max_length=32, primary_key=True)
    answers = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "rewards_answers"


class Reached(models.Model):
    """How far a reader of the whole record has come, by arrival number; its row lock lets one at a time."""

    name = models.CharField(max_length=32, primary_key=True)
    n = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_reached"


class HourPaid(models.Model):
    """What a rule that has a fund paid in an hour (since 1970, UTC), for the breaker."""

    rule = models.CharField(max_length=32)
    hour = models.BigIntegerField()
    points = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_hour_paid"
        constraints = [models.UniqueConstraint(fields=["rule", "hour"], name="hour_paid_once")]


class Flag(models.Model):
    """Something about an act that a person has to look at; while it is open, its points do not settle.

    `reasons`: names such as account-age, velocity, near-duplicate, co-action, night-clock, audit. `code` and
    `decided_by` of an open one: somebody proposes to take the points back, and a second person must agree.
    """

    OPEN, RELEASED, REVERSED = "open", "released", "reversed"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    source = models.CharField(max_length=80, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    reasons = models.JSONField(default=list)
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default=OPEN)
    code = models.CharField(max_length=24, default="", blank=True)
    points = models.BigIntegerField(default=0)
    made_at = models.BigIntegerField()
    decided_at = models.BigIntegerField(default=0)
    decided_by = models.CharField(max_length=32, default="", blank=True)
    second_by = models.CharField(max_length=32, default="", blank=True)
    why = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        db_table = "rewards_flag"
        constraints = [
            models.CheckConstraint(
                name="reversed_by_two",
                condition=~models.Q(state="reversed")
                | (
                    ~models.Q(decided_by="")
                    & ~models.Q(second_by="")
                    & ~models.Q(decided_by=models.F("second_by"))
                ),
            )
        ]
        indexes = [models.Index(fields=["state", "made_at"], name="flag_waiting")]


class Restoration(models.Model):
    """What a reversal took by mistake is given back: somebody proposes it (`why`), a second person agrees.

    Both are uids, and `second_by` is empty until then; the database refuses what the room would
    (0010_restoration). `points` as the member was told of when they were taken.
    """

    flag = models.OneToOneField(Flag, models.PROTECT, related_name="restoration")
    why = models.CharField(max_length=500, default="", blank=True)
    proposed_by = models.CharField(max_length=32)
    made_at = models.BigIntegerField()
    second_by = models.CharField(max_length=32, default="", blank=True)
    done_at = models.BigIntegerField(default=0)
    points = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_restoration"
        constraints = [
            models.CheckConstraint(
                name="restored_by_two",
                condition=~models.Q(proposed_by="")
                & ~models.Q(proposed_by=models.F("second_by"))
                & (models.Q(second_by="", done_at=0) | (~models.Q(second_by="") & models.Q(done_at__gt=0))),
            )
        ]


class Appeal(models.Model):
    """A member says that something is wrong; a person answers."""

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    member = models.ForeignKey(Member, models.PROTECT, related_name="appeals")
    source = models.CharField(max_length=80)
    words = models.CharField(max_length=1000)
    made_at = models.BigIntegerField()
    answer = models.CharField(max_length=1000, default="", blank=True)
    answered_at = models.BigIntegerField(default=0)
    answered_by = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        db_table = "rewards_appeal"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "source"], condition=models.Q(answered_at=0), name="one_open_appeal"
            )
        ]


class ExpiryNotice(models.Model):
    """What a member is told, once in a month, of points that are going to expire; she agreed to hear of it.

    `points` can be spent until the end of the month `expires`, the next one in which some expire; `more`
    expire after that within the months of notice. Months are whole numbers since 1970. `delivered_at`: the
    bank's own systems told her; `dismissed_at`: she put it away on her page.
    """

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    month = models.BigIntegerField()
    points = models.BigIntegerField()
    expires = models.BigIntegerField()
    more = models.BigIntegerField(default=0)
    made_at = models.BigIntegerField()
    delivered_at = models.BigIntegerField(default=0)
    dismissed_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_expiry_notice"
        constraints = [models.UniqueConstraint(fields=["member", "month"], name="notice_once_a_month")]
        indexes = [
            models.Index(fields=["month"], name="notice_of_month"),
            models.Index(
                fields=["month", "id"], condition=models.Q(delivered_at=0, dismissed_at=0),
                name="notice_waiting",
            ),
        ]  # fmt: skip


class Fingerprint(models.Model):
    """The shape of a text that earned (SimHash, 64 bits, signed), to find near-duplicates across members.

    `a` to `d` are its four parts of 16 bits: two shapes that differ in three bits at most share one of them.
    `place` is the obj of the conversation, to find who always comes together.
    """

    source = models.CharField(max_length=80, unique=True)
    member = models.BigIntegerField()
    place = models.CharField(max_length=64, default="", blank=True)
    shape = models.BigIntegerField(null=True)
    a = models.IntegerField(null=True)
    b = models.IntegerField(null=True)
    c = models.IntegerField(null=True)
    d = models.IntegerField(null=True)
    at = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "rewards_fingerprint"
        indexes = [
            *(models.Index(fields=[part, "at"], name=f"fingerprint_{part}") for part in "abcd"),
            models.Index(fields=["place", "at"], name="fingerprint_place"),
            models.Index(fields=["member", "at"], name="fingerprint_member"),
        ]
