"""The networks that there are: every `.toml` beside this file, read strictly.

Adding a network adds a data file (and a connector of the same stem, unless it has no interface).
Nothing here, and nothing elsewhere, lists their names.
"""

from __future__ import annotations

import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from bankside.networks import proxies
from bankside.networks.contract import OPERATIONS, Connector, Grant, NotOffered, Refused
from bankside.networks.declared import (
    Assist,
    Connect,
    Counts,
    Declared,
    Doubt,
    Hosts,
    Identity,
    KnownBy,
    MediaRule,
    Poll,
    Price,
    Rate,
    Setting,
    Signature,
    Text,
    Token,
    Window,
)
from bankside.networks.public import Public
from bankside.networks.worked_out import work_out
from bankside.said import Said, joined

if TYPE_CHECKING:
    import httpx

    from bankside.networks.wire import Wire

HERE = Path(__file__).resolve().parent


class UnknownNetwork(LookupError):
    """No data file of that name lies in the folder of networks."""


class BadNetworkData(ValueError):
    """A data file holds something that the catalogue does not understand; the message names it."""


class NetworkData(Declared, frozen=True, kw_only=True):
    """Everything that is known about a network without asking it.

    `mark`: the name of its mark among the icons (bin/front_end.py), where it is another than its own.
    `markets`: countries (ISO 3166-1 alpha-2) in which people use it, `*` for everywhere; `blocked`: those in
    which it cannot be reached. `assist`: how a person posts there, where the desk cannot.
    `pictures`: where pictures of what people write lie; without it they are not fetched. `identity`: how
    members of the card prove that a profile there is theirs; without it none can be linked. `known_by`: how
    an account there is recognised on the pages of whoever has it. `counts`: what it tells of what was said.
    `public`: how anybody reads what an account there says.
    """

    name: str
    title: str
    mark: str = ""
    summary: str
    lifecycle: Literal["open", "restricted", "closed"]
    access: Literal["open", "paid", "approval", "contract"]
    documentation: str
    checked: datetime.date
    markets: tuple[str, ...]
    blocked: tuple[str, ...] = ()
    can: tuple[str, ...]
    offers: tuple[str, ...]
    kinds: tuple[Literal["note", "article", "page"], ...]
    text: Text
    media: tuple[MediaRule, ...] = ()
    hosts: Hosts
    pictures: Hosts | None = None
    connect: Connect
    identity: Identity | None = None
    settings: tuple[Setting, ...]
    tokens: tuple[Token, ...] = ()
    rate: Rate
    signature: Signature
    windows: tuple[Window, ...] = ()
    prices: tuple[Price, ...] = ()
    counts: Counts | None = None
    doubt: Doubt
    poll: Poll
    assist: Assist | None = None
    known_by: KnownBy | None = None
    public: Public | None = None

    def has_connector(self) -> bool:
        """Whether there is code for it; without any, people post there by hand."""
        return any((HERE / name).exists() for name in (f"{self.name}.py", self.name))

    def connector_class(self) -> type[Connector]:
        """CONNECTOR of the file, or folder, of the same stem. Raises NotOffered when there is none."""
        if not self.has_connector():
            raise NotOffered(
                Said("%(title)s has no interface here: a person posts by hand.", title=self.title)
            )
        found: type[Connector] = import_module(f"bankside.networks.{self.name}").CONNECTOR
        work_out("bankside.networks")
        return found

    def connector(self, grant: Grant, wire: Wire | None = None) -> Connector:
        """A channel's connector; without a wire it can only do what is pure."""
        return self.connector_class()(grant, wire)

    def wire(
        self,
        settings: dict[str, str],
        *,
        secrets: dict[str, str] | None = None,
        private_hosts: frozenset[str] = frozenset(),
        transport: httpx.BaseTransport | None = None,
    ) -> Wire:
        """A wire that reaches this network's hosts and nothing else, and never writes the secrets down."""
        from bankside.networks.wire import Wire

        return Wire(
            self.hosts_for(settings),
            private_hosts=private_hosts,
            secrets=tuple((secrets or {}).values()),
            transport=transport,
            proxy=settings.get(proxies.SETTING, ""),
        )

    def pictures_wire(
        self,
        settings: dict[str, str],
        *,
        private_hosts: frozenset[str] = frozenset(),
        transport: httpx.BaseTransport | None = None,
    ) -> Wire:
        """A wire that reaches the pictures of this network and nothing else, and knows no secret."""
        from bankside.networks.wire import Wire

        hosts = self.pictures.chosen(settings) if self.pictures else ()
        proxy = settings.get(proxies.SETTING, "")
        return Wire(hosts, private_hosts=private_hosts, transport=transport, proxy=proxy)

    def hosts_for(self, settings: dict[str, str]) -> frozenset[str]:
        """Allowed hosts, `name` or `name:port`. Raises Refused when the address setting holds none."""
        return self.hosts.chosen(settings)

    def filled(self, settings: dict[str, str], secrets: dict[str, str]) -> dict[str, str]:
        """Settings with defaults added. Raises Refused, naming what is missing, unknown or no choice."""
        known = {s.name: s for s in self.settings}
        given = {**settings, **secrets}
        problems = [
            Said("%(name)s is not a setting of %(title)s.", name=name, title=self.title)
            for name in given
            if name not in known
        ]
        problems += [problem for s in known.values() if (problem := _wrong(s, given, settings))]
        if problems:
            raise Refused(joined(problems))
        defaults = {s.name: s.default for s in self.settings if s.default and not s.secret}
        return {**defaults, **{n: v for n, v in settings.items() if v}}


