"""Recorded entries as acts of members: what rules see of them, and nothing of the words themselves.

A batch costs a fixed number of statements, however many entries it has. Whether an act counts, and for whom,
hangs on the moment at which it was recorded (`counting.py`), never on when it is looked at. Private messages,
what a network keeps from the public, likes and follows are no acts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection

from bankside.record import subjects
from bankside.record.append import Entry
from bankside.record.facts.channels import ActivityReceived, Seen
from bankside.record.facts.rewards import ActReported, ProfileLinked
from bankside.rewards import counting, disclosure, quality
from bankside.rewards.asked import rows
from bankside.rewards.counting import Span
from bankside.rewards.rules.act import CLAIMED, MEMBER_TOKEN, PLATFORM, Act
from bankside.rewards.rules.nodes import Field, every
from bankside.rewards.rules.terms import Earn, Programme

DAY_MS: Final = 86_400_000
DAYS_PER_MONTH: Final = 30.44  # mean length, for months as a customer
DEPTH_MAX: Final = 20
TAGS_MAX: Final = 20
WORDS: Final = frozenset({"Create", "Update"})
SHARED: Final = "Announce"
# How something came in, and what that is worth: a hook, or an answer about the bank's own things, is the
# network's own word.
EVIDENCE: Final[Mapping[str, str]] = {"hook": PLATFORM, "poll": PLATFORM, MEMBER_TOKEN: MEMBER_TOKEN}
# What the bank's own systems may tell of an act, besides its kind and campaign.
REPORTED_NUMBERS: Final = ("text_len", "quality", "tenure", "depth", "account_age")
_TAG = re.compile(r"[#＃](\w[\w-]{0,40})")


class Sighted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An act with what is needed beside it for a while: its words (never kept), its item, its place.

    `remote` is a digest of which item it is, `place` the obj of its conversation, `entry` its arrival number.
    `kept`: a decision is kept also when no rule pays.
    """

    act: Act
    text: str = ""
    lang: str = ""
    remote: str = ""
    place: str = ""
    entry: int = 0
    kept: bool = False


class _Counted(NamedTuple):
    """A recorded activity that counts for a member."""

    entry: Entry
    fact: ActivityReceived
    span: Span
    kind: str


class Known(NamedTuple):
    """What is known of a member: months as a customer begin at `tenure_since` (UTC ms, 0: not known).

    `earns` is False for employees and for whoever is under age.
    """

    obj: str
    tenure_since: int
    earns: bool


def remote_of(channel: str, remote_id: str) -> str:
    """Which item on which channel, in 32 hex; the same for every version of it."""
    return hashlib.sha256(f"{channel}|{remote_id}".encode()).hexdigest()[:32]


def source_of(entry: Entry) -> str:
    """The natural key of a recorded act."""
    return f"e:{entry.n}"


# --- activities -------------------------------------------------------------------------------------------
def of_activities(
    told: Sequence[tuple[Entry, ActivityReceived]], programmes: Sequence[Programme]
) -> list[Sighted]:
    """The acts among recorded activities, in order of arrival: those of members that a rule could pay for."""
    counted = _counted(told, programmes, hold=True)
    depths = _Depths([c for c in counted if c.kind == "reply"])
    found = _sighted_all(counted, programmes, depths)
    depths.save()
    return found


def read_again(
    told: Sequence[tuple[Entry, ActivityReceived]], programmes: Sequence[Programme]
) -> list[Sighted]:
    """The same of activities that were dealt with long ago; nothing is held or kept. How deep a thread was
    then is not known here: `own_thread` says that the reply begins at the bank's own words, and `depth` is
    0."""
    counted = _counted(told, programmes, hold=False)
    return _sighted_all(counted, programmes, _Threads([c for c in counted if c.kind == "reply"]))


def _counted(
    told: Sequence[tuple[Entry, ActivityReceived]], programmes: Sequence[Programme], *, hold: bool
) -> list[_Counted]:
    """Activities that count for somebody, and that a rule looks at."""
    possible = [(e, f, kind) for e, f in told if (kind := kind_of(f.seen))]
    spans = counting.spans_of({e.subj for e, _, _ in possible}, hold=hold)
    return [
        _Counted(entry, fact, span, kind)
        for entry, fact, kind in possible
        if (span := counting.at(spans.get(entry.subj, ()), entry.t)) is not None
        and _rules(programmes, fact.network, kind)
    ]


