"""A simulated network for random histories. It is a fake: it stands for the worst behaviour of real ones.

It has no idempotency key: what is accepted twice is there twice. What it accepts it may accept late, and even
later than what was sent after it; answers get dropped before or after that, or say 429, 5xx or nonsense; it
forgets grants. What is announced twice or out of order is the matter of test_arrivals.py.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from bankside.networks import contract
from bankside.record import clock

LATE_SECONDS = 3  # as the data file of the network in whose place it stands says


@dataclass
class Network:
    """What was accepted, by delivery key, and when it can be seen."""

    dice: random.Random
    accepted: dict[str, list[int]] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)
    grant_is_good: bool = True

    def accept(self, key: str, after_ms: int = 0) -> contract.Receipt:
        """Takes it in, to be seen from then on."""
        self.accepted.setdefault(key, []).append(clock.now_ms() + after_ms)
        return self.receipt(key)

    def receipt(self, key: str, *, pending: bool = False) -> contract.Receipt:
        return contract.Receipt(
            remote_id=key, url=f"https://simulated.example/{key}", pending=pending, handle=key
        )

    def reordered(self) -> int:
        """How many stand before something that was sent earlier."""
        seen = [max(moments) for moments in self.accepted.values() if moments]
        return sum(later < earlier for earlier, later in pairwise(seen))

    def is_seen(self, key: str) -> bool:
        return any(seen_ms <= clock.now_ms() for seen_ms in self.accepted.get(key, ()))


# What a send meets, and how many of a thousand meet it; the rest goes well.
SENDING = {
    "429": 60, "refused": 10, "dropped before": 60, "dropped after": 80, "accepted late": 60,
    "5xx, taken": 20, "5xx, not taken": 20, "garbage, taken": 30, "garbage, not taken": 20, "dead token": 5,
    "delayed, pending": 40, "worker dies before": 30, "worker dies after": 30,
}  # fmt: skip
READING = {"429": 60, "5xx": 20, "garbage": 20, "dead token": 3}


class WorkerDied(BaseException):
    """Nothing after it is done: the errand never comes back."""


class Simulated(contract.Connector):
    """Our side of the simulated network."""

    network: Network

    def can(self, operation: str) -> bool:
        return operation in {"send", "find", "settle", "preview"}

    def send(self, post: contract.Post, key: str) -> contract.Receipt:
        network = self.network
        self._refuse_dead_grant()
        match self._meets(SENDING):
            case "429":
                raise contract.Later(network.dice.choice([1, 30, 900]))
            case "refused":
                raise contract.Refused("The network does not want this.")
            case "dropped before":
                raise contract.Uncertain("The connection broke.")
            case "dropped after":
                network.accept(key)
                raise contract.Uncertain("The connection broke.")
            case "accepted late":
                network.accept(key, network.dice.randrange(LATE_SECONDS * 1000))
                raise contract.Uncertain("No answer came.")
            case "5xx, taken":
                network.accept(key)
                raise contract.Uncertain("The network failed (502).")
            case "5xx, not taken":
                raise contract.Uncertain("The network failed (500).")
            case "garbage, taken":
                network.accept(key)
                raise TypeError("<html>")
            case "garbage, not taken":
                raise TypeError("<html>")
            case "dead token":
                network.grant_is_good = False
                self._refuse_dead_grant()
            case "delayed, pending":
                network.accept(key, 4000)
                return network.receipt(key, pending=True)
            case "worker dies before":
                raise WorkerDied
            case "worker dies after":
                network.accept(key)
                raise WorkerDied
        return network.accept(key)

    def find(self, key: str, post: contract.Post) -> contract.Receipt | None:
        self._read()
        return self.network.receipt(key) if self.network.is_seen(key) else None

    def settle(self, handle: str) -> contract.Receipt:
        self._read()
        return self.network.receipt(handle, pending=not self.network.is_seen(handle))

    def _read(self) -> None:
        self._refuse_dead_grant()
        match self._meets(READING):
            case "429":
                raise contract.Later(5)
            case "5xx":
                raise contract.Later(30)
            case "garbage":
                raise TypeError("<html>")
            case "dead token":
                self.network.grant_is_good = False
                self._refuse_dead_grant()

    def _refuse_dead_grant(self) -> None:
        if not self.network.grant_is_good:
            raise contract.Reconnect("The grant is gone.")

    def _meets(self, odds: dict[str, int]) -> str:
        roll = self.network.dice.randrange(1000)
        for what, share in odds.items():
            if roll < share:
                self.network.happened[what] += 1
                return what
            roll -= share
        return "well"
