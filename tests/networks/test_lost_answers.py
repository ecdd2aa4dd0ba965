"""Answers are lost before the fake of every network: what was said stands there once, or a person is asked.

Each try goes as the desk goes (channels/attempt.py): what is refused for now is sent again, what is in doubt
is looked up, and where a network keeps nothing to look it up in, nothing is ever sent again.
"""

from __future__ import annotations

import random
from collections import Counter

import httpx
import pytest

from bankside.networks.catalogue import load, network
from bankside.networks.contract import Connector, Later, Post, Receipt, Uncertain
from tests.networks.pretended import Pretended, fake_of, pretended, said

TRIES = 1000
DAY = 20
"""So much a bank says in a day: what is in doubt is looked for among it."""
STEPS_MAX = 60
SECONDS_MAX = 100
READS = frozenset({"GET", "HEAD"})


class Lossy(httpx.BaseTransport):
    """The fake behind a bad line: of seven writes one never arrives, and of five one is never confirmed."""

    def __init__(self, fake: Pretended, dice: random.Random) -> None:
        self._fake, self._dice = fake, dice

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method in READS:
            return self._fake.handle_request(request)
        roll = self._dice.random()
        if roll < 0.1:
            raise httpx.ReadTimeout("It never arrived.")
        if roll < 0.15:
            return said(502, "<html>Bad gateway</html>", {"content-type": "text/html"})
        answer = self._fake.handle_request(request)
        if roll < 0.3:
            raise httpx.ReadError("The answer was lost.")
        return said(500, "", {}) if roll < 0.35 else answer


def brought_out(made: Connector, post: Post, key: str) -> str:
    """`sent` or `uncertain`, by the rules of the desk."""
    step, handle = "send", ""
    for _ in range(STEPS_MAX):
        try:
            match step:
                case "send":
                    answer: Receipt | None = made.send(post, key)
                case "settle":
                    answer = made.settle(handle)
                case _:
                    answer = made.find(key, post)
        except Later:
            continue
        except Uncertain:
            if not made.can("find"):
                return "uncertain"
            step = "find" if step == "send" else step
            continue
        if answer is None:
            step = "send"
        elif answer.pending:
            step, handle = "settle", answer.handle
        else:
            return "sent"
    return "never"


@pytest.mark.timeout(SECONDS_MAX)
@pytest.mark.parametrize("name", pretended())
def test_what_is_said_over_a_bad_line_stands_there_once(name: str) -> None:
    if "send" not in network(name).can:
        pytest.skip("nothing is said there: it is only listened to")
    dice, ends, stand = random.Random(name), Counter[str](), 0
    for day in range(TRIES // DAY):
        fake = fake_of(name)
        made = fake.connector(Lossy(fake, dice))
        for number in range(day * DAY, (day + 1) * DAY):
            ends[brought_out(made, fake.post(number), f"v{number}:c1")] += 1
        words = Counter(fake.visible())
        assert [said for said, times in words.items() if times > 1] == []
        stand += len(words)
    assert ends["never"] == 0
    if network(name).doubt.strategy == "none":
        assert ends["uncertain"] and ends["sent"] <= stand <= TRIES
    else:
        assert ends == {"sent": TRIES} and stand == TRIES


def test_every_network_that_sends_has_a_fake_behind_a_bad_line() -> None:
    """But for the practice network, which is one, with random histories of its own (tests/flows)."""
    sending = {data.name for data in load().values() if "send" in data.can}
    assert sending - set(pretended()) == {"practice"}


@pytest.mark.parametrize("name", pretended())
def test_the_line_is_bad_enough(name: str) -> None:
    """Whoever sends again without a look says things twice, or says some of them not at all."""
    fake, dice = fake_of(name), random.Random(name)
    if "send" not in network(name).can or network(name).doubt.strategy in {"client_id", "server_key"}:
        pytest.skip("sending again is what this network is made for, or nothing is said there")
    made = fake.connector(Lossy(fake, dice))
    for number in range(100):
        for _ in range(STEPS_MAX):
            try:
                made.send(fake.post(number), f"v{number}:c1")
                break
            except (Later, Uncertain):
                continue
    assert max(Counter(fake.visible()).values()) > 1 or network(name).doubt.strategy == "slug"
