"""The list of networks and the page of one in the browser: found by typing and by keys, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flows import axe
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


@pytest.fixture(params=[(1280, False), (1280, True), (390, False), (390, True)],
                ids=["wide", "wide-dark", "narrow", "narrow-dark"])  # fmt: skip
def page(desk: Desk, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, dark = request.param
    page = desk.sign_in("administrator", width=width, dark=dark)
    page.goto(f"{desk.address}/channels/new/")
    yield page
    page.context.close()
    assert desk.complaints == []


def named(page: Page, what: str) -> str:
    size = page.viewport_size or {"width": 0}
    scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    return f"{what}-{size['width']}{'-dark' if scheme else ''}"


def test_a_network_is_found_by_typing_and_opened_by_keys(desk: Desk, page: Page) -> None:
    choices = page.locator(".choice")
    before = choices.count()
    desk.keep(page, named(page, "networks"))
    assert axe.violations(page) == []
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("practice")
    expect(choices).to_have_count(1)
    assert before > 1
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for _ in range(3):
        if page.evaluate("document.activeElement.classList.contains('choice')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/channels/new/practice/"))
    desk.keep(page, named(page, "connect"))
    assert axe.violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_how_the_access_is_and_what_to_register_stand_on_the_page_of_a_channel(
    desk: Desk, page: Page
) -> None:
    page.goto(f"{desk.address}/channels/")
    page.locator("a.chan").first.click()
    address = page.locator("#hook")
    expect(address).to_have_value(re.compile("/hooks/"))
    desk.keep(page, named(page, "channel"))
    assert axe.violations(page) == []
    page.locator("[data-copies=hook]").click()
    expect(address).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
