"""While somebody works, messages arrive: nothing moves, and no word is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flows.desk import CHROMIUM, Desk, running
from tests.flows.generated import network_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.network,
    pytest.mark.timeout(420),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]
ARRIVALS = 20
WORDS = "고객님, 문의 주신 이체는 지금 확인하고 있습니다. We call you back today."
THREAD_MESSAGES = 230
BOX = "#reply-form textarea"
STATE = """() => { const box = document.activeElement;
  return [box.matches("#reply-form textarea"), box.value, box.selectionStart, box.selectionEnd]; }"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data: Path = tmp_path_factory.mktemp("desk")
    with running(data) as desk:
        yield desk


@pytest.fixture
def page(desk: Desk) -> Iterator[Page]:
    page = desk.sign_in("responder")
    page.goto(f"{desk.address}/conversations/")
    expect(page.locator("[data-item]").first).to_be_visible()
    yield page
    page.context.close()


def test_no_word_caret_or_place_is_lost_while_messages_arrive(desk: Desk, page: Page) -> None:
    network = network_of(desk)
    first = network.customer_says("이체가 안 됩니다.", by="while-typing", lang="ko", name="타자")
    page.locator("[data-item]").filter(has_text="이체가 안 됩니다.").click(timeout=60_000)
    box = page.locator(BOX)
    expect(box).to_be_visible()
    box.click()
    page.keyboard.insert_text(WORDS)
    rows = page.locator("[data-item]")
    before = rows.evaluate_all("all => all.map((one) => one.dataset.item)")
    top = page.locator("#list").evaluate("(list) => { list.scrollTop = 60; return list.scrollTop }")
    for n in range(ARRIVALS):
        network.customer_replies(first, f"{n}번째 재촉입니다.")
        network.customer_says(f"Nieuwe vraag {n}", by=f"arrival{n}", lang="nl", name=f"Arrival {n}")
        page.keyboard.type("x")
        page.keyboard.press("Shift+ArrowLeft")
        held = page.evaluate(STATE)
        page.wait_for_timeout(150)
        assert page.evaluate(STATE) == held
    typed = page.evaluate(STATE)
    expect(page.locator(".lines .body").last).to_contain_text(f"{ARRIVALS - 1}번째", timeout=90_000)
    assert page.evaluate(STATE) == typed
    assert typed[1].startswith(WORDS)
    now = rows.evaluate_all("all => all.map((one) => one.dataset.item)")
    assert now[: len(before)] == before
    assert page.locator("#list").evaluate("(list) => list.scrollTop") == top
    assert desk.complaints == []


def test_who_reads_earlier_messages_is_not_carried_away(desk: Desk, page: Page) -> None:
    network = network_of(desk)
    first = network.customer_says("말 시작", by="long", lang="ko", name="긴 대화")
    for n in range(THREAD_MESSAGES):
        network.customer_replies(first, f"{n}번째 말")
    row = page.locator("[data-item]").filter(has_text=f"{THREAD_MESSAGES - 1}번째 말")
    page.locator("#list").evaluate("(list) => { list.scrollTop = 0 }")
    page.mouse.move(900, 400)
    row.click(timeout=120_000)
    page.get_by_role("link", name=re.compile("earlier|이전|앞선|지난")).click()
    expect(page.locator(".lines .body").first).to_contain_text("말 시작")
    shown = page.locator(".lines .body").count()
    network.customer_replies(first, "마지막 말")
    page.wait_for_timeout(6_000)
    assert page.locator(".lines .body").count() == shown
    page.locator(".thread .fact.plain .link").last.click()
    expect(page.locator(".lines .body").last).to_contain_text("마지막 말")


def test_without_a_line_writing_goes_on(desk: Desk, page: Page) -> None:
    page.locator("[data-item]").nth(1).click()
    box = page.locator(BOX)
    box.click()
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    page.keyboard.insert_text(WORDS)
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(500)
    expect(box).to_have_value(WORDS)
    desk.keep(page, "offline-1280-light")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    address = page.url
    page.goto(f"{desk.address}/conversations/999999999/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    desk.keep(page, "not-here-1280-light")
    page.goto(address)
    expect(page.locator(BOX)).to_have_value(WORDS)
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".lines .post.ours .body").last).to_have_text(WORDS)
    desk.complaints.clear()
