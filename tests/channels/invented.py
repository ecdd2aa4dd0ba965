"""A network that does not exist, made for one test from the data of the practice network and a connector.

So nothing is written into the folder of networks, and a test says itself what is particular about its own.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bankside.networks import catalogue as catalogue
from bankside.networks import declared
from bankside.networks.contract import Connector

NAME = "examplenet"


class InventedData(catalogue.NetworkData, frozen=True, kw_only=True):
    """As every data file, but for the connector, which lies in no file."""

    def connector_class(self) -> type[Connector]:
        """The one that the test gave."""
        return _connectors[self.name]

    def has_connector(self) -> bool:
        """It was given one."""
        return True


_connectors: dict[str, type[Connector]] = {}


def network(
    monkeypatch: pytest.MonkeyPatch, connector: type[Connector], *, name: str = NAME, **changed: Any
) -> InventedData:
    """Makes it known to the desk until the test ends. `changed`: what differs from the practice network."""
    known = catalogue.load()
    fields = {f: getattr(known["practice"], f) for f in known["practice"].__struct_fields__}
    made = InventedData(**{**fields, "name": name, "title": "Example Net", "settings": (), **changed})
    _connectors[name] = connector
    monkeypatch.setattr(catalogue, "load", lambda: {**known, name: made})
    return made


def setting(name: str, *, secret: bool = False, required: bool = True) -> declared.Setting:
    """A field of its form."""
    return declared.Setting(name=name, label=name, help="", secret=secret, required=required)


def hosts(*fixed: str) -> declared.Hosts:
    """Where its wire may go."""
    return declared.Hosts(fixed=fixed)


def oauth(site: str, **changed: Any) -> declared.Connect:
    """Connected by signing in at `site`, by the bank's own app."""
    way = declared.OAuth(
        **{"authorize": f"{site}/authorize", "token": f"{site}/token", "app": True, **changed}
    )
    return msgspec.structs.replace(
        catalogue.load()["practice"].connect, method="oauth2", scopes=("read", "write"), oauth=way
    )
