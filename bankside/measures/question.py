"""What is asked for: a period, and which rows of it are counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bankside.measures.period import Period
from bankside.measures.places import Place


@dataclass(frozen=True)
class Filters:
    """Which rows are counted; () is all of them. `markets` are countries, "" those of none."""

    networks: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    private: bool | None = None

    def places(self, seen: Iterable[Place]) -> tuple[Place, ...]:
        """The channels that are meant, of those that may be seen."""
        return tuple(
            place
            for place in seen
            if (not self.networks or place.network in self.networks)
            and (not self.channels or place.obj in self.channels)
            and (not self.markets or place.market in self.markets)
        )


@dataclass(frozen=True)
class Question:
    """A period and the rows that are counted in it. `as_of`: what was not done by then is late (UTC ms).

    `alone`: nothing is compared; of the days before only what is still open is read, and of our own words not
    what people did with them.
    """

    period: Period
    places: tuple[Place, ...]
    filters: Filters
    as_of: int
    alone: bool = False

    @property
    def start_ms(self) -> int:
        """When the days before the period begin, or the period itself."""
        return self.period.start_ms if self.alone else self.period.before().start_ms
