from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.publish.changes import changes


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "What went we got wrong is on page 12.",
            "What we got wrong is on page 12.",
            [("same", "What "), ("gone", "went "), ("same", "we got wrong is on page 12.")],
        ),
        (
            "연체율은 0.61%에서 0.58%로 내렸습니다.",
            "연체율은 0.61%에서 0.58%로 낮아졌습니다.",
            [
                ("same", "연체율은 0.61%에서 0.58%로 "),
                ("gone", "내렸습니다"),
                ("new", "낮아졌습니다"),
                ("same", "."),
            ],
        ),
        (
            "不良率由0.58%降到0.61%。",
            "不良率由0.61%降到0.58%。",
            [
                ("same", "不良率由"),
                ("gone", "0.58%"),
                ("new", "0.61%"),
                ("same", "降到"),
                ("gone", "0.61%"),
                ("new", "0.58%"),
                ("same", "。"),
            ],
        ),
        (
            "De achterstanden daalden van 0,61 procent.",
            "De achterstanden daalden naar 0,58 procent.",
            [
                ("same", "De achterstanden daalden "),
                ("gone", "van 0,61"),
                ("new", "naar 0,58"),
                ("same", " procent."),
            ],
        ),
        ("same", "same", [("same", "same")]),
        ("", "new", [("new", "new")]),
        ("", "", []),
    ],
    ids=["en", "ko", "zh", "nl", "same", "from nothing", "nothing"],
)
def test_what_changed_is_told_word_by_word(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert changes(before, after) == expected


TEXTS = st.text(alphabet="ab 가나 不良率0.5%\n，", max_size=40)


@given(TEXTS, TEXTS)
def test_no_letter_is_lost_or_made_up(before: str, after: str) -> None:
    pieces = changes(before, after)
    assert "".join(text for op, text in pieces if op != "new") == before
    assert "".join(text for op, text in pieces if op != "gone") == after
    assert all(text for _, text in pieces)


def test_two_long_texts_with_nothing_in_common_are_not_compared_word_by_word() -> None:
    before, after = "a b " * 20_000, "가 나 " * 20_000
    assert [op for op, _ in changes(before, after)][:2] == ["gone", "new"]
