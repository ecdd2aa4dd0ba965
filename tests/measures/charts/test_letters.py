"""Words are measured and cut into lines, in scripts with and without spaces."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.charts.letters import width, wrapped


def test_squares_are_wider_than_letters() -> None:
    assert width("한국", 10) == width("中文", 10) == 20
    assert width("ab", 10) < 12 and width("ii", 10) < width("mm", 10)


def test_latin_and_hangul_break_at_spaces_and_han_anywhere() -> None:
    assert wrapped("one two three", 40, 10) == ["one two", "three"]
    assert wrapped("고객 응대와 홍보", 60, 10) == ["고객 응대와", "홍보"]
    assert wrapped("客户联系与公共关系", 40, 10, lines_max=9) == ["客户联系", "与公共关", "系"]


def test_what_is_cut_off_ends_in_dots() -> None:
    assert wrapped("one two three four five six", 40, 10, lines_max=2)[-1].endswith("…")


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="ab cd 가나 中文-", max_size=60))
def test_no_line_is_too_wide_and_no_letter_is_lost(text: str) -> None:
    lines = wrapped(text, 50, 10, lines_max=99)
    assert all(width(one, 10) <= 50 for one in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
