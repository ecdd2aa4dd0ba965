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
from urllib.parse import urlsplit

import msgspec

from bankside.networks import proxies
from bankside.networks.contract import OPERATIONS, Connector, Grant, NotOffered, Refused
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


class _Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Strict: a misspelt key in a data file is an error, not a silence."""


Right = Literal["account", "pages", "read", "write", "media", "private", "counts", "hooks", "lasting", "all"]


class Setting(_Data, frozen=True):
    """One field of the connect form. `secret` fields are sealed and never shown again."""

    name: str
    label: str
    help: str
    secret: bool = False
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()


class Text(_Data, frozen=True):
    """How long a post may be. `limit` and `title_limit` 0 mean no limit; `rule` names a counter."""

    limit: int
    unit: str
    rule: Literal[
        "none", "weighted", "graphemes-bytes", "graphemes-url", "utf16", "half-width", "emoji-bytes"
    ]
    bytes_limit: int = 0
    url_length: int = 0
    title_limit: int = 0


class MediaRule(_Data, frozen=True):
    """What files of one kind may be sent with a post. Sizes in bytes; 0 means no limit of the network."""

    kind: Literal["image", "video", "audio", "document"]
    mimes: tuple[str, ...]
    count_max: int
    bytes_max: int
    alt_max: int = 0
    note: str = ""


class Hosts(_Data, frozen=True):
    """Where the wire may go: `fixed` host names, and the hosts of the addresses in settings.

    The address in `from_setting` must be there; those in `also_from` may be missing.
    """

    fixed: tuple[str, ...] = ()
    from_setting: str = ""
    also_from: tuple[str, ...] = ()

    def chosen(self, settings: dict[str, str]) -> frozenset[str]:
        """The hosts, `name` or `name:port`. Raises Refused when the address setting holds none."""
        wanted = [name for name in self.also_from if settings.get(name)]
        wanted += [self.from_setting] if self.from_setting else []
        return frozenset({*self.fixed, *(_host_in(settings.get(name, ""), name) for name in wanted)})


class OAuth(_Data, frozen=True):
    """Signing in at the network itself (OAuth 2 with PKCE) instead of giving a password.

    `server` names the setting with the address of the account's server, whose metadata say the rest
    (RFC 9728, RFC 8414); without it `authorize` and `token` are whole addresses. `hint` names the setting
    with the account's name. `par`: the request is pushed beforehand (RFC 9126). `dpop`: tokens are bound to
    a key (RFC 9449), kept as the secret `dpop_key`. `register`: where on that server the desk first makes
    itself known, and gets a name and a secret. `authorize`, `token`: where a server that publishes no
    metadata has the two pages. `app`: the bank's own developer app is named by the settings `client_id` and
    `client_secret`. `basic`: its secret goes into a header, not into the form (RFC 6749, 2.3.1).
    `separator` stands between scopes. `pkce` false: the network refuses a code challenge. `extra`: more
    that the sign-in page is told. `renews`: tokens are made to last by `Connector.renew`, not at `token`.
    """

    server: str = ""
    hint: str = ""
    par: bool = False
    dpop: bool = False
    register: str = ""
    authorize: str = ""
    token: str = ""
    app: bool = False
    basic: bool = False
    separator: str = " "
    pkce: bool = True
    extra: dict[str, str] = {}
    renews: bool = False


class Connect(_Data, frozen=True):
    """How a channel is connected, and what a person does for it, step by step.

    `scopes`: the rights that are asked for, by the network's names; `rights`: what they allow, for people.
    `session`: secrets are exchanged for tokens that end (`Connector.renew`). `oauth`: the other way in.
    """

    method: Literal[
        "app-password", "key", "oauth2-pkce", "oauth2", "oauth2-dpop", "client-credentials", "none"
    ]
    steps: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    session: bool = False
    oauth: OAuth | None = None


class Token(_Data, frozen=True):
    """A credential's life in seconds; 0 means that it lasts until somebody takes it back."""

    kind: str
    life_seconds: int
    refresh_life_seconds: int = 0
    note: str = ""


