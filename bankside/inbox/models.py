"""Conversations and messages (derived from the record), and answers on their way."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bankside.inbox.tokens import Tokens
from bankside.record.ids import new_id


class Conversation(models.Model):
    """Derived: an exchange with a person. The id is the arrival number of its first entry.

    `state` is quiet while nobody but us has said anything. `settled`: messages up to this arrival number
    wait for no answer. `turn` orders the list: smaller is sooner (see `arriving.turn_of`). `version` is the
    arrival number of the last entry that changed the row. `hidden`: the classes of numbers that were hidden
    in what waits for an answer, with a space between ("CVV PAN"); never a number.
    """

    OPEN, CLOSED, QUIET = "open", "closed", "quiet"

    id = models.BigIntegerField(primary_key=True)
    obj = models.CharField(max_length=32, unique=True)
    channel = models.CharField(max_length=32)
    network = models.CharField(max_length=40)
    lane = models.PositiveSmallIntegerField()
    thread = models.CharField(max_length=300)
    subj = models.CharField(max_length=32, db_index=True)
    name = models.CharField(max_length=200, default="")
    handle = models.CharField(max_length=200, default="")
    url = models.CharField(max_length=1000, default="")
    private = models.BooleanField(default=False)
    lang = models.CharField(max_length=16, default="")
    state = models.CharField(max_length=6, default=OPEN)
    assignee = models.CharField(max_length=32, default="")
    excerpt = models.CharField(max_length=300, default="")
    first_at = models.BigIntegerField()
    last_at = models.BigIntegerField()
    last_in_at = models.BigIntegerField(default=0)
    waiting_since = models.BigIntegerField(default=0)
    due_at = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0)
    turn = models.BigIntegerField(default=0)
    hidden = models.CharField(max_length=40, default="", db_default="")
    messages = models.PositiveIntegerField(default=0)
    version = models.BigIntegerField()

    class Meta:
        db_table = "inbox_conversation"
        indexes = [
            models.Index(fields=["state", "turn", "id"], name="conversation_turn"),
            models.Index(fields=["state", "assignee", "turn", "id"], name="conversation_mine"),
            models.Index(
                fields=["state", "turn", "id"],
                name="conversation_hidden",
                condition=models.Q(hidden__gt=""),
            ),
        ]


class Message(models.Model):
    """Derived: one message, answer or note of a conversation. The id is its first entry's arrival number.

    `entry` is the id of the entry that holds its words as they are now. `account` is the network's own id
    of whoever wrote it. `outside`: our account said it, but not from this conversation's answers.
    """

    IN, OUT, NOTE = "in", "out", "note"

    id = models.BigIntegerField(primary_key=True)
    conversation = models.BigIntegerField()
    way = models.CharField(max_length=4)
    entry = models.CharField(max_length=32, unique=True)
    reply = models.CharField(max_length=32, default="", db_index=True)
    delivery = models.CharField(max_length=32, default="")
    subj = models.CharField(max_length=32, default="")
    actor = models.CharField(max_length=42, default="")
    name = models.CharField(max_length=200, default="")
    handle = models.CharField(max_length=200, default="")
    account = models.CharField(max_length=300, default="")
    text = models.TextField(default="")
    title = models.CharField(max_length=500, default="")
    lang = models.CharField(max_length=16, default="")
    remote_id = models.CharField(max_length=300, default="")
    in_reply_to = models.CharField(max_length=300, default="")
    url = models.CharField(max_length=1000, default="")
    private = models.BooleanField(default=False)
    outside = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    reply_allowed = models.BooleanField(default=True, db_default=True)
    state = models.CharField(max_length=12, default="")
    note = models.TextField(default="")
    red = models.JSONField(default=list)
    attachments = models.JSONField(default=list)
    at = models.BigIntegerField()
    edited_at = models.BigIntegerField(default=0)
    removed_at = models.BigIntegerField(default=0)
    due_at = models.BigIntegerField(default=0)
    erased = models.BooleanField(default=False)

    class Meta:
        db_table = "inbox_message"
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_order"),
            models.Index(fields=["conversation", "remote_id"], name="message_remote"),
        ]


class Wording(models.Model):
    """Derived: the words of a message as the index holds them (`record.index`). The id is the message's.

    On SQLite triggers keep the full-text table `inbox_found` in step with it; on PostgreSQL the column is a
    tsvector with an index of its own.
    """

    id = models.BigIntegerField(primary_key=True)
    conversation = models.BigIntegerField()
    tokens = Tokens()

    class Meta:
        db_table = "inbox_wording"


class Act(models.Model):
    """Derived: what somebody did without words: liked or shared something (`about`), or began to follow us.

    The id is the arrival number of its entry. It says of nobody who did it.
    """

    id = models.BigIntegerField(primary_key=True)
    channel = models.CharField(max_length=32)
    verb = models.CharField(max_length=10)
    about = models.CharField(max_length=300, default="")
    at = models.BigIntegerField()

    class Meta:
        db_table = "inbox_act"
        indexes = [models.Index(fields=["channel", "about", "verb"], name="act_about")]


class Event(models.Model):
    """Derived: what happened to a conversation besides words: assigned, closed, reopened."""

    id = models.BigIntegerField(primary_key=True)
    conversation = models.BigIntegerField(db_index=True)
    what = models.CharField(max_length=24)
    actor = models.CharField(max_length=42)
    detail = models.CharField(max_length=300, default="")
    at = models.BigIntegerField()

    class Meta:
        db_table = "inbox_event"


class Reply(models.Model):
    """An answer that somebody wrote, until it is on its way or was taken back.

    How it fares on the way is told by its `Message`, from the facts of its delivery.
    """

    APPROVAL, PLANNED, WITHDRAWN, SENT_BACK = "approval", "planned", "withdrawn", "sent-back"

    obj = models.CharField(max_length=32, unique=True, default=new_id)
    conversation = models.CharField(max_length=32, db_index=True)
    channel = models.CharField(max_length=32)
    lane = models.PositiveSmallIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    words = models.JSONField()
    digest = models.CharField(max_length=64)
    request = models.CharField(max_length=32, default="", blank=True)
    delivery = models.CharField(max_length=32, default="", blank=True)
    state = models.CharField(max_length=12)
    written_at = models.BigIntegerField()
    due_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "inbox_reply"
