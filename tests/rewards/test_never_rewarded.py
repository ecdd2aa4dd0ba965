"""Invariant 14: what is never rewarded parses nowhere, whatever stands around it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.rules.act import FORBIDDEN, KINDS
from bankside.rewards.rules.expression import ExpressionWrong, parse
from bankside.rewards.rules.fields import ACT, MEMBER, REFUSED
from bankside.rewards.rules.programme import ProgrammeWrong, load
from tests.rewards import random_rules

HEAD = """[programme]
id = "social"
unit = "pt"
tz = "Asia/Seoul"
currency = "KRW"
worth = {points = 1, minor = 1}
"""
RULE = """[[earn]]
id = "reply"
class = %(cls)s
on = %(on)s
points = %(points)s
cap = {points = 100, per = "day"}
"""
FIRST = RULE % {"cls": '"A"', "on": '"feedback"', "points": '"5"'}
RULES = [rule for rule in random_rules.rules(14, 40) if rule.payout.most]
# Letters that look like others, in capitals, wide, joined by what nobody sees; and any text at all.
AROUND = st.text(st.sampled_from(" \t_-.s​­éＬＩＫＥlike"), max_size=3)
CASED = st.sampled_from([str.lower, str.upper, str.title, str.swapcase])
WRITTEN = st.builds(
    lambda before, word, after, case: before + case(word) + after,
    AROUND, st.sampled_from([*FORBIDDEN, *(f"{word}s" for word in FORBIDDEN)]), AROUND, CASED,
)  # fmt: skip


def quoted(text: str) -> str:
    """As TOML has it."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def refused(text: str) -> list[str]:
    """What is wrong with a programme; [] when it parses."""
    try:
        load(text)
    except ProgrammeWrong as wrong:
        return [str(one.message) for one in wrong.findings]
    return []


@given(
    written=WRITTEN | st.text(max_size=20), beside=st.lists(st.sampled_from(KINDS), max_size=3),
    place=st.integers(0, 3), cls=st.sampled_from("AB"),
)  # fmt: skip
@settings(max_examples=150)
def test_only_kinds_of_the_list_parse(written: str, beside: list[str], place: int, cls: str) -> None:
    kinds = [*beside[:place], written, *beside[place:]]
    on = quoted(written) if not beside else f"[{', '.join(map(quoted, kinds))}]"
    found = refused(HEAD + FIRST + RULE.replace("reply", "second") % {
        "cls": f'"{cls}"', "on": on, "points": '"5"',
    })  # fmt: skip
    if written not in KINDS:
        assert any("never paid for" in one or "no kind of act" in one or "has" in one for one in found)
    if written.lower() in FORBIDDEN:
        assert any(one.startswith(f"A {written} is never paid for") for one in found)


@given(cls=st.sampled_from(["C", "c", " C", "C ", "Ｃ", "С", "AC", ""]) | st.text(max_size=4))
@settings(max_examples=80)
def test_no_class_but_a_and_b_parses(cls: str) -> None:
    found = refused(HEAD + RULE % {"cls": quoted(cls), "on": '"feedback"', "points": '"5"'})
    assert (found == []) == (cls == "A")
    if cls in ("C", "c"):
        assert found[0].startswith("Class C is what is never rewarded")


@given(
    name=st.sampled_from(sorted(REFUSED)), rule=st.sampled_from(RULES), before=st.booleans(),
    sign=st.sampled_from(["+", "-", "*"]), fields=st.sampled_from([ACT, MEMBER]),
)  # fmt: skip
@settings(max_examples=150)
def test_no_field_about_attention_or_opinion_is_read_in_any_rule(
    name: str, rule: Any, before: bool, sign: str, fields: Any
) -> None:
    number = f"{name} {sign} 2" if before else f"2 {sign} {name}"
    for text, want in ((number, "int"), (f"{number} > 1", "bool"), (f"true && !({number} > 1)", "bool")):
        with pytest.raises(ExpressionWrong) as wrong:
            parse(text, fields, want)
        assert str(wrong.value.message) == str(REFUSED[name])
