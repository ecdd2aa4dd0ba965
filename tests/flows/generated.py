"""Invented customers in numbers, for a desk that runs: what they say arrives as it would from a network."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Page

from bankside.networks.practice import PracticeServer
from tests.flows.desk import Desk

SAID = (
    ("en", "My transfer of this morning has not arrived. Where is it?"),
    ("ko", "어제 보낸 이체가 아직 도착하지 않았어요. 확인해 주세요."),
    ("zh", "我昨天的转账还没有到账，请帮我查一下。"),
    ("nl", "Mijn overboeking van gisteren is nog niet aangekomen. Kunt u kijken?"),
)
ARRIVE_SECONDS_MAX = 150


def network_of(desk: Desk) -> PracticeServer:
    """The network that the invented bank's first channel is on, beside the desk that polls it."""
    folder: Path = desk.data / "practice" / "hanulbank"
    return PracticeServer(folder)


def customers(desk: Desk, count: int, *, prefix: str = "crowd") -> list[str]:
    """So many people write, each in one of four languages; the ids of what they said."""
    network = network_of(desk)
    return [
        network.customer_says(SAID[n % 4][1], by=f"{prefix}{n}", lang=SAID[n % 4][0], name=f"{prefix} {n}")
        for n in range(count)
    ]


def until_open(desk: Desk, page: Page, count: int) -> None:
    """Waits until at least so many conversations are open on the desk."""
    end = time.monotonic() + ARRIVE_SECONDS_MAX
    while open_now(desk, page) < count:
        assert time.monotonic() < end, f"{open_now(desk, page)} of {count} arrived"
        time.sleep(1)


def open_now(desk: Desk, page: Page) -> int:
    """How many conversations are open, as the API counts the pages of the list."""
    found = page.request.get(f"{desk.address}/conversations/")
    text = found.text().split('class="muted s13">', 1)[1].split("<", 1)[0]
    return int("".join(letter for letter in text if letter.isdigit()) or 0)
