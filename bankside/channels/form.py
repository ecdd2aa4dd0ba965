"""What a person fills in to connect an account: the networks that there are, and their fields."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.networks import catalogue, contract
from bankside.said import Said

POLL_SETTING = "poll_seconds"
POLL_SECONDS_MIN = 1
POLL_SECONDS_MAX = 86_400


class BadRhythm(ValueError):
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
    """What a page needs to offer a network. `here`: this desk can connect it; if not, people post by hand.

    `signs_in`: it is also connected by signing in there, without a password for the desk.
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


def _info(data: catalogue.NetworkData) -> NetworkInfo:
    fields = tuple(Field(**{n: getattr(s, n) for n in Field.__dataclass_fields__}) for s in data.settings)
    return NetworkInfo(
        name=data.name, title=data.title, summary=data.summary, lifecycle=data.lifecycle, access=data.access,
        documentation=data.documentation, steps=data.connect.steps, fields=(*fields, _rhythm_field(data)),
        offers=data.offers, kinds=data.kinds, here=_here(data), signs_in=data.connect.oauth is not None,
    )  # fmt: skip


def _rhythm_field(data: catalogue.NetworkData) -> Field:
    return Field(
        name=POLL_SETTING,
        label=Said("Seconds between two looks"),
        help=Said(
            "How often the desk asks for what is new. Usual here: %(seconds)s.", seconds=data.poll.seconds
        ),
        required=False,
    )


def _here(data: catalogue.NetworkData) -> bool:
    try:
        data.connector_class()
    except contract.NotOffered:
        return False
    return True
