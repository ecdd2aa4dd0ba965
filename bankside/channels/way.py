"""How words get out of a channel: by the desk, by a person's hand, or not at all because the network closed.

It is worked out from the data file each time it is asked: a channel whose network closes, or loses its
connector, is another one from the next delivery on, without anybody changing it.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote, urlsplit

from bankside.channels.models import Channel
from bankside.networks import catalogue
from bankside.record.facts.channels import Words
from bankside.said import Said

Way = Literal["desk", "hand", "closed"]

ADDRESS = "public_address"
"""The setting of a channel that was added without connecting it: where people see the account."""
SAID = frozenset({"note", "article", "page"})
ADDRESS_CHARACTERS_MAX = 500
LINK_CHARACTERS_MAX = 6_000


class BadAddress(ValueError):
    """What was given is no address of a page on the open network."""


def of(channel: Channel) -> Way:
    """How words get out there now. What is only listened to needs no hand: nothing is said there."""
    data = catalogue.network(channel.network)
    if data.lifecycle == "closed":
        return "closed"
    by_desk = "send" in data.can or SAID.isdisjoint(data.offers)
    return "desk" if is_reached(channel) and by_desk else "hand"


def is_reached(channel: Channel) -> bool:
    """Whether the desk speaks with the network for this channel, be it only to read."""
    return is_connected_to(channel.network) and ADDRESS not in channel.settings


def is_connected_to(network: str) -> bool:
    """Whether accounts of this network are connected, and not only added with their address."""
    data = catalogue.network(network)
    return data.lifecycle != "closed" and data.has_connector()


def takes_hands(network: str) -> bool:
    """Whether an account there may be added with its address alone. That is so, too, where the data file says
    how a person posts: not every network lets every bank in."""
    return not is_connected_to(network) or catalogue.network(network).assist is not None


def refuse_bad(address: str) -> str:
    """A whole address of a page, without spaces around it. Raises BadAddress."""
    clean = address.strip()
    try:
        parts = urlsplit(clean)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and "." in (parts.hostname or "")
    except ValueError:
        whole = False
    if not whole or len(clean) > ADDRESS_CHARACTERS_MAX or len(clean.split()) != 1:
        raise BadAddress(Said("Give the whole address of the page, with https://."))
    return clean


def take_address(channel: Channel, settings: dict[str, str]) -> None:
    """Puts the account's public address into the row, unsaved. Raises BadAddress."""
    if unknown := sorted(set(settings) - {ADDRESS}):
        title = catalogue.network(channel.network).title
        raise BadAddress(
            Said("%(name)s is not a setting of %(title)s.", name=", ".join(unknown), title=title)
        )
    address = refuse_bad(settings.get(ADDRESS, ""))
    channel.settings, channel.url = {ADDRESS: address}, address
    channel.handle = address.partition("://")[2].rstrip("/")[:200]


def is_on(network: str, address: str) -> bool:
    """Whether an address begins as the addresses of posts there do; True where the data file names none."""
    assist = catalogue.network(network).assist
    return not assist or not assist.evidence or any(_begins(address, one) for one in assist.evidence)


def asks_for_address(network: str) -> bool:
    """Whether posts there have addresses; if not, a picture may be the evidence."""
    assist = catalogue.network(network).assist
    return bool(assist and assist.evidence)


def steps(network: str) -> tuple[str, ...]:
    """What a person does there, step by step."""
    assist = catalogue.network(network).assist
    return assist.steps if assist else ()


def link(channel: Channel, words: Words) -> str:
    """The page on which a person posts, filled in where the network takes that; else the account's own."""
    assist = catalogue.network(channel.network).assist
    if not assist:
        return channel.url
    filled = _filled(assist.link, words.title, words.text)
    # Browsers and servers cut long addresses: half a text in the form would be worse than none.
    return filled if len(filled) <= LINK_CHARACTERS_MAX else _filled(assist.link, "", "")


def _filled(template: str, title: str, text: str) -> str:
    return template.replace("{title}", quote(title, safe="")).replace("{text}", quote(text, safe=""))


def _begins(address: str, prefix: str) -> bool:
    """Host for host, so that `https://there.example.evil` does not begin with `https://there.example`."""
    one, other = urlsplit(address), urlsplit(prefix)
    path = one.path + (f"?{one.query}" if one.query else "")
    wanted = other.path + (f"?{other.query}" if other.query else "")
    same = (one.scheme.lower(), one.netloc.lower()) == (other.scheme.lower(), other.netloc.lower())
    return same and path.startswith(wanted)
