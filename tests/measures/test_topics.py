"""What words are about, in four languages, as far as single words tell."""

from __future__ import annotations

import pytest

from bankside.measures import topics


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The ANNUAL REPORT is out", ("results",)), ("De jaarcijfers staan online", ("results",)),
        ("3분기 실적을 발표합니다", ("results",)), ("公司年报现已发布", ("results",)),
        ("피싱 문자에 주의하세요", ("security",)), ("请警惕诈骗电话", ("security",)),
        ("a fair rate of happiness", ()), ("your card and a prize", ("product", "campaign")),
        ("discard the app", ("product",)), ("Good morning", ()), ("", ()),
        ("see https://card.example/results", ()),
    ],
)  # fmt: skip
def test_words_name_topics(text: str, found: tuple[str, ...]) -> None:
    assert topics.of(text) == found


def test_an_address_in_the_words() -> None:
    assert topics.has_link("see https://hanulbank.example/x") and not topics.has_link("see hanulbank")


def test_every_topic_has_words_in_each_script() -> None:
    assert len(topics.known()) == len(set(topics.known())) == 8
    assert len(topics.of("x " * 10_000)) == 0
