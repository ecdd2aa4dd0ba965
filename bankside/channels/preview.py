"""How words would look and count on a channel, as its network counts. Pure, but for the sizes of pictures."""

from __future__ import annotations

from bankside.channels import connectors, media
from bankside.channels import words as exact
from bankside.channels.models import Channel
from bankside.networks import catalogue
from bankside.networks.contract import Count as Count
from bankside.networks.contract import Preview as Preview
from bankside.record.facts.channels import MediaSaid, Words
from bankside.said import Said


def preview(channel: Channel, words: Words) -> Preview:
    """The words as the network would show and count them. Words with any finding would be refused there."""
    files, missing = _sizes(words.media)
    if missing:
        words = exact.without_media(words, missing)
    shown = _shown(channel, words, files)
    lost = tuple(
        Said("The picture %(name)s is not on the desk any more. Add it again.", name=one.name)
        for one in missing
    )
    return Preview(text=shown.text, title=shown.title, counts=shown.counts, findings=(*lost, *shown.findings))


def offers(channel: Channel) -> frozenset[str]:
    """What one can do there, for example note, reply, image, alt, edit."""
    return frozenset(catalogue.network(channel.network).offers)


def kinds(channel: Channel) -> tuple[str, ...]:
    """The kinds of post that the network has, the usual one first."""
    return catalogue.network(channel.network).kinds


def title_of(network: str) -> str:
    """How a network is called on pages; its name for one that this desk does not know any more."""
    try:
        return catalogue.network(network).title
    except LookupError:
        return network


def _shown(channel: Channel, words: Words, files: dict[str, bytes]) -> Preview:
    connector = connectors.connector_of(channel, with_wire=False)
    if not connector.can("preview"):
        return Preview(text=words.text, title=words.title, counts=(), findings=())
    return connector.preview(exact.post_of(words, files))


def _sizes(said: tuple[MediaSaid, ...]) -> tuple[dict[str, bytes], tuple[MediaSaid, ...]]:
    """Bytes of the right length for each picture, without opening any; and the pictures that are lost."""
    files, missing = {}, []
    for one in said:
        try:
            files[one.media] = bytes(media.get(one.media).size)
        except media.NoSuchMedia:
            missing.append(one)
    return files, tuple(missing)
