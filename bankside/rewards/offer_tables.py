"""Card payments, what became of offers, and what members spent: rows that more than one file works on.

No card number, security code or expiry date has a column. Times are UTC ms, 0 for never; money in minor
units.
"""

from __future__ import annotations

from django.db import models

from bankside.record.ids import new_id


class Payment(models.Model):
    """A card payment as the feed told it: auth, clearing or refund; (kind, ref) is the feed's own name for
    it.

    `original` is the reference that the feed says it belongs to, `chain` the one under which all that belongs
    together is kept. `for_offers`: the member agreed, when it was taken, that it is used for offers; without
    that it has neither `mcc` nor merchant, and loses them when the consent ends. `batch`: with which it came
    in; the record has the digest of its rows, without these.
    """

    ref = models.CharField(max_length=80)
    kind = models.CharField(max_length=8)
    chain = models.CharField(max_length=80)
    original = models.CharField(max_length=80, default="", blank=True)
    card = models.ForeignKey("rewards.Card", models.PROTECT, related_name="+")
    member = models.ForeignKey("rewards.Member", models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    mcc = models.PositiveSmallIntegerField(default=0)
    merchant = models.CharField(max_length=80, default="", blank=True)
    merchant_id = models.CharField(max_length=80, default="", blank=True)
    for_offers = models.BooleanField(default=False)
    at = models.BigIntegerField()
    taken_at = models.BigIntegerField()
    batch = models.CharField(max_length=32, db_index=True)

    # What rules for points see while it is taken; no column.
    told_mcc: int = 0

    class Meta:
        db_table = "rewards_payment"
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="payment_once")]
        indexes = [
            models.Index(fields=["member", "chain"], name="payment_chain"),
            models.Index(fields=["member", "at"], name="payment_of_member"),
        ]


class OfferUse(models.Model):
    """An offer that a member added, and what became of it: added, matched, credited, reversed, lapsed; or
    off: she took it off her card.
    `programme` is the row id of the version whose terms hold. `chain` names the payment it was matched with
    and `ref` the message of the feed that did so; `window` the day, week or month that it counts in. Of its
    reward `held` is what it takes of the fund now, `amount` what was ever credited, `reversed` what of that
    was taken back.
    """

    ADDED, MATCHED, CREDITED, REVERSED = "added", "matched", "credited", "reversed"
    LAPSED, OFF = "lapsed", "off"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    offer = models.CharField(max_length=32)
    programme = models.BigIntegerField()
    member = models.ForeignKey("rewards.Member", models.PROTECT, related_name="+")
    added_at = models.BigIntegerField()
    state = models.CharField(max_length=9, default=ADDED)
    chain = models.CharField(max_length=80, default="", blank=True)
    ref = models.CharField(max_length=80, default="", blank=True)
    window = models.BigIntegerField(default=0)
    entitled = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    reversed = models.BigIntegerField(default=0)
    changed_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_offer_use"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "offer"], condition=models.Q(state="added"), name="added_once"
            ),
            models.UniqueConstraint(
                fields=["member", "chain"], condition=~models.Q(chain=""), name="one_offer_a_payment"
            ),
            models.CheckConstraint(
                name="reversed_of_credited", condition=models.Q(reversed__lte=models.F("amount"))
            ),
        ]
        indexes = [
            models.Index(fields=["member", "offer"], name="use_of_member"),
            models.Index(fields=["offer", "state"], name="use_of_offer"),
            models.Index(fields=["state", "changed_at"], name="use_waiting"),
        ]


class Redemption(models.Model):
    """Points that a member spent: as a credit on her statement, a partner's code, or a gift to a cause.

    `key` is the caller's, unique: asked twice is spent once. `value` in minor units of `currency`.
    """

    DONE, UNDONE = "done", "undone"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    member = models.ForeignKey("rewards.Member", models.PROTECT, related_name="+")
    key = models.CharField(max_length=80, unique=True)
    choice = models.CharField(max_length=32)
    points = models.BigIntegerField()
    value = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="", blank=True)
    state = models.CharField(max_length=8, default=DONE)
    at = models.BigIntegerField()
    undone_at = models.BigIntegerField(default=0)

    # Filled in by redemption.py for showing; no columns. The code that was given, the file that took it.
    code: str = ""
    file: str = ""

    class Meta:
        db_table = "rewards_redemption"
        indexes = [models.Index(fields=["member", "-at"], name="redemption_of_member")]


class PartnerCode(models.Model):
    """A code that a partner gave the bank, sealed until a member takes it: given to one redemption, once.

    `digest` is an HMAC, so that a code imported twice is there once.
    """

    choice = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    redemption = models.CharField(max_length=32, null=True, unique=True)
    imported_at = models.BigIntegerField()

    class Meta:
        db_table = "rewards_partner_code"
        indexes = [
            models.Index(fields=["choice", "id"], condition=models.Q(redemption=None), name="code_left")
        ]


class Line(models.Model):
    """Money that another system of the bank is to pay out, in exactly one file: `kind` says in which.
    `source` names what it comes from, once; `amount` is negative where a credit is taken back. `account` is
    the bank's reference of the member, `token_ref` of her card; both are empty for a gift, which has a
    `cause`.
    """

    kind = models.CharField(max_length=16)
    source = models.CharField(max_length=80, unique=True)
    member = models.BigIntegerField()
    account = models.CharField(max_length=64, default="", blank=True)
    token_ref = models.CharField(max_length=80, default="", blank=True)
    cause = models.CharField(max_length=32, default="", blank=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    origin = models.CharField(max_length=13)
    at = models.BigIntegerField()
    file = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        db_table = "rewards_line"
        indexes = [
            models.Index(fields=["kind", "id"], condition=models.Q(file=""), name="line_waiting"),
            models.Index(fields=["file", "id"], condition=~models.Q(file=""), name="line_of_file"),
        ]


class MadeFile(models.Model):
    """A file that left for another system. `key` is the caller's, unique: asked twice it is the same file."""

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=80, unique=True)
    rows = models.PositiveIntegerField()
    totals = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    year = models.PositiveSmallIntegerField(default=0)
    made_at = models.BigIntegerField()
    by = models.CharField(max_length=40)

    class Meta:
        db_table = "rewards_made_file"
