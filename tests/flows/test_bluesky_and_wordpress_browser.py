"""A post with a picture for two real networks, and what people answer on both, all in the browser.

On both databases: written by one person, approved by another, there on both networks; what other accounts
say stands in the open inbox, promised within ten seconds of being seen by everybody (printed), and the
answers stand under it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.flows.bluesky_and_wordpress import DATABASES, LANGUAGES, PASSWORD, Founded, address_of, database_of
from tests.flows.desk import CHROMIUM, FLAGS, Desk
from tests.flows.test_wordpress_journey import (
    ARRIVES_SECONDS_MAX,
    ARRIVES_SECONDS_PROMISED,
    Program,
    served,
    told,
)
from tests.servers.bluesky import Bluesky, Person, Ref
from tests.servers.wordpress import WordPress
from tests.web.caller import png

PORT = 8780
SENT_SECONDS_MAX = 60
WORDS = "2026 연차보고서를 공개합니다. 不良率为0.58%。"
SHORT = "2026 연차보고서를 공개합니다. #연차보고서"
ALT = "연차보고서 표지"
QUESTIONS = {"Bluesky": "배당은 언제인가요?", "Blog": "Waar staat pagina 12?"}
ANSWERS = {"Bluesky": "4월에 지급됩니다.", "Blog": "Op bladzijde 12."}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server("bluesky"),
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]


@dataclass
class Bank:
    """The desk in front of the bank's people, and the bank's account on the network."""

    founded: Founded
    desk: Desk
    account: Person
    database: str

    def page(self, role: str) -> Page:
        return self.desk.enter(self.desk.page(), address_of(role), PASSWORD)

    def keep(self, page: Page, name: str) -> None:
        self.desk.keep(page, f"two-networks-{self.database}-{name}")

    @property
    def title(self) -> str:
        """The blog is shared by all tests: nobody else uses this one."""
        return f"연차보고서 {self.account.handle} {self.database}"


@pytest.fixture(params=[DATABASES[0], pytest.param(DATABASES[1], marks=pytest.mark.long)])
def bank(
    request: pytest.FixtureRequest, tmp_path: Path, wordpress: WordPress, bluesky: Bluesky
) -> Iterator[Bank]:
    account, data = bluesky.account("hanulbank"), tmp_path / "desk"
    port = PORT + 4 * DATABASES.index(request.param)
    founded = Founded(data, port, database_of(request), wordpress, bluesky, account)
    with served(founded.env) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield Bank(founded, Desk(address, data, browser), account, request.param)
        browser.close()


def test_a_post_for_both_and_an_answer_on_each_in_the_browser(
    bank: Bank, wordpress: WordPress, bluesky: Bluesky, tmp_path: Path
) -> None:
    picture = tmp_path / "report.png"
    picture.write_bytes(png((400, 300)))
    author = bank.page("author")
    write(bank, author, picture)
    approve(bank, bank.page("approver"))
    send(bank, author)

    article = next(p for p in wordpress.posts() if p["title"]["raw"] == bank.title)
    [note] = bank.account.records()
    assert article["featured_media"] and note["value"]["text"] == SHORT
    assert note["value"]["embed"]["images"][0]["alt"] == ALT

    responder = bank.page("responder")
    asked = bluesky.account("kim").reply(Ref(note["uri"], note["cid"]), QUESTIONS["Bluesky"], langs=["ko"])
    bluesky.wait_for(asked.uri)
    arrives(bank, responder, "Bluesky")
    comment = wordpress.comment(article["id"], "Fleur de Jong", QUESTIONS["Blog"])
    arrives(bank, responder, "Blog")
    for place in QUESTIONS:
        answer(bank, responder, place)

    under = next(c for c in wordpress.comments(article["id"]) if c["parent"] == comment)
    assert ANSWERS["Blog"] in under["content"]["raw"]
    [said] = [r["value"] for r in bank.account.records() if "reply" in r["value"]]
    assert (said["text"], said["reply"]["parent"]) == (ANSWERS["Bluesky"], asked.strong)
    told({"auditor": Program(bank.desk.address, bank.founded.token("auditor"))})
    assert "0 problems" in bank.founded.command("verify")
    assert bank.desk.complaints == []


def write(bank: Bank, page: Page, picture: Path) -> None:
    """The author writes for both, gives each the picture and says what it shows, and asks for approval."""
    page.goto(f"{bank.desk.address}/posts/")
    page.get_by_role("link", name="New post").click()
    page.get_by_label("Base words").fill(WORDS)
    page.get_by_label("Name of the post").fill(bank.title)
    for place in QUESTIONS:
        page.locator("label.pick", has_text=place).get_by_role("checkbox").check()
    page.get_by_role("button", name="Write each version").click()
    for place in QUESTIONS:
        version = page.get_by_role("region", name=place, exact=True)
        version.get_by_text("Add a picture").click()
        version.locator("input[type=file]").set_input_files(picture)
        version = page.get_by_role("region", name=place, exact=True)
        version.get_by_label("Picture, read aloud as").fill(ALT)
    short = page.get_by_role("region", name="Bluesky", exact=True)
    short.get_by_role("button", name="Write its own").click()
    short.get_by_label("Words on Bluesky").fill(SHORT)
    expect(short.locator(".seen-as").get_by_text(SHORT)).to_be_visible()
    bank.keep(page, "composer")
    page.get_by_role("button", name="Ask to approve").click()
    expect(page.get_by_text("Waiting").first).to_be_visible()


def approve(bank: Bank, page: Page) -> None:
    """Somebody else, whose desk speaks Korean, reads the exact words for both and agrees."""
    page.goto(f"{bank.desk.address}/posts/?view=waiting")
    page.get_by_role("link", name=bank.title).click()
    page.locator("a.act[href$='/approval/']").click()
    expect(page.locator("html")).to_have_attribute("lang", LANGUAGES["approver"])
    for words in (WORDS, SHORT):
        expect(page.get_by_text(words).first).to_be_visible()
    bank.keep(page, "approval")
    page.locator("button[aria-keyshortcuts='Shift+A']").click()
    page.wait_for_url(lambda url: "/approval/" not in url)


def send(bank: Bank, page: Page) -> None:
    """The author sends at once and sees on the page that it is out on both."""
    page.goto(f"{bank.desk.address}/posts/?view=approved")
    page.get_by_role("link", name=bank.title).click()
    page.get_by_label("At once").check()
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_text("Out since")).to_have_count(2, timeout=SENT_SECONDS_MAX * 1000)
    bank.keep(page, "sent")


def arrives(bank: Bank, page: Page, place: str) -> None:
    """By itself, on a page that nobody touches."""
    began = time.monotonic()
    row = page.locator("a.item", has_text=QUESTIONS[place])
    expect(row).to_be_visible(timeout=ARRIVES_SECONDS_MAX * 1000)
    seconds = f"{time.monotonic() - began:.1f} s ({ARRIVES_SECONDS_PROMISED} promised)"
    sys.stdout.write(f"\n{bank.database}: {place} in the open inbox after {seconds}")
    bank.keep(page, f"arrived-{place}")


def answer(bank: Bank, page: Page, place: str) -> None:
    """The responder opens it from the list, answers, and sees that the answer is out."""
    page.locator("a.item", has_text=QUESTIONS[place]).click()
    expect(page.locator("#opened").get_by_text(QUESTIONS[place])).to_be_visible()
    page.locator("#reply-form textarea").fill(ANSWERS[place])
    page.locator("#reply-form button[aria-keyshortcuts='Control+Enter']").click()
    ours = page.locator("article.ours", has_text=ANSWERS[place])
    expect(ours.locator(".chip.ok")).to_be_visible(timeout=SENT_SECONDS_MAX * 1000)
    bank.keep(page, f"answered-{place}")