class Rate(_Data, frozen=True):
    """How the network says how much may still be asked of it."""

    dialect: Literal["none", "retry-after", "ratelimit", "x-ratelimit", "x-rate-limit", "usage"]
    note: str = ""


class Signature(_Data, frozen=True):
    """How hooks are signed: the table that `signatures.check` goes by. `key` names the secret.

    `header` or `query` says where the signature stands, in lower case; `prefix` what stands before it (of a
    header with several fields, `a=1, b=2`, its own field is taken). `parts`: what is signed, in order:
    `body`, `header:name`, `query:name`, or `field:name` for another field of the same header; of
    `sorted-sha1` the parts beside the secret. `moment`: the part that tells the time, no older than
    `age_seconds_max`. `shake`: what a handshake asks for. `over`, `handshake`: the same in words for people.
    `answer_seconds`: how long the network waits.
    """

    scheme: Literal["none", "hmac", "sorted-sha1", "equal"]
    algorithm: Literal["sha256", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    header: str = ""
    query: str = ""
    prefix: str = ""
    key: str = ""
    parts: tuple[str, ...] = ("body",)
    moment: str = ""
    age_seconds_max: int = 0
    shake: Literal["none", "challenge", "crc", "hub", "echostr"] = "none"
    over: str = ""
    handshake: str = ""
    answer_seconds: int = 0


class Window(_Data, frozen=True):
    """How long one may answer. `hours` 0 means for ever, `messages` 0 as many as one likes.

    `of`: what the window is for. It opens when the other side writes.
    """

    kind: str
    hours: int
    of: Literal["private", "reply", "edit"] = "private"
    messages: int = 0
    note: str = ""


class Price(_Data, frozen=True):
    """What one act costs, as the network prints it (a decimal in a string)."""

    act: Literal["post", "post-with-link", "reply", "private", "remove", "read"]
    amount: str
    currency: str
    note: str = ""


class Assist(_Data, frozen=True):
    """How a person brings a post out by hand. `link`: the page to open, with {text}, {title} where it takes
    them; `evidence`: how the address of a post there begins, one of these."""

    link: str
    steps: tuple[str, ...]
    evidence: tuple[str, ...] = ()


class Doubt(_Data, frozen=True):
    """How a lost answer is settled, and after how many seconds nothing can be accepted late any more.

    `key_hours`: how long the network remembers a key that makes sending again safe, 0 for ever.
    """

    strategy: Literal["client_id", "server_key", "slug", "state", "search", "none"]
    late_acceptance_seconds: int
    detail: str
    key_hours: int = 0


class Poll(_Data, frozen=True):
    """How often to ask, and how much of the past every call repeats: by its age, or the newest so many.

    `exact`: nothing, for behind a cursor the network gives every change once and in order.
    """

    seconds: int
    overlap_seconds: int = 0
    overlap_items: int = 0
    exact: bool = False


class NetworkData(_Data, frozen=True, kw_only=True):
    """Everything that is known about a network without asking it.

    `mark`: the name of its mark among the icons (bin/front_end.py), where it is another than its own.
    `markets`: countries (ISO 3166-1 alpha-2) in which people use it, `*` for everywhere; `blocked`: those in
    which it cannot be reached. `assist`: how a person posts there, where the desk cannot.
    `pictures`: where pictures of what people write lie; without it they are not fetched.
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
    settings: tuple[Setting, ...]
    tokens: tuple[Token, ...] = ()
    rate: Rate
    signature: Signature
    windows: tuple[Window, ...] = ()
    prices: tuple[Price, ...] = ()
    doubt: Doubt
    poll: Poll
    assist: Assist | None = None

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
    work_out(__name__)
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


def _host_in(address: str, name: str) -> str:
    parts = urlsplit(address)
    if not parts.hostname:
        raise Refused(Said("The setting '%(name)s' must be a whole address, with https://.", name=name))
    return parts.netloc.rpartition("@")[2].lower()


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
    return data
