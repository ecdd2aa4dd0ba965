"""Search in the system's browser: from any room by its key, down the results by keys, and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flows.desk import CHROMIUM, Desk, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data: Path = tmp_path_factory.mktemp("desk")
    with running(data) as desk:
        yield desk
        assert desk.complaints == []


def find(page: Page, words: str) -> None:
    """Types words into the field, by keys alone."""
    page.keyboard.press("/")
    field = page.locator("#q")
    expect(field).to_be_focused()
    field.fill(words)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search/\?q="))


def test_from_the_inbox_by_keys_to_a_conversation_beside_what_was_found(desk: Desk) -> None:
    page = desk.sign_in("responder")
    page.goto(f"{desk.address}/conversations/")
    find(page, "카드")
    expect(page.locator("mark").first).to_have_text("카드")
    desk.keep(page, "search-1280-light")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/conversations/\d+/"))
    expect(page.locator("#head h2")).to_be_focused()
    expect(page.locator("mark").first).to_be_visible()
    desk.keep(page, "search-opened-1280-light")
    find(page, "없는낱말입니다")
    expect(page.locator(".list .empty")).to_be_visible()
    desk.keep(page, "search-empty-1280-light")


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False), (390, True)])
def test_in_the_dark_and_on_a_phone(desk: Desk, width: int, dark: bool) -> None:
    page = desk.sign_in("responder", width=width, height=800, dark=dark)
    page.goto(f"{desk.address}/search/?q=카드")
    expect(page.locator("mark").first).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    desk.keep(page, f"search-{width}-{'dark' if dark else 'light'}")
