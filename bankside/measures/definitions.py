"""What is counted and how, in words: the definitions page prints them, and the figures are named by them.

What computes them is in `expressions.py`, under the same ids. No Django, no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from bankside.said import Said

Unit = Literal["seconds", "share", "count", "sum", "per", "minutes", "money"]
Table = Literal["talks", "posts", "acts", "steps"]
Topic = Literal["answers", "posts", "purposes", "acts", "savings", "card", "cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure. `rule` says in words what is counted; `less_is_better` None: neither is.

    Units: whole seconds with a band; a share of a base; how many; a sum; a sum per thing; minutes; money.
    `tables`: whose rows are counted. `topic`: under which heading it stands.
    """

    id: str
    title: Said
    unit: Unit
    rule: Said
    tables: tuple[Table, ...]
    topic: Topic
    less_is_better: bool | None = None


def _measures() -> Iterable[Measure]:
    yield from _answers()
    yield from _settled()
    yield from _posts()
    yield from _purposes()
    yield from _acts()
    yield from _card()
    yield from _costs()


def _answers() -> Iterable[Measure]:
    talks: tuple[Table, ...] = ("talks",)
    yield Measure(
        id="opened", title=Said("Conversations"), unit="count", tables=talks, topic="answers",
        rule=Said(
            "Conversations that somebody began with words to us, on the day of the first of them. Opened "
            "again after it was closed, a conversation counts as a new one."
        ),
    )  # fmt: skip
    yield Measure(
        id="first-answer", title=Said("Time to a first answer"), unit="seconds", tables=talks,
        topic="answers",
        less_is_better=True,
        rule=Said(
            "From the first words until our first answer was on the network, in whole seconds rounded down. "
            "Half of all answered conversations had an answer within the middle time, one in ten within the "
            "low and nine in ten within the high one: the value that stands at that place when all are put "
            "in order."
        ),
    )  # fmt: skip
    yield Measure(
        id="resolution", title=Said("Time until it was settled"), unit="seconds", tables=talks,
        topic="answers",
        less_is_better=True,
        rule=Said(
            "From the first words until the conversation was closed, over those that are closed now. Half, "
            "one in ten and nine in ten as for the first answer."
        ),
    )  # fmt: skip
    yield Measure(
        id="answered", title=Said("Answered"), unit="share", tables=talks, topic="answers",
        less_is_better=False,
        rule=Said(
            "Conversations with an answer of ours by now, of all that were opened. An answer typed in the "
            "network's own app counts too."
        ),
    )  # fmt: skip
    yield Measure(
        id="answered-public", title=Said("Answered in public"), unit="share", tables=talks, topic="answers",
        rule=Said("Conversations whose first answer everybody can read, of those with an answer."),
    )  # fmt: skip
    yield Measure(
        id="answered-private", title=Said("Answered in private"), unit="share", tables=talks, topic="answers",
        rule=Said("Conversations whose first answer was a private message, of those with an answer."),
    )  # fmt: skip
    yield Measure(
        id="answered-by-person", title=Said("Answered by a person"), unit="share", tables=talks,
        topic="answers", less_is_better=False,
        rule=Said("Conversations whose first answer a person wrote, of those with an answer."),
    )  # fmt: skip


def _settled() -> Iterable[Measure]:
    talks: tuple[Table, ...] = ("talks",)
    yield Measure(
        id="moved-private", title=Said("Moved to a private place"), unit="share", tables=talks,
        topic="answers",
        rule=Said(
            "Conversations that began in public and had a private answer of ours, of those that began in "
            "public."
        ),
    )  # fmt: skip
    yield Measure(
        id="solved", title=Said("Solved without leaving the network"), unit="share", tables=talks,
        topic="answers", less_is_better=False,
        rule=Said(
            "Conversations that were closed after an answer of ours on the same network, of those that are "
            "closed. What goes on by telephone or at a branch afterwards is not known here."
        ),
    )  # fmt: skip
    yield Measure(
        id="opened-again", title=Said("Opened again"), unit="share", tables=talks, topic="answers",
        less_is_better=True,
        rule=Said(
            "Conversations that somebody opened again by writing after they were closed, of all that were "
            "opened."
        ),
    )  # fmt: skip
    yield Measure(
        id="promises-kept", title=Said("Promises kept"), unit="share", tables=talks, topic="answers",
        less_is_better=False,
        rule=Said(
            "Conversations with an answer in the time that was promised when the words came in, of those "
            "that have an answer or whose time is over. Without an answer, one that was closed in time "
            "counts neither way."
        ),
    )  # fmt: skip
    yield Measure(
        id="backlog", title=Said("Open at the end"), unit="count", tables=talks, topic="answers",
        less_is_better=True,
        rule=Said("Conversations that were opened and not closed when the day, or the period, was over."),
    )  # fmt: skip
    yield Measure(
        id="waiting", title=Said("Without an answer at the end"), unit="count", tables=talks, topic="answers",
        less_is_better=True,
        rule=Said(
            "Conversations that had neither an answer nor been closed when the day, or the period, was over."
        ),
    )  # fmt: skip


