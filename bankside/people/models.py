"""Staff, teams and roles. The rows are the truth; every change also appends a fact."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.functional import cached_property

from bankside.record.ids import new_id


class StaffManager(BaseUserManager["Staff"]):
    """Makes staff by e-mail address; `people.staff.add` is the way in that also records it."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> Staff:
        """A member of staff without any role."""
        staff = self.model(email=self.normalize_email(email).lower(), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff


class Staff(AbstractBaseUser):
    """Somebody who works at the desk. `uid` is the actor `u:<uid>` of the record."""

    uid = models.CharField(max_length=32, unique=True, default=new_id)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=10, default="en")
    zone = models.CharField(max_length=64, default="UTC")
    single_keys = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.BigIntegerField(default=0)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = StaffManager()

    class Meta:
        db_table = "people_staff"

    @property
    def actor(self) -> str:
        """The name in leaves: `u:` and the uid."""
        return f"u:{self.uid}"

    @cached_property
    def held_roles(self) -> frozenset[tuple[str, int | None]]:
        """(role, team id or None for the whole desk), read once for this object, that is once a request."""
        return frozenset(self.roles.values_list("role", "team_id"))

    def forget_roles(self) -> None:
        """The roles of this object are read again; called when they changed."""
        self.__dict__.pop("held_roles", None)


class Team(models.Model):
    """People who look after some channels. Its zone says when its days begin."""

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    name = models.CharField(max_length=80, unique=True)
    zone = models.CharField(max_length=64, default="UTC")

    class Meta:
        db_table = "people_team"


class Role(models.Model):
    """A role of somebody, in one team, or (team null) in the whole desk."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="roles")
    role = models.CharField(max_length=24)
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="roles")

    class Meta:
        db_table = "people_role"
        constraints = [
            models.UniqueConstraint(fields=["staff", "role", "team"], name="role_once_per_team"),
            models.UniqueConstraint(
                fields=["staff", "role"], condition=models.Q(team__isnull=True), name="role_once_per_desk"
            ),
        ]


class Token(models.Model):
    """A bearer token for the API. Only its SHA-256 is kept."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    ends_in = models.CharField(max_length=4)
    created_at = models.BigIntegerField()
    used_at = models.BigIntegerField(default=0)
    ended_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "people_token"


class Repeat(models.Model):
    """A request of a program under a key of its own, and what it was answered (sealed), for a day.

    `status` 0: it has begun, and nobody knows yet how it ended.
    """

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    at = models.BigIntegerField()
    status = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=100, default="", blank=True)
    body = models.BinaryField(default=bytes)

    class Meta:
        db_table = "people_repeat"
        constraints = [models.UniqueConstraint(fields=["staff", "key"], name="repeat_once")]
        indexes = [models.Index(fields=["at"], name="repeat_old")]


class Reading(models.Model):
    """Derived: somebody read what customers wrote, or took data away. The id is its entry's arrival number.

    `obj` is the thing: a conversation, or whoever searched. `things` is how many entries were shown, or rows
    taken away. `elsewhere`: the conversation was somebody else's at that time. No words, no names.
    """

    OPENED, AHEAD, SEARCHED, WORDS, EXPORTED = "opened", "ahead", "searched", "words", "exported"

    id = models.BigIntegerField(primary_key=True)
    at = models.BigIntegerField()
    actor = models.CharField(max_length=42)
    kind = models.CharField(max_length=8)
    fact = models.CharField(max_length=48)
    obj = models.CharField(max_length=32)
    things = models.BigIntegerField(default=0)
    elsewhere = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, default="")

    class Meta:
        db_table = "people_reading"
        indexes = [
            models.Index(fields=["at", "kind"], name="reading_month"),
            models.Index(fields=["obj"], name="reading_obj"),
        ]


class Holder(models.Model):
    """Derived: who has a conversation, by its obj, as far as the readings need it; `uid` "" is nobody."""

    id = models.BigIntegerField(primary_key=True)
    obj = models.CharField(max_length=32, unique=True)
    uid = models.CharField(max_length=32, default="")

    class Meta:
        db_table = "people_holder"


class Review(models.Model):
    """Derived: somebody went through the readings of a month (YYYY-MM) and said so."""

    id = models.BigIntegerField(primary_key=True)
    month = models.CharField(max_length=7, db_index=True)
    zone = models.CharField(max_length=64)
    actor = models.CharField(max_length=42)
    at = models.BigIntegerField()
    readings = models.PositiveIntegerField()
    own = models.PositiveIntegerField()
    unusual = models.PositiveIntegerField()
    note = models.TextField(default="")

    class Meta:
        db_table = "people_review"
        constraints = [models.UniqueConstraint(fields=["month", "actor"], name="review_once")]
