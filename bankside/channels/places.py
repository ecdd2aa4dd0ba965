"""The networks as an observer of pages needs them: plain values, without a connector and without Django."""

from __future__ import annotations

import msgspec

from bankside.networks import catalogue
from bankside.networks.declared import Form as Form
from bankside.networks.declared import KnownBy as KnownBy


class KnownPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A network and what an account there is known by. `closed`: nothing is there any more."""

    network: str
    title: str
    closed: bool
    known_by: KnownBy


def known_places() -> tuple[KnownPlace, ...]:
    """Every network on which somebody may be found by addresses, by name. The same in every process."""
    return tuple(
        KnownPlace(
            network=data.name, title=data.title, closed=data.lifecycle == "closed", known_by=data.known_by
        )
        for _, data in sorted(catalogue.load().items())
        if data.known_by
    )


def packed(places: tuple[KnownPlace, ...]) -> bytes:
    """As JSON, for other processes and other machines."""
    return msgspec.json.encode(places)


def unpacked(data: bytes) -> tuple[KnownPlace, ...]:
    """The same again."""
    return msgspec.json.decode(data, type=tuple[KnownPlace, ...])