@cache
def load() -> dict[str, NetworkData]:
    """Every network by name, in the order of their titles."""
    work_out("bankside.networks")
    found = [_read(path) for path in HERE.glob("*.toml")] + [_own(path) for path in _own_files()]
    return {data.name: data for data in sorted(found, key=lambda d: d.title.lower())}


def also_in(folder: Path) -> None:
    """Networks that a bank adds by data files of its own: such as its people post on by hand.

    Raises BadNetworkData for a file that cannot be read, so that a desk does not start with half of them.
    """
    _own_folders[:] = [folder]
    load.cache_clear()
    load()


def network(name: str) -> NetworkData:
    """One network. Raises UnknownNetwork with the names that there are."""
    try:
        return load()[name]
    except KeyError:
        raise UnknownNetwork(
            Said("There is no network '%(name)s'; there are: %(there)s.", name=name, there=", ".join(load()))
        ) from None


def _wrong(setting: Setting, given: dict[str, str], open_settings: dict[str, str]) -> Said | None:
    """What is wrong with what was given for it. Its label is translated too."""
    label, value = Said(setting.label), given.get(setting.name)
    if setting.required and not value:
        return Said("%(label)s is missing.", label=label)
    if setting.choices and value and value not in setting.choices:
        return Said("%(label)s must be one of %(choices)s.", label=label, choices=", ".join(setting.choices))
    if setting.secret and setting.name in open_settings:
        return Said("%(label)s is a secret.", label=label)
    return None


_own_folders: list[Path] = []


def _own_files() -> list[Path]:
    return [path for folder in _own_folders for path in sorted(folder.glob("*.toml"))]


def _own(path: Path) -> NetworkData:
    """Strict as the others; it may not take the place of one, nor claim what only code can do."""
    data = _read(path)
    if (HERE / path.name).exists():
        raise BadNetworkData(f"{path.name}: this network is there already; give yours another name.")
    if data.can or (data.assist is None and data.lifecycle != "closed"):
        raise BadNetworkData(f"{path.name}: without code can = [], and [assist] says how people post.")
    return data


def _read(path: Path) -> NetworkData:
    try:
        data = msgspec.toml.decode(path.read_bytes(), type=NetworkData)
    except msgspec.MsgspecError as broken:
        raise BadNetworkData(f"{path.name}: {broken}") from broken
    if data.name != path.stem:
        raise BadNetworkData(f"{path.name}: name is {data.name!r}; it must be the name of the file.")
    if unknown := set(data.can) - set(OPERATIONS):
        raise BadNetworkData(f"{path.name}: can: no such operation: {', '.join(sorted(unknown))}.")
    if mistakes := data.known_by.mistakes() if data.known_by else []:
        raise BadNetworkData(f"{path.name}: known_by: {' '.join(mistakes)}")
    return data
