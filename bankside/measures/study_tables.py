"""The tables of studies: a study, the institutions in it, and what each answered."""

from __future__ import annotations

from django.db import models

from bankside.people.models import Staff
from bankside.record.ids import new_id

LABEL_CHARACTERS_MAX = 12


class Study(models.Model):
    """One wave of a study: its text, the institutions that are asked, and at last its report.

    `us` is the name under which our own institution stands in it; `report` what was published, as JSON.
    """

    DRAFT, OPEN, CLOSED, PUBLISHED = "draft", "open", "closed", "published"
    QUESTIONNAIRE, OBSERVATION = "questionnaire", "observation"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    title = models.CharField(max_length=200)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=9, default=DRAFT)
    source = models.CharField(max_length=13, default=QUESTIONNAIRE)
    us = models.CharField(max_length=200, default="", blank=True)
    anonymous = models.BooleanField(default=True)
    earlier = models.ForeignKey("self", models.SET_NULL, null=True, related_name="later")
    author = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.BigIntegerField()
    opened_at = models.BigIntegerField(default=0)
    closed_at = models.BigIntegerField(default=0)
    published_at = models.BigIntegerField(default=0)
    report = models.TextField(default="", blank=True)

    class Meta:
        db_table = "measures_study"
        indexes = [models.Index(fields=["state", "published_at"], name="study_published")]


class Respondent(models.Model):
    """An institution in a study: invited by a link of its own, or brought by a file (`digest` null).

    Of the link the digest is kept; the link is made again from its key and `turn`, which revoking moves on.
    `wave` is one of the study's own, "" where it has none; an institution has one label in all of them.
    The address to write to is sealed. `label` stands for the name where the publication is anonymous.
    """

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    study = models.ForeignKey(Study, models.CASCADE, related_name="respondents")
    institution = models.CharField(max_length=200)
    sector = models.CharField(max_length=60, default="", blank=True)
    wave = models.CharField(max_length=40, default="", blank=True)
    label = models.CharField(max_length=LABEL_CHARACTERS_MAX)
    language = models.CharField(max_length=10, default="en")
    email = models.BinaryField(default=bytes)
    digest = models.CharField(max_length=64, null=True, unique=True)
    turn = models.PositiveIntegerField(default=1)
    invited_at = models.BigIntegerField(default=0)
    sent_at = models.BigIntegerField(default=0)
    reminded = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.BigIntegerField(default=0)
    begun_at = models.BigIntegerField(default=0)
    saved_at = models.BigIntegerField(default=0)
    saves = models.PositiveIntegerField(default=0)
    finished_at = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    revoked_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "measures_respondent"
        constraints = [
            models.UniqueConstraint(fields=["study", "institution", "wave"], name="institution_once"),
            models.UniqueConstraint(fields=["study", "label", "wave"], name="label_once"),
        ]


class Answer(models.Model):
    """What an institution answered to one question, written as in responses.csv: options parted by `|`, `-`
    for none of them. A question without a row was not asked or not answered."""

    respondent = models.ForeignKey(Respondent, models.CASCADE, related_name="answers")
    question = models.CharField(max_length=64)
    value = models.TextField()
    saved_at = models.BigIntegerField()

    class Meta:
        db_table = "measures_answer"
        constraints = [models.UniqueConstraint(fields=["respondent", "question"], name="answered_once")]


class Evidence(models.Model):
    """What was seen of an institution: one finding of the observer as JSON, with where it stood."""

    respondent = models.ForeignKey(Respondent, models.CASCADE, related_name="evidence")
    line = models.TextField()

    class Meta:
        db_table = "measures_evidence"


class Looking(models.Model):
    """A list of institutions whose public pages are looked at, one after the other, by a job.

    `institutions`: [name, sector, addresses] of each; `seen`: what came of those looked at, in order.
    """

    RUNNING, DONE, STOPPED = "running", "done", "stopped"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=7, default=RUNNING)
    institutions = models.JSONField()
    seen = models.JSONField(default=list)
    study = models.ForeignKey(Study, models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.BigIntegerField()

    class Meta:
        db_table = "measures_looking"
