"""Pictures in the browser: loaded from the desk alone, when they are shown, in a place that is held."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.flows import axe
from tests.flows.desk import CHROMIUM, Desk, running
from tests.flows.generated import network_of

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


@pytest.fixture(params=[(1280, False), (390, True)], ids=["wide", "narrow-dark"])
def page(desk: Desk, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, dark = request.param
    page = desk.sign_in("responder", width=width, dark=dark)
    with page.expect_response(re.compile("/live/")):
        page.goto(f"{desk.address}/conversations/")
    yield page
    page.context.close()
    assert desk.complaints == []


def shown(desk: Desk, text: str) -> None:
    """Somebody shows a tall picture, and a file that is none."""
    tall = io.BytesIO()
    Image.new("RGB", (400, 1200), "teal").save(tall, "PNG")
    network = network_of(desk)
    addresses = [network.add_picture(content) for content in (tall.getvalue(), b"<svg onload=alert(1)>")]
    images = tuple((address, "화면") for address in addresses)
    network.customer_says(text, by=f"shows-{len(text)}", lang="ko", images=images)


def test_it_is_loaded_when_it_is_shown_and_stays_in_its_place(desk: Desk, page: Page) -> None:
    text = f"이 화면이 떠요 {page.viewport_size}"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    shown(desk, text)
    row = page.locator("[data-item]").filter(has_text=text[:8]).filter(has_text=str(page.viewport_size)[-6:])
    expect(row.first).to_be_visible(timeout=60_000)
    with page.expect_response(lambda got: "bankside-ahead" in got.request.headers):
        row.first.focus()
    page.wait_for_timeout(500)
    assert not [url for url in asked if "/pictures/" in url], "fetched ahead is not looked at"
    row.first.press("Enter")
    image, plate = page.locator(".shown-pic img"), page.locator(".shown-pic .plate")
    expect(image).to_be_visible()
    expect(plate).to_be_visible()
    expect(image).to_have_js_property("naturalHeight", 1200)
    first, second = image.bounding_box(), plate.bounding_box()
    assert first and second and first["height"] == second["height"] == 240
    assert first["width"] == 80, "in its own shape"
    assert {url.partition("//")[2].partition("/")[0] for url in asked if "/pictures/" in url} == {
        desk.address.partition("//")[2]
    }
    assert all(url.startswith((desk.address, "http://127.0.0.1")) for url in asked)
    assert axe.violations(page) == []
    desk.keep(page, f"picture-{page.viewport_size['width'] if page.viewport_size else 0}")
