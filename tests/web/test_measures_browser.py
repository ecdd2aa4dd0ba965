"""Measures in the system's browser: by keys, wide and narrow, in light and dark, usable by everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests import founded
from tests.flows import axe
from tests.flows.desk import CHROMIUM, EXPECTED_MS_MAX, FLAGS, Desk, on_the_database
from tests.flows.test_wordpress_journey import served
from tests.web.test_member_phone_browser import WIDER, ran

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]
PORT = 8892
HEIGHTS = {390: 844, 1280: 800}
LOOKS = [("en", False, 1280), ("ko", True, 390), ("nl", False, 390), ("zh-hans", True, 1280)]
BESIDE = ("definitions/", "mail/")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, dict[str, Any]]]:
    data: Path = tmp_path_factory.mktemp("desk")
    env = {
        **on_the_database(data), "BANKSIDE_PORT": str(PORT), "DJANGO_SETTINGS_MODULE": "bankside.settings",
        "BANKSIDE_MAIL_URL": f"folder:{data}",
    }  # fmt: skip
    founded.lay(env)
    on = json.loads(ran(env, "tests.flows.measured", *(look[0] for look in LOOKS)))
    with served(env) as address, sync_playwright() as playwright:
        expect.set_options(timeout=EXPECTED_MS_MAX)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        made = Desk(address, data, browser)
        yield made, on
        assert made.complaints == []
        browser.close()


def checked(desk: Desk, page: Page, name: str) -> None:
    """Nothing axe-core finds, nothing wider than the screen."""
    axe.check(page)
    assert not page.evaluate(WIDER), f"{name} is wider than the screen"
    desk.keep(page, f"measures-{name}")


@pytest.mark.parametrize(
    "look", [LOOKS[0], *(pytest.param(one, marks=pytest.mark.more) for one in LOOKS[1:])]
)
def test_from_a_number_to_the_entry_behind_it(desk: tuple[Desk, dict[str, Any]], look: Any) -> None:
    its, on = desk
    language, dark, width = look
    named = f"{language}-{'dark' if dark else 'light'}-{width}"
    page = its.page(width=width, height=HEIGHTS[width], dark=dark)
    its.enter(page, on["emails"][language], on["password"])
    page.goto(f"{its.address}/measures/")
    checked(its, page, f"empty-{named}")
    page.goto(f"{its.address}/measures/?{urlencode(on['days'])}")
    expect(page.locator(".lede .serif")).to_be_visible()
    checked(its, page, f"page-{named}")
    for number, table in enumerate(page.locator("details.under").all()):
        table.locator("summary").click()
        expect(table.locator("table")).to_be_visible()
        assert number < 2
    page.locator(".narrowing summary").click()
    checked(its, page, f"filter-{named}")
    page.locator(".narrowing summary").click()
    page.locator(".peers").scroll_into_view_if_needed()
    its.keep(page, f"measures-peers-{named}")
    page.locator(".measured .val a").first.click()
    page.wait_for_url(re.compile("/measures/entries/"))
    checked(its, page, f"entries-{named}")
    page.locator(".behind a").first.click()
    page.wait_for_url(re.compile(r"/record/\d+/"))
    for beside in BESIDE:
        page.goto(f"{its.address}/measures/{beside}")
        checked(its, page, f"{beside.strip('/')}-{named}")
    page.close()


def test_by_keys_and_without_a_script(desk: tuple[Desk, dict[str, Any]]) -> None:
    its, on = desk
    page = its.page()
    its.enter(page, on["emails"]["en"], on["password"])
    page.goto(f"{its.address}/record/")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url(re.compile("/measures/"))
    expect(page.locator("nav.rail a[aria-current=page]")).to_have_class("r-measures")
    state = page.context.storage_state()
    plain = its.browser.new_context(java_script_enabled=False, storage_state=state)
    bare = plain.new_page()
    bare.goto(f"{its.address}/measures/?{urlencode(on['days'])}")
    bare.locator(".narrowing summary").click()
    bare.locator("#n-lang").select_option("ko")
    bare.locator(".narrowing button").click()
    bare.wait_for_url(re.compile("lang=ko"))
    expect(bare.locator(".lede .chip")).to_be_visible()
    with bare.expect_download() as got:
        bare.locator("a.csv").click()
    assert got.value.suggested_filename.endswith(".csv")
    plain.close()
    page.close()
