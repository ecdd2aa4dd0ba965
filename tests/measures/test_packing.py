"""What is packed of a row is what stands beside it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures import packing, topics
from bankside.measures.columns import VERBS, WRITERS
from bankside.measures.models import Incoming, Outgoing, Talk

TIMES = st.integers(0, 2**53)
OBJ = "0123456789abcdef" * 2


@given(
    n=TIMES, opened_at=TIMES, due_at=TIMES, answered_at=TIMES, closed_at=TIMES,
    turn=st.integers(0, 2**31 - 1),
    private=st.booleans(), asked_n=TIMES, moved_n=TIMES, answer_private=st.booleans(),
    answer_by=st.sampled_from(WRITERS), lang=st.sampled_from(["", "ko", "abcdefgh"]),
)  # fmt: skip
@settings(max_examples=40)
def test_a_conversation(n: int, **told: object) -> None:
    row = Talk(id=n, obj="o", channel=OBJ, version=n, **told)
    [packed] = packing.opened(packing.of_talk(row), packing.TALK)
    for name in ("opened_at", "due_at", "answered_at", "closed_at", "turn"):
        assert packed[name] == told[name]
    assert packed["n"] == n and WRITERS[packed["answer_by"]] == row.answer_by
    flags = [bool(packed["flags"] >> place & 1) for place in range(4)]
    assert flags == [row.private, row.asked_n > 0, row.answer_private, row.moved_n > 0]
    assert packing.language_of(packed["lang"]) == row.lang
    assert packed["channel"] == packing.channel_code(OBJ)


def test_words_of_ours() -> None:
    named = (topics.known()[0], topics.known()[-1])
    row = Outgoing(
        id=7, obj="o", channel="not hex", purpose=Outgoing.OUTSIDE, kind="question", topics=",".join(named),
        private=True, link=False, answers=True, lang="nl", at=9,
    )  # fmt: skip
    [packed] = packing.opened(packing.of_outgoing(row), packing.OUTGOING)
    assert (packed["n"], packed["at"], packed["private"], packed["link"], packed["answers"]) == (
        7,
        9,
        1,
        0,
        1,
    )
    assert packing.PURPOSES[packed["purpose"]] == Outgoing.OUTSIDE and packing.KINDS[packed["kind"]] == ""
    assert [t for place, t in enumerate(topics.known()) if packed["topics"] >> place & 1] == list(named)
    assert packed["channel"] == packing.channel_code("not hex")


def test_what_somebody_did() -> None:
    row = Incoming(id=5, obj="o", channel=OBJ, verb="Announce", lang="ko", private=True, at=2**52)
    [packed] = packing.opened(packing.of_incoming(row), packing.INCOMING)
    assert (packed["n"], packed["at"], packed["private"]) == (5, 2**52, 1)
    assert VERBS[packed["verb"]] == "Announce" and packing.language_of(packed["lang"]) == "ko"
    assert packed["channel"] == packing.channel_code(OBJ)


@pytest.mark.parametrize(
    ("lang", "found"),
    [
        ("zh-Hant-TW", "zh"), ("KO", "ko"), ("pt_BR", "pt"), ("", ""), ("한국어", ""), ("=1+1", ""),
        ("x" * 9, ""),
    ],
)  # fmt: skip
def test_a_language_is_its_first_part(lang: str, found: str) -> None:
    assert packing.primary(lang) == found
    assert packing.language_of(packing.language_code(found)) == found


def test_nothing_is_an_empty_table() -> None:
    assert len(packing.opened(b"", packing.TALK)) == 0
