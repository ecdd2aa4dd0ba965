"""What an act costs, by the data of a network: decimals, and the dearest that applies to the words."""

from __future__ import annotations

import msgspec
import pytest

from bankside.networks import price
from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import Post
from bankside.networks.declared import Price


def priced(**amounts: str) -> NetworkData:
    prices = tuple(Price(act=a.replace("_", "-"), amount=v, currency="USD") for a, v in amounts.items())  # type: ignore[arg-type]
    return msgspec.structs.replace(network("practice"), prices=prices)


ALL = priced(post="0.015", post_with_link="0.200", reply="0.010", private="0.012", read="0.005")


@pytest.mark.parametrize(
    ("post", "micros"),
    [
        (Post(text="내일 점검이 있습니다."), 15_000),
        (Post(text="연차보고서 https://hanulbank.example/2026"), 200_000),
        (Post(text="Zie hanulbank.nl voor meer."), 200_000),
        (Post(text="谢谢", in_reply_to="7"), 10_000),
        (Post(text="https://hanulbank.example", in_reply_to="7"), 10_000),
        (Post(text="https://hanulbank.example", in_reply_to="7", private=True, to=("a",)), 12_000),
    ],
)
def test_a_post_costs_what_its_kind_costs(post: Post, micros: int) -> None:
    found = price.of_post(ALL, post)
    assert found == price.Cost(micros=micros, currency="USD")


def test_what_has_no_price_of_its_own_costs_as_a_post() -> None:
    bare = priced(post="0.5")
    assert price.of_post(bare, Post(text="http://a.example", in_reply_to="7")) == price.Cost(
        micros=500_000, currency="USD"
    )
    assert price.of_post(bare, Post(text="x", private=True)) is None
    assert price.of_post(network("practice"), Post(text="x")) is None


def test_counts_cost_their_own_price_or_that_of_reading() -> None:
    once = price.of_counting(network("x_com"))
    assert once and once.printed == "0.001 USD" and price.counts_daily(network("x_com"))
    read = price.of_counting(ALL)
    assert read and read.micros == 5_000 and not price.counts_daily(ALL)
    assert price.of_counting(priced(post="1")) is None and price.of_counting(network("practice")) is None


def test_reading_costs_by_the_item() -> None:
    assert price.of_reading(ALL) == price.Cost(micros=5_000, currency="USD")
    assert price.of_reading(priced(post="1")) is None
    assert (price.currency_of(ALL), price.currency_of(network("practice"))) == ("USD", "")


@pytest.mark.parametrize(
    ("text", "micros"), [("2.50", 2_500_000), ("0", 0), (" 12 ", 12_000_000), ("0.000001", 1)]
)
def test_an_amount_is_read_exactly(text: str, micros: int) -> None:
    assert price.micros_of(text) == micros


@pytest.mark.parametrize("text", ["", ".", "-1", "1e9", "2,50", "NaN", "１", "1.2.3", "9" * 16])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no amount"):
        price.micros_of(text)


def test_an_amount_is_printed_without_needless_digits() -> None:
    printed = [price.printed(n) for n in (0, 15_000, 200_000, 12_000_000, 1)]
    assert printed == ["0", "0.015", "0.2", "12", "0.000001"]
    assert price.Cost(micros=200_000, currency="USD").printed == "0.2 USD"


def test_the_prices_of_every_data_file_are_amounts() -> None:
    from bankside.networks.catalogue import load

    for data in load().values():
        assert len({one.currency for one in data.prices}) <= 1, data.name
        assert all(price.micros_of(one.amount) >= 0 for one in data.prices), data.name
