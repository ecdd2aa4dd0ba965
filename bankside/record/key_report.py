"""How the wrapping key stands, for operators; nothing of the key itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from bankside.record import clock, kek, key_places, rewrapping
from bankside.record.models import WrappedKey, WrappingKey

DROPPED: Final = kek.DROPPED


@dataclass(frozen=True, slots=True)
class Report:
    """`generations` by number: when it was made (ISO time, empty for 0), and who has wrapped it.

    `state` is one of kek.AT_HAND, WAITING and DROPPED, `trouble` why; `left` counts keys that are wrapped
    with an older generation than the newest.
    """

    provider: str
    state: str
    trouble: str
    lease_minutes: int
    generations: dict[int, tuple[str, list[str]]]
    left: int
    warnings: list[str]

    def lines(self) -> Iterator[str]:
        """The same for people to read."""
        yield f"provider: {self.provider}, {self.state}" + (f": {self.trouble}" if self.trouble else "")
        yield f"stays in memory without its provider: {self.lease_minutes} minutes"
        for generation, (made, holders) in self.generations.items():
            yield f"generation {generation}: {made or 'the key file itself'}; with {', '.join(holders)}"
        if len(self.generations) > 1:
            yield f"{self.left} keys are wrapped with an older generation: `bankside key rotate` goes on"
        yield from (f"warning: {words}" for words in self.warnings)


def report() -> Report:
    """Asks the provider, too."""
    state, trouble = kek.state()
    made = dict(WrappingKey.objects.order_by("generation").values_list("generation", "made_at"))
    wraps = WrappedKey.objects.order_by("pk").values_list("wrapping_id", "provider", "holder")
    return Report(
        provider=settings.KEY_PROVIDER, state=state, trouble=trouble,
        lease_minutes=settings.KEY_LEASE_MINUTES,
        generations={
            n: (clock.iso(at) if at else "", [f"{who} {which}".strip() for g, who, which in wraps if g == n])
            for n, at in made.items()
        },
        left=rewrapping.left() if made else 0, warnings=key_places.warnings(),
    )  # fmt: skip
