"""Deliveries in memory: the rules of `channels/attempt.py` as they stand, over rows that lie in no table.

A hundred thousand histories take minutes so. That the rows behave as the tables do is tested by playing the
same histories on both (test_histories.py). Nothing is rolled back here: a step that raises ends the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from bankside.approvals import consent as consents
from bankside.approvals import requests
from bankside.channels import attempt as attempts
from bankside.channels import connect, counted, delivery, freeze, meter, onward, sessions, wordless
from bankside.channels import delivery_states as states
from bankside.channels import words as exact
from bankside.channels.models import Channel
from bankside.record import clock, jobs
from bankside.record.facts.channels import Words
from bankside.record.ids import new_id
from tests.flows.simulated import WorkerDied


@dataclass
class Attempt:
    """One call of the network."""

    number: int
    act: str
    started_at: int
    pk: int = 0
    ended_at: int = 0
    outcome: str = ""
    detail: str = ""


class Attempts(list[Attempt]):
    """What `row.attempts` is asked for."""

    def filter(self, **wanted: Any) -> Attempts:
        above = wanted.pop("number__gt", -1)
        return Attempts(
            one for one in self
            if one.number > above and all(getattr(one, name) == value for name, value in wanted.items())
        )  # fmt: skip

    def exclude(self, outcome: str) -> Attempts:
        return Attempts(one for one in self if one.outcome != outcome)

    def get(self, **wanted: Any) -> Attempt:
        [one] = self.filter(**wanted)
        return one

    def exists(self) -> bool:
        return bool(self)

    def count(self, *_: Any) -> int:
        return len(self)

    def order_by(self, name: str) -> Attempts:
        return Attempts(sorted(self, key=lambda one: one.number, reverse=name.startswith("-")))

    def update(self, **changes: Any) -> int:
        for one in self:
            for name, value in changes.items():
                setattr(one, name, value)
        return len(self)


@dataclass
class Row:
    """A delivery; its job lies with it."""

    channel: Any
    words: Words
    consent: Any
    digest: str
    due_at: int
    obj: str = field(default_factory=new_id)
    version: str = field(default_factory=new_id)
    about: str = field(default_factory=new_id)
    purpose: str = "post"
    state: str = states.INITIAL
    state_at: int = 0
    tries: int = 0
    remote_id: str = ""
    url: str = ""
    handle: str = ""
    note: str = ""
    fallback: str = ""
    lane: int = 0
    attempts: Attempts = field(default_factory=Attempts)

    def __post_init__(self) -> None:
        self.key = f"{self.version}:{self.channel.obj}"

    def save(self, update_fields: list[str]) -> None:
        assert all(hasattr(self, name) for name in update_fields)


@dataclass
class RowJob:
    """The job of a delivery."""

    row: Row
    due_at: int
    lease_until: int = 0
    done: bool = False

    @property
    def data(self) -> dict[str, str]:
        return {"delivery": self.row.obj}


class InMemory:
    """A desk with one channel and so many approved deliveries; see `tests/flows/test_histories.py`."""

    def __init__(self, texts: list[str]) -> None:
        self.channel = SimpleNamespace(
            obj="c" * 32, state=Channel.OPEN, network="practice", settings={}, session=b"", fresh_until=0
        )
        expires = requests.expires_after(0)
        self.rows, self.by_obj = list[Row](), dict[str, Row]()
        for text in texts:
            words = Words(text=text, lang="ko")
            consent = SimpleNamespace(voided=False, expires_at=expires)
            digest = exact.digest(self.channel.obj, words)
            row = Row(self.channel, words, consent, digest, clock.now_ms())
            self.rows.append(row)
            self.by_obj[row.obj] = row
        self.calls = list[Attempt]()
        self.jobs = [RowJob(row, row.due_at) for row in self.rows]

    def take(self, limit: int) -> list[RowJob]:
        now = clock.now_ms()
        due = [one for one in self.jobs if not one.done and one.due_at <= now and one.lease_until <= now]
        taken = sorted(due, key=lambda one: one.due_at)[:limit]
        for one in taken:
            one.lease_until = now + jobs.LEASE_SECONDS * 1000
        return taken

    def do(self, job: RowJob) -> None:
        """As `jobs.Runner` does one: a worker that dies leaves its lease behind."""
        result = attempts.bring_out(job)  # type: ignore[arg-type]
        if isinstance(result, jobs.Errand):
            if result.lease_seconds:
                job.lease_until = clock.now_ms() + result.lease_seconds * 1000
            try:
                answer = _answer(result.work)
            except WorkerDied:
                return
            result = result.after(answer)
        assert not isinstance(result, jobs.Errand)
        job.done, job.due_at, job.lease_until = result is None, result or job.due_at, 0

    def next_ms(self) -> int | None:
        return min((max(one.due_at, one.lease_until) for one in self.jobs if not one.done), default=None)

    def is_stopped(self) -> bool:
        return bool(self.channel.state == Channel.STOPPED)

    def reconnect(self) -> None:
        self.channel.state = Channel.OPEN
        for one in self.jobs:
            if one.row.state in {states.HELD, states.DOUBTFUL, states.PENDING}:
                one.done, one.due_at, one.lease_until = False, clock.now_ms(), 0

    def take_back(self, number: int) -> None:
        self.rows[number].consent.voided = True

    def ends(self) -> Iterator[Row]:
        return iter(self.rows)

    def put_in_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What `attempt.py` asks of tables, it asks of this."""
        select = SimpleNamespace(get=lambda obj: self.by_obj[obj])
        tables = SimpleNamespace(select_related=lambda *_: select)
        calls = SimpleNamespace(create=self._begun, filter=self._call)
        for place, name, value in [
            (attempts, "Delivery", SimpleNamespace(objects=tables)),
            (attempts, "Attempt", SimpleNamespace(objects=calls)),
            (attempts, "transaction", SimpleNamespace(atomic=nullcontext)),
            (onward, "transaction", SimpleNamespace(atomic=nullcontext)),
            (wordless, "is_erased", lambda row: False),  # nobody is forgotten in these histories
            (delivery, "lock", lambda lanes: None),
            (delivery, "locked", self.by_obj.__getitem__),
            (delivery, "words_of", lambda row: row.words),
            (delivery, "append_for", lambda *_, **__: None),
            (consents, "holds", _holds),
            (connect, "stop", self._stop),
            (freeze, "frozen", lambda: False),
            (meter, "holds_back", lambda *_: None),
            (meter, "sent", lambda row: None),
            (counted, "said", lambda row: None),
            (sessions, "renewal", lambda *_, **__: None),
        ]:
            monkeypatch.setattr(place, name, value)

    def _begun(self, delivery: Row, number: int, act: str, started_at: int) -> Attempt:
        assert not delivery.attempts.filter(number=number), "two calls of one number"
        made = Attempt(number, act, started_at, pk=len(self.calls))
        delivery.attempts.append(made)
        self.calls.append(made)
        return made

    def _call(self, pk: int, ended_at: int) -> Attempts:
        return Attempts([self.calls[pk]]).filter(ended_at=ended_at)

    def _stop(self, channel: Any, reason: str) -> bool:
        was, channel.state = channel.state, Channel.STOPPED
        return bool(was == Channel.OPEN)


def _holds(consent: Any, *, channel: str, digest: str, now: int) -> bool:
    return not consent.voided and bool(consent.expires_at > now)


def _answer(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception as error:
        return error
