"""Invariant 15: a post of class B never settles without a disclosure at its start, in its own language.

A naive witness knows of every text whether it discloses, because it was written so; it reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.record import clock
from bankside.rewards import due, fraud, reactions
from bankside.rewards.models import Flag, Posting
from tests.rewards import joined, living, said
from tests.rewards.decisions import decisions
from tests.rewards.taken_back import taken_back

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
HOLD_MS, SEOUL_MS = 72 * HOUR_MS, 9 * HOUR_MS
RULE = "festival-post"
ROOMY = living.SMALL.replace(
    'cap = {points = 60, times = 2, per = "day"}\nfund = 2_000',
    'cap = {points = 100_000, times = 1_000, per = "day"}\nfund = 1_000_000',
)
DISCLOSED = (
    ("Ad", "Ad: the festival of the bank is on again and you can still join"),
    ("Ad", "#ad The festival of the bank is on again and it is for everybody"),
    ("광고", "[광고] 한울은행 축제에 다녀왔어요. 아직 신청할 수 있어요."),
    ("广告", "【广告】韩宇银行的节日又开始了，大家还可以报名"),
    ("Advertentie", "Advertentie: het festival van de bank is weer begonnen"),
)
UNDISCLOSED = (
    "The festival of the bank is on again and you can still join",
    "The festival of the bank is on again and you can still join (Ad)",
    "광고 The festival of the bank is on again and you can still join",
    "Ad: 한울은행 축제에 다녀왔어요. 아직 신청할 수 있어요.",
    "한울은행 축제에 다녀왔어요. 정말 볼 것이 많았고 아직 신청할 수 있어요. 광고",
    "광고주가 초대한 한울은행 축제에 다녀왔어요.",
    "韩宇银行的节日又开始了，这次有很多值得一看的东西，大家现在还可以报名参加 广告",
    "Ad: het festival van de bank is weer begonnen en je kunt nog mee",
    "#HanulRocks The festival of the bank is on again",
)
CAMPAIGN = " #Festival26"
TEXTS = tuple((text + CAMPAIGN, word) for word, text in (*DISCLOSED, *(("", text) for text in UNDISCLOSED)))
KINDS = ("post", "post", "edit", "edit", "edit", "remove", "wait", "wait", "earn", "due")
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 29), st.sampled_from(TEXTS)), min_size=6, max_size=24
)
HELD, AWARDED, LOST = "held", "awarded", "lost"


@dataclass
class Witnessed:
    """A post as the witness saw it. `until`: while a late disclosure counts; `settles`: a day in Seoul."""

    entry: Any
    draft: Any
    state: str
    word: str
    until: int
    settles: int
    there: bool = True


@dataclass
class Days:
    """Steps done at the desk, and by the witness."""

    now: int = NOW
    posts: list[Witnessed] = field(default_factory=list)

    def run(self, steps: list[tuple[str, int, tuple[str, str]]]) -> None:
        for kind, number, (text, word) in steps:
            self.now += 1_000
            with clock.frozen(self.now):
                getattr(self, f"do_{kind}")(number, text, word)
                self.check()
        self.now += 30 * DAY_MS
        with clock.frozen(self.now):
            while not due.run(self.now):
                pass
            self.check()
        self.check_all()

    def do_post(self, number: int, text: str, word: str) -> None:
        draft = said.post("minji", text)
        [entry] = said.say(draft)
        state = AWARDED if word else HELD
        self.posts.append(
            Witnessed(entry, draft, state, word, self.now + HOLD_MS, day(self.now + HOLD_MS) + 1)
        )

    def do_edit(self, number: int, text: str, word: str) -> None:
        if not (one := self._some(number)):
            return
        said.edit(one.entry, one.draft, text)
        if one.state == HELD and word and self.now < one.until:
            one.state, one.word, one.settles = AWARDED, word, day(self.now + HOLD_MS) + 1
        elif not word:
            self._lost(one)

    def do_remove(self, number: int, text: str, word: str) -> None:
        if one := self._some(number):
            said.remove(one.entry, one.draft)
            one.there = False
            self._lost(one)
            one.state = LOST if one.state == HELD else one.state

    def do_wait(self, number: int, text: str, word: str) -> None:
        self.now += number * 6 * HOUR_MS

    def do_earn(self, number: int, text: str, word: str) -> None:
        reactions.earn_recorded(1 + number % 9)

    def do_due(self, number: int, text: str, word: str) -> None:
        due.run(self.now)

    def check(self) -> None:
        """What settled was disclosed, its day had come, and the evidence is kept with it."""
        earned = {one.source: one for one in decisions(rule=RULE)}
        seen = {post.entry.n: post for post in self.posts}
        for source in settled():
            post, inputs = seen[earned[source].entry], msgspec.json.decode(earned[source].inputs)
            assert post.state == AWARDED and day(self.now) >= post.settles
            assert inputs["disclosure"]["word"] == post.word

    def check_all(self) -> None:
        """In the end everything that the witness saw disclosed has settled, unless a person has to look."""
        number_of = {one.source: one.entry for one in decisions(rule=RULE)}
        flagged = {number_of.get(source) for source in Flag.objects.values_list("source", flat=True)}
        done = {number_of[source] for source in settled()}
        assert done == {post.entry.n for post in self.posts if post.state == AWARDED} - flagged

    def _some(self, number: int) -> Witnessed | None:
        there = [post for post in self.posts if post.there]
        return there[number % len(there)] if there else None

    def _lost(self, one: Witnessed) -> None:
        if one.state == AWARDED and day(self.now) < one.settles:
            one.state = LOST


def day(at: int) -> int:
    """The day in Seoul."""
    return (at + SEOUL_MS) // DAY_MS


def settled() -> list[str]:
    return list(Posting.objects.filter(rule=RULE, kind="settle").values_list("source", flat=True))


@pytest.fixture
def minji(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 0)
    with clock.frozen(NOW - DAY_MS):
        said.channel()
        living.live(ROOMY)
        who = joined.member()
        joined.linked(who, "minji")
        said.earn()
    return who


@given(steps=STEPS)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_what_does_not_disclose_never_settles(minji: Any, steps: list[Any]) -> None:
    with taken_back():
        Days().run(steps)


@pytest.mark.long
@given(steps=STEPS)
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_many_days_of_what_does_not_disclose(minji: Any, steps: list[Any]) -> None:
    with taken_back():
        Days().run(steps)


def test_the_witness_sees_what_settles_and_what_does_not(minji: Any) -> None:
    """One post of each text, so that a play in which nothing settles would be noticed."""
    days = Days()
    days.run([("post", 0, one) for one in TEXTS])
    assert len(settled()) == len(DISCLOSED)
    assert [post.state for post in days.posts] == [AWARDED] * len(DISCLOSED) + [HELD] * len(UNDISCLOSED)
