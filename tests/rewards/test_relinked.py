"""Invariants 16 and 17: a profile has one live link, and pays whoever had it at that moment, or nobody.

Several members and profiles, linked, unlinked and linked anew; acts fall on the very moment, too.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.record import clock
from bankside.record.models import Entry, Quarantined
from bankside.rewards import fraud, link, reactions, short_link
from bankside.rewards.models import Card, Counting, Link, Member
from tests.rewards import joined, living, said
from tests.rewards.decisions import decisions
from tests.rewards.taken_back import taken_back

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
DAY_MS = 86_400_000
RULE = "useful-reply"
ROOMY = living.SMALL.replace("cap = {points = 40, times = 5,", "cap = {points = 100_000, times = 1_000,")
PROFILES, MEMBERS = ("did:one", "did:two"), 3
WAITS = (1, 1_000, DAY_MS, 16 * DAY_MS, 30 * DAY_MS)
KINDS = ("link", "link", "unlink", "unlink", "act", "act", "act", "wait", "earn")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(KINDS), st.integers(0, MEMBERS - 1), st.sampled_from(PROFILES), st.integers(0, 9)
    ),
    min_size=8, max_size=30,
)  # fmt: skip


@dataclass
class Play:
    """Steps of members, and what a naive witness makes of them. An act has the moment of the step before it;
    every other step comes a millisecond later."""

    members: list[Member]
    now: int = NOW
    on: dict[str, bool] = field(default_factory=dict)
    owner: dict[str, int] = field(default_factory=dict)
    left: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    paid: dict[int, int] = field(default_factory=dict)

    def run(self, steps: list[tuple[str, int, str, int]]) -> None:
        for kind, who, profile, number in steps:
            self.now += kind != "act"
            with clock.frozen(self.now):
                getattr(self, f"do_{kind}")(who, profile, number)
                self.check()
        with clock.frozen(self.now):
            said.earn()
        found = {one.entry: one.member for one in decisions(rule=RULE, outcome="awarded")}
        assert found == {entry: self.members[who].pk for entry, who in self.paid.items()}

    def do_link(self, who: int, profile: str, number: int) -> None:
        wanted = self._allowed(who, profile)
        assert self._linking(who, profile) == wanted

    def do_unlink(self, who: int, profile: str, number: int) -> None:
        """Whoever has it lets it go, and nobody else can."""
        for one in Link.objects.filter(subject=profile, unlinked_at=0).select_related("member"):
            for other in self.members:
                if other != one.member:
                    with pytest.raises(link.NoSuchLink):
                        link.unlink(other, one.obj)
            link.unlink(one.member, one.obj)
            self.left[profile][self.owner.pop(profile)] = self.now
            self.on[Card.objects.get(link=one).code] = False

    def do_act(self, who: int, profile: str, number: int) -> None:
        [entry] = said.say(said.draft(profile))
        if profile in self.owner:
            self.paid[entry.n] = self.owner[profile]

    def do_wait(self, who: int, profile: str, number: int) -> None:
        self.now += WAITS[number % len(WAITS)]

    def do_earn(self, who: int, profile: str, number: int) -> None:
        reactions.earn_recorded(1 + number)

    def check(self) -> None:
        """The live links are those of the witness, one a profile; a code opens its own and no other."""
        live = Link.objects.filter(unlinked_at=0).values_list("subject", "member")
        assert sorted(live) == sorted((one, self.members[who].pk) for one, who in self.owner.items())
        opened = {code: isinstance(short_link.open(code), short_link.Opened) for code in self.on}
        assert opened == self.on

    def _linking(self, who: int, profile: str) -> str:
        try:
            made = joined.linked(self.members[who], profile)
        except link.NotLinked as refused:
            return type(refused).__name__
        self.owner[profile] = who
        if not Card.objects.filter(link=made).exists():
            self.on[carded(made)] = True
        return "linked"

    def _allowed(self, who: int, profile: str) -> str:
        if self.owner.get(profile, who) != who:
            return "LinkTaken"
        others = [at for other, at in self.left[profile].items() if other != who]
        soon = profile not in self.owner and any(self.now < at + 30 * DAY_MS for at in others)
        return "TooSoon" if soon else "linked"


def carded(made: Link) -> str:
    """The code of a new card that shows this profile."""
    return Card.objects.create(
        member=made.member, link=made, token_ref=f"tok-{made.pk}", theme="ink", name="MINJI PARK",
        state=Card.ACTIVE, qr=True, code=short_link.new_code(), asked_at=0,
    ).code  # fmt: skip


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 0)
    with clock.frozen(NOW - DAY_MS):
        said.channel()
        living.live(ROOMY)
        said.earn()
        return [joined.member() for _ in range(MEMBERS)]


@given(steps=STEPS)
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_a_profile_pays_whoever_had_it_then(ready: list[Member], steps: list[Any]) -> None:
    with taken_back():
        Play(ready).run(steps)


@pytest.mark.long
@given(steps=STEPS)
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_many_lives_of_profiles(ready: list[Member], steps: list[Any]) -> None:
    with taken_back():
        Play(ready).run(steps)


def test_the_witness_sees_what_pays_and_what_does_not(ready: list[Member]) -> None:
    """A play with every case in it, so that one in which nobody is paid would be noticed."""
    one, play = PROFILES[0], Play(ready)
    play.run([
        ("act", 0, one, 0), ("link", 0, one, 0), ("act", 0, one, 0), ("link", 1, one, 0),
        ("unlink", 0, one, 0), ("act", 0, one, 0), ("link", 1, one, 0), ("wait", 0, one, 4),
        ("link", 1, one, 0), ("act", 0, one, 0),
    ])  # fmt: skip
    assert sorted(play.paid.values()) == [0, 1] and play.owner == {one: 1}


# --- at once ----------------------------------------------------------------------------------------------
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 20))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_many_hands_at_once_leave_one_owner_at_every_moment(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members take a profile from each other while somebody acts under it and somebody else posts points."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer; the PostgreSQL run does this")
    monkeypatch.setattr(link, "RELINK_DAYS", 0)
    living.live(ROOMY)
    said.channel()
    members = [joined.member() for _ in range(MEMBERS)]
    chance = random.Random(seed)
    at_once(
        [*(partial(_takes_and_leaves, who, random.Random(chance.random())) for who in members), _acts, _posts]
    )
    joined.linked(members[0], "did:last")
    said.say(said.draft("did:last"))
    said.earn()
    one_owner_at_every_moment()


def _takes_and_leaves(who: Member, chance: random.Random) -> None:
    for _ in range(10):
        try:
            joined.linked(who, chance.choice(PROFILES))
        except link.NotLinked:  # another has it now
            continue
        for one in link.of(who):
            link.unlink(who, one.obj)


def _acts() -> None:
    for number in range(20):
        said.say(said.draft(PROFILES[number % 2]))


def _posts() -> None:
    for number in range(20):
        reactions.earn_recorded(1 + number % 7)


def at_once(calls: list[Callable[[], None]]) -> None:
    def closing(call: Callable[[], None]) -> None:
        try:
            call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(closing, calls))


def one_owner_at_every_moment() -> None:
    twice = Link.objects.filter(unlinked_at=0).values("subject").annotate(n=Count("pk")).filter(n__gt=1)
    assert list(twice) == [] and list(Quarantined.objects.all()) == []
    spans = defaultdict[str, list[tuple[int, int, int]]](list)
    for one in Counting.objects.all():
        spans[one.subj].append((one.since, one.until or clock.now_ms() + DAY_MS, one.member))
    assert [s for some in spans.values() for s, t in pairwise(sorted(some)) if s[1] > t[0]] == []
    subjs = dict(Entry.objects.values_list("n", "subj"))
    paid = decisions(rule=RULE, outcome="awarded")
    assert paid
    for one in paid:
        owners = [who for since, until, who in spans[subjs[one.entry]] if since <= one.at < until]
        assert owners == [one.member]
