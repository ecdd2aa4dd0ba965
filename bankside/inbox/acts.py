"""What people did without words: likes, shares, followers. Nobody answers them; they are counted.

A network says who began to like something and not who ceased to, so that these are the acts that were seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from bankside.inbox.models import Act
from bankside.record.append import Entry
from bankside.record.facts.channels import ActivityReceived

VERBS = frozenset({"Like", "Announce", "Follow"})


@dataclass(frozen=True, slots=True)
class Acts:
    """How often each was seen."""

    likes: int = 0
    shares: int = 0
    follows: int = 0


NONE = Acts()


def done(entry: Entry, fact: ActivityReceived) -> None:
    """Somebody else did it, for the first time that we see it."""
    said = fact.seen
    if said.verb in VERBS and not said.own:
        at = min(said.published_ms or entry.src_t or entry.t, entry.t)
        about = "" if said.verb == "Follow" else said.in_reply_to[:300]
        Act.objects.create(id=entry.n, channel=fact.channel, verb=said.verb, about=about, at=at)


def erased(numbers: Iterable[int]) -> None:
    """Nothing is known of what these entries told any more."""
    gone = list(numbers)
    if gone:
        Act.objects.filter(pk__in=gone).delete()


def of_channel(channel: str) -> Acts:
    """Everything on a channel, by its obj."""
    return _counted(Act.objects.filter(channel=channel)).get(channel, NONE)


def about(channel: str, remote_ids: Iterable[str]) -> dict[str, Acts]:
    """By the network's id of what we said there; what nobody liked or shared is left out."""
    return _counted(Act.objects.filter(channel=channel, about__in=list(remote_ids)), "about")


def _counted(rows: QuerySet[Act], by: str = "channel") -> dict[str, Acts]:
    found: dict[str, dict[str, int]] = {}
    for name, verb, times in rows.values_list(by, "verb").annotate(times=Count("id")):
        found.setdefault(name, {})[verb] = times
    return {
        name: Acts(times.get("Like", 0), times.get("Announce", 0), times.get("Follow", 0))
        for name, times in found.items()
    }
