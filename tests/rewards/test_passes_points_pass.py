"""What may be on a pass, and the words around it in four languages."""

from __future__ import annotations

from datetime import date

import pytest

from bankside.rewards.passes.points_pass import LANGUAGES, WORDS, NotOnAPass, PointsPass
from bankside.rewards.payments.finding import CardNumber
from tests.rewards.test_payments_card_number import with_check_digit

SHOWN = PointsPass(
    serial="p7Q2m8Xz41", programme="Hanul Points 한울", points=1_250, settling=40, expiring=100,
    expires_on=date(2026, 9, 30), link="https://hanul.example/c/7Q2m8X",
)  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {"serial": "short"}, {"serial": "a b c d e f g"}, {"serial": "x" * 65}, {"programme": ""},
        {"programme": "x" * 65}, {"programme": "a\nb"}, {"points": -1}, {"settling": -1},
        {"expiring": 10**13}, {"expires_on": None}, {"link": "http://hanul.example"},
        {"link": "https://" + "x" * 200},
    ],
)  # fmt: skip
def test_what_may_not_be_on_a_pass_is_refused(other: dict[str, object]) -> None:
    with pytest.raises(NotOnAPass):
        PointsPass(**{**fields(), **other})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        {"serial": "4242424242424242"},
        {"serial": with_check_digit("70000000001")},  # no issuer known, and yet it could be one
        {"programme": "4242 4242 4242 4242"},
        {"link": "https://a.example/4242424242424242"},
    ],
)
def test_no_card_number_is_on_a_pass(other: dict[str, object]) -> None:
    with pytest.raises(CardNumber) as told:
        PointsPass(**{**fields(), **other})  # type: ignore[arg-type]
    assert "4242" not in str(told.value)


def fields() -> dict[str, object]:
    return {name: getattr(SHOWN, name) for name in PointsPass.__slots__}


def test_every_word_is_there_in_every_language() -> None:
    assert {key: sorted(words) for key, words in WORDS.items()} == {key: sorted(LANGUAGES) for key in WORDS}
    assert all(
        words["changed"].count("%@") == 1 for words in [{"changed": w} for w in WORDS["changed"].values()]
    )
    assert all(word.strip() == word != "" for words in WORDS.values() for word in words.values())
