"""In which countries a network reaches anybody."""

from __future__ import annotations

import pytest

from bankside.channels import markets
from bankside.channels.models import Channel
from tests.channels import by_hand_networks as networks


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Channel:
    open_one = networks.wall(name="openwall", markets=("*",), blocked=("CN", "IR"))
    networks.put_up(monkeypatch, networks.wall(), open_one)
    return Channel(network=networks.WALL)


@pytest.mark.parametrize(
    ("country", "reach"), [("KR", "works"), ("CN", "blocked"), ("IR", "elsewhere"), ("", "works")]
)
def test_a_network_is_used_where_its_file_says(wall: Channel, country: str, reach: str) -> None:
    assert markets.reach(wall, country) == reach


@pytest.mark.parametrize(("country", "reach"), [("KR", "works"), ("CN", "blocked"), ("", "works")])
def test_one_that_is_used_everywhere_is_blocked_here_and_there(
    wall: Channel, country: str, reach: str
) -> None:
    assert markets.reach(Channel(network="openwall"), country) == reach


def test_the_countries_are_those_of_the_files(wall: Channel) -> None:
    assert {"KR", "CN", "IR"} <= set(markets.countries()) and "*" not in markets.countries()
    assert list(markets.countries()) == sorted(markets.countries())
    assert markets.of(wall) == (("KR",), ("CN",)) and markets.of(Channel(network="openwall"))[0] == ()


def test_a_country_that_no_file_names_is_refused(wall: Channel) -> None:
    assert (markets.refuse_unknown(" kr "), markets.refuse_unknown("")) == ("KR", "")
    with pytest.raises(markets.NoMarket, match="'XX'"):
        markets.refuse_unknown("XX")
