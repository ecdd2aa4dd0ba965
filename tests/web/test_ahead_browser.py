"""Fetched ahead: a key shows the next conversation at once, and only what was shown counts as read."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.flows.desk import CHROMIUM, Desk, running
from tests.flows.generated import customers, network_of, until_arrived

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(420),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]
CROWD = 300
HAS_A_CLOCK = re.compile(r"\d+\s?(분|min)")
PRESSES = 60
# A pane that was fetched ahead is there without a round trip: against fetching the same address in the same
# run the middle case took 0.08 to 0.97 of it, and 1.06 when three suites shared two cores with other work
# (2026-11-28); with the fetching ahead switched off it takes 3.3. The speeds are printed and gate nothing.
SHARE_OF_A_FETCH_MAX = 2
P50_MS_WANTED, P95_MS_WANTED = 15, 100

# Measures from the press of the key until the conversation stands in the page with its heading in focus.
WATCH = """() => {
  window.measured = [];
  let pressed = 0;
  addEventListener("keydown", (event) => { if (event.key === "Enter") pressed = performance.now(); }, true);
  document.addEventListener("focusin", ({ target }) => {
    if (!pressed || !target.matches("#head h2")) return;
    window.measured.push(performance.now() - pressed);
    pressed = 0;
  });
}"""
BARE = """async (url) => {
  const began = performance.now();
  const headers = { "HX-Request": "true", "HX-Target": "opened", "Bankside-Ahead": "1" };
  await (await fetch(url, { headers })).text();
  return performance.now() - began;
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data: Path = tmp_path_factory.mktemp("desk")
    with running(data) as desk:
        yield desk


@pytest.fixture
def page(desk: Desk) -> Iterator[Page]:
    page = desk.sign_in("responder")
    with page.expect_response(re.compile("/live/")):
        page.goto(f"{desk.address}/conversations/")
    expect(page.locator("[data-item]").first).to_be_visible()
    yield page
    page.context.close()
    assert desk.complaints == []


def test_what_happens_meanwhile_is_never_missed(desk: Desk, page: Page) -> None:
    network = network_of(desk)
    first = network.customer_says("첫 번째 말", by="meanwhile", lang="ko", name="그 사이")
    row = page.locator("[data-item]").filter(has_text="첫 번째 말")
    expect(row).to_contain_text(HAS_A_CLOCK, timeout=60_000)  # it has its place in the list: rows do not jump
    with page.expect_response(lambda got: "bankside-ahead" in got.request.headers):
        row.focus()
    page.wait_for_timeout(500)
    network.customer_replies(first, "두 번째 말")
    expect(page.locator("[data-item]").filter(has_text="두 번째 말")).to_be_visible(timeout=60_000)
    page.locator("[data-item]").filter(has_text="두 번째 말").press("Enter")
    expect(page.locator(".lines .body")).to_have_text([re.compile("첫 번째 말"), re.compile("두 번째 말")])


def test_two_people_see_each_other(desk: Desk, page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#head h2")).to_be_focused()
    address = page.url
    expect(page.locator("#head .also")).to_have_count(0)
    other = desk.sign_in("reviewer")
    other.goto(address)
    expect(page.locator("#head .also .av.here")).to_be_visible()
    expect(page.locator("#head .also")).to_contain_text(re.compile("reading|읽"))
    desk.keep(page, "presence-1280-light")
    expect(other.locator("#head .also")).to_be_visible()
    other.context.close()


def test_a_key_shows_the_conversation_at_once(
    desk: Desk, page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    customers(desk, CROWD)
    until_arrived(desk, page, CROWD)
    page.goto(f"{desk.address}/conversations/")
    page.evaluate(WATCH)
    page.wait_for_timeout(1500)
    for _ in range(PRESSES):
        page.keyboard.press("j")
        page.wait_for_timeout(220)
        page.keyboard.press("Enter")
        expect(page.locator("#head h2")).to_be_focused()
        page.wait_for_timeout(180)
    measured = page.evaluate("window.measured")
    bare = bare_fetches(page)
    said = figures(measured, bare)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert len(measured) >= PRESSES - 12
    assert median(measured) <= median(bare) * SHARE_OF_A_FETCH_MAX, said


def bare_fetches(page: Page) -> list[float]:
    """What fetching the same panes takes in the same run, in ms."""
    addresses = page.locator("[data-item]").evaluate_all("all => all.map(one => one.getAttribute('hx-get'))")
    return [float(page.evaluate(BARE, address)) for address in addresses[:20]]


def figures(measured: list[Any], bare: list[float]) -> str:
    p95 = quantiles(measured, n=20)[-1]
    return (
        f"key to conversation: p50 {median(measured):.1f} ms (wanted {P50_MS_WANTED}), p95 {p95:.1f} ms "
        f"(wanted {P95_MS_WANTED}), {len(measured)} presses; a bare fetch: p50 {median(bare):.1f} ms"
    )
