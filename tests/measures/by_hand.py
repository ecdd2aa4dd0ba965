"""The measures counted again from the facts of the record, in plain Python and another way round.

For each conversation the whole list of what happened is kept, and looked through when a figure is asked for.
Nothing of `bankside.measures` is used but the ids.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from bankside.record import projection
from bankside.record.append import entries_where
from bankside.record.facts import channels as c
from bankside.record.facts import inbox as i
from bankside.record.facts import rewards as r


@dataclass
class Case:
    """A conversation from its first words until it is closed."""

    n: int
    obj: str
    channel: str
    at: int
    private: bool
    again: bool
    lang: str = ""
    due: int = 0
    asked: bool = False
    answers: list[tuple[int, bool, str, str]] = field(default_factory=list)  # at, private, by, remote
    closed: int = 0
    entries: dict[str, int] = field(default_factory=dict)

    @property
    def answer(self) -> tuple[int, bool, str, str] | None:
        return self.answers[0] if self.answers else None


@dataclass
class Said:
    n: int
    channel: str
    at: int
    lang: str
    answers: bool
    outside: bool
    remote: str
    words: Any


@dataclass
class Told:
    """Everything that the record tells, in lists."""

    cases: list[Case] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    acts: list[tuple[int, str, str, str, int, str]] = field(
        default_factory=list
    )  # n channel verb about at lang
    counts: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    steps: list[tuple[int, int, Any]] = field(default_factory=list)


def told() -> Told:
    """Reads the whole record, one entry after the other."""
    all_of_it, open_now, by_machine = Told(), dict[str, Case](), dict[str, bool]()
    last_n = 0
    while entries := entries_where("n > %s order by n limit 2000", [last_n]):
        facts = projection.facts_of(entries)
        for entry in entries:
            _tell(all_of_it, open_now, by_machine, entry, facts[entry.n])
        last_n = entries[-1].n
    return all_of_it


def _tell(
    all_of_it: Told, latest: dict[str, Case], by_machine: dict[str, bool], entry: Any, fact: Any
) -> None:
    case = latest.get(entry.obj)
    if isinstance(fact, c.ActivityReceived):
        at = min(fact.seen.published_ms or entry.t, entry.t)
        _seen(all_of_it, latest, case, entry, fact, at)
    elif isinstance(fact, i.ReplyWritten):
        by_machine[fact.reply] = entry.actor[:2] != "u:"
    elif isinstance(fact, i.MessageTriaged) and case is not None:
        case.lang = case.lang or fact.lang
        if fact.due_ms and not case.asked and not case.closed:
            case.asked, case.due = True, fact.due_ms
    elif isinstance(fact, c.PostPublished):
        at = min(fact.published_ms or entry.t, entry.t)
        reply = fact.purpose == "reply"
        all_of_it.said.append(
            Said(entry.n, fact.channel, at, fact.words.lang, reply, False, fact.remote_id, fact.words)
        )
        if reply and case is not None:
            by = "machine" if by_machine[fact.version] else "person"
            # what was seen before the desk knew of it was this answer
            case.answers = [one for one in case.answers if one[3] != fact.remote_id or one[2] != "outside"]
            case.answers.append((max(at, case.at), fact.words.private, by, fact.remote_id))
    elif isinstance(fact, i.ConversationClosed) and case is not None:
        case.closed = max(entry.t, case.at)
    elif isinstance(fact, i.ConversationReopened) and case is not None:
        case.closed = 0
    elif isinstance(fact, c.CountsRead):
        all_of_it.counts[fact.channel, fact.remote_id] = dict(zip(fact.names, fact.values, strict=True))
    elif type(fact).__module__ == r.__name__:
        all_of_it.steps.append((entry.n, entry.t, fact))


def _seen(
    all_of_it: Told, latest: dict[str, Case], case: Case | None, entry: Any, fact: Any, at: int
) -> None:
    seen = fact.seen
    if seen.own:
        all_of_it.said.append(
            Said(entry.n, fact.channel, at, seen.lang, bool(seen.in_reply_to), True, seen.remote_id, seen)
        )
        if case is not None and at >= case.at:
            case.answers.append((at, seen.private, "outside", seen.remote_id))
        return
    verb = "Create" if seen.verb == "Update" else seen.verb
    all_of_it.acts.append((entry.n, fact.channel, verb, seen.in_reply_to, at, seen.lang))
    if verb != "Create":
        return
    if case is None or case.closed:
        latest[entry.obj] = Case(
            entry.n, entry.obj, fact.channel, at, seen.private, case is not None, lang=seen.lang
        )
        all_of_it.cases.append(latest[entry.obj])
    else:
        case.lang = case.lang or seen.lang


@dataclass
class ByHand:
    """Figures of the days from `first` to `last` in a zone: measure -> key -> (base, part or band)."""

    told: Told
    first: datetime.date
    last: datetime.date
    zone: str
    as_of: int
    places: dict[str, Any]
    kept: dict[tuple[str, str], Any] = field(default_factory=dict)

    def day(self, at: int) -> datetime.date:
        return datetime.datetime.fromtimestamp(at / 1000, ZoneInfo(self.zone)).date()

    def within(self, at: int) -> bool:
        return self.first <= self.day(at) <= self.last

    def key(self, group: str, channel: str, lang: str, at: int) -> str:
        place = self.places[channel]
        keys: dict[str, str] = {
            "": "", "day": self.day(at).isoformat(), "network": place.network, "market": place.market,
            "lang": lang, "channel": channel,
        }  # fmt: skip
        return keys[group]

    def cases(self, group: str) -> dict[str, list[Case]]:
        if ("cases", group) not in self.kept:
            self.kept["cases", group] = self._cases(group)
        cases: dict[str, list[Case]] = self.kept["cases", group]
        return cases

    def _cases(self, group: str) -> dict[str, list[Case]]:
        found: dict[str, list[Case]] = defaultdict(list)
        for case in self.told.cases:
            if case.asked and self.within(case.at):
                found[self.key(group, case.channel, case.lang, case.at)].append(case)
        return found

    def shares(self, id: str, group: str) -> dict[str, tuple[int, int]]:
        """Key -> (base, part)."""
        base_of, part_of = CASES[id]
        found = {}
        for key, cases in self.cases(group).items():
            base = [case for case in cases if base_of(case, self.as_of)]
            found[key] = (len(base), sum(1 for case in base if part_of(case)))
        return {key: one for key, one in found.items() if one[0]}

    def band(self, id: str, group: str) -> dict[str, tuple[int, int, int, int]]:
        found: dict[str, tuple[int, int, int, int]] = {}
        for key, cases in self.cases(group).items():
            if id == "first-answer":
                values = sorted((case.answer[0] - case.at) // 1000 for case in cases if case.answer)
            else:
                values = sorted((case.closed - case.at) // 1000 for case in cases if case.closed)
            if values:
                low, middle, high = (values[-(-len(values) * tenth // 10) - 1] for tenth in (1, 5, 9))
                found[key] = (len(values), low, middle, high)
        return found

    def open_at(self, moment: int, *, waiting: bool) -> int:
        """How many were open, or without an answer, just before a moment."""
        count = 0
        for case in self.told.cases:
            if not case.asked or case.at >= moment:
                continue
            ends = [case.closed] + ([case.answer[0]] if waiting and case.answer else [])
            count += all(end == 0 or end >= moment for end in ends)
        return count

    def said(self, group: str) -> dict[str, list[Said]]:
        if ("said", group) not in self.kept:
            self.kept["said", group] = self._said(group)
        said: dict[str, list[Said]] = self.kept["said", group]
        return said

    def _said(self, group: str) -> dict[str, list[Said]]:
        sent = {(one.channel, one.remote) for one in self.told.said if not one.outside}
        found: dict[str, list[Said]] = defaultdict(list)
        for one in self.told.said:
            if self.within(one.at) and not (one.outside and (one.channel, one.remote) in sent):
                found[self.key(group, one.channel, one.lang, one.at)].append(one)
        return found

    def responses(self) -> dict[tuple[str, str], dict[str, int]]:
        """By channel and remote id: what was seen of likes, shares and comments."""
        found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for _, channel, verb, about, _, _ in self.told.acts:
            if about:
                found[channel, about][verb] += 1
        return found

    def posts(self, id: str, group: str) -> dict[str, tuple[int, int]]:
        """Key -> (base, part), of sums over posts that answer nobody."""
        seen, found = self.responses(), {}
        for key, said in self.said(group).items():
            numbers = []
            for one in said:
                if one.answers:
                    continue
                counts = self.told.counts.get((one.channel, one.remote), {})
                acts = seen[one.channel, one.remote]
                likes = counts.get("likes", acts["Like"])
                shares = counts.get("reposts", acts["Announce"])
                comments = counts.get("replies", acts["Create"])
                number = {
                    "likes": likes, "shares": shares, "comments": comments, "posts": 1,
                    "response-per-post": likes + shares + comments, "reach-per-post": counts.get("views"),
                }[id]  # fmt: skip
                if number is not None:
                    numbers.append(number)
            if numbers:
                found[key] = (len(numbers), sum(numbers))
        return found

    def acts(self, verb: str, group: str) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for _, channel, done, _, at, lang in self.told.acts:
            if done == verb and self.within(at):
                found[self.key(group, channel, lang, at)] += 1
        return found


CASES: dict[str, tuple[Any, Any]] = {
    "opened": (lambda case, now: True, lambda case: True),
    "answered": (lambda case, now: True, lambda case: case.answer is not None),
    "answered-public": (lambda case, now: case.answer, lambda case: not case.answer[1]),
    "answered-private": (lambda case, now: case.answer, lambda case: case.answer[1]),
    "answered-by-person": (lambda case, now: case.answer, lambda case: case.answer[2] != "machine"),
    "moved-private": (
        lambda case, now: not case.private,
        lambda case: any(private for _, private, by, _ in case.answers if by != "outside"),
    ),
    "solved": (lambda case, now: case.closed, lambda case: case.answer is not None),
    "opened-again": (lambda case, now: True, lambda case: case.again),
    "promises-kept": (
        lambda case, now: case.answer or (case.due < now and not 0 < case.closed <= case.due),
        lambda case: case.answer is not None and case.answer[0] <= case.due,
    ),
}
