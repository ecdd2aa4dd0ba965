"""A small institution for tests that cross rooms: staff in every role, a practice channel, a worker, a clock.

The clock stands still and is moved by `later`, so that no test waits; the pretended network's clock moves
with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bankside.approvals import consent as consents
from bankside.approvals import requests
from bankside.channels import connect, delivery, reading
from bankside.channels import words as exact
from bankside.channels.models import Channel, Delivery
from bankside.networks.practice import PracticeServer
from bankside.people import staff, teams
from bankside.people.models import Staff, Team
from bankside.record import clock, jobs, projection, seal
from bankside.record.facts.channels import Words
from bankside.record.ids import new_id

NOW = clock.from_iso("2026-11-24T10:00:00Z")
STEPS_MAX = 200


@dataclass
class Scene:
    """Hanul Bank, its people and one channel on the practice network."""

    folder: Path
    moment: int = NOW
    team: Team = field(init=False)
    people: dict[str, Staff] = field(default_factory=dict)
    channel: Channel = field(init=False)

    def __post_init__(self) -> None:
        self.team = teams.make("Seoul", "Asia/Seoul")
        for role, name in [
            ("author", "Pieter Smit"), ("approver", "Hyejin Oh"), ("responder", "이다은"),
            ("reviewer", "王立"), ("administrator", "Sanne Vos"), ("auditor", "Jin Park"),
        ]:  # fmt: skip
            desk_wide = role in {"administrator", "auditor"}
            self.people[role] = staff.add(
                f"{role}@hanulbank.example", name, role=role, team=None if desk_wide else self.team
            )
        self.channel = self.connect("한울은행", self.folder)

    def connect(self, name: str, folder: Path, **settings: str) -> Channel:
        """One more channel on a practice network of its own folder."""
        chosen = {"folder": str(folder), "customers": "no", **settings}
        secrets = {"hook_secret": "practice hook secret"}
        return connect.add(
            self.people["administrator"], "practice",
            name=name, settings=chosen, secrets=secrets, team=self.team,
        )  # fmt: skip

    @property
    def network(self) -> PracticeServer:
        """The other side of the channel."""
        return PracticeServer(self.folder, hook_secret="practice hook secret")

    def work(self) -> None:
        """Does all that is due now, as the worker does, in this thread."""
        for _ in range(STEPS_MAX):
            done = sum(projection.catch_up(f, lane) for f, lane in projection.behind())
            done += reading.read_kept(500) + jobs.run_due()
            if not done:
                seal.seal_all()
                return
        raise AssertionError("the desk does not come to rest")

    def later(self, seconds: float) -> None:
        """Moves both clocks on and does what has become due."""
        self.moment += int(seconds * 1000)
        clock._frozen_ms = self.moment
        self.network.advance(seconds)
        self.work()

    def deliver(self, text: str, *, purpose: Any = "post", about: str = "", **fields: Any) -> Delivery:
        """Words with a consent by a second person, on their way; not sent yet."""
        words = Words(text=text, lang=fields.pop("lang", "ko"), **fields)
        digest = exact.digest(self.channel.obj, words)
        author, said = self.people["author"], [(self.channel.obj, digest)]
        request = requests.ask(
            kind="post",
            thing=new_id(),
            version=new_id(),
            author=author,
            editor=author,
            words=said,
            team=self.team,
        )
        [consent] = consents.give(self.people["approver"], request, words=said)
        return delivery.request(
            channel=self.channel, purpose=purpose, about=about or consent.thing, version=consent.version,
            words=words, digest=digest, consent=consent, due_ms=self.moment,
            requested_by=self.people["author"],
        )  # fmt: skip
