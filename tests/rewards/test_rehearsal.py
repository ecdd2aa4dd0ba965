"""A dry run over what the desk saw gives what the ledger gave, and says how far back it reached."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.people.policy import NotYours
from bankside.record import clock
from bankside.rewards import earning, fraud, link, past, rehearsal
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.models import Answers
from bankside.rewards.rehearsal import Rehearsed
from bankside.rewards.rules import programme as rules
from tests.rewards import joined, lived, living, paying, said
from tests.rewards.counted import statements
from tests.rewards.lived import ACTS, BEGIN, DAY_MS, Step, Weeks

pytestmark = [
    pytest.mark.django_db,
    # ibis 12 asks DuckDB 2 by an older name.
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
]
STEPS = st.lists(
    st.builds(Step, st.sampled_from(ACTS), st.integers(0, 120), st.integers(0, 1), st.integers(0, 3)),
    min_size=5, max_size=40,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 0)


def compared(steps: list[Step], days: int = 30) -> None:
    """One example: what the ledger paid for the acts of these days, and what the dry run says.

    Everything is rolled back. What it did are transactions of their own, and not parts of one: they lock
    lanes in any order.
    """
    before = transaction.savepoint()
    try:
        weeks = Weeks()
        weeks.live(steps)
        with weeks.now():
            tried = rehearsal.over_the_record(living.author(), weeks.row, days=days)
        first = Calendar("Asia/Seoul").day(weeks.at) - days + 1
        assert by_rule(tried) == lived.paid(Calendar("Asia/Seoul").begins(first))
    finally:
        transaction.savepoint_rollback(before)


def by_rule(tried: Rehearsed | None) -> dict[str, tuple[int, int, int]]:
    found = tried.rules if tried else ()
    return {one.rule: (one.points, one.taken_back, one.awards) for one in found if one.awards}


@pytest.mark.more
@given(STEPS, st.one_of(st.just(30), st.integers(1, 8)))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_was_in_force_gives_what_the_ledger_paid(steps: list[Step], days: int) -> None:
    """Also in a few days alone, which begin with what members had before them."""
    compared(steps, days)


@pytest.mark.long
@pytest.mark.timeout(1_800)
@given(STEPS, st.one_of(st.just(30), st.integers(1, 8)))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_so_it_does_in_many_more_lives(steps: list[Step], days: int) -> None:
    compared(steps, days)


def test_each_kind_of_turn_is_worked_through() -> None:
    """A scene by hand: depths, a cap, a fund, a late disclosure, a refund in time and one too late, a
    tier."""
    steps = [
        Step("reply", 1, 0, 1), Step("reply", 1, 1, 1), Step("reply", 1, 0, 1), Step("reply", 1, 0, 0),
        Step("feedback", 90, 0, 0), Step("reply", 4, 0, 1), Step("feedback", 92, 0, 0),
        Step("buy", 1, 0, 1), Step("refund", 8, 0, 0), Step("buy", 1, 0, 2), Step("refund", 500, 0, 0),
        Step("no-ad", 1, 0, 0), Step("disclose", 8, 0, 0), Step("ad", 1, 1, 0), Step("conceal", 4, 1, 0),
        Step("ad", 1, 1, 0), Step("remove", 40, 1, 0), Step("ad", 4, 0, 0), Step("poll", 1, 1, 0),
        Step("poll", 1, 1, 0), Step("buy", 1, 1, 3), Step("buy", 1, 1, 3), Step("buy", 1, 1, 3),
    ]  # fmt: skip
    weeks = Weeks()
    weeks.live(steps)
    with weeks.now():
        tried = rehearsal.over_the_record(living.author(), weeks.row)
    assert by_rule(tried) == lived.paid()
    assert tried is not None and tried.points == sum(points for points, _, _ in lived.paid().values())
    assert {rule: back for rule, (_, back, _) in lived.paid().items() if back} == {
        "card-spend": 21, "card-month": 50, "festival-post": 60,
    }  # fmt: skip
    assert (tried.winners, tried.losers, tried.same) == (0, 0, 2)
    assert (tried.days, tried.left_out, tried.more) == (30, 0, False)


@pytest.fixture
def minji() -> Iterator[Any]:
    with clock.frozen(BEGIN):
        said.channel()
        living.live(living.SAMPLE)
        who = paying.shopper()
        joined.linked(who, "minji")
        yield who


def tried_now(days: int = 30) -> Rehearsed | None:
    return rehearsal.of_text(living.author(), rules.check(living.SAMPLE), days=days)


def test_more_than_can_be_tried_is_left_out_by_whole_days_and_said(
    minji: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "ACTS_MAX", 8)
    for day in range(4):
        with clock.frozen(BEGIN + day * DAY_MS):
            said.say(*(said.draft("minji", obj="a" * 32) for _ in range(2)))
            paying.take(paying.message(minji, "clearing", f"c{day}", 20_000))
    with clock.frozen(BEGIN + 3 * DAY_MS):
        tried = tried_now()
    assert tried is not None
    # Three acts a day, and the link on the first.
    assert (tried.asked, tried.days, tried.left_out, tried.activities) == (30, 2, 7, 6)
    monkeypatch.setattr(rehearsal, "COUNTED_MAX", 10)
    with clock.frozen(BEGIN + 3 * DAY_MS):
        tried = tried_now()
    assert tried is not None and (tried.days, tried.left_out, tried.more) == (2, 4, True)
    monkeypatch.setattr(rehearsal, "ACTS_MAX", 2)
    with clock.frozen(BEGIN + 3 * DAY_MS), pytest.raises(rehearsal.TooMuch, match="programme acts"):
        tried_now()


def test_words_of_others_are_not_opened_and_nothing_is_written(
    minji: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said.say(said.draft("minji"), *(said.draft(f"passer-by-{n}") for n in range(20)))
    opened: list[int] = []
    real = past.projection.facts_of
    monkeypatch.setattr(
        past.projection, "facts_of", lambda entries: opened.extend(e.n for e in entries) or real(entries)
    )
    told = statements(lambda: tried_now())
    assert len(opened) == 2  # the link, and her one answer
    changing = [one for one in told if not one.lower().startswith(("select", "with"))]
    assert changing == []
    assert not [one for one in told if "for share" in one.lower() or "for update" in one.lower()]
    assert not Answers.objects.exists()


def test_who_may_not_see_programmes_tries_none(minji: Any) -> None:
    with pytest.raises(NotYours):
        rehearsal.of_text(living.person("responder", "Only Answers"), rules.check(living.SAMPLE))


def test_a_text_with_mistakes_is_not_tried(minji: Any) -> None:
    assert rehearsal.of_text(living.author(), rules.check("[programme]")) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("piece", ["opening", "judging"])
def test_others_write_while_it_is_tried(minji: Any, monkeypatch: pytest.MonkeyPatch, piece: str) -> None:
    """In the middle of it somebody else answers, buys, earns and unlinks; nobody waits for anybody."""
    said.say(said.draft("minji", obj="a" * 32), said.draft("minji", obj="a" * 32))
    done: list[str] = []

    def others(*given: Any, **named: Any) -> Any:
        if not done:
            done.append("begun")
            with ThreadPoolExecutor(1) as somebody:
                somebody.submit(_write_much, minji, done).result(WAIT_SECONDS_MAX)
        return real(*given, **named)

    place, name = {"opening": (past.projection, "facts_of"), "judging": (earning, "placed")}[piece]
    real = getattr(place, name)
    monkeypatch.setattr(place, name, others)
    tried = tried_now()
    assert done == ["begun", "said", "bought", "earned", "unlinked"]
    assert tried is not None and tried.activities == 3  # as it was when it began


WAIT_SECONDS_MAX = 20


def _write_much(who: Any, done: list[str]) -> None:
    try:
        with clock.frozen(BEGIN + 1_000):
            said.say(said.draft("minji", obj="a" * 32))
            done.append("said")
            paying.take(paying.message(who, "clearing", "meanwhile", 20_000))
            done.append("bought")
            said.earn()
            done.append("earned")
            for one in link.of(who):
                link.unlink(who, one.obj)
            done.append("unlinked")
    finally:
        connection.close()
