"""Code made from rules reaches nothing but the act, and does not clamp where that changes nothing."""

from __future__ import annotations

import dis

import pytest

from bankside.rewards.rules import closures, walk
from bankside.rewards.rules.act import Act
from bankside.rewards.rules.expression import parse
from bankside.rewards.rules.fields import ACT


def instructions(when: str) -> int:
    return len(list(dis.get_instructions(closures.valued(parse(when, ACT, "bool")))))


def test_made_code_has_no_names_but_the_fields() -> None:
    when = parse("depth >= 2 && kind == 'reply'", ACT, "bool")
    made = closures.earner(
        when, parse("min(20, 5 + 2 * depth)", ACT, "int"), own_thread=True, campaign="spring"
    )
    code = made.__code__
    assert set(code.co_names) == {"own_thread", "campaign", "depth", "kind"}
    assert made.__globals__ == {"__builtins__": {}}
    assert code.co_freevars == ()


@pytest.mark.parametrize("sign", ["==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize("number", [-1, 0, 1, 22, 23, 24])
def test_a_comparison_at_the_end_of_a_range_is_the_same_with_and_without_clamping(
    sign: str, number: int
) -> None:
    text = f"hour {sign} {number}" if number >= 0 else f"hour {sign} -1"
    when = parse(text, ACT, "bool")
    made = closures.valued(when)
    for hour in (-5, -1, 0, 1, 22, 23, 24, 99):
        act = Act(source="e:1", seq=1, member=1, network="", kind="", at=0, day=0, hour=hour)
        assert made(act) == walk.value(when.root, act), hour


def test_comparisons_inside_a_range_read_the_field_alone() -> None:
    assert instructions("text_len >= 20") < instructions("text_len >= 0") / 1.5
