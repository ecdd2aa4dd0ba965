"""Questionnaires and reports in the system's browser: usable by everybody, wide and narrow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests import founded
from tests.flows import axe
from tests.flows.desk import CHROMIUM, EXPECTED_MS_MAX, FLAGS, Desk, follow, on_the_database
from tests.flows.test_wordpress_journey import served
from tests.web.test_member_phone_browser import SMALL, TARGET_PX, WIDER, ran

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]
PORT = 8884
HEIGHTS = {390: 844, 1280: 800}
LOOKS = [("en", False, 1280), ("ko", True, 390), ("nl", False, 390), ("zh-hans", True, 1280)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, dict[str, str]]]:
    data: Path = tmp_path_factory.mktemp("desk")
    env = {**on_the_database(data), "BANKSIDE_PORT": str(PORT), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    founded.lay(env)
    on = json.loads(ran(env, "tests.flows.questioned", "en"))
    with served(env) as address, sync_playwright() as playwright:
        expect.set_options(timeout=EXPECTED_MS_MAX)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield Desk(address, data, browser), on
        browser.close()


def checked(desk: Desk, page: Page, name: str, *, thumbs: bool = False) -> None:
    """Nothing axe-core finds, nothing wider than the screen; for thumbs nothing too small."""
    axe.check(page)
    assert not page.evaluate(WIDER), f"{name} is wider than the screen"
    if thumbs:
        assert page.evaluate(SMALL, TARGET_PX) == [], name
    desk.keep(page, f"study-{name}")


def look_of(look: tuple[str, bool, int]) -> str:
    return f"{look[0]}-{'dark' if look[1] else 'light'}-{look[2]}"


@pytest.mark.parametrize(
    "look", [LOOKS[0], *(pytest.param(one, marks=pytest.mark.more) for one in LOOKS[1:])]
)
def test_an_institution_answers_page_by_page(desk: tuple[Desk, dict[str, str]], look: Any) -> None:
    its, on = desk
    language, dark, width = look
    page = its.page(width=width, height=HEIGHTS[width], dark=dark)
    link = its.address + on["link"]
    page.goto(link)
    follow(page, page.locator(f"button[name=language][value={language}]"))
    checked(its, page, f"start-{look_of(look)}", thumbs=True)
    page.goto(f"{link}1/")
    page.locator("input[value=yes]").check()
    checked(its, page, f"first-{look_of(look)}", thumbs=True)
    follow(page, page.locator("button[value=next]"))
    page.locator("input[name='q.networks'][value=blog]").check()
    page.locator("input[name='q.networks'][value='-']").check()
    page.locator("input[name='q.people']").fill("twelve")
    follow(page, page.locator("button[value=next]"))
    expect(page.locator(".error")).to_have_count(2)
    checked(its, page, f"wrong-{look_of(look)}", thumbs=True)
    page.locator("input[name='q.networks'][value='-']").uncheck()
    page.locator("input[name='q.purpose'][value=contact]").check()
    page.locator("input[name='q.people']").fill("12")
    follow(page, page.locator("button[value=next]"))
    follow(page, page.locator("button[value=next]"))
    checked(its, page, f"last-{look_of(look)}", thumbs=True)
    page.goto(f"{link}review/")
    checked(its, page, f"review-{look_of(look)}", thumbs=True)
    follow(page, page.locator("main form button.act"))
    checked(its, page, f"done-{look_of(look)}", thumbs=True)
    follow(page, page.locator("main form button"))
    assert page.context.cookies() == []
    complaints = [one for one in its.complaints if "422" not in one]  # the page with what is wrong
    its.complaints.clear()
    assert complaints == []
    page.context.close()


def test_it_works_without_a_script(desk: tuple[Desk, dict[str, str]]) -> None:
    its, on = desk
    context = its.browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{its.address}{on['link']}1/")
    page.locator("input[value=planned]").check()
    page.locator("button[value=stop]").click()
    expect(page.locator(".say.ok")).to_be_visible()
    page.goto(f"{its.address}{on['link']}1/")
    expect(page.locator("input[value=planned]")).to_be_checked()
    context.close()


@pytest.mark.parametrize(
    ("dark", "width"),
    [
        (False, 1280),
        pytest.param(True, 1280, marks=pytest.mark.more),
        pytest.param(False, 390, marks=pytest.mark.more),
        pytest.param(True, 390, marks=pytest.mark.more),
    ],
)
def test_staff_see_studies_and_their_report(
    desk: tuple[Desk, dict[str, str]], dark: bool, width: int
) -> None:
    its, on = desk
    page = its.page(width=width, height=HEIGHTS[width], dark=dark)
    its.enter(page, on["email"], on["password"])
    look = f"{'dark' if dark else 'light'}-{width}"
    page.goto(f"{its.address}/studies/")
    checked(its, page, f"list-{look}")
    latest = page.locator("tbody tr").nth(1).locator("a").get_attribute("href") or ""
    at, published = f"/studies/{on['open']}/", latest.removesuffix("report/")
    pages = {
        "new": "/studies/new/", "open": at, "text": f"{at}text/", "bring": f"{at}responses/",
        "one": f"{at}institutions/{on['institution']}/", "report": f"{published}report/",
        "publication": f"{published}publication/", "beside": f"{published}beside/?with={on['first']}",
        "observation": "/studies/observation/", "looking": f"/studies/looking/{on['looking']}/",
    }  # fmt: skip
    for name, address in pages.items():
        page.goto(its.address + address)
        checked(its, page, f"{name}-{look}")
    page.goto(f"{its.address}{published}report/")
    page.locator("#networks").scroll_into_view_if_needed()
    for one in page.locator("#networks details").all():
        one.locator("summary").click()
    checked(its, page, f"report-open-{look}")
    page.context.close()
    assert its.complaints == []
