"""From one command to an answered customer, in the browser, as different people (issue: first light, 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flows.desk import CHROMIUM, Desk, running

WORDS = "From 1 December our app speaks Korean, Chinese and Dutch. 새 앱을 만나 보세요."
SENT_MS_MAX = 60_000

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


def test_write_approve_send_answer_and_verify(desk: Desk) -> None:
    author, approver = desk.sign_in("author"), desk.sign_in("approver")
    write(desk, author)
    approve(desk, approver)
    send(desk, author)
    answer(desk, desk.sign_in("responder"))
    verified = desk.command("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert desk.complaints == []


def write(desk: Desk, page: Page) -> None:
    """The author writes, chooses two channels, looks at the preview and asks somebody to approve."""
    page.goto(f"{desk.address}/posts/")
    desk.keep(page, "publish-1280-light")
    page.get_by_role("link", name="New post").click()
    page.get_by_label("Base words").fill(WORDS)
    page.get_by_label("Name of the post").fill("The app in four languages")
    page.get_by_role("checkbox", name=re.compile(r"^Hanul Bank @")).check()
    page.get_by_role("checkbox", name=re.compile("한울은행")).check()
    page.get_by_role("button", name="Write each version").click()
    expect(page.get_by_text(WORDS).first).to_be_visible()
    desk.keep(page, "composer-1280-light")
    page.get_by_role("button", name=re.compile("Ask to approve")).click()
    expect(page.get_by_text("Waiting").first).to_be_visible()


def approve(desk: Desk, page: Page) -> None:
    """Somebody else, whose desk speaks Korean, reads the exact words and agrees."""
    page.goto(f"{desk.address}/posts/?view=waiting")
    page.get_by_role("link", name="The app in four languages").click()
    page.locator("a.act[href$='/approval/']").click()
    expect(page.get_by_text(WORDS).first).to_be_visible()
    desk.keep(page, "approval-1280-light")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.locator("button[aria-keyshortcuts='Shift+A']").click()
    page.wait_for_url(lambda url: "/approval/" not in url)


def send(desk: Desk, page: Page) -> None:
    """The author sends at once and sees it confirmed on both channels."""
    page.goto(f"{desk.address}/posts/?view=approved")
    page.get_by_role("link", name="The app in four languages").click()
    page.get_by_label("At once").check()
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_text(re.compile("^Out since"))).to_have_count(2, timeout=SENT_MS_MAX)
    sent = page.locator("header.bar .chip, header.bar").get_by_text("Sent").first
    expect(sent).to_be_visible(timeout=SENT_MS_MAX)
    desk.keep(page, "sent-1280-light")


def answer(desk: Desk, page: Page) -> None:
    """A responder, in Korean too, answers a customer, sees it go out, and the customer's thanks arrive."""
    page.goto(desk.address)
    page.get_by_role("link", name=re.compile("Emma Turner")).first.click()
    page.locator("textarea[data-draft^='reply:']").fill(
        "Sorry about that, Emma. Both charges are being looked at; you hear from us today."
    )
    desk.keep(page, "inbox-1280-light")
    page.locator("#reply-form button[aria-keyshortcuts='Control+Enter']").click()
    expect(page.get_by_text("you hear from us today").last).to_be_visible()
    expect(page.get_by_text("Thank you, that helped.").last).to_be_visible(timeout=SENT_MS_MAX)
    desk.keep(page, "answered-1280-light")
