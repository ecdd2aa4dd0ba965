"""What is worth knowing before words go out, and keeps nobody from sending them."""

from __future__ import annotations

from bankside.channels import markets, preview
from bankside.channels.models import Channel
from bankside.said import Said


def of(channel: Channel, market: str) -> tuple[Said, ...]:
    """What an author should know about this channel when the post is for that country."""
    title = preview.title_of(channel.network)
    match markets.reach(channel, market):
        case "blocked":
            return (Said("%(network)s is blocked in %(country)s.", network=title, country=market),)
        case "elsewhere":
            return (Said("People in %(country)s hardly use %(network)s.", network=title, country=market),)
        case _:
            return ()
