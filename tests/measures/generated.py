"""A bank's months on several networks, as facts from a seed: what is counted must be the same by any way.

Drafts are made in order of time and appended in chunks, each at the moment of its last one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from bankside.channels.models import Channel
from bankside.networks import catalogue
from bankside.people import teams
from bankside.record import clock, subjects
from bankside.record.append import Draft, append_many
from bankside.record.facts.channels import ActivityReceived, ActorSeen, CountsRead, PostPublished, Seen, Words
from bankside.record.facts.inbox import (
    ConversationClosed,
    ConversationReopened,
    MessageTriaged,
    ReplyWritten,
)
from bankside.record.facts.rewards import MemberJoined, PointsRedeemed, ProfileLinked
from bankside.record.ids import new_id
from bankside.record.lane import lane_of

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MINUTE_MS = 60_000
BEGAN = clock.from_iso("2026-08-10T00:00:00Z")
CHUNK = 500
PEOPLE = 60
LANGUAGES = ("ko", "en", "zh", "nl", "")
TEXTS = (
    "카드를 잃어버렸어요", "Your results: the annual report is out https://hanulbank.example/ar",
    "Pas op voor phishing", "我们赞助了今年的公益活动", "Win a prize with our app", "Good morning",
)  # fmt: skip


@dataclass
class Made:
    """What is under way: drafts by the moment at which they are recorded."""

    chance: random.Random
    channels: list[Channel]
    due: list[tuple[int, int, Draft]] = field(default_factory=list)
    things: int = 0

    def name(self, what: str) -> str:
        """A name that is used once."""
        self.things += 1
        return f"{what}:{self.things}"

    def put(self, at: int, **draft: Any) -> None:
        """One fact at a moment; its key is its place."""
        self.due.append((at, len(self.due), Draft(key=self.name("made"), **draft)))


def channels() -> list[Channel]:
    """Five channels: on networks with and without prices, of teams in two countries, one of none."""
    known = catalogue.load().values()
    sends = [data for data in known if "send" in data.can]
    priced = [data for data in sends if data.prices]
    free = [data for data in sends if not data.prices]
    two = (teams.make("Seoul", "Asia/Seoul"), teams.make("Utrecht", "Europe/Amsterdam"))
    wanted = [(priced[0], two[0]), (free[0], two[0]), (free[0], two[1]), (free[1], two[1]), (free[2], None)]
    return [
        Channel.objects.create(name=f"{data.title} {n}", network=data.name, team=team, hook=new_id())
        for n, (data, team) in enumerate(wanted)
    ]


def desk(facts: int, *, seed: int = 7, days: int = 91) -> list[Channel]:
    """Appends about so many facts over these days; the channels that they are on. The clock stands after."""
    made = Made(random.Random(seed), channels())
    while len(made.due) < facts:
        at = BEGAN + made.chance.randrange(days * DAY_MS)
        made.chance.choices((_talk, _post, _act, _step), weights=(60, 12, 25, 3))[0](made, at)
    _append(made, at_the_end=BEGAN + (days + 3) * DAY_MS)
    return made.channels


def _talk(made: Made, at: int) -> None:
    """A conversation: words, sorting, perhaps answers, an end, and more words."""
    chance, channel = made.chance, made.chance.choice(made.channels)
    obj, thread, private = new_id(), made.name("thread"), chance.random() < 0.25
    where = {"obj": obj, "lane": lane_of(channel.network, channel.obj, thread)}
    lang, moment, newest = chance.choice(LANGUAGES), at, thread
    for turn in range(chance.choices((1, 2, 3), weights=(6, 3, 1))[0]):
        for _ in range(chance.randint(1, 2)):
            newest = made.name("said")
            _say(made, channel, where, moment, thread=thread, remote=newest, private=private, lang=lang)
            moment += chance.randrange(1, 5 * MINUTE_MS)
        if chance.random() < 0.85:
            moment += int(chance.lognormvariate(13.2, 1.3))
            _answer(made, channel, where, moment, thread, newest, private or chance.random() < 0.15)
        if chance.random() < 0.1:
            moment += MINUTE_MS
            _own(made, channel, where, moment, thread, made.name("app"))
        if chance.random() < 0.75:
            moment += int(chance.lognormvariate(14.5, 1.5))
            made.put(moment, fact=ConversationClosed(reason=""), actor="u:" + "a" * 32, **where)
            if chance.random() < 0.05:
                made.put(moment + 1, fact=ConversationReopened(by=""), actor="u:" + "a" * 32, **where)
        moment += chance.randrange(3 * DAY_MS) if turn % 2 else chance.randrange(3 * HOUR_MS)


def _say(made: Made, channel: Channel, where: dict[str, Any], at: int, **said: Any) -> None:
    person = f"person:{made.chance.randrange(PEOPLE)}"
    seen = Seen(
        remote_id=said["remote"], version="1", verb="Create", kind="Note", text="?", thread=said["thread"],
        actor=ActorSeen(remote_id=person), lang=said["lang"] if made.chance.random() < 0.7 else "",
        private=said["private"], published_ms=at,
    )  # fmt: skip
    subj = subjects.subject_of(channel.network, person)
    fact = ActivityReceived(channel=channel.obj, network=channel.network, seen=seen, via="poll")
    made.put(at, fact=fact, actor="s:intake", src_t=at, subj=subj, **where)
    due_ms = at + 15 * MINUTE_MS if made.chance.random() < 0.85 else 0
    sorted_as = MessageTriaged(entry="", model="rules-2", lang=said["lang"], classes=(), due_ms=due_ms)
    made.put(at, fact=sorted_as, actor="s:triage", subj=subj, **where)


def _answer(
    made: Made, channel: Channel, where: dict[str, Any], at: int, thread: str, newest: str, private: bool
) -> None:
    reply, remote = new_id(), made.name("reply")
    words = Words(text="!", lang="en", private=private, thread=thread, in_reply_to=newest)
    written = ReplyWritten(reply=reply, channel=channel.obj, digest="", needs_approval=False, words=words)
    by = "u:" + "b" * 32 if made.chance.random() < 0.9 else "s:answers"
    made.put(at - MINUTE_MS, fact=written, actor=by, **where)
    echo = made.chance.random()
    if echo < 0.1:  # the network tells of it before the desk knows that it is out
        _own(made, channel, where, at, thread, remote)
    published = PostPublished(
        delivery=new_id(), channel=channel.obj, purpose="reply", about=where["obj"], version=reply,
        remote_id=remote, url="", found="sent", published_ms=at, words=words,
    )  # fmt: skip
    made.put(at + 1000, fact=published, actor="s:worker", **where)
    if echo > 0.8:
        _own(made, channel, where, at + 2000, thread, remote)


def _own(made: Made, channel: Channel, where: dict[str, Any], at: int, thread: str, remote: str) -> None:
    seen = Seen(
        remote_id=remote, version="1", verb="Create", kind="Note", actor=ActorSeen(remote_id="us"), text="!",
        thread=thread, in_reply_to=thread, own=True, published_ms=at,
    )  # fmt: skip
    fact = ActivityReceived(channel=channel.obj, network=channel.network, seen=seen, via="poll")
    made.put(at, fact=fact, actor="s:intake", src_t=at, **where)


def _post(made: Made, at: int) -> None:
    """A post, what people did with it, and what its network counts."""
    chance, channel = made.chance, made.chance.choice(made.channels)
    remote, version = made.name("post"), new_id()
    words = Words(
        text=chance.choice(TEXTS), lang=chance.choice(LANGUAGES), kind=chance.choice(("note", "article"))
    )
    published = PostPublished(
        delivery=new_id(), channel=channel.obj, purpose="post", about=new_id(), version=version,
        remote_id=remote, url="", found="sent", published_ms=at, words=words,
    )  # fmt: skip
    lane = lane_of(channel.network, channel.obj, version)
    made.put(at, fact=published, actor="s:worker", obj=published.about, lane=lane)
    for _ in range(chance.randrange(6)):
        _act(made, at + chance.randrange(DAY_MS), channel, remote)
    for turn in range(chance.randrange(3)):
        names = ("views", "likes", "reposts", "replies")[: chance.randint(1, 4)]
        counts = CountsRead(
            channel=channel.obj, remote_id=remote, names=names,
            values=tuple(chance.randrange(1, 500) for _ in names),
        )  # fmt: skip
        made.put(at + (turn + 1) * HOUR_MS, fact=counts, actor="s:worker", obj=published.about, lane=lane)


def _act(made: Made, at: int, channel: Channel | None = None, about: str = "") -> None:
    chance, channel = made.chance, channel or made.chance.choice(made.channels)
    person = f"person:{chance.randrange(PEOPLE)}"
    seen = Seen(
        remote_id=made.name("act"), version="1", verb=chance.choice(("Like", "Announce", "Follow")), text="",
        kind="Note", actor=ActorSeen(remote_id=person), lang=chance.choice(LANGUAGES), in_reply_to=about,
        published_ms=at,
    )  # fmt: skip
    fact = ActivityReceived(channel=channel.obj, network=channel.network, seen=seen, via="hook")
    made.put(
        at, fact=fact, actor="s:intake", src_t=at, obj=new_id(),
        lane=lane_of(channel.network, channel.obj, seen.remote_id),
        subj=subjects.subject_of(channel.network, person),
    )  # fmt: skip


def _step(made: Made, at: int) -> None:
    member = new_id()
    network = made.chance.choice(made.channels).network
    fact = made.chance.choice(
        (
            MemberJoined(member=member, language="ko", employee=False),
            ProfileLinked(
                member=member, link=new_id(), network=network, account="a", proof="oauth", consent="c"
            ),
            PointsRedeemed(
                redemption=new_id(), member=member, choice="gift", points=made.chance.randrange(1, 900),
                value=10, currency="KRW",
            ),
        )
    )  # fmt: skip
    made.put(at, fact=fact, actor="s:rewards", obj=member)


def _append(made: Made, at_the_end: int) -> None:
    made.due.sort(key=lambda one: one[:2])
    for chunk in _chunks(made.due):
        clock._frozen_ms = chunk[-1][0]
        with transaction.atomic():
            append_many([draft for _, _, draft in chunk])
    clock._frozen_ms = max(at_the_end, made.due[-1][0])


def _chunks(due: list[tuple[int, int, Draft]]) -> Iterator[list[tuple[int, int, Draft]]]:
    for start in range(0, len(due), CHUNK):
        yield due[start : start + CHUNK]
