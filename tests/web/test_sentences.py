"""Every fact that can be recorded has a sentence on the page of the record."""

from __future__ import annotations

from bankside.people import policy
from bankside.record import facts
from bankside.record.fact import KINDS
from bankside.web import sentences


def test_every_fact_of_the_house_has_a_sentence() -> None:
    facts.load()
    ours = {name for name, _ in KINDS if name.split(".")[0] in sentences.ROOMS}
    assert ours - set(sentences.FACTS) == set()


def test_what_has_no_sentence_keeps_its_name() -> None:
    assert sentences.of_fact("rewards.points-earned") == "rewards.points-earned"


def test_the_story_of_a_post_finds_its_sentences_without_the_room() -> None:
    assert sentences.of_story("post-submitted") == sentences.FACTS["publish.post-submitted"]
    assert sentences.of_story("no-such-thing") == "no-such-thing"


def test_every_act_and_every_role_has_words() -> None:
    assert set(sentences.ACTS) == set(policy.ACTS)
    assert set(sentences.ROLES) == set(policy.ROLES)
