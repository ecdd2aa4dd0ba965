"""What a person fills in to connect an account: the networks that there are, and their fields."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.channels import way
from bankside.networks import catalogue, contract, price, proxies
from bankside.said import Said

POLL_SETTING = "poll_seconds"
CEILING_SETTING = "daily_ceiling"
PROXY_SETTING = proxies.SETTING
HOUSE_SETTINGS = (POLL_SETTING, CEILING_SETTING, PROXY_SETTING)
"""What every network takes beside its own settings (the ceiling: every one that has prices)."""
NO_PROXY = "none"
POLL_SECONDS_MIN = 1
POLL_SECONDS_MAX = 86_400


class BadSetting(ValueError):
    """A setting that every network takes holds what cannot be; the message says which."""


class BadRhythm(BadSetting):
    """A channel is asked from once a second to once a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form that connects a channel. What is `secret` is sealed and never shown again."""

    name: str
    label: str
    help: str
    secret: bool = False
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInfo:
    """What a page needs to offer a network. `here`: this desk can connect it; if not, people post by hand,
    or, where it has closed, nobody does any more.

    `signs_in`: it is also connected by signing in there, without a password for the desk. `hands`: it may
    also be added with its public address alone, though this desk can connect it.
    """

    name: str
    title: str
    summary: str
    lifecycle: str
    access: str
    documentation: str
    steps: tuple[str, ...]
    fields: tuple[Field, ...]
    offers: tuple[str, ...]
    kinds: tuple[str, ...]
    here: bool
    signs_in: bool = False
    hands: bool = False


def networks() -> list[NetworkInfo]:
    """Every network in the order of their titles."""
    return [_info(data) for data in catalogue.load().values()]


def network_info(name: str) -> NetworkInfo:
    """One network; raises LookupError with the names that there are."""
    return _info(catalogue.network(name))


def rhythm(settings: dict[str, str]) -> int:
    """The seconds between two looks that the settings ask for, 0 for the usual. Raises BadRhythm."""
    text = settings.get(POLL_SETTING, "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and POLL_SECONDS_MIN <= int(text[:9]) <= POLL_SECONDS_MAX):
        raise BadRhythm(
            Said(
                "Seconds between two looks: a number from %(least)s to %(most)s.",
                least=POLL_SECONDS_MIN,
                most=POLL_SECONDS_MAX,
            )
        )
    return int(text)


def parted(data: catalogue.NetworkData, settings: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The network's own settings, and those that every network takes, looked at. Raises BadSetting."""
    known = [name for name in HOUSE_SETTINGS if name != CEILING_SETTING or data.prices]
    house = {name: settings[name].strip() for name in known if name in settings}
    rhythm(house)
    if house.get(CEILING_SETTING):
        house[CEILING_SETTING] = _ceiling(house[CEILING_SETTING])
    if house.get(PROXY_SETTING, NO_PROXY) != NO_PROXY:
        house[PROXY_SETTING] = _proxy(house[PROXY_SETTING])
    return {name: value for name, value in settings.items() if name not in known}, house


def kept(house: dict[str, str]) -> dict[str, str]:
    """Of those, what a channel's row keeps among its settings: what sets something."""
    off = {"", "0", NO_PROXY}
    return {n: v for n, v in house.items() if n != POLL_SETTING and v not in off}


def _ceiling(text: str) -> str:
    try:
        return price.printed(price.micros_of(text))
    except ValueError:
        raise BadSetting(Said("The ceiling of a day is a number such as 2.50, or 0 for none.")) from None


def _proxy(text: str) -> str:
    try:
        return proxies.checked(text)
    except contract.Refused as wrong:
        raise BadSetting(wrong.args[0]) from None


def _info(data: catalogue.NetworkData) -> NetworkInfo:
    here = way.is_connected_to(data.name)
    return NetworkInfo(
        name=data.name, title=data.title, summary=data.summary, lifecycle=data.lifecycle, access=data.access,
        documentation=data.documentation, steps=data.connect.steps if here else way.steps(data.name),
        fields=_fields(data) if here else (_address_field(),), offers=data.offers, kinds=data.kinds,
        here=here, signs_in=here and data.connect.oauth is not None,
        hands=here and way.takes_hands(data.name),
    )  # fmt: skip


def _fields(data: catalogue.NetworkData) -> tuple[Field, ...]:
    own = (Field(**{n: getattr(s, n) for n in Field.__dataclass_fields__}) for s in data.settings)
    ceiling = (_ceiling_field(data),) if data.prices else ()
    return (*own, _rhythm_field(data), *ceiling, _PROXY_FIELD)


def _address_field() -> Field:
    return Field(
        name=way.ADDRESS,
        label=Said("Public address of the account"),
        help=Said("Where people see it, with https://. The desk posts nothing there, a person does."),
    )


def _rhythm_field(data: catalogue.NetworkData) -> Field:
    return Field(
        name=POLL_SETTING,
        label=Said("Seconds between two looks"),
        help=Said(
            "How often the desk asks for what is new. Usual here: %(seconds)s.", seconds=data.poll.seconds
        ),
        required=False,
    )


def _ceiling_field(data: catalogue.NetworkData) -> Field:
    return Field(
        name=CEILING_SETTING,
        label=Said("Ceiling of a day, in %(currency)s", currency=price.currency_of(data)),
        help=Said(
            "What this channel may cost in a day (UTC), reading included. What would cost more waits for the"
            " next day. 0 for none."
        ),
        required=False,
    )


_PROXY_FIELD = Field(
    name=PROXY_SETTING,
    label=Said("Proxy"),
    help=Said(
        "An HTTP proxy through which the network is reached, such as http://proxy.hanulbank.example:3128."
        " Write none to reach it directly."
    ),
    required=False,
)
