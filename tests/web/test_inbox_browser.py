"""The inbox in the system's browser: keys, drafts, the live line, and nothing that the policy forbids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bankside.networks.practice import PracticeServer
from tests.flows.desk import CHROMIUM, Desk, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]
DRAFT = "고객님, 바로 확인하겠습니다."


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
    assert desk.complaints == []


def opened(page: Page) -> str:
    """Opens the first conversation with the keyboard alone; its address."""
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/conversations/\d+/"))
    expect(page.locator("#head h2")).to_be_focused()
    return page.url


def test_keys_walk_open_answer_and_leave(page: Page) -> None:
    opened(page)
    expect(page.locator("[data-item][aria-current=true]")).to_have_count(1)
    page.keyboard.press("r")
    expect(page.get_by_role("textbox", name=re.compile("."))).to_be_focused()
    page.keyboard.type("jjj")
    expect(page.locator("#reply-form textarea")).to_have_value("jjj")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator("#note-form textarea")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url("**/channels/")


def test_the_place_of_a_key_counts_where_its_letter_is_hangul(page: Page) -> None:
    pressed = (
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ㅓ', code: 'KeyJ', bubbles: true}))"
    )
    page.evaluate(pressed)
    expect(page.locator("[data-item]").first).to_be_focused()
    composing = pressed.replace("bubbles: true", "bubbles: true, isComposing: true")
    page.evaluate(composing)
    expect(page.locator("[data-item]").first).to_be_focused()


def test_a_draft_outlives_the_page_and_ends_when_it_is_sent(page: Page) -> None:
    address = opened(page)
    page.keyboard.press("r")
    page.keyboard.insert_text(DRAFT)
    page.goto(page.url.split("/conversations/")[0] + "/account/")
    page.goto(address)
    box = page.locator("#reply-form textarea")
    expect(box).to_have_value(DRAFT)
    expect(page.locator("#count b")).to_have_text(re.compile(rf"^{len(DRAFT)} |{len(DRAFT)}$"))
    box.press("Control+Enter")
    expect(page.locator(".lines .post.ours .body").last).to_have_text(DRAFT)
    expect(page.locator("#reply-form textarea")).to_have_value("")
    page.keyboard.press("z")
    expect(page.locator("#reply-form textarea")).to_have_value(DRAFT)


def test_what_arrives_moves_nothing_under_the_pointer(desk: Desk, page: Page) -> None:
    page.locator("#list").hover()
    before = page.locator("[data-item]").evaluate_all("all => all.map(one => one.dataset.item)")
    network = PracticeServer(desk.data / "practice" / "hanulbank")
    network.customer_says("刚刚提交的贷款申请怎么查进度？", by="fang", lang="zh", name="方静")
    fresh = page.locator("[data-fresh]")
    expect(fresh).to_be_visible(timeout=90_000)
    now = page.locator("[data-item]").evaluate_all("all => all.map(one => one.dataset.item)")
    assert now[: len(before)] == before
    fresh.click()
    expect(page.get_by_text("方静").first).to_be_visible()
    expect(fresh).to_be_hidden()


def test_a_narrow_screen_shows_one_column_and_a_bar_at_the_foot(desk: Desk) -> None:
    page = desk.sign_in("responder", width=390, height=844)
    page.goto(f"{desk.address}/conversations/")
    expect(page.locator(".list-col")).to_be_visible()
    expect(page.locator(".thread-col")).to_be_hidden()
    page.locator("[data-item]").first.click()
    expect(page.locator("#answer")).to_be_visible()
    expect(page.locator(".list-col")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    foot = page.locator(".rail").bounding_box()
    assert foot is not None
    assert foot["y"] + foot["height"] == 844
    page.locator(".btn.back").click()
    expect(page.locator(".list-col")).to_be_visible()
    page.context.close()
    assert desk.complaints == []
