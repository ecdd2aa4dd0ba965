"""SQL that rules become: words are words, numbers are digits, and nothing is a placeholder."""

from __future__ import annotations

import pytest

from bankside.rewards.rules import in_sql
from bankside.rewards.rules.expression import ExpressionWrong, parse
from bankside.rewards.rules.fields import ACT, MEMBER


def test_the_text_is_what_it_should_be() -> None:
    when = parse("depth >= 2 && lang in ['ko', '한국어']", ACT, "bool")
    points = parse("min(20, 5 + 2 * depth)", ACT, "int")
    assert in_sql.award(when, points, "sqlite") == (
        "(CASE WHEN ((min(20, max(0, \"depth\")) >= 2) AND ((\"lang\") IN ('ko', '한국어'))) "
        'THEN max(0, min(20, (5 + (2 * min(20, max(0, "depth")))))) ELSE 0 END)'
    )
    assert in_sql.condition(when, "postgresql", {"depth": "d.depth", "lang": "d.lang"}) == (
        "((least(CAST(20 AS bigint), greatest(CAST(0 AS bigint), CAST(d.depth AS bigint))) "
        ">= CAST(2 AS bigint)) AND ((d.lang) IN ('ko', '한국어')))"
    )
    assert in_sql.condition(None, "duckdb") == "(1 = 1)"


def test_a_list_is_searched_between_its_bars() -> None:
    when = parse("interest in ['coffee', 'books']", MEMBER, "bool")
    assert in_sql.condition(when, "sqlite") == (
        "(instr(\"interest\", '|coffee|') > 0 OR instr(\"interest\", '|books|') > 0)"
    )


@pytest.mark.parametrize(
    "word", ["it's", 'a"b', "a\\b", "100%", "what?", "$1", "a\x00b", "a\u202eb", "a\nb", "a;b"]
)
def test_no_sign_of_sql_gets_into_a_word(word: str) -> None:
    for quote in ("'", '"'):
        if quote not in word:
            with pytest.raises(ExpressionWrong):
                parse(f"lang == {quote}{word}{quote}", ACT, "bool")
    if word != "a;b":
        with pytest.raises(ValueError, match=r".*"):
            in_sql.quoted(word)
