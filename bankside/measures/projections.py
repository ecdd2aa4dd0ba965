"""The rows that are counted, as they follow from the record: never a word, never a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from bankside.measures import steps, talks, topics
from bankside.measures.gathering import Rows
from bankside.measures.models import Count, Incoming, Outgoing, Rule, Step, Talk, Written
from bankside.measures.packing import primary
from bankside.record.append import Entry, entries_where
from bankside.record.facts.channels import ActivityReceived, CountsRead, PostPublished
from bankside.record.facts.inbox import (
    ConversationClosed,
    ConversationReopened,
    MessageTriaged,
    ReplyWritten,
)
from bankside.record.facts.measures import RuleDecided
from bankside.record.models import Cursor
from bankside.record.projection import Projection, facts_of

TEXT_CHARACTERS_MAX: Final = 300
COUNTED_AS: Final = {
    "reach": ("reach", "views", "impressions", "delivered"),
    "likes": ("likes", "favourites", "reactions"),
    "shares": ("shares", "reposts"),
    "comments": ("comments", "replies"),
}
"""What networks call what they count. Of several names the first that a network uses."""
COUNTED: Final = frozenset(name for called in COUNTED_AS.values() for name in called)
VERBS: Final = {verb: verb for verb in ("Create", "Like", "Announce", "Follow")} | {"Update": "Create"}
OWN: Final = (Incoming, Outgoing, Written, Step)
"""Tables of which an entry has a row of its own."""
_rows: ContextVar[Rows | None] = ContextVar("measured_rows", default=None)


class Counts(Projection):
    """Talk, Outgoing, Incoming, Count, Written, Step, Rule."""

    name = "measures.counts"
    tables = (Talk, Outgoing, Incoming, Count, Written, Step, Rule)
    facts = (
        ActivityReceived, MessageTriaged, ConversationClosed, ConversationReopened, ReplyWritten,
        PostPublished, CountsRead, RuleDecided, *steps.FACTS,
    )  # fmt: skip

    @contextmanager
    def batch(self, told: Sequence[tuple[Entry, Any]]) -> Iterator[None]:
        """Rows are read before a batch and written at its end."""
        rows = Rows()
        rows.read(
            {entry.obj for entry, fact in told if not isinstance(fact, (CountsRead, *steps.FACTS))},
            {fact.version for _, fact in told if isinstance(fact, PostPublished)},
            {_thing(fact) for _, fact in told if isinstance(fact, CountsRead)},
        )
        rows.erased({entry.n: entry.obj for entry, fact in told if fact is None}, OWN)
        token = _rows.set(rows)
        try:
            yield
            rows.write()
        finally:
            _rows.reset(token)

    def apply(self, entry: Entry, fact: Any) -> None:
        """What one entry adds to what is counted."""
        rows = _rows.get()
        if rows is None:
            with self.batch([(entry, fact)]):
                self.apply(entry, fact)
            return
        match fact:
            case None:
                _erased(rows, entry)
                return
            case ActivityReceived():
                _came(rows, entry, fact)
            case PostPublished():
                _went(rows, entry, fact)
            case ReplyWritten():
                machine = not entry.actor.startswith("u:")
                rows.add(Written(id=entry.n, reply=fact.reply, machine=machine))
                return
            case CountsRead():
                _counted(rows, entry, fact)
                return
            case RuleDecided():
                rows.add(Rule(id=entry.n, kind=fact.kind, text=fact.text, actor=entry.actor, at=entry.t))
                return
            case _ if step := steps.step_of(entry, fact):
                rows.add(step)
                return
        talks.happened(rows, entry, fact)


COUNTS = Counts()


def _came(rows: Rows, entry: Entry, fact: ActivityReceived) -> None:
    """Something was done by a person, or said by our own account without this desk."""
    seen = fact.seen
    at, about = talks.moment(entry, seen.published_ms), seen.in_reply_to[:TEXT_CHARACTERS_MAX]
    if not seen.own and seen.verb in VERBS:
        rows.add(
            Incoming(
                id=entry.n, obj=entry.obj, channel=fact.channel, verb=VERBS[seen.verb], about=about,
                lang=primary(seen.lang), private=seen.private, at=at,
            )
        )  # fmt: skip
    elif seen.own and seen.verb in talks.WORDS:
        text = f"{seen.title}\n{seen.text}"
        rows.add(
            Outgoing(
                id=entry.n, obj=entry.obj, channel=fact.channel, purpose=Outgoing.OUTSIDE,
                kind=seen.kind.lower()[:16], lang=primary(seen.lang), topics=_topics(text),
                private=seen.private, link=topics.has_link(text), answers=bool(about), at=at,
                remote_id=seen.remote_id[:TEXT_CHARACTERS_MAX],
            )
        )  # fmt: skip


def _went(rows: Rows, entry: Entry, fact: PostPublished) -> None:
    """Words of this desk are out."""
    words = fact.words
    text = f"{words.title}\n{words.text}"
    rows.add(
        Outgoing(
            id=entry.n, obj=entry.obj, channel=fact.channel, purpose=fact.purpose[:7], kind=words.kind[:16],
            lang=primary(words.lang), topics=_topics(text), private=words.private, link=topics.has_link(text),
            answers=fact.purpose == Outgoing.REPLY, at=talks.moment(entry, fact.published_ms),
            remote_id=fact.remote_id[:TEXT_CHARACTERS_MAX],
        )
    )  # fmt: skip


def _counted(rows: Rows, entry: Entry, fact: CountsRead) -> None:
    """The newest counts of a network on something of ours take the place of older ones. Of the account itself
    nothing is told that is counted here."""
    told = dict(zip(fact.names, fact.values, strict=True))
    row = rows.counts.get(_thing(fact))
    if row is None and COUNTED.isdisjoint(told):
        return
    if row is None:
        row = Count(id=entry.n, channel=fact.channel, remote_id=_thing(fact)[1], read_n=entry.n)
        rows.add(row)
    for name, called in COUNTED_AS.items():
        setattr(row, name, next((told[other] for other in called if other in told), None))
    row.read_n = entry.n
    rows.change(row)


def _thing(fact: CountsRead) -> tuple[str, str]:
    return fact.channel, fact.remote_id[:TEXT_CHARACTERS_MAX]


def _topics(text: str) -> str:
    return ",".join(topics.of(text))[:200]


def _erased(rows: Rows, entry: Entry) -> None:
    """What an entry said is not known any more: its own rows go, and its conversation is told again without
    it. In a rebuild there is nothing of it yet."""
    if entry.n in rows.untold:
        return
    rows.write()
    for table in OWN:
        table.objects.filter(pk=entry.n).delete()
    if not Talk.objects.filter(obj=entry.obj, version__gte=entry.n).exists():
        return
    rows.forget(entry.obj)
    past = _taken(entry)
    facts = facts_of(past)
    rows.read((), {fact.version for fact in facts.values() if isinstance(fact, PostPublished)}, ())
    for one in past:
        if (fact := facts.get(one.n)) is not None and one.n != entry.n:
            talks.happened(rows, one, fact)


def _taken(entry: Entry) -> list[Entry]:
    """The entries of the same conversation that this projection has taken so far."""
    place = Cursor.objects.get(follower=COUNTS.name, lane=entry.lane)
    return entries_where(
        "obj = %s and lane = %s and (year < %s or (year = %s and seq <= %s)) order by n",
        [entry.obj, entry.lane, place.year, place.year, place.seq],
    )
