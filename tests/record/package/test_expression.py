from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from bankside.record.package.expression import (
    CHARACTERS_MAX,
    FIELDS,
    Both,
    Either,
    Everything,
    ExpressionWrong,
    Is,
    Not,
    parse,
)

HEX = "0123456789abcdef" * 2
DAY_MS = 86_400_000
PIECES = [*FIELDS, "and", "or", "not", "(", ")", "=", "in", "all", "read", ",", '"x"', "2026"]


def test_words_join_as_everywhere_and_before_or() -> None:
    one, two = Is("type", "=", ("read",), (1, 1)), Is("room", "=", ("inbox",), (1, 17))
    assert parse("type = read and room = inbox") == Both((one, two))
    found = parse("type = read or room = inbox and not state = erased")
    assert isinstance(found, Either) and isinstance(found.parts[1], Both)
    assert isinstance(found.parts[1].parts[1], Not)
    assert parse("all") == Everything() == parse("(((all)))")


def test_values_have_types() -> None:
    assert parse(f"subject = {HEX}") == Is("subject", "=", (HEX,), (1, 1))
    assert parse('channel = "Hanul \\"Bank\\""') == Is("channel", "=", ('Hanul "Bank"',), (1, 1))
    assert parse("conversation in (41, " + HEX + ")") == Is("conversation", "in", (41, HEX), (1, 1))
    assert parse("time >= 1970-01-02T00:00:01.5Z".replace(".5", ".500")) == Is(
        "time", ">=", (DAY_MS + 1500,), (1, 1)
    )
    assert parse("period = 1970-12") == Is("period", "=", ((334 * DAY_MS, 365 * DAY_MS),), (1, 1))
    assert parse("period = 1970") == Is("period", "=", ((0, 365 * DAY_MS),), (1, 1))


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1), ("  \n ", 2, 2), ("colour = blue", 1, 1), ("type blue", 1, 6), ("type = blue", 1, 8),
        ("type =", 1, 7), ("all and\n  subject = 12", 2, 13), ("(all", 1, 5), ("all all", 1, 5),
        ('channel = "open', 1, 11), ("period = 2026-02-30", 1, 10), ("time < yesterday", 1, 8),
        ("time in (2026-01-01)", 1, 6), ("type < read", 1, 6), ("state in (readable, gone)", 1, 21),
        ("period = 9999", 1, 10), ("not " * 40 + "all", 1, 129), ("type in ()", 1, 10),
        ("a" * (CHARACTERS_MAX + 1), 1, CHARACTERS_MAX),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(ExpressionWrong) as wrong:
        parse(text)
    assert (wrong.value.line, wrong.value.column) == (line, column)
    assert str(wrong.value).startswith(f"Line {line:,}, column {column:,}: ")


@settings(max_examples=60)
@given(st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join))
def test_any_text_is_understood_or_refused_and_never_breaks(text: str) -> None:
    try:
        parse(text)
    except ExpressionWrong as wrong:
        assert wrong.line >= 1 and wrong.column >= 1
