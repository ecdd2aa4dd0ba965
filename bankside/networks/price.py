"""What an act costs on a network, by the prices in its data file. Pure; decimals, never floats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bankside.networks.catalogue import NetworkData
from bankside.networks.contract import Post
from bankside.networks.counters import addresses
from bankside.networks.declared import Price

MICROS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """An amount in millionths of a currency: whole numbers can be added up in a table without loss."""

    micros: int
    currency: str

    @property
    def amount(self) -> str:
        """The amount alone: `0.015`."""
        return printed(self.micros)

    @property
    def printed(self) -> str:
        """The amount and its currency: `0.015 USD`."""
        return f"{self.amount} {self.currency}"


def of_post(data: NetworkData, post: Post) -> Cost | None:
    """What sending it costs; None where the network names no price for it.

    A private message or an answer costs what the network asks for such; an answer without a price of its own
    is a post, and a post with an address in it may cost more than one without.
    """
    listed = {price.act: price for price in data.prices}
    price = next((listed[act] for act in _acts(post) if act in listed), None)
    return _cost(price) if price else None


def of_reading(data: NetworkData) -> Cost | None:
    """What one item costs that is read; None where reading is free."""
    price = next((price for price in data.prices if price.act == "read"), None)
    return _cost(price) if price else None


def of_counting(data: NetworkData) -> Cost | None:
    """What it costs to read the counts of one post of ours; None where that is free."""
    price = _of_counting(data)
    return _cost(price) if price else None


def counts_daily(data: NetworkData) -> bool:
    """Whether reading the same post again on the same day (UTC) costs nothing more."""
    price = _of_counting(data)
    return price is not None and price.daily


def currency_of(data: NetworkData) -> str:
    """The currency of the network's prices; empty where it has none."""
    return data.prices[0].currency if data.prices else ""


def micros_of(amount: str) -> int:
    """Millionths of an amount such as `2.50`. Raises ValueError for what is no amount of at least 0."""
    text = amount.strip()
    if not text.isascii() or not text.replace(".", "", 1).isdigit() or len(text) > 15:
        raise ValueError(f"{amount!r} is no amount")
    return int(Decimal(text) * MICROS)


def printed(micros: int) -> str:
    """An amount without needless digits: `0.2`, `12`."""
    text = f"{Decimal(micros) / MICROS:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _of_counting(data: NetworkData) -> Price | None:
    """Its own price; a network that names none asks as much as for anything that is read."""
    listed = {price.act: price for price in data.prices}
    return listed.get("count") or listed.get("read")


def _acts(post: Post) -> tuple[str, ...]:
    if post.private:
        return ("private",)
    linked = ("post-with-link", "post") if _holds_address(post.text) else ("post",)
    return ("reply", *linked) if post.in_reply_to else linked


def _cost(price: Price) -> Cost:
    return Cost(micros=micros_of(price.amount), currency=price.currency)


def _holds_address(text: str) -> bool:
    """An address that a network makes a link of; one with http counts, whatever it ends in."""
    return "http://" in text.lower() or "https://" in text.lower() or bool(addresses(text))
