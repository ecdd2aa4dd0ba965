"""How words would look and count on a channel, as its network counts. Pure, but for the sizes of pictures."""

from __future__ import annotations

from bankside.channels import connectors, media
from bankside.channels import words as exact
from bankside.channels.models import Channel
from bankside.networks import catalogue
from bankside.networks.contract import Count as Count
from bankside.networks.contract import Post
from bankside.networks.contract import Preview as Preview
from bankside.networks.fit import fitted
from bankside.record.facts.channels import MediaSaid, Words
from bankside.said import Said


def preview(channel: Channel, words: Words) -> Preview:
    """The words as the network would show and count them. Words with any finding would be refused there."""
    files, urls, missing = _sizes(words.media)
    if missing:
        words = exact.without_media(words, missing)
    shown = _shown(channel, exact.post_of(words, files, urls))
    lost = tuple(
        Said("The picture %(name)s is not on the desk any more. Add it again.", name=one.name)
        for one in missing
    )
    return Preview(text=shown.text, title=shown.title, counts=shown.counts, findings=(*lost, *shown.findings))


def offers(channel: Channel) -> frozenset[str]:
    """What one can do there, for example note, reply, image, alt, edit."""
    return frozenset(catalogue.network(channel.network).offers)


def speaks(channel: Channel) -> bool:
    """Whether anything can be said there, by the desk or by hand; some networks are only listened to."""
    return not offers(channel).isdisjoint({"note", "article", "page"})


def kinds(channel: Channel) -> tuple[str, ...]:
    """The kinds of post that the network has, the usual one first; a note where its data name none."""
    return catalogue.network(channel.network).kinds or ("note",)


def title_of(network: str) -> str:
    """How a network is called on pages; its name for one that this desk does not know any more."""
    try:
        return catalogue.network(network).title
    except LookupError:
        return network


def _shown(channel: Channel, post: Post) -> Preview:
    connector = connectors.connector_of(channel, with_wire=False)
    if connector.can("preview"):
        return connector.preview(post)
    return fitted(catalogue.network(channel.network), post, channel.account)


def _sizes(
    said: tuple[MediaSaid, ...],
) -> tuple[dict[str, bytes], dict[str, str], tuple[MediaSaid, ...]]:
    """Bytes of the right length for each picture, without opening any; where networks could fetch it; and the
    pictures that are lost."""
    files, urls, missing = {}, {}, []
    for one in said:
        try:
            row = media.get(one.media)
        except media.NoSuchMedia:
            missing.append(one)
            continue
        files[one.media], urls[one.media] = bytes(row.size), media.public_url(row)
    return files, urls, tuple(missing)
