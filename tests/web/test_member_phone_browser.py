"""The member's pages in the system's browser: usable by everybody, narrow and wide, also without a script,
and calm without a connection.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bankside.rewards.payments import qr_picture
from bankside.rewards.payments.emv_mpm import Field, generate, merchant_code
from tests import founded
from tests.flows import axe
from tests.flows.desk import CHROMIUM, EXPECTED_MS_MAX, FLAGS, ROOT, Desk, follow, on_the_database
from tests.flows.test_wordpress_journey import served
from tests.rewards import walleted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]
PAGES = {
    "home": "/m/", "profile": "/m/profile/", "links": "/m/links/", "card": "/m/card/", "offers": "/m/offers/",
    "spend": "/m/spend/", "settings": "/m/settings/", "leaving": "/m/settings/leaving/",
    "scan": "/m/offers/scan/", "offline": "/m/offline/",
}  # fmt: skip
WIDTHS = {390: 844, 1280: 800}
PORT = 8880
TARGET_PX = 44
SMALL = """(least) => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")]
  .filter((one) => one.checkVisibility() && !one.matches(".skip"))
  .map((one) => [one.outerHTML.slice(0, 100), (one.closest("label") ?? one).getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < least || box.height < least))
  .map(([html, box]) => `${box.width} x ${box.height}: ${html}`)"""
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
# A browser that reads codes, as Debian's does not: it sees what the test holds up. Cameras are counted.
READER = """
globalThis.seen = "";
globalThis.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect(source) { return seen ? [{ rawValue: seen }] : []; }
};
globalThis.tracks = [];
const asked = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await asked(wish);
  tracks.push(...stream.getTracks());
  return stream;
};"""
LIVE = "tracks.filter((one) => one.readyState === 'live').length"
WIDER = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data: Path = tmp_path_factory.mktemp("desk")
    env = {**on_the_database(data), "BANKSIDE_PORT": str(PORT), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    env |= {
        "BANKSIDE_APPLE_PASS": str(walleted.apple_folder(tmp_path_factory.mktemp("apple"))),
        "BANKSIDE_GOOGLE_PASS": str(walleted.google_folder(tmp_path_factory.mktemp("google"))),
    }
    founded.lay(env)
    with served(env) as address, sync_playwright() as playwright:
        expect.set_options(timeout=EXPECTED_MS_MAX)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *CAMERA])
        yield Desk(address, data, browser)
        browser.close()


def ran(env: dict[str, str], *words: str) -> str:
    """What a program of ours says; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def way_in(desk: Desk, language: str) -> str:
    """The address that the bank's own app would open."""
    env = {**on_the_database(desk.data), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    said = ran(env, "tests.flows.enrolled", language, "lived")
    return desk.address + said[said.index("/m/visit/") :]


def entered(desk: Desk, language: str, page: Page) -> Page:
    """She has come in by the button."""
    page.goto(way_in(desk, language))
    axe.check(page)
    page.locator("form button.act").click()
    expect(page.locator(".points")).to_be_visible()
    return page


def checked(desk: Desk, page: Page, name: str) -> None:
    """Nothing axe-core finds, nothing wider than the screen, nothing too small for a thumb."""
    axe.check(page)
    assert not page.evaluate(WIDER), f"{name} is wider than the screen"
    assert page.evaluate(SMALL, TARGET_PX) == [], name
    desk.keep(page, f"member-{name}")


@pytest.mark.parametrize(
    ("language", "dark", "width"),
    [
        ("en", False, 390),
        pytest.param("nl", True, 390, marks=pytest.mark.more),
        pytest.param("ko", True, 1280, marks=pytest.mark.more),
        pytest.param("zh-hans", False, 1280, marks=pytest.mark.more),
    ],
)
def test_every_page_can_be_used_by_everybody(desk: Desk, language: str, dark: bool, width: int) -> None:
    page = entered(desk, language, desk.page(width=width, height=WIDTHS[width], dark=dark))
    look = f"{language}-{'dark' if dark else 'light'}-{width}"
    for name, address in PAGES.items():
        page.goto(desk.address + address)
        checked(desk, page, f"{name}-{look}")
    page.goto(f"{desk.address}/m/")
    follow(page, page.locator("a.event[href*='/activity/']").first)
    checked(desk, page, f"why-{look}")
    follow(page, page.locator("main a.btn"))
    checked(desk, page, f"appeal-{look}")
    page.goto(f"{desk.address}/m/profile/")
    follow(page, page.locator("a[href$='/removal/']").first)
    checked(desk, page, f"unlink-{look}")
    page.context.close()
    assert desk.complaints == []


def test_the_points_for_a_wallet_are_a_file_that_the_browser_keeps(desk: Desk, tmp_path: Path) -> None:
    page = entered(desk, "en", desk.page(width=390, height=844))
    page.goto(f"{desk.address}/m/card/")
    google = page.get_by_role("link", name="Save to Google Wallet")
    expect(google).to_be_visible()
    google.scroll_into_view_if_needed()
    desk.keep(page, "member-points-for-a-wallet")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to Apple Wallet").click()
    assert download.value.suggested_filename == "points.pkpass"
    download.value.save_as(tmp_path / "points.pkpass")
    assert walleted.verified(walleted.inside((tmp_path / "points.pkpass").read_bytes()), tmp_path)
    page.context.close()
    assert desk.complaints == []


def test_it_works_without_a_script(desk: Desk) -> None:
    context = desk.browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(way_in(desk, "en"))
    follow(page, page.locator("form button.act"))
    page.goto(f"{desk.address}/m/profile/")
    personal = page.get_by_role("switch", name="Offers chosen for me")
    personal.click()
    expect(personal).to_have_attribute("aria-checked", "false")
    page.goto(f"{desk.address}/m/offers/scan/")
    pasted(page, shop_code())
    page.get_by_role("button", name="Add to my card").first.click()
    expect(page.locator(".offer.added")).to_have_count(1)
    follow(page, page.get_by_role("button", name="Take it off"))
    context.close()


def test_without_a_connection_a_calm_page_is_shown_and_nothing_of_hers(desk: Desk) -> None:
    page = entered(desk, "en", desk.page(width=390, height=844))
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.reload()
    expect(page.locator(".points")).to_be_visible()
    page.context.set_offline(True)
    page.goto(f"{desk.address}/m/offers/")
    expect(page.locator("h1")).to_have_text("You are offline.")
    desk.keep(page, "member-no-connection")
    names = page.evaluate(
        "caches.keys().then((all) => Promise.all(all.map((one) => caches.open(one).then((c) => c.keys()))))"
        ".then((all) => all.flat().map((one) => new URL(one.url).pathname))"
    )
    assert "/m/offline/" in names and not [n for n in names if n.startswith("/m/") and n != "/m/offline/"]
    page.context.set_offline(False)
    page.context.close()


# --- a shop's code ----------------------------------------------------------------------------------------
def shop_code(name: str = "시장", mcc: int = 5411) -> str:
    """What stands on a counter where everybody's offer holds."""
    account = Field.of("26", Field("00", "bank.example"), Field("01", "M-77"))
    return generate(
        merchant_code(
            accounts=[account], mcc=mcc, currency="KRW", country="KR", name=name, city="서울", amount=4_500
        )
    )


def pasted(page: Page, text: str) -> None:
    """She pastes a code and presses the button."""
    page.locator("#code").fill(text)
    page.locator("form[data-scan] button[type=submit]").click()


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.more)])
def test_a_pasted_code_shows_the_offer_which_is_added_there(desk: Desk, dark: bool) -> None:
    page = entered(desk, "en", desk.page(width=390, height=844, dark=dark))
    look = "dark" if dark else "light"
    page.goto(f"{desk.address}/m/offers/")
    page.get_by_role("link", name="Scan a shop's code").click()
    expect(page.locator("[data-camera]")).to_be_hidden()  # this browser reads no codes
    pasted(page, "https://bank.example/pay")
    expect(page.get_by_role("alert")).to_contain_text("This is not a shop's payment code.")
    checked(desk, page, f"scan-refused-{look}")
    pasted(page, shop_code("<img src=x onerror=go>"))
    expect(page.locator("#shop bdi").first).to_have_text("<img src=x onerror=go>")
    expect(page.locator("#shop")).to_contain_text("₩4,500")
    checked(desk, page, f"scan-shop-{look}")
    page.get_by_role("button", name="Add to my card").click()
    expect(page.locator(".offer.added")).to_have_count(1)
    page.goto(f"{desk.address}/m/offers/scan/")
    pasted(page, shop_code())
    expect(page.locator(".offer.added .chip")).to_have_text("on your card")
    checked(desk, page, f"scan-on-card-{look}")
    follow(page, page.get_by_role("button", name="Take it off"))
    page.goto(f"{desk.address}/m/offers/scan/")
    pasted(page, shop_code(mcc=7011))
    expect(page.locator(".box h2")).to_have_text("None of your offers holds here.")
    checked(desk, page, f"scan-none-{look}")
    page.context.close()
    assert [one for one in desk.complaints if "422" not in one] == []
    desk.complaints.clear()


