"""Words that a person posts by hand: prepared and approved here, put out by her, and shown where they stand.

The delivery waits for her as it waits for a network. She gives the address of the post, the words as they
stand there, and a picture if she likes; words that are not the approved ones are refused until she says that
they are what she posted. Both are facts: what was shown, and that it is out.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.db import transaction

from bankside.approvals import consent as consents
from bankside.channels import delivery as deliveries
from bankside.channels import delivery_states as states
from bankside.channels import freeze, media, way, wordless
from bankside.channels.models import Channel, Delivery, Media
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import lock
from bankside.record.facts.channels import HandedOver, PostedByHand, Words
from bankside.record.identifiers import mask
from bankside.said import Said

ACTS = {"post": "delivery.by-hand", "reply": "conversation.reply"}
SEEN_CHARACTERS_MAX = 100_000
SHOWN_CHARACTERS = 40
# Networks and clipboards put these between words; nobody sees them.
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


class BadEvidence(ValueError):
    """What was shown is not enough, or not of this network; the message says what is missing."""


class OtherWords(ValueError):
    """The words that stand there are not the approved ones. She may say that they are what she posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a person needs to post words by hand. `asks_for_address`: posts there have addresses.

    `halted`: why they must not be posted now, empty when they may; then there is no `link`. What she has
    posted before is recorded all the same.
    """

    words: Words
    link: str
    steps: tuple[str, ...]
    asks_for_address: bool
    halted: str


def may(staff: Staff, delivery: Delivery) -> bool:
    """Whether she may post it: whoever writes or approves posts; an answer, whoever answers people."""
    return policy.may(staff, ACTS[delivery.purpose], delivery.channel.team)


def sheet(staff: Staff, delivery: Delivery) -> Sheet:
    """The exact words with the way to the place where they belong. Raises NotYours, TooLate."""
    policy.require(staff, ACTS[delivery.purpose], delivery.channel.team)
    _refuse_elsewhere(delivery)
    words, network, halted = deliveries.words_of(delivery), delivery.channel.network, _halted(delivery)
    return Sheet(
        words=words, link="" if halted else way.link(delivery.channel, words), steps=way.steps(network),
        asks_for_address=way.asks_for_address(network), halted=halted,
    )  # fmt: skip


def hand_over(row: Delivery, *, actor: str) -> None:
    """From here on a person is asked to post it, in the caller's transaction."""
    deliveries.move(row, states.BY_HAND, note="")
    fact = HandedOver(**deliveries.named(row))
    deliveries.append_for(row, fact, f"{row.state_at}", actor=actor)


def posted(
    staff: Staff, delivery: Delivery, *, url: str = "", seen: str, sure: bool = False, picture: str = ""
) -> Delivery:
    """She has posted it: at `url` stand the words `seen`, and `picture` (the obj of one) shows them.

    `sure`: the words there are not the approved ones, and she says so. Twice is once.
    Raises NotYours, TooLate, BadEvidence, way.BadAddress, OtherWords, NoSuchMedia.
    """
    policy.require(staff, ACTS[delivery.purpose], delivery.channel.team)
    shown = media.get(picture) if picture else None
    address = _address(delivery, url, shown)
    with transaction.atomic():
        row = deliveries.locked(delivery.obj)
        if row.state == states.SENT and row.url == address:
            return row
        lock([row.lane])  # so that the words are not erased between the look and what is told
        _refuse_elsewhere(row)
        same = is_same(deliveries.words_of(row), seen)
        _refuse_other_words(deliveries.words_of(row), seen, same=same, sure=sure)
        _tell(staff, row, address, seen, same, shown)
    return row


def keep_picture(staff: Staff, delivery: Delivery, content: bytes, name: str) -> Media:
    """A picture that shows the post; it is drawn again. Raises NotYours, TooLate, NotAPicture, TooLarge."""
    policy.require(staff, ACTS[delivery.purpose], delivery.channel.team)
    _refuse_elsewhere(delivery)
    return media.keep(staff, content, name)


def is_same(words: Words, seen: str) -> bool:
    """Whether these are the words, with or without their title, but for spaces and what is unseen."""
    there = plain(seen)
    return there in {plain(words.text), plain(f"{words.title}\n{words.text}")}


def plain(text: str) -> str:
    """A text as it is compared: one space for any number, composed letters, nothing unseen."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_UNSEEN).split())


def _halted(row: Delivery) -> str:
    """What would keep the desk from sending them keeps a person from it too."""
    if freeze.frozen():
        return Said("The brake is on: nothing is posted now, by hand neither.")
    if row.channel.state != Channel.OPEN:
        return Said("The channel is paused: nothing is posted now, by hand neither.")
    if not consents.holds(row.consent, channel=row.channel.obj, digest=row.digest, now=clock.now_ms()):
        return Said("The approval has expired or was taken back: these words must not be posted.")
    return ""


# --- refusing ----------------------------------------------------------------------------------------
def _refuse_elsewhere(row: Delivery) -> None:
    if row.state != states.BY_HAND or wordless.is_erased(row):
        raise deliveries.TooLate(Said("These words do not wait to be posted by hand now."))


def _address(delivery: Delivery, url: str, shown: Media | None) -> str:
    """The address that she gave. Without one, where posts have none, a picture has to do."""
    network = delivery.channel.network
    if not url.strip() and shown and not way.asks_for_address(network):
        return ""
    if not url.strip() and not way.asks_for_address(network):
        raise BadEvidence(Said("Give the address of the post, or a picture that shows it."))
    address = way.refuse_bad(url)
    if not way.is_on(network, address):
        raise BadEvidence(Said("This is not the address of a post on this network. Copy it from the post."))
    return address


def _refuse_other_words(words: Words, seen: str, *, same: bool, sure: bool) -> None:
    if not seen.strip() and (words.text.strip() or words.title.strip()):
        raise BadEvidence(Said("Copy the words as they stand there, so that they can be compared."))
    if len(seen) > SEEN_CHARACTERS_MAX:
        raise BadEvidence(Said("The text is longer than %(number)s characters.", number=SEEN_CHARACTERS_MAX))
    if not same and not sure:
        raise OtherWords(
            Said(
                "The words there are not the approved ones; they first differ at: %(there)s",
                there=_first_difference(plain(words.text), plain(seen)) or "…",
            )
        )


def _first_difference(approved: str, there: str) -> str:
    """Where the words there begin to be other ones, with what follows."""
    place = next((n for n, (a, b) in enumerate(zip(approved, there, strict=False)) if a != b), None)
    begin = min(len(approved), len(there)) if place is None else place
    begin = max(0, begin - SHOWN_CHARACTERS // 4)
    return there[begin : begin + SHOWN_CHARACTERS]


# --- telling -----------------------------------------------------------------------------------------
def _tell(staff: Staff, row: Delivery, address: str, seen: str, same: bool, shown: Media | None) -> None:
    fact = PostedByHand(
        **deliveries.named(row), url=address, seen=mask(seen).text, same=same,
        picture=shown.obj if shown else "", sha256=shown.sha256 if shown else "",
    )  # fmt: skip
    deliveries.append_for(row, fact, "by-hand", actor=staff.actor)
    # The picture shows the words: it is forgotten with them (forgotten.py).
    deliveries.move(row, states.SENT, url=address, note="", handle=fact.picture)
    published = deliveries.published(row, found="person")
    deliveries.append_for(row, published, "published", actor=staff.actor)
