"""Requests for consent and consents. The database refuses what the rules forbid: see 0002_four_eyes."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bankside.record.ids import new_id


class Request(models.Model):
    """Somebody asks a second person to agree to exact words, of one or more channels.

    `thing` is what is to be said (post, reply), `about` the obj under which the record tells of it (post,
    conversation). What was asked never changes; the state goes from waiting to given, sent back or void.
    """

    WAITING, GIVEN, SENT_BACK, VOID = "waiting", "given", "sent-back", "void"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    kind = models.CharField(max_length=16)
    thing = models.CharField(max_length=32, db_index=True)
    version = models.CharField(max_length=32, unique=True)
    about = models.CharField(max_length=32)
    lane = models.PositiveSmallIntegerField(default=0)
    team = models.ForeignKey("people.Team", models.PROTECT, null=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    title = models.CharField(max_length=200, default="")
    asked_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    due_at = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, default=WAITING)
    reason = models.TextField(default="", blank=True)
    decided_at = models.BigIntegerField(default=0)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "approvals_request"
        indexes = [models.Index(fields=["state", "due_at"], name="request_waiting")]


class Part(models.Model):
    """The words of a request for one channel, by their digest."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="parts")
    channel = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "approvals_part"
        constraints = [models.UniqueConstraint(fields=["request", "channel"], name="one_part_per_channel")]


class Consent(models.Model):
    """Somebody else agreed to the words of this digest on this channel, or policy asks nobody.

    A delivery holds a consent of the same digest; it counts until `expires_at` unless `voided_at` is set.
    """

    PERSON, POLICY = "person", "policy"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    request = models.ForeignKey(Request, models.PROTECT, null=True, related_name="consents")
    basis = models.CharField(max_length=8)
    policy = models.CharField(max_length=80, default="", blank=True)
    kind = models.CharField(max_length=16)
    about = models.CharField(max_length=32)
    lane = models.PositiveSmallIntegerField(default=0)
    thing = models.CharField(max_length=32, db_index=True)
    version = models.CharField(max_length=32)
    channel = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    given_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    voided_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "approvals_consent"
        constraints = [
            models.UniqueConstraint(fields=["version", "channel", "digest"], name="one_consent_per_words"),
            models.CheckConstraint(
                name="four_eyes",
                condition=(
                    models.Q(basis="policy", approver__isnull=True, request__isnull=True)
                    & ~models.Q(policy="")
                )
                | (
                    models.Q(basis="person", approver__isnull=False, request__isnull=False)
                    & ~models.Q(approver=models.F("author"))
                    & ~models.Q(approver=models.F("editor"))
                ),
            ),
        ]
