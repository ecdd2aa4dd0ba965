"""Countries by name, in the reader's language: where a network works, and whom it does not reach."""

from __future__ import annotations

import pytest
from django.utils import translation

from bankside.channels.models import Channel
from bankside.web.staff import places
from tests.channels import by_hand_networks as networks


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> list[Channel]:
    many = networks.wall(
        name="openwall", title="Open Wall", markets=("NL", "DE", "JP", "KR"), blocked=("CN",)
    )
    networks.put_up(monkeypatch, networks.wall(), many)
    return [Channel(obj="a" * 32, network=networks.WALL), Channel(obj="b" * 32, network="openwall")]


def test_where_a_network_is_used_is_said_in_few_words(both: list[Channel]) -> None:
    found = places.of(both, "")
    assert [one.words for one in found.values()] == [
        "South Korea; not in China", "Netherlands, Germany, 2 more; not in China",
    ]  # fmt: skip
    with translation.override("nl"):
        assert places.of(both, "")["a" * 32].words.startswith("Zuid-Korea")


def test_those_that_reach_the_market_come_first(both: list[Channel]) -> None:
    assert places.first_where(both, "NL") == both[::-1]
    assert places.first_where(both, "KR") == places.first_where(both, "") == both


def test_what_reaches_nobody_there_is_said(both: list[Channel]) -> None:
    assert [one.caution for one in places.of(both, "NL").values()] == [
        "People in Netherlands hardly use Paperwall.", "",
    ]  # fmt: skip
    assert places.of(both, "CN")["b" * 32].caution == "Open Wall is blocked in China."


def test_the_choices_are_by_name_with_none_first(both: list[Channel]) -> None:
    choices = places.choices()
    names = [words for _, words in choices[1:]]
    assert choices[0] == ("", "no country in particular") and names == sorted(names)
    assert ("KR", "South Korea") in choices
