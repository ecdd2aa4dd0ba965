"""What a programme can cost at most, what it pays for by example, and how long all that takes to find out."""

from __future__ import annotations

import time
import tomllib

from bankside.rewards.rules.programme import check, load
from bankside.rewards.rules.worst import worst
from tests.rewards.test_rules_programme import HEAD, POST, RULE, act, text

CHECKS = 10


def test_the_worst_case_is_proved() -> None:
    programme = load(
        HEAD.replace("minor = 1", "minor = 3") + RULE.replace("per =", "times = 1, per =") + POST
    )
    proved = worst(programme)
    assert [(rule.once, rule.day, rule.month) for rule in proved.rules] == [(5, 5, 155), (5, 10, 10)]
    assert (proved.day, proved.month, proved.ceiling) == (15, 165, 495)
    assert proved.programme(2) == 310 + 20
    assert proved.programme(1_000) == 155_000 + 100
    slow = load(HEAD + RULE.replace("points = 10", "points = 1000").replace("in =", 'cooldown = "12h"\nin ='))
    assert worst(slow).day == 5 * 3


def test_points_are_worth_money_rounded_up() -> None:
    programme = load(HEAD.replace("points = 1, minor = 1", "points = 3, minor = 2") + RULE)
    assert [programme.money(points) for points in (0, 1, 2, 3, 4)] == [0, 1, 2, 2, 3]


def test_tiers_rise() -> None:
    tier = '[[tier]]\nid = "a"\nactive_days = 4\ntitle = {en = "A", ko = "가", zh = "甲", nl = "A"}\n'
    for days, places in ((5, []), (4, [(16, 15)]), (3, [(16, 15)])):
        second = tier.replace('"a"', '"b"').replace("= 4", f"= {days}")
        assert [(f.line, f.column) for f in check(HEAD + RULE + tier + second).findings] == [
            (line + 4, column) for line, column in places
        ]


def test_examples_are_what_the_rules_pay() -> None:
    checked = check(text())
    assert checked.programme is not None
    rules = {rule.id: rule for rule in checked.programme.earn}
    assert {example.rule for example in checked.examples} == set(rules)
    for example in checked.examples:
        given_act = act(**dict(example.given))  # type: ignore[arg-type]
        assert (
            min(rules[example.rule].evaluate(given_act), rules[example.rule].cap_points) == example.points > 0
        )


def test_a_check_costs_little_beside_reading_the_text() -> None:
    """Against tomllib alone in the same run, so that the machine does not matter."""
    source, best = text(), 1e9
    check(source)
    for _ in range(CHECKS):
        started = time.perf_counter()
        check(source)
        middle = time.perf_counter()
        tomllib.loads(source)
        best = min(best, (middle - started) / (time.perf_counter() - middle))
    assert best < 10, f"a check costs {best:.0f} times what tomllib needs"
