"""Every fact that can be recorded has a sentence on the page of the record."""

from __future__ import annotations

from bankside.record import facts
from bankside.record.fact import KINDS
from bankside.web import sentences


def test_every_fact_of_the_house_has_a_sentence() -> None:
    facts.load()
    ours = {name for name, _ in KINDS if name.split(".")[0] in sentences.ROOMS}
    assert ours - set(sentences.FACTS) == set()


def test_what_has_no_sentence_keeps_its_name() -> None:
    assert sentences.of_fact("rewards.points-earned") == "rewards.points-earned"


def test_languages_are_found_by_their_first_part() -> None:
    assert str(sentences.of_language("zh-hans")) == "Chinese"
    assert sentences.of_language("fr") == "fr"
