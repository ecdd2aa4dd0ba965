"""Plain sentences say what the rule says, in every language."""

from __future__ import annotations

import pytest

from bankside.rewards.rules import plain
from bankside.rewards.rules.expression import parse
from bankside.rewards.rules.fields import ACT
from bankside.rewards.rules.worst import worst
from tests.rewards.past import sample


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("depth >= 2 && (own_thread || first)",
         "the number of answers before it ≥ 2 and "
         "(it is in a thread of the bank's own or it is the member's first of its kind)"),
        ("hour < 6 || hour > 22 && first",
         "the hour of the day < 6 or the hour of the day > 22 and it is the member's first of its kind"),
        ("!(tier == 1) || !first", "not (the tier = 1) or not it is the member's first of its kind"),
        ("kind in ['post', 'share']", "the kind of act is one of (post, share)"),
        ("mcc in [742, 5814]", "the code of the trade (MCC) is one of (0742, 5814)"),
        ("lang != 'ko'", "the language of the post ≠ “ko”"),
        ("(1 + depth) * 2 > 3 - (tier - 1)",
         "(1 + the number of answers before it) × 2 > 3 − (the tier − 1)"),
        ("max(tier, 1, -depth) == 1", "the largest of (the tier; 1; −the number of answers before it) = 1"),
    ],
)  # fmt: skip
def test_conditions_in_words(text: str, says: str) -> None:
    assert plain._words(parse(text, ACT, "bool").root, ACT) == says


def test_a_rule_is_told_whole() -> None:
    told = {one.id: list(one.sentences) for one in plain.preview(sample())}
    assert told["useful-reply"] == [
        "Pays for a reply.",
        "In a thread of the bank's own alone.",
        "Only if the length of the text in characters ≥ 20 and the quality of the text (0 to 100) ≥ 60 and "
        "the age of the account in days ≥ 90.",
        "Each time: the smallest of (20; 5 + 2 × the number of answers before it) points; "
        "never more than 20.",
        "The limit for one member each day: 40 points, 5 ×.",
        "Not within 10 min of the one before.",
    ]
    assert "“광고” (ko)" in told["festival-post"][-1]
    assert told["card-spend"][1] == (
        "Each time: the smallest of (100; the amount) points, the amount counted in units of 1,000; "
        "never more than 100."
    )
    assert told["market-day"][2] == "For every member; nothing that is known of them decides."
    assert told["traveller"][0] == "Gives 500 points each time."
    assert told["cafe-5"][-1] == "10% of these members never see it, to measure what it does."


def test_the_worst_case_is_told() -> None:
    programme = sample()
    told = plain.costs(worst(programme), 1_000, programme.currency)
    assert told[0] == "One member can earn at most 1,120 points a day and 14,020 a month."
    assert told[1].endswith("14,020 KRW.")
