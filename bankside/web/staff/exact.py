"""The exact words of a version, channel by channel, for the eyes of a second person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.utils.translation import gettext

from bankside.channels import meter, preview
from bankside.channels import words as exact
from bankside.channels.models import Channel
from bankside.publish.changes import Change
from bankside.publish.reading import Part, Review
from bankside.record.facts.channels import Words
from bankside.web.staff import places
from bankside.web.staff.composer import Picture, pictures_of

AROUND_CHARACTERS = 32
LEFT_OUT = " … "


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The words for one channel and what changed since the version before; `first`: it had none there."""

    channel: str
    name: str
    network: str
    network_title: str
    digest: str
    words: Words
    counts: tuple[Any, ...]
    findings: tuple[str, ...]
    pictures: list[Picture]
    first: bool
    since: int
    changed: int
    changes: tuple[Change, ...]
    title_changes: tuple[Change, ...]
    other_changed: str
    outcome: Any = None
    doubt: Any = None
    hand: Any = None
    shown: str = ""
    cost: str = ""
    cautions: tuple[str, ...] = ()

    @property
    def text_changed(self) -> bool:
        """Whether the text is not as it was."""
        return strokes(self.changes) > 0

    @property
    def title_changed(self) -> bool:
        """Whether the title is not as it was."""
        return strokes(self.title_changes) > 0


def parts_of(review: Review, seen: Mapping[str, Channel], market: str) -> list[Shown]:
    """Every part of a version, for that country."""
    return [_shown(part, seen.get(part.channel), market) for part in review.parts]


def with_outcome(part: Shown, outcome: Any, doubt: Any, hand: Any, shown: str) -> Shown:
    """The same words with how they fared; `shown`: the address of a picture of them, posted by hand."""
    return replace(part, outcome=outcome, doubt=doubt, hand=hand, shown=shown)


def strokes(changes: tuple[Change, ...]) -> int:
    """How many places differ: what is gone and what came in its stead are one."""
    return sum(1 for differs, _ in groupby(changes, key=lambda one: one[0] != "same") if differs)


def abridged(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """What changed with a few words around it; long stretches that stayed are left out, with a mark."""
    last = len(changes) - 1
    return tuple(
        (op, _around(text, head=place > 0, tail=place < last) if op == "same" else text)
        for place, (op, text) in enumerate(changes)
    )


def _around(text: str, *, head: bool, tail: bool) -> str:
    """Both ends of a stretch, or the one that touches a change."""
    if len(text) <= (head + tail) * AROUND_CHARACTERS + len(LEFT_OUT):
        return text
    before = _cut(text[:AROUND_CHARACTERS], -1) if head else ""
    after = _cut(text[-AROUND_CHARACTERS:], 1) if tail else ""
    return f"{before}{LEFT_OUT}{after}"


def _cut(text: str, side: int) -> str:
    """Cut at a space, if the language sets any."""
    pieces = text.split(" ")
    if len(pieces) < 3:
        return text
    return " ".join(pieces[:-1]) if side < 0 else " ".join(pieces[1:])


def _shown(part: Part, channel: Channel | None, market: str) -> Shown:
    words = exact.from_dict(part.words)
    cost = meter.cost(channel, words) if channel else None
    other = _other(part.fields_changed) if part.before else ""
    changed = strokes(part.changes) + strokes(part.title_changes) + bool(other)
    return Shown(
        channel=part.channel, digest=part.digest, words=words, pictures=pictures_of(words.media),
        name=channel.name if channel else gettext("a channel that you do not see"),
        network=part.network, network_title=preview.title_of(part.network),
        counts=part.counts, findings=part.findings, first=not part.before, since=part.before,
        changed=changed, changes=abridged(part.changes), title_changes=part.title_changes,
        other_changed=other, cost=cost.printed if cost else "",
        cautions=tuple(places.cautions_of(channel, market)) if channel else (),
    )  # fmt: skip


def _other(changed: tuple[str, ...]) -> str:
    """What changed besides text and title, in a sentence."""
    rest = set(changed) - {"text", "title"}
    if "media" in rest:
        return gettext("The pictures or their descriptions changed.")
    return gettext("The language or the kind of post changed.") if rest else ""
