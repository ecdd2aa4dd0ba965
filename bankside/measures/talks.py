"""What a conversation becomes, as far as it is counted: opened, promised, answered, moved, closed.

All entries of a conversation are in one lane, and so in order. Opened again by a person's words it is a new
row, so that what was open at any time can be told; opened again by a colleague it is the same row.
"""

from __future__ import annotations

from typing import Any, Final

from bankside.measures.gathering import Rows
from bankside.measures.models import Talk
from bankside.measures.packing import primary
from bankside.record.append import Entry
from bankside.record.facts.channels import ActivityReceived, PostPublished, Seen
from bankside.record.facts.inbox import ConversationClosed, ConversationReopened, MessageTriaged

WORDS: Final = frozenset({"Create", "Update"})
REMOTE_ID_CHARACTERS_MAX: Final = 300


def happened(rows: Rows, entry: Entry, fact: Any) -> None:
    """Changes the conversation's rows for one entry, if it is about one that is known."""
    match fact:
        case ActivityReceived() if fact.seen.verb in WORDS and not fact.seen.own:
            _spoke(rows, entry, fact)
            return
    talk = rows.talks.get(entry.obj)
    if talk is None:
        return
    match fact:
        case ActivityReceived() if fact.seen.verb in WORDS:
            _answered_outside(rows, talk, entry, fact.seen)
        case MessageTriaged():
            _asked(rows, talk, entry, fact)
        case PostPublished(purpose="reply"):
            _answered(rows, talk, entry, fact)
        case ConversationClosed():
            _close(rows, talk, entry, entry.n, entry.t)
        case ConversationReopened() if talk.closed_n:
            _close(rows, talk, entry, 0, 0)


def moment(entry: Entry, named_ms: int = 0) -> int:
    """When it was, by the network if it says so; never later than we had it."""
    return min(named_ms or entry.src_t or entry.t, entry.t)


def _spoke(rows: Rows, entry: Entry, fact: ActivityReceived) -> None:
    seen, talk = fact.seen, rows.talks.get(entry.obj)
    if talk is not None and not talk.closed_n:
        if seen.lang and not talk.lang:
            talk.lang = primary(seen.lang)
            _changed(rows, talk, entry)
        return
    rows.add(
        Talk(
            id=entry.n, obj=entry.obj, channel=fact.channel, lang=primary(seen.lang), private=seen.private,
            turn=0 if talk is None else talk.turn + 1, opened_at=moment(entry, seen.published_ms),
            version=entry.n,
        )
    )  # fmt: skip


def _asked(rows: Rows, talk: Talk, entry: Entry, fact: MessageTriaged) -> None:
    """The first words that are addressed to us start the promise; words that came before do not."""
    lang = talk.lang or primary(fact.lang)
    first = bool(fact.due_ms) and not talk.asked_n and not talk.closed_n
    if first:
        talk.asked_n, talk.due_at = entry.n, fact.due_ms
    if first or lang != talk.lang:
        talk.lang = lang
        _changed(rows, talk, entry)


def _answered(rows: Rows, talk: Talk, entry: Entry, fact: PostPublished) -> None:
    """An answer of this desk is out. Seen on the network before, it was taken for one from outside."""
    at, writer = moment(entry, fact.published_ms), rows.written.get(fact.version)
    seen_before = talk.answer_by == Talk.OUTSIDE and talk.answer_remote == _remote(fact.remote_id)
    if not talk.answered_n or seen_before:
        talk.answered_n, talk.answered_at = entry.n, max(at, talk.opened_at)
        talk.answer_by = Talk.MACHINE if writer is not None and writer.machine else Talk.PERSON
        talk.answer_private, talk.answer_remote = fact.words.private, _remote(fact.remote_id)
    if fact.words.private and not talk.private and not talk.moved_n:
        talk.moved_n, talk.moved_at = entry.n, max(at, talk.opened_at)
    _changed(rows, talk, entry)


def _answered_outside(rows: Rows, talk: Talk, entry: Entry, seen: Seen) -> None:
    """Our account said something, typed in the network's own app, or an answer of ours comes back."""
    at = moment(entry, seen.published_ms)
    if talk.answered_n or at < talk.opened_at:
        return
    talk.answered_n, talk.answered_at, talk.answer_by = entry.n, at, Talk.OUTSIDE
    talk.answer_private, talk.answer_remote = seen.private, _remote(seen.remote_id)
    _changed(rows, talk, entry)


def _close(rows: Rows, talk: Talk, entry: Entry, n: int, at: int) -> None:
    talk.closed_n, talk.closed_at = n, max(at, talk.opened_at) if n else 0
    _changed(rows, talk, entry)


def _changed(rows: Rows, talk: Talk, entry: Entry) -> None:
    talk.version = entry.n
    rows.change(talk)


def _remote(remote_id: str) -> str:
    return remote_id[:REMOTE_ID_CHARACTERS_MAX]
