"""The language of rules: what it reads, what it refuses and where, and what has no name in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.rules import nodes, walk
from bankside.rewards.rules.act import FORBIDDEN, Act
from bankside.rewards.rules.expression import (
    DEPTH_MAX,
    NODES_MAX,
    TEXT_CHARACTERS_MAX,
    ExpressionWrong,
    parse,
)
from bankside.rewards.rules.fields import ACT, MEMBER, REFUSED, Type
from bankside.rewards.rules.standing import Standing


def act(**fields: Any) -> Act:
    empty: dict[str, Any] = dict.fromkeys(("seq", "member", "at", "day"), 0)
    return Act(**{"source": "e:1", "network": "", "kind": "", **empty, **fields})


def value(text: str, want: Type = "int", **fields: object) -> object:
    return walk.value(parse(text, ACT, want).root, act(**fields))


def wrong(text: str, want: Type = "int", fields: object = ACT) -> tuple[int, str]:
    with pytest.raises(ExpressionWrong) as caught:
        parse(text, fields, want)  # type: ignore[arg-type]
    return caught.value.column, f"{caught.value.message} {caught.value.hint}".strip()


@pytest.mark.parametrize(
    ("text", "comes"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("10 - 3 - 2", 5), ("2 * -3", -6), ("-(2 + 1)", -3),
        ("- -4", 4),
        ("min(20, 5 + 2 * depth)", 9),
        ("max(1, 2, depth)", 2), ("min(text_len, 100000)", 0),
    ],
)  # fmt: skip
def test_numbers_come_out_as_everybody_reads_them(text: str, comes: int) -> None:
    assert value(text, depth=2) == comes


@pytest.mark.parametrize(
    ("text", "comes"),
    [
        ("depth == 2 && !own_thread", True), ("depth > 2 || depth < 2 || true", True),
        ("!(depth >= 2)", False),
        ("false || true && false", False), ("kind in ['reply', \"post\"]", True), ("kind != 'reply'", False),
        ("mcc in [5814, 5812]", False), ("own_thread == false", True), ("1 + depth in [3]", True),
        ("lang == '한국어'", False), ("(depth) == (1 + 1)", True),
    ],
)  # fmt: skip
def test_conditions_bind_as_in_cel(text: str, comes: bool) -> None:
    assert value(text, "bool", depth=2, kind="reply") is comes


def test_lists_are_asked_both_ways() -> None:
    member = Standing(interest=("coffee", "여행"))
    for text, comes in (
        ('interest in ["coffee", "books"]', True),
        ('interest in ["books"]', False),
        ('"여행" in interest', True),
    ):  # fmt: skip
        assert walk.holds(parse(text, MEMBER, "bool"), member) is comes


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("text_len >= ", 12, "The expression ends too early."),
        ("text_lem + 1", 1, "There is no field text_lem. Did you mean text_len?"),
        ("1 + qualty", 5, "There is no field qualty. Did you mean quality?"),
        ("10 / 2", 4, "There is no division. Use `amount_unit` to count an amount in larger units."),
        ("10 % 2", 4, "There is no division. Use `amount_unit` to count an amount in larger units."),
        ("len(kind)", 1, "Only min and max can be called."),
        ("min(1)", 1, "min and max need at least two numbers."),
        ("1.5", 1, "Numbers are whole and written with digits alone."),
        ("1_000", 1, "Numbers are whole and written with digits alone."),
        ("9999999999999", 1, "A number is at most 1,000,000,000,000."),
        ("'reply'", 1, "This must be a number."),
        ("1 + own_thread", 5, "This must be a number."),
        ("(1 + 2", 7, "The expression ends too early."),
        ("1 + 2)", 6, "“)” cannot stand here."),
        ("depth.size", 6, "“.” cannot stand here."),
        ("depth[0]", 6, "“[” cannot stand here."),
        ("1; 2", 2, "“;” cannot stand here."),
        ("", 1, "The expression ends too early."),
        ("__class__", 1, "There is no field __class__."),
        ("five", 1, "There is no field five."),
        ("\"a", 1, "A quotation mark is not closed."),
        ("１ + 2", 1, "“１” cannot stand here."),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_at_its_column(text: str, column: int, says: str) -> None:
    assert wrong(text) == (column, says)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("depth = 2", 7, "“=” cannot stand here. Did you mean ==?"),
        ("own_thread and first", 12, "“and” cannot stand here. Did you mean &&?"),
        ("not first", 1, "“not” cannot stand here. Did you mean !?"),
        ("own_thread & first", 12, "“&” cannot stand here. Did you mean &&?"),
        ("kind == 'repply'", 9, "kind is never “repply”. Did you mean reply?"),
        ("kind in ['post', 'shares']", 18, "kind is never “shares”. Did you mean share?"),
        ("kind > 'a'", 6, "Only numbers can be larger or smaller."),
        ("kind == 5", 9, "This must be a word in quotation marks."),
        ("1 < 2 < 3", 9, "This must be a condition that is true or false."),
        ("depth in []", 10, "The list is empty."),
        ("depth in ['a']", 11, "This must be a number."),
        ("depth in [depth]", 11, "This must be a number."),
        ("own_thread in [true]", 1, "Only numbers and words can be in a list."),
        ("depth", 1, "This must be a condition that is true or false."),
        ("lang == 'it\\s'", 9, "A word has letters, digits, spaces and the signs - _ . : / alone."),
        ("lang == 'a%s'", 9, "A word has letters, digits, spaces and the signs - _ . : / alone."),
        ("lang == ''", 9, "A word has 1 to 64 characters."),
        ("'a' in lang", 8, "This must be a list."),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused_at_its_column(text: str, column: int, says: str) -> None:
    assert wrong(text, "bool") == (column, says)


def test_a_list_of_members_is_not_compared() -> None:
    assert wrong("interest == 'coffee'", "bool", MEMBER) == (10, "A list is asked with `in`.")
    assert wrong("interest", "bool", MEMBER)[1] == "This must be a condition that is true or false."


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_never_paid_for_is_refused_with_its_reason(name: str) -> None:
    for fields in (ACT, MEMBER):
        column, says = wrong(f"5 * {name}", fields=fields)
        assert (column, says) == (5, str(REFUSED[name]))
        assert "never" in says


def test_no_refused_name_is_a_field() -> None:
    assert set(REFUSED) & (set(ACT) | set(MEMBER)) == set()
    assert set(ACT) <= set(Act.__struct_fields__)
    assert set(MEMBER) == set(Standing.__struct_fields__)
    assert [kind for kind in FORBIDDEN if kind in ACT["kind"].choices] == []


def test_size_and_nesting_have_limits() -> None:
    assert parse("1" + " + 1" * ((NODES_MAX - 1) // 2), ACT, "int")
    assert wrong("1" + " + 1" * (NODES_MAX // 2))[1].startswith("An expression has at most 200 parts.")
    assert parse("(" * (DEPTH_MAX - 1) + "1" + ")" * (DEPTH_MAX - 1), ACT, "int")
    assert "nested" in wrong("(" * DEPTH_MAX + "1" + ")" * DEPTH_MAX)[1]
    assert "nested" in wrong("-" * 1_000 + "1")[1]
    assert "characters" in wrong("1" + " " * TEXT_CHARACTERS_MAX + "+ 1")[1]


def test_numbers_beyond_their_range_count_as_its_end() -> None:
    assert value("text_len", text_len=10**9) == 100_000
    assert value("quality", quality=-5) == 0
    thousands = parse("amount", ACT, "int", {"amount": 1_000})
    assert walk.value(thousands.root, act(amount=12_900)) == 12


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_any_text_is_read_or_refused_inside_itself(text: str) -> None:
    try:
        expression = parse(text, ACT, "bool")
    except ExpressionWrong as refused:
        assert 1 <= refused.column <= len(text) + 1
    else:
        assert all(1 <= node.column <= len(text) for node in nodes.every(expression.root))


WORDS = (
    "text_len",
    "kind",
    "own_thread",
    "min",
    "(",
    ")",
    ",",
    "[",
    "]",
    "5",
    "'ko'",
    "in",
    "&&",
    "!",
    "-",
    "*",
    "==",
    "<",
)


@given(st.lists(st.sampled_from(WORDS), max_size=30))
@settings(max_examples=300)
def test_any_row_of_tokens_is_read_or_refused(words: list[str]) -> None:
    for want in ("int", "bool"):
        try:
            parse(" ".join(words), ACT, want)
        except ExpressionWrong as refused:
            assert refused.message
