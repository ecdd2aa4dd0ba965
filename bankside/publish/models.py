"""Posts and their versions, and what became of them (derived from the record)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bankside.record.ids import new_id


class Post(models.Model):
    """Something to be said on one or more channels. `words` is the draft: {channel obj: words as a dict}.

    Words without "text" say the base words. `edition` counts the writings; `due_at` is when it shall go out,
    0 when nobody has said; `market` is the country that it is for, empty for none in particular. How it fares
    after it was scheduled is told by its outcomes.
    """

    DRAFT, WAITING, APPROVED, SCHEDULED, SENT_BACK, DISCARDED = (
        "draft", "waiting", "approved", "scheduled", "sent-back", "discarded",
    )  # fmt: skip

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    title = models.CharField(max_length=200, default="", blank=True)
    team = models.ForeignKey("people.Team", models.PROTECT, null=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default=DRAFT)
    base = models.TextField(default="", blank=True)
    words = models.JSONField(default=dict)
    edition = models.PositiveIntegerField(default=1)
    due_at = models.BigIntegerField(default=0)
    market = models.CharField(max_length=2, default="", db_default="", blank=True)
    created_at = models.BigIntegerField()
    edited_at = models.BigIntegerField()

    class Meta:
        db_table = "publish_post"
        indexes = [models.Index(fields=["state", "-edited_at"], name="post_state")]


class Version(models.Model):
    """Words as they were submitted, never changed. `words` is [{channel, digest, words}]."""

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    post = models.ForeignKey(Post, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    words = models.JSONField()
    request = models.CharField(max_length=32, default="", blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.BigIntegerField()

    class Meta:
        db_table = "publish_version"
        constraints = [models.UniqueConstraint(fields=["post", "number"], name="version_number_once")]


class Outcome(models.Model):
    """Derived: how a version fares on one channel. The id is the arrival number of the request to deliver.

    `picture`: the obj of one that shows words posted by hand, where there is one.
    """

    id = models.BigIntegerField(primary_key=True)
    post = models.CharField(max_length=32, db_index=True)
    version = models.CharField(max_length=32)
    channel = models.CharField(max_length=32)
    delivery = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=12)
    due_at = models.BigIntegerField()
    at = models.BigIntegerField()
    remote_id = models.CharField(max_length=300, default="")
    url = models.CharField(max_length=1000, default="")
    note = models.TextField(default="")
    fallback = models.CharField(max_length=1000, default="")
    picture = models.CharField(max_length=32, default="", db_default="")

    class Meta:
        db_table = "publish_outcome"


class Happening(models.Model):
    """Derived: the story of a post, a line per fact. `what` is the fact's name without its room.

    `note` says why, where somebody said why; `due_at` is the time that the fact names, 0 for none.
    """

    id = models.BigIntegerField(primary_key=True)
    post = models.CharField(max_length=32, db_index=True)
    version = models.CharField(max_length=32, default="")
    channel = models.CharField(max_length=32, default="")
    what = models.CharField(max_length=48)
    actor = models.CharField(max_length=42)
    at = models.BigIntegerField()
    note = models.TextField(default="")
    due_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "publish_happening"