def test_the_camera_is_on_only_while_it_looks_and_sends_the_text_alone(desk: Desk, tmp_path: Path) -> None:
    page = entered(desk, "en", desk.page(width=390, height=844))
    page.context.add_init_script(READER)
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.post_data or "") if asked.method == "POST" else None)
    page.goto(f"{desk.address}/m/offers/scan/")
    on, video = page.get_by_role("button", name="Use the camera"), page.locator("video")
    checked(desk, page, "scan-with-a-camera")
    for off in ("button", "dispatchEvent(new PageTransitionEvent('pagehide'))"):
        on.click()
        expect(video).to_be_visible()
        assert page.evaluate(LIVE) == 1
        checked(desk, page, "scan-looking")
        if off == "button":
            page.get_by_role("button", name="Stop the camera").click()
        else:
            page.evaluate(off)
        expect(video).to_be_hidden()
        assert page.evaluate(LIVE) == 0
    on.click()
    expect(video).to_be_visible()
    page.evaluate("(text) => { seen = text; }", shop_code())
    expect(page.locator("#shop")).to_contain_text("시장")
    picture = tmp_path / "code.png"
    picture.write_bytes(qr_picture.png(shop_code()))
    page.goto(f"{desk.address}/m/offers/scan/")
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.locator("[role=status]")).to_contain_text("No code was found.")
    page.evaluate("(text) => { seen = text; }", shop_code("카페 소리"))
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.locator("#shop")).to_contain_text("카페 소리")
    assert len(sent) == 2
    assert [sorted(parse_qs(one)) for one in sent] == [["code", "csrfmiddlewaretoken"]] * 2
    page.context.close()
    assert desk.complaints == []
