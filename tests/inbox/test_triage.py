from __future__ import annotations

import pytest

from bankside.inbox.triage import language_of, triage


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ko", "앱에도 로그인이 안 돼요. 전화는 계속 통화 중이고요."),
        ("ko", "ATM이 카드를 먹었어요"),
        ("ko", "여기 Hanul Bank app 왜 안 되죠"),
        ("zh", "年报第12页的不良率是0.58%，新闻稿里写的是0.61%，请问以哪个为准？"),
        ("zh", "在首尔刷外币卡 thanks"),
        ("nl", "Ik kreeg een sms met een link om mijn rekening te ontgrendelen."),
        ("nl", "Top, het is opgelost. Dank jullie wel"),
        ("en", "Third time asking: why was I charged twice at Café Sori on Saturday?"),
        ("en", "can't log in"),
    ],
)
def test_the_language_is_told_by_script_and_small_words(lang: str, text: str) -> None:
    assert language_of(text) == lang


@pytest.mark.parametrize(
    "text", ["", "12345", "🙏🙏", "@hanul https://the-and-of.example/en", "カードをなくしました"]
)
def test_what_cannot_be_told_is_not_guessed(text: str) -> None:
    assert language_of(text) == ""


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    assert language_of("the " * 1_000 + "de het een " * 100_000) == "en"


def test_only_what_is_addressed_to_us_has_a_clock() -> None:
    due = triage("Hallo, ik heb een vraag", at=1_000_000, addressed=True, answer_minutes=30)
    assert (due.model, due.lang, due.due_ms) == ("rules-2", "nl", 1_000_000 + 1_800_000)
    assert triage("Hallo", at=1_000_000, addressed=False, answer_minutes=30).due_ms == 0
