"""The room Card in the system's browser: usable by everybody, wide and narrow, light and dark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests import founded
from tests.flows import axe, card_desk
from tests.flows.desk import CHROMIUM, EXPECTED_MS_MAX, FLAGS, Desk, on_the_database
from tests.flows.test_wordpress_journey import served
from tests.web.test_member_phone_browser import WIDER, ran

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]
PORT = 8896
DRY_RUN_MS_MAX = 90_000  # the first one loads an engine, on a machine that may be busy
HEIGHTS = {390: 844, 1280: 800}
WRITER = {
    "programmes": "/programmes/", "new": "/programmes/new/", "draft": "/programmes/{draft}/",
    "order": "/studio/orders/{order}/", "orders": "/studio/orders/", "ordering": "/studio/",
    "refused": "/studio/?handle=%40%D0%B0pple&holder=PARK",
    "dry-run": "/programmes/{live}/dry-run/", "dry-run-empty": "/programmes/{waiting}/dry-run/",
}  # fmt: skip
APPROVER = {
    "programme": "/programmes/{live}/", "asked": "/programmes/{waiting}/", "offers": "/offers/",
    "owed": "/liability/", "reviews": "/reviews/", "review": "/reviews/{flag}/",
    "proposed": "/reviews/{proposed}/", "studio": "/studio/", "members": "/members/",
    "member": "/members/{member}/", "ordered": "/members/{holder}/", "values": "/spending/",
    "nobody": "/members/?customer_ref=hanul%3Anobody",
}  # fmt: skip
SENDER = {"spending": "/spending/"}
# Nothing a table holds is cut off or lies outside of its pane.
CUT = """() => [...document.querySelectorAll("main td, main th, main .btn, main .chip, main dd, main p")]
  .filter((one) => one.checkVisibility() && !one.closest(".sr, pre, .views"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.right > innerWidth + 1 || box.left < -1))
  .map(([one, box]) => `${box.left} to ${box.right}: ${one.outerHTML.slice(0, 99)}`)"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, dict[str, str]]]:
    data: Path = tmp_path_factory.mktemp("desk")
    env = {**on_the_database(data), "BANKSIDE_PORT": str(PORT), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    founded.lay(env)
    on = json.loads(ran(env, "tests.flows.card_desk", "en"))
    with served(env) as address, sync_playwright() as playwright:
        expect.set_options(timeout=EXPECTED_MS_MAX)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield Desk(address, data, browser), on
        browser.close()


def checked(desk: Desk, page: Page, name: str) -> list[str]:
    """What axe-core finds, and what is wider than the screen."""
    desk.keep(page, f"card-{name}")
    wider = [f"{name} is wider than the screen"] if page.evaluate(WIDER) else []
    return [*axe.violations(page), *wider, *(f"{name}: {one}" for one in page.evaluate(CUT))]


@pytest.mark.parametrize(
    ("dark", "width"),
    [(False, 1280), pytest.param(True, 390, marks=pytest.mark.more),
     pytest.param(True, 1280, marks=pytest.mark.long), pytest.param(False, 390, marks=pytest.mark.long)],
)  # fmt: skip
def test_every_page_of_the_card_is_usable(desk: tuple[Desk, dict[str, str]], dark: bool, width: int) -> None:
    its, on = desk
    look, wrong = f"{'dark' if dark else 'light'}-{width}", []
    for email, pages in (
        (card_desk.WRITES, WRITER),
        (card_desk.APPROVES, APPROVER),
        (card_desk.SENDS, SENDER),
    ):
        page = its.page(width=width, height=HEIGHTS[width], dark=dark)
        page.set_default_navigation_timeout(DRY_RUN_MS_MAX)
        its.enter(page, email, card_desk.PASSWORD)
        for name, address in pages.items():
            page.goto(its.address + address.format(**on))
            wrong += checked(its, page, f"{name}-{look}")
        page.context.close()
    complaints, its.complaints[:] = list(its.complaints), []
    assert [*wrong, *complaints] == []


@pytest.mark.more
def test_why_words_cannot_be_printed_is_said_while_they_are_typed(desk: tuple[Desk, dict[str, str]]) -> None:
    its, _ = desk
    page = its.page(width=1280, height=HEIGHTS[1280], dark=False)
    its.enter(page, card_desk.WRITES, card_desk.PASSWORD)
    page.goto(f"{its.address}/studio/")
    name = page.get_by_label("Name of the profile")
    name.fill("@аpple")
    expect(page.locator("#why-handle")).to_contain_text("mixes letters")
    expect(page.locator("#proof img")).to_have_count(0)
    expect(name).to_be_focused()
    name.fill("@apple")
    expect(page.locator("#why-handle")).to_be_hidden()
    expect(page.locator("#proof img")).to_be_visible()
    page.get_by_role("button", name="Order them").click()
    expect(page.get_by_text("0 of 1 cards drawn")).to_be_visible()
    assert checked(its, page, "drawing-light-1280") == []
    page.context.close()
