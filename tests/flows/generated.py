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
PAGES_MAX = 20


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


def until_arrived(desk: Desk, page: Page, count: int, *, prefix: str = "crowd") -> None:
    """Waits until each of these customers has a conversation; others may write at the same time."""
    end, wanted = time.monotonic() + ARRIVE_SECONDS_MAX, {f"{prefix} {n}" for n in range(count)}
    while missing := wanted - names_now(desk, page):
        assert time.monotonic() < end, f"{len(missing)} of {count} have not arrived: {sorted(missing)[:5]}"
        time.sleep(1)


def names_now(desk: Desk, page: Page) -> set[str]:
    """Who has an open conversation, from all pages of the API's list."""
    names: set[str] = set()
    cursor: str | None = ""
    for _ in range(PAGES_MAX):
        asked: dict[str, str | float | bool] = {"limit": 200, "cursor": cursor or ""}
        found = page.request.get(f"{desk.address}/api/v1/conversations", params=asked).json()
        names |= {one["name"] for one in found["items"]}
        if not (cursor := found["next"]):
            return names
    raise AssertionError(f"more than {PAGES_MAX} pages")
