"""Activity, answers, purposes and languages from public posts, by hand and by properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bankside.measures.observation.posts import (
    DAY_MS,
    MINUTE_MS,
    WEEK_MS,
    Post,
    activity,
    language_of,
    purpose_of,
    together,
)

ROWS = (
    Post(id="a", at_ms=0, own=True, lang="ko", text="새 예금 금리 안내"),
    Post(id="q1", at_ms=MINUTE_MS, own=False, text="Is the branch open?"),
    Post(id="r1", at_ms=11 * MINUTE_MS, own=True, answers="q1", text="Yes, until six."),
    Post(id="r1b", at_ms=90 * MINUTE_MS, own=True, answers="q1", text="And tomorrow."),
    Post(id="q2", at_ms=20 * MINUTE_MS, own=False, answers="a"),
    Post(id="q3", at_ms=30 * MINUTE_MS, own=False, answers="q2"),
    Post(id="b", at_ms=2 * WEEK_MS, own=True, lang="nl", text="Doe mee met onze actie"),
)


def test_figures_by_hand() -> None:
    found = activity(ROWS)
    assert (found.own, found.replies, found.weeks, found.posts_per_week) == (4, 2, 2.0, 1.0)
    assert (found.asked, found.answered, found.answer_rate) == (2, 1, 0.5)
    assert (found.minutes_median, found.minutes_nine_tenths) == (10.0, 10.0)
    assert dict(found.purposes) == {"brand": 1, "information": 1}
    assert dict(found.languages) == {"ko": 1, "nl": 1}


def test_what_came_later_and_what_came_twice_does_not_count() -> None:
    assert activity(ROWS, until_ms=WEEK_MS).own == 3
    assert activity((*ROWS, *ROWS)) == activity(ROWS)
    early = Post(id="e", at_ms=0, own=True, answers="q2")
    assert activity((*ROWS, early)).answered == 1


def test_weeks_are_those_that_were_looked_at() -> None:
    found = activity(ROWS, since_ms=-2 * WEEK_MS, until_ms=2 * WEEK_MS)
    assert (found.weeks, found.posts_per_week) == (4.0, 0.5)
    assert activity((), since_ms=0, until_ms=WEEK_MS).posts_per_week == 0
    assert activity(ROWS, since_ms=WEEK_MS, until_ms=2 * WEEK_MS).posts_per_week == 1, (
        "the first one is before"
    )


def test_a_young_question_is_none_yet() -> None:
    asked = Post(id="y", at_ms=2 * WEEK_MS - DAY_MS // 2, own=False, answers="a")
    answer = Post(id="z", at_ms=2 * WEEK_MS, own=True, answers="y")
    rows = (*ROWS, asked, answer)
    assert activity(rows, until_ms=2 * WEEK_MS).asked == 3
    ripe = activity(rows, until_ms=2 * WEEK_MS, ripe_ms=DAY_MS)
    assert (ripe.asked, ripe.answered) == (2, 1)


@pytest.mark.parametrize(
    ("text", "said", "language"),
    [
        ("금리 안내", "", "ko"), ("业绩公告", "", "zh"), ("お知らせ 金利", "", "ja"), ("Rente", "", "und"),
        ("", "", "und"),
        ("Rente", "nl-NL", "nl"), ("x", "zh_Hans", "zh"), ("한울 銀行", "", "ko"),
    ],
)  # fmt: skip
def test_a_language_is_the_networks_word_or_what_letters_tell(text: str, said: str, language: str) -> None:
    assert language_of(text, said) == language


def test_accounts_together_are_all_their_posts() -> None:
    one, two = activity(ROWS), activity(ROWS[:3])
    both = together([one, two])
    assert (both.own, both.asked, both.answered) == (one.own + two.own, one.asked + two.asked, 2)
    assert both.minutes_median == 10 and both.waits_ms == (10 * MINUTE_MS, 10 * MINUTE_MS)
    assert both.posts_per_week == one.posts_per_week + two.posts_per_week  # type: ignore[operator]
    assert dict(both.languages) == {"ko": 2, "nl": 1} and together([one]) == one
    assert together([]).posts_per_week is None


def test_nothing_gives_no_rates() -> None:
    found = activity(())
    assert (found.posts_per_week, found.answer_rate, found.minutes_median) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("Sorry to hear that, please DM us", "contact"), ("고객센터로 문의해 주세요", "contact"),
        ("本行年度业绩公告", "information"), ("Ons jaarverslag is er", "information"),
        ("지역 아동센터에 기부했습니다", "public-relations"), ("We won an award", "public-relations"),
        ("抽奖活动开始", "brand"), ("Nice weather", "other"), ("", "other"),
    ],
)  # fmt: skip
def test_purposes_in_four_languages(text: str, purpose: str) -> None:
    assert purpose_of(text) == purpose


@settings(max_examples=60)
@given(some.lists(some.tuples(some.integers(0, 10**9), some.booleans(), some.integers(0, 12)), max_size=40))
def test_answers_agree_with_a_plain_count(rows: list[tuple[int, bool, int]]) -> None:
    posts = [
        Post(id=str(n), at_ms=at, own=own, answers=str(to) if to != n and to else "")
        for n, (at, own, to) in enumerate(rows)
    ]
    found = activity(posts)
    mine = {p.id for p in posts if p.own}
    asked = [p for p in posts if not p.own and (not p.answers or p.answers in mine)]
    waits = []
    for p in asked:
        later = [r.at_ms - p.at_ms for r in posts if r.own and r.answers == p.id and r.at_ms >= p.at_ms]
        waits += [min(later)] if later else []
    assert (found.asked, found.answered) == (len(asked), len(waits))
    if waits:
        assert found.minutes_nine_tenths == sorted(waits)[math.ceil(len(waits) * 0.9) - 1] / MINUTE_MS
