"""Facts about conversations. The entry's obj is the conversation's, and its lane is the conversation's."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact
from bankside.record.facts.channels import Words


@fact("inbox.message-triaged")
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTriaged:
    """Who or what sorted a message: `model` names it. `due_ms` is when an answer is due, 0 for never."""

    entry: str
    model: str
    lang: str
    classes: tuple[str, ...]
    due_ms: int


@fact("inbox.conversation-read", leaf="read")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRead:
    """A member of staff opened a conversation. One fact per opening; `entries` are the ids shown."""

    entries: tuple[str, ...]


@fact("inbox.conversation-fetched")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFetched:
    """Words were sent to her browser ahead of her reading them; a ConversationRead follows if she does."""

    entries: tuple[str, ...]


@fact("inbox.conversation-sent-ahead", leaf="read")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSentAhead:
    """Words left for her browser before she opened them, so that they are there when she does.

    For the record that is a reading: the words are out of the desk. A ConversationRead follows if they are
    shown. It took the place of ConversationFetched, whose leaf did not say so.
    """

    entries: tuple[str, ...]


@fact("inbox.messages-searched", leaf="read")
@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesSearched:
    """Somebody looked for words in messages, answers and notes, or for a person by name or account; `entries`
    are the ids of those shown.

    `words` is a keyed HMAC of what was looked for (`hmac:` and 64 hex); in old entries the words stand there.
    They name customers and quote them, and no erasure reaches a reading. `found`: how many this page shows.
    """

    words: str
    found: int
    entries: tuple[str, ...]


@fact("inbox.conversation-assigned")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationAssigned:
    """Somebody has it now; `to` is a staff uid, or empty for nobody."""

    to: str


@fact("inbox.conversation-closed")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationClosed:
    """Nothing more is to be done, until the person writes again."""

    reason: str


@fact("inbox.conversation-reopened")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationReopened:
    """A person opened it again (`by`: staff). A message opens it too, without a fact of its own."""

    by: str


@fact("inbox.note-written")
@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten:
    """Words among colleagues; they never leave the desk."""

    note: str
    text: str


@fact("inbox.reply-written")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWritten:
    """Somebody wrote an answer. It goes out by the same path as a post, with consent."""

    reply: str
    channel: str
    digest: str
    needs_approval: bool
    words: Words


@fact("inbox.reply-withdrawn")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWithdrawn:
    """An answer was taken back before it went out."""

    reply: str
    reason: str
