"""Words that wait for a person to post them by hand: what she needs for it, if it is hers to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bankside.channels import by_hand, media, preview
from bankside.channels import delivery as deliveries
from bankside.channels import delivery_states as states
from bankside.channels.models import Delivery
from bankside.people.models import Staff
from bankside.publish.changes import Change, changes
from bankside.web import pages
from bankside.web.staff.composer import Picture, pictures_of

FOR_HANDS = frozenset({states.BY_HAND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """What the macro `hand_of` of publish/by_hand.html draws. Without `sheet` it is for somebody else."""

    obj: str
    network: str
    network_title: str
    channel_name: str
    account_url: str
    waits_since: int
    sheet: by_hand.Sheet | None
    pictures: list[Picture]


def of(staff: Staff, outcome: Any) -> Hand | None:
    """What waits behind an outcome (anything with `state` and `delivery`), or None."""
    if outcome is None or outcome.state != states.BY_HAND or not outcome.delivery:
        return None
    row = deliveries.get_visible(staff, outcome.delivery)
    return hand_of(staff, row) if row.state == states.BY_HAND else None


def hand_of(staff: Staff, row: Delivery) -> Hand:
    """One delivery that waits for a hand. Raises TooLate."""
    sheet = by_hand.sheet(staff, row) if by_hand.may(staff, row) else None
    return Hand(
        obj=row.obj, network=row.channel.network, network_title=preview.title_of(row.channel.network),
        channel_name=row.channel.name, account_url=row.channel.url, waits_since=row.state_at, sheet=sheet,
        pictures=pictures_of(sheet.words.media) if sheet else [],
    )  # fmt: skip


def shown(outcome: Any) -> str:
    """The address, for an hour, of the picture that shows words posted by hand; empty for none."""
    if outcome is None or not outcome.picture:
        return ""
    return pages.url("media", media.token_of(media.get(outcome.picture)))


def differences(hand: Hand, seen: str) -> list[Change]:
    """What stands there, beside the approved words."""
    words = hand.sheet.words.text if hand.sheet else ""
    return changes(words, seen.replace("\r\n", "\n"))
