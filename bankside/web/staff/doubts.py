"""A delivery that a person has to look at: the evidence of every attempt, and who may decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bankside.channels import delivery as deliveries
from bankside.channels import delivery_states as states
from bankside.channels import preview
from bankside.channels.models import Attempt, Delivery
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record.facts.channels import Words

FOR_PEOPLE = frozenset({states.UNCERTAIN, states.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What the macro `decision` of publish/doubt.html draws. `words` only for those who may decide."""

    obj: str
    state: str
    network: str
    network_title: str
    channel_name: str
    account_url: str
    note: str
    fallback: str
    attempts: list[Attempt]
    may_decide: bool
    words: Words

    @property
    def open(self) -> bool:
        """Whether there is something to decide."""
        return self.state in FOR_PEOPLE


def of(staff: Staff, outcome: Any) -> Doubt | None:
    """The doubt behind an outcome (anything with `state` and `delivery`), or None when nobody need look."""
    if outcome is None or outcome.state not in FOR_PEOPLE or not outcome.delivery:
        return None
    found = doubt_of(staff, deliveries.get_visible(staff, outcome.delivery))
    return found if found.open else None


def doubt_of(staff: Staff, row: Delivery) -> Doubt:
    """Everything that is known about one delivery."""
    may = policy.may(staff, "delivery.decide", row.channel.team)
    return Doubt(
        obj=row.obj, state=row.state, network=row.channel.network,
        network_title=preview.title_of(row.channel.network), channel_name=row.channel.name,
        account_url=row.channel.url, note=row.note, fallback=row.fallback, may_decide=may,
        attempts=list(row.attempts.order_by("number")),
        words=deliveries.words_of(row) if may else Words(text=""),
    )  # fmt: skip