def _posts() -> Iterable[Measure]:
    posts: tuple[Table, ...] = ("posts",)
    yield Measure(
        id="posts", title=Said("Posts"), unit="count", tables=posts, topic="posts",
        rule=Said(
            "Words of ours that are on a network and answer nobody, on the day on which they appeared."
        ),
    )  # fmt: skip
    yield Measure(
        id="replies", title=Said("Answers"), unit="count", tables=posts, topic="posts",
        rule=Said("Words of ours that are on a network and answer somebody, every one of them."),
    )  # fmt: skip
    yield Measure(
        id="reach-per-post", title=Said("Reach of a post"), unit="per", tables=posts, topic="posts",
        less_is_better=False,
        rule=Said(
            "How often a network says that a post was shown, by the newest count, for each post of which it "
            "says so."
        ),
    )  # fmt: skip
    yield Measure(
        id="likes", title=Said("Likes"), unit="sum", tables=posts, topic="posts", less_is_better=False,
        rule=Said("Likes of posts: the network's newest count, or those that we saw where it gives none."),
    )  # fmt: skip
    yield Measure(
        id="shares", title=Said("Shares"), unit="sum", tables=posts, topic="posts", less_is_better=False,
        rule=Said(
            "How often posts were passed on: the network's newest count, or what we saw where it gives none."
        ),
    )  # fmt: skip
    yield Measure(
        id="comments", title=Said("Comments"), unit="sum", tables=posts, topic="posts",
        rule=Said("Comments on posts: the network's newest count, or those that we saw where it gives none."),
    )  # fmt: skip
    yield Measure(
        id="response-per-post", title=Said("Response to a post"), unit="per", tables=posts, topic="posts",
        less_is_better=False,
        rule=Said("Likes, shares and comments together, for each post."),
    )  # fmt: skip


def _purposes() -> Iterable[Measure]:
    rule = Said(
        "Words of ours on a network that serve this purpose, of all of them, answers included. Which purpose "
        "they serve is told by the first line of the rule below that fits."
    )
    titles = {
        "contact": Said("Customer contact"), "relations": Said("Public relations"),
        "information": Said("Information sharing"), "brand": Said("Brand"),
    }  # fmt: skip
    for name, title in titles.items():
        yield Measure(
            id=f"purpose-{name}", title=title, unit="share", tables=("posts",), topic="purposes", rule=rule
        )


def _acts() -> Iterable[Measure]:
    acts: tuple[Table, ...] = ("acts",)
    yield Measure(
        id="acts-messages", title=Said("Comments and messages that came in"), unit="count", tables=acts,
        topic="acts",
        rule=Said(
            "Words of others that came in on a channel, each once, however often they were edited."
        ),
    )  # fmt: skip
    yield Measure(
        id="acts-likes", title=Said("Likes that we saw"), unit="count", tables=acts, topic="acts",
        rule=Said("Likes that networks told us of, on the day on which they were given."),
    )  # fmt: skip
    yield Measure(
        id="acts-shares", title=Said("Shares that we saw"), unit="count", tables=acts, topic="acts",
        rule=Said("How often networks told us that somebody passed something of ours on."),
    )  # fmt: skip
    yield Measure(
        id="acts-follows", title=Said("New followers that we saw"), unit="count", tables=acts, topic="acts",
        rule=Said("How often networks told us that somebody began to follow a channel."),
    )  # fmt: skip


def _card() -> Iterable[Measure]:
    steps: tuple[Table, ...] = ("steps",)
    counted = (
        ("members-joined", Said("Members who joined"), Said("Customers who joined the programme.")),
        (
            "members-left", Said("Members who left"),
            Said("Customers who take part in the programme no longer."),
        ),
        ("profiles-linked", Said("Profiles linked"), Said("Profiles that members proved to be theirs.")),
        (
            "cards-activated", Said("Cards in use"),
            Said("Cards that reached their member and were put to use."),
        ),
        (
            "redemptions", Said("Redemptions"),
            Said("How often members spent points, whether or not it was undone."),
        ),
    )  # fmt: skip
    for id, title, rule in counted:
        yield Measure(id=id, title=title, unit="count", tables=steps, topic="card", rule=rule)
    summed = (
        (
            "points-moved", Said("Points moved"),
            Said("Points of all batches that were posted to the journal, whichever way they moved."),
        ),
        (
            "points-redeemed", Said("Points spent"),
            Said("Points that members spent, whether or not it was undone."),
        ),
    )  # fmt: skip
    for id, title, rule in summed:
        yield Measure(id=id, title=title, unit="sum", tables=steps, topic="card", rule=rule)


def _costs() -> Iterable[Measure]:
    yield Measure(
        id="minutes-saved", title=Said("Minutes saved for customers"), unit="minutes", tables=("talks",),
        topic="savings", less_is_better=False,
        rule=Said(
            "What each line of the assumptions below counts, times the part of it that would have been a "
            "visit or a call, times the minutes that one takes."
        ),
    )  # fmt: skip
    yield Measure(
        id="cost-sent", title=Said("Cost of what was sent"), unit="money", tables=("posts",), topic="cost",
        less_is_better=True,
        rule=Said(
            "What the network asks for each post and answer, by the prices in its data file as they are "
            "today. What the desk did not send itself costs nothing."
        ),
    )  # fmt: skip
    yield Measure(
        id="cost-read", title=Said("Cost of what was read"), unit="money", tables=("acts",), topic="cost",
        less_is_better=True,
        rule=Said(
            "What the network asks for each thing of others that was read, each once, by today's prices. "
            "What was read again in vain is not in it; the page of the channel has the day's meter."
        ),
    )  # fmt: skip
    yield Measure(
        id="cost", title=Said("Cost of the network"), unit="money", tables=("posts", "acts"), topic="cost",
        less_is_better=True, rule=Said("What was sent and what was read together."),
    )  # fmt: skip


MEASURES: Final[Mapping[str, Measure]] = {measure.id: measure for measure in _measures()}


class NoMeasure(LookupError):
    """There is no measure of that name."""


def get(id: str) -> Measure:
    """The measure; raises NoMeasure."""
    if id not in MEASURES:
        raise NoMeasure(Said("There is no measure '%(name)s'.", name=id))
    return MEASURES[id]