def _sighted_all(
    counted: Sequence[_Counted], programmes: Sequence[Programme], threads: _Threads
) -> list[Sighted]:
    if not counted:
        return []
    rules = {(c.fact.network, c.kind): _rules(programmes, c.fact.network, c.kind) for c in counted}
    people = known({c.span.member for c in counted})
    since = _first_seen(c.entry.subj for c in counted if not c.span.account_since)
    return [
        _sighted(c, rules[c.fact.network, c.kind], people[c.span.member], since, threads)
        for c in counted
        if people[c.span.member].earns
    ]


# --- what the bank's own systems saw, and linked profiles ---------------------------------------------------
def of_reports(told: Sequence[tuple[Entry, ActReported]]) -> list[Sighted]:
    """Acts that the bank's own systems reported; of their numbers those that rules know."""
    numbers = numbers_of({fact.member for _, fact in told})
    people = known(numbers.values())
    return [
        Sighted(act=_reported(entry, fact, member, people[member]), entry=entry.n, kept=True)
        for entry, fact in told
        if (member := numbers.get(fact.member)) is not None and people[member].earns
    ]


def of_links(told: Sequence[tuple[Entry, ProfileLinked]]) -> list[Sighted]:
    """The linking of a profile is an act, once for each member and network."""
    numbers = numbers_of({fact.member for _, fact in told})
    people, began = known(numbers.values()), _began({fact.link for _, fact in told})
    return [
        Sighted(
            act=Act(
                source=f"k:{member}:{fact.network}", seq=entry.n, member=member, network=fact.network,
                kind="link", at=entry.t, day=0, tenure=months_since(people[member].tenure_since, entry.t),
                account_age=max(0, (entry.t - began.get(fact.link, entry.t)) // DAY_MS),
            ),
            entry=entry.n, kept=True,
        )
        for entry, fact in told
        if (member := numbers.get(fact.member)) is not None and people[member].earns
    ]  # fmt: skip


def numbers_of(objs: Iterable[str]) -> dict[str, int]:
    """Members' numbers by their obj, by one statement."""
    return dict(rows("select obj, id from rewards_member where", "obj", objs))


def _reported(entry: Entry, fact: ActReported, member: int, who: Known) -> Act:
    told = dict(zip(fact.names, fact.values, strict=True))
    numbers: dict[str, Any] = {name: max(0, told[name]) for name in REPORTED_NUMBERS if name in told}
    numbers.setdefault("tenure", months_since(who.tenure_since, entry.t))
    return Act(
        source=f"r:{fact.ref}", seq=entry.n, member=member, network="", kind=fact.kind, at=entry.t, day=0,
        evidence=fact.evidence, campaign=fact.campaign, **numbers,
    )  # fmt: skip


def _began(links: Iterable[str]) -> dict[str, int]:
    """When the accounts of these links were made, or first seen by the desk, by one statement."""
    return {obj: began for obj, began in rows(_SINCE, "l.obj", links) if began}


_SINCE = """select l.obj, case when l.account_since > 0 then l.account_since else s.created_at end
    from rewards_link l left join record_subject s on s.subj = l.subj where"""


def kind_of(seen: Seen) -> str:
    """The kind of act, or "" for what is none: private, hidden, our own, or without words."""
    if seen.private or seen.own or seen.held:
        return ""
    if seen.verb == SHARED:
        return "share"
    if seen.verb not in WORDS:
        return ""
    if seen.in_reply_to:
        return "reply"
    return "mention" if seen.mentions and not tags(seen.text) else "post"


@lru_cache(maxsize=2048)
def tags(text: str) -> frozenset[str]:
    """Hashtags as campaigns are named: `#Festival26` is festival26, and so is `festival-26`."""
    return frozenset(plain(tag) for tag in _TAG.findall(text)[:TAGS_MAX])


@lru_cache(maxsize=2048)
def plain(name: str) -> str:
    """A campaign or hashtag without case, dashes and lines."""
    return name.casefold().replace("-", "").replace("_", "")


def known(members: Iterable[int]) -> dict[int, Known]:
    """Members by number, by one statement."""
    found = rows("select id, obj, tenure_since, employee, adult from rewards_member where", "id", members)
    return {id: Known(obj, since, bool(adult) and not employee) for id, obj, since, employee, adult in found}


def months_since(since: int, at: int) -> int:
    """Whole months between two moments; 0 when the first is not known."""
    return max(0, int((at - since) / DAY_MS / DAYS_PER_MONTH)) if since else 0


@lru_cache(maxsize=4096)
def fields_of(rule: Earn) -> frozenset[str]:
    """The names of what a rule reads of an act."""
    roots = [rule.points.root, *((rule.when.root,) if rule.when else ())]
    return frozenset(node.name for root in roots for node in every(root) if isinstance(node, Field))


@lru_cache(maxsize=1024)
def _reads(rules: tuple[Earn, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(fields_of(rule) for rule in rules))


def _rules(programmes: Sequence[Programme], network: str, kind: str) -> tuple[Earn, ...]:
    return tuple(rule for one in programmes for rule in one.earning[network, kind])


def _sighted(
    c: _Counted, rules: tuple[Earn, ...], who: Known, since: Mapping[str, int], threads: _Threads
) -> Sighted:
    entry, seen = c.entry, c.fact.seen
    depth = threads.of(c)
    began = c.span.account_since or since.get(entry.subj, entry.t)
    reads = _reads(rules)
    act = Act(
        source=source_of(entry), seq=entry.n, member=c.span.member, network=c.fact.network, kind=c.kind,
        at=entry.t, day=0, evidence=EVIDENCE.get(c.fact.via, CLAIMED), campaign=_campaign(seen.text, rules),
        lang=disclosure.language(seen.text, seen.lang) if "lang" in reads else seen.lang,
        own_thread=depth is not None, text_len=quality.length(seen.text),
        quality=quality.measure(seen.text) if "quality" in reads else 0,
        account_age=max(0, (entry.t - began) // DAY_MS), depth=min(depth or 0, DEPTH_MAX),
        tenure=months_since(who.tenure_since, entry.t),
    )  # fmt: skip
    remote = remote_of(c.fact.channel, seen.remote_id)
    return Sighted(act=act, text=seen.text, lang=seen.lang, remote=remote, place=entry.obj, entry=entry.n)


def _campaign(text: str, rules: Sequence[Earn]) -> str:
    found = tags(text) if any(rule.campaign for rule in rules) else frozenset()
    return next((rule.campaign for rule in rules if rule.campaign and plain(rule.campaign) in found), "")


def _first_seen(subjs: Iterable[str]) -> dict[str, int]:
    """When the desk first saw these accounts, by one statement: the least that is known of their age."""
    return dict(rows("select subj, created_at from record_subject where", "subj", subjs))


# --- the bank's own threads -------------------------------------------------------------------------------
class _Threads:
    """Which answers are in a thread of the bank's own: its first words are the bank's, or it hangs on a post
    of the bank's, as comments do on some networks."""

    def __init__(self, replies: Sequence[_Counted]) -> None:
        self._posts = frozenset(rows(_POSTS, "d.remote_id", {c.fact.seen.in_reply_to for c in replies}))
        roots = {c.fact.seen.thread for c in replies} - {""}
        self._roots = frozenset(rows(_BY_DELIVERY, "d.remote_id", roots))
        self._roots |= frozenset(rows(_OUTSIDE, "s.remote_id", roots, "and e.subj = %s", [subjects.desk()]))

    def of(self, c: _Counted) -> int | None:
        """0 in such a thread, None elsewhere."""
        return 0 if c.kind == "reply" and self._is_begun(c) else None

    def _is_begun(self, c: _Counted) -> bool:
        channel, seen = c.fact.channel, c.fact.seen
        return (channel, seen.thread) in self._roots or (channel, seen.in_reply_to) in self._posts


class _Depths(_Threads):
    """How many answers of members a thread of the bank's own had before each; counted on.

    What was the bank's own once remains so for all that follow.
    """

    def __init__(self, replies: Sequence[_Counted]) -> None:
        super().__init__(replies)
        self._counts = answers({c.entry.obj for c in replies})
        self._moved: set[str] = set()

    def of(self, c: _Counted) -> int | None:
        """The number of answers before this one, which is counted from now on; None elsewhere."""
        if c.kind != "reply" or not (self._is_begun(c) or c.entry.obj in self._counts):
            return None
        depth = self._counts.get(c.entry.obj, 0)
        self._counts[c.entry.obj] = depth + 1
        self._moved.add(c.entry.obj)
        return depth

    def save(self) -> None:
        """Writes the counts that moved."""
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into rewards_answers (place, answers) values (%s, %s)"
                " on conflict (place) do update set answers = excluded.answers",
                [(place, self._counts[place]) for place in sorted(self._moved)],
            )


def answers(places: Iterable[str]) -> dict[str, int]:
    """How many answers of members these threads of the bank's own have had by now; others are absent."""
    return dict(rows(_ANSWERS, "place", places))


_ANSWERS = "select place, answers from rewards_answers where"
_BY_DELIVERY = """select c.obj, d.remote_id from channels_delivery d
    join channels_channel c on c.id = d.channel_id where"""
_POSTS = f"{_BY_DELIVERY} d.purpose = 'post' and"
_OUTSIDE = """select c.obj, s.remote_id from channels_sighting s
    join channels_channel c on c.id = s.channel_id join channels_thread t on t.id = s.thread_id
    join record_entry e on e.lane = t.lane and e.key = s.key where"""
