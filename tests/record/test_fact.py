"""How facts are written: the short way gives the bytes of the long one, and takes nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.record import fact as facts
from bankside.record.facts.channels import ActivityReceived, ActorSeen, AttachmentSeen, CountsRead, Seen
from bankside.record.facts.inbox import MessageTriaged
from bankside.record.log.canonical import INTEGER_MAX, NotCanonical, canonical, parse
from tests.record.test_golden import lost

SAMPLES = sorted((Path(__file__).parent / "golden").glob("*.json"))
SAID = Seen(
    remote_id="1", version="", verb="Create", kind="Note", actor=ActorSeen(remote_id="2", name="김서연"),
    text="카드 卡 kaart\n\x01\u2028\"\\", mentions=("@bank", "은행"), published_ms=1,
    attachments=(AttachmentSeen(kind="image", url="https://x.example/1"),),
)  # fmt: skip


def long_way(said: object) -> bytes:
    kind = facts.kind_of(said)
    return canonical({"fact": kind.name, "v": kind.v, "data": msgspec.to_builtins(said)})


@pytest.mark.parametrize("file", SAMPLES, ids=[file.stem for file in SAMPLES])
def test_both_ways_give_the_same_bytes(file: Path) -> None:
    """A field that was added since stands in them too, with its default; nothing that was there is lost."""
    said = facts.decode(file.read_bytes())
    assert facts.encode(said) == long_way(said)
    assert lost(parse(file.read_bytes()), parse(facts.encode(said))) == []


@given(st.text(), st.text(), st.integers(-5, INTEGER_MAX + 5), st.lists(st.text()))
def test_both_ways_agree_on_whatever_people_write(
    text: str, name: str, when: int, said_to: list[str]
) -> None:
    seen = replace(SAID, text=text, published_ms=when, mentions=tuple(said_to))
    said = ActivityReceived(channel="0" * 32, network="practice", seen=seen, via=name)
    try:
        expected = long_way(said)
    except (NotCanonical, UnicodeEncodeError):
        with pytest.raises((NotCanonical, UnicodeEncodeError)):
            facts.encode(said)
        return
    assert facts.encode(said) == expected
    assert facts.decode(expected) == said


BAD: list[Any] = [-1, INTEGER_MAX + 1, 1.5, 1.0, float("nan"), 10**400]


@pytest.mark.parametrize("number", BAD)
def test_a_number_that_is_not_canonical_is_refused(number: Any) -> None:
    with pytest.raises(NotCanonical):
        facts.encode(MessageTriaged(entry="0" * 32, model="m", lang="ko", classes=(), due_ms=number))


def test_half_of_a_pair_is_refused() -> None:
    with pytest.raises((NotCanonical, UnicodeEncodeError)):
        facts.encode(MessageTriaged(entry="\ud83d", model="m", lang="ko", classes=(), due_ms=0))


def test_what_may_hold_numbers_in_lists_goes_the_long_way() -> None:
    assert not facts._way_of(CountsRead).fits(None)
    assert facts._way_of(ActivityReceived).fits(
        ActivityReceived(channel="0" * 32, network="practice", seen=SAID, via="poll")
    )
