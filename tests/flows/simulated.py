"""Simulated networks for random histories. They are fakes: they stand for the worst behaviour of real ones.

One model for each way in which a lost answer is settled (`strategy` of a network's data file). What a network
accepts it may accept late, and even later than what was sent after it; answers get dropped before or after
that, or say 429, 5xx or nonsense; a request may arrive twice; it forgets grants; and the worker that asks may
die. What is announced twice or out of order is the matter of test_arrivals.py.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from bankside.networks import contract
from bankside.record import clock

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Model:
    """How a network treats what it gets: `late_seconds` is the most that acceptance and its becoming visible
    may take, and stands in its data file. `key_hours`: how long a key of ours makes the same call one, 0 not
    at all, -1 for ever. `finds`: whether there is a list to look in. `drafts`: what is said is laid down
    first and put out by a second call, which uses it up.
    """

    late_seconds: int
    key_hours: int = 0
    finds: bool = True
    drafts: bool = False


MODELS = {
    "client_id": Model(30, key_hours=-1),
    "server_key": Model(60, key_hours=24, finds=False),
    "slug": Model(35),
    "state": Model(600, drafts=True),
    "search": Model(60),
    "none": Model(60, finds=False),
}


@dataclass
class Network:
    """What was accepted, by delivery key, and when it can be seen."""

    dice: random.Random
    model: Model = MODELS["slug"]
    accepted: dict[str, list[int]] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    drafts: set[str] = field(default_factory=set)
    happened: Counter[str] = field(default_factory=Counter)
    unanswered: set[str] = field(default_factory=set)
    grant_is_good: bool = True

    def accept(self, key: str, after_ms: int = 0) -> contract.Receipt:
        """Takes it in, to be seen from then on; a second time, unless its key tells that it is the same."""
        if self.model.drafts:
            if key not in self.drafts:
                return self.receipt(key)  # the draft is used up: there is nothing to put out
            self.drafts.discard(key)
        if key not in self.accepted or not self._key_is_known(key):
            self.accepted.setdefault(key, []).append(clock.now_ms() + after_ms)
            self.first.setdefault(key, clock.now_ms())
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

    def _key_is_known(self, key: str) -> bool:
        hours = self.model.key_hours
        return hours < 0 or clock.now_ms() - self.first[key] < hours * HOUR_MS


# What a send meets, and how many of a thousand meet it; the rest goes well.
SENDING = {
    "429": 60, "refused": 10, "dropped before": 60, "dropped after": 80, "accepted late": 60,
    "5xx, taken": 20, "5xx, not taken": 20, "garbage, taken": 30, "garbage, not taken": 20, "dead token": 5,
    "delayed, pending": 40, "worker dies before": 30, "worker dies after": 30, "arrives twice": 20,
    "half of it": 20,
}  # fmt: skip
READING = {"429": 60, "5xx": 20, "garbage": 20, "dead token": 3}


class WorkerDied(BaseException):
    """Nothing after it is done: the errand never comes back."""


class Simulated(contract.Connector):
    """Our side of the simulated network."""

    network: Network

    def can(self, operation: str) -> bool:
        return operation in {"send", "settle", "preview"} or (
            operation == "find" and self.network.model.finds
        )

    def send(self, post: contract.Post, key: str) -> contract.Receipt:
        network = self.network
        self._refuse_dead_grant()
        meets = self._meets(SENDING)
        arrives = meets not in {"429", "refused", "dropped before", "dead token", "worker dies before"}
        if network.model.drafts and arrives and key not in network.accepted:
            network.drafts.add(key)
        if meets in ASK_A_PERSON_IF_NOTHING_IS_KEPT:
            network.unanswered.add(key)
        match meets:
            case "429":
                raise contract.Later(network.dice.choice([1, 30, 900]))
            case "refused" if key not in network.accepted or not network.model.key_hours:
                raise contract.Refused("The network does not want this.")
            case "dropped before":
                raise self._lost("The connection broke.")
            case "dropped after":
                network.accept(key)
                raise self._lost("The connection broke.")
            case "accepted late":
                network.accept(key, network.dice.randrange(network.model.late_seconds * 1000))
                raise self._lost("No answer came.")
            case "5xx, taken":
                network.accept(key)
                raise self._lost("The network failed (502).")
            case "5xx, not taken":
                raise self._lost("The network failed (500).")
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
            case "arrives twice" if network.model.key_hours:
                network.accept(key)
            case "half of it" if network.model.drafts:  # laid down, not put out
                raise self._lost("The connection broke.")
        return network.accept(key)

    def find(self, key: str, post: contract.Post) -> contract.Receipt | None:
        self._read()
        network = self.network
        if network.model.drafts and key in network.accepted and not network.is_seen(key):
            raise contract.Later(60)  # it left the box and is not out yet
        return network.receipt(key) if network.is_seen(key) else None

    def settle(self, handle: str) -> contract.Receipt:
        self._read()
        return self.network.receipt(handle, pending=not self.network.is_seen(handle))

    def _lost(self, why: str) -> Exception:
        """An answer that did not come: where a key makes the same call one, it is made again."""
        by_key = self.network.model.key_hours and not self.network.model.finds
        return contract.Later(1, why) if by_key else contract.Uncertain(why)

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


# Where a network keeps nothing to look in, after these alone a person may be asked: nobody could know.
ASK_A_PERSON_IF_NOTHING_IS_KEPT = frozenset({
    "dropped before", "dropped after", "accepted late", "5xx, taken", "5xx, not taken", "garbage, taken",
    "garbage, not taken", "worker dies before", "worker dies after",
})  # fmt: skip
