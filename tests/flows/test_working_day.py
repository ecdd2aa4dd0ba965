"""The day of a care agent and of a communications person by keyboard alone, on a desk that all can use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.flows import axe
from tests.flows.desk import CHROMIUM, Desk, running
from tests.flows.keyboard import OTHER_SCREENS, SCREENS, Screen, go, looked_at, signed_in, tab_to, walk_to
from tests.web.caller import png

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(420),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not axe.SCRIPT.exists(), reason="axe-core is not fetched: run bin/check once"),
]
ON_SCREENS = pytest.mark.parametrize(
    "screen",
    [
        SCREENS[0],
        pytest.param(SCREENS[1], marks=pytest.mark.more),
        *(pytest.param(one, marks=pytest.mark.long) for one in OTHER_SCREENS),
    ],
    ids=lambda screen: screen.name,
)
REST_MS = 150
ANSWER = "확인했습니다. 오늘 안에 다시 연락드리겠습니다."
NOTE = "Belde om tien uur; belt morgen terug."
TOO_LONG = "利率" * 300
PICTURE: FilePayload = {"name": "rates.png", "mimeType": "image/png", "buffer": png((320, 180))}
SEEN_KEYS = """all => all.filter((one) => (one.closest("label") ?? one).checkVisibility())
    .map((one) => one.getAttribute("aria-keyshortcuts"))"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data: Path = tmp_path_factory.mktemp("desk")
    with running(data) as desk:
        yield desk


# --- the care agent ---------------------------------------------------------------------------------------
@ON_SCREENS
def test_the_day_of_a_care_agent(desk: Desk, screen: Screen) -> None:
    page = signed_in(desk, "responder", screen)
    open_the_second(desk, page, screen)
    answer_undo_and_answer(desk, page, screen)
    take_it_and_leave_a_note(page)
    close_and_open_again(desk, page, screen)
    go_on_with_the_next_that_waits(page, screen)
    find_it_by_its_words(desk, page, screen)
    look_through_the_views(desk, page, screen)
    ask_for_the_keys(desk, page, screen)
    go(page, "n", "/channels/")
    looked_at(desk, page, screen, "networks")
    page.context.close()
    assert desk.complaints == []


def open_the_second(desk: Desk, page: Page, screen: Screen) -> None:
    """g i, twice down and once up and down again, Enter."""
    go(page, "i", "/conversations/")
    looked_at(desk, page, screen, "list")
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    expect(page.locator("[data-item]").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#head h2")).to_be_focused()


def answer_undo_and_answer(desk: Desk, page: Page, screen: Screen) -> None:
    """r, the words, Ctrl+Enter; z takes them back into the box; then they go."""
    page.keyboard.press("r")
    box = page.locator("#reply-form textarea")
    expect(box).to_be_focused()
    words = f"{ANSWER} {screen.name}"
    page.keyboard.insert_text(words)
    expect(page.locator("#count progress")).not_to_have_attribute("value", "0")
    looked_at(desk, page, screen, "answer")
    act(page, "Control+Enter")
    expect(page.locator(".toast [aria-keyshortcuts=z]")).to_be_visible()
    looked_at(desk, page, screen, "undo")
    act(page, "z")
    expect(box).to_have_value(words)
    page.keyboard.press("r")
    act(page, "Control+Enter")
    expect(page.locator(".lines .post.ours .body").last).to_have_text(words)
    expect(box).to_have_value("")
    expect(page.locator("#head h2")).to_be_focused()


def act(page: Page, key: str) -> None:
    """Presses a key that changes something. The live line may show the change before her own answer is there:
    she goes on after both."""
    with page.expect_response(lambda answer: answer.request.redirected_from is not None):
        page.keyboard.press(key)
    page.wait_for_timeout(REST_MS)


def take_it_and_leave_a_note(page: Page) -> None:
    """a and Enter make it hers, m and Ctrl+Enter keep a note."""
    page.keyboard.press("a")
    act(page, "Enter")
    expect(page.locator("details.menu[open]")).to_have_count(0)
    expect(page.locator(".post.note, .fact").filter(has_text="이다은").last).to_be_visible()
    page.keyboard.press("m")
    expect(page.locator("#note-form textarea")).to_be_focused()
    page.keyboard.insert_text(NOTE)
    act(page, "Control+Enter")
    expect(page.locator(".post.note .body").last).to_have_text(NOTE)
    expect(page.locator("#head h2")).to_be_focused()


def close_and_open_again(desk: Desk, page: Page, screen: Screen) -> None:
    """e closes, e opens again, e closes; the focus stays in the conversation."""
    chip = page.locator("#head .chip")
    for closed in (1, 0, 1):
        act(page, "e")
        expect(chip).to_have_count(closed)
        expect(page.locator(".htmx-request")).to_have_count(0)
        expect(page.locator("#head h2")).to_be_focused()
    looked_at(desk, page, screen, "closed")


def go_on_with_the_next_that_waits(page: Page, screen: Screen) -> None:
    """Esc leaves the conversation where the screen is narrow; j and Enter open the next one with a clock."""
    was = page.url
    if screen.narrow:
        page.keyboard.press("Escape")
        expect(page.locator(".list-col")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("[data-item]:focus .clock")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#head h2")).to_be_focused()
    assert page.url != was


def find_it_by_its_words(desk: Desk, page: Page, screen: Screen) -> None:
    """/ and two letters find what she wrote; j and Enter open it."""
    if screen.narrow:
        page.keyboard.press("Escape")
        expect(page.locator(".list-col")).to_be_visible()
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.insert_text("확인")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    expect(page.locator("[data-item] mark").first).to_be_visible()
    looked_at(desk, page, screen, "search")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#head h2")).to_be_focused()


def look_through_the_views(desk: Desk, page: Page, screen: Screen) -> None:
    """Mine, nobody's and closed, by Tab and Enter."""
    go(page, "i", "/conversations/")
    for view in ("mine", "nobody", "closed"):
        tab_to(page, f".filters a[href$='view={view}']")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/conversations/?view={view}")
        looked_at(desk, page, screen, f"view-{view}")


def ask_for_the_keys(desk: Desk, page: Page, screen: Screen) -> None:
    """? tells the keys and Esc puts them away; while a field has the focus it is a letter."""
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    looked_at(desk, page, screen, "keys")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


# --- the communications person ----------------------------------------------------------------------------
@ON_SCREENS
def test_the_day_of_a_communications_person(desk: Desk, screen: Screen) -> None:
    author, title = signed_in(desk, "author", screen), f"Rates {screen.name}"
    begin(desk, author, screen, title)
    fit_each_network(desk, author, screen)
    address = ask_take_back_and_ask(desk, author, screen)
    second = signed_in(desk, "compliance", screen)
    decide(desk, second, screen, title, back="월요일 시간이 빠졌습니다.")
    put_right(author, address)
    decide(desk, second, screen, title)
    send(desk, author, screen, title)
    see_it_in_the_record(desk, second, screen, address)
    author.context.close()
    second.context.close()
    assert [one for one in desk.complaints if "422" not in one] == []
    desk.complaints.clear()


def begin(desk: Desk, page: Page, screen: Screen, title: str) -> None:
    """g p, n, the words, their name and two networks, Ctrl+Enter."""
    page.on("filechooser", lambda window: window.set_files(PICTURE))
    go(page, "p", "/posts/")
    looked_at(desk, page, screen, "board")
    page.keyboard.press("n")
    page.wait_for_url("**/posts/new/")
    expect(page.locator("[name=base]")).to_be_focused()
    page.keyboard.insert_text("From Monday: 새 금리를 확인하세요. 新利率从星期一起。")
    tab_to(page, "[name=title]")
    page.keyboard.insert_text(title)
    for n in (1, 2):
        tab_to(page, f"label:nth-of-type({n}) > [name=channel]")
        page.keyboard.press("Space")
    looked_at(desk, page, screen, "new")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/posts/\d+/draft/"))


def fit_each_network(desk: Desk, page: Page, screen: Screen) -> None:
    """A picture with its words for the first network; the second has its own, too long at first."""
    tab_to(page, ".ver:nth-of-type(1) .add-pic summary, .ver .add-pic summary")
    page.keyboard.press("Enter")
    tab_to(page, "[type=file]")
    page.keyboard.press("Enter")
    expect(page.locator(".att .th")).to_have_count(1)
    tab_to(page, ".alt-in")
    page.keyboard.insert_text("A table of rates")
    tab_to(page, ".ver:last-of-type [name=own]")
    page.keyboard.press("Enter")
    own = page.locator(".ver:last-of-type textarea")
    expect(own).to_be_visible()
    tab_to(page, ".ver:last-of-type textarea")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(TOO_LONG)
    expect(page.locator(".ver:last-of-type .finding")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#refused .say").first).to_be_visible()
    looked_at(desk, page, screen, "does-not-fit")
    tab_to(page, ".ver:last-of-type textarea")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("新利率从星期一起。")
    expect(page.locator(".ver:last-of-type .finding")).to_have_count(0)
    expect(page.locator(".ver:last-of-type .pv")).to_contain_text("新利率从星期一起。")
    looked_at(desk, page, screen, "composer")


def ask_take_back_and_ask(desk: Desk, page: Page, screen: Screen) -> str:
    """Ctrl+Enter asks somebody; taken back it is a draft again, and is asked for again."""
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/posts/\d+/$"))
    looked_at(desk, page, screen, "asked")
    tab_to(page, "form[action$='/withdrawal/'] button")
    page.keyboard.press("Enter")
    expect(page.locator("#says .say.wait")).to_be_visible()
    tab_to(page, "#base")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/posts/\d+/$"))
    return page.url


def decide(desk: Desk, page: Page, screen: Screen, title: str, *, back: str = "") -> None:
    """g p, those that wait, j to the post, Enter, its exact words; Shift+A, or b and what must change."""
    go(page, "p", "/posts/")
    tab_to(page, ".views a[href$='view=waiting']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/posts/?view=waiting")
    walk_to(page, title)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/posts/\d+/$"))
    tab_to(page, "a[href$='/approval/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/approval/")
    looked_at(desk, page, screen, "approval-again" if not back else "approval")
    if back:
        tab_to(page, "[name=reason]")
        page.keyboard.insert_text(back)
        page.keyboard.press("Escape")
    asked = page.url
    page.keyboard.press("b" if back else "Shift+A")
    page.wait_for_url(lambda url: url != asked)
    expect(page.locator("#says .say")).to_be_visible()


def put_right(page: Page, address: str) -> None:
    """What was sent back says why; one more word, and it is asked for again."""
    page.goto(address)
    expect(page.locator(".words-said")).to_contain_text("월요일 시간이 빠졌습니다.")
    tab_to(page, ".ver:last-of-type textarea")
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(" 9:00.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/posts/\d+/$"))


def send(desk: Desk, page: Page, screen: Screen, title: str) -> None:
    """Among the approved: at once, and it is seen to be out on both; then it stands among the sent."""
    go(page, "p", "/posts/")
    tab_to(page, ".views a[href$='view=approved']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/posts/?view=approved")
    walk_to(page, title)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/posts/\d+/$"))
    tab_to(page, "[name=when]")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=when][value=now]")).to_be_checked()
    tab_to(page, ".when button")
    page.keyboard.press("Enter")
    expect(page.locator(".ok-line")).to_have_count(2, timeout=30_000)
    looked_at(desk, page, screen, "sent")
    go(page, "p", "/posts/")
    tab_to(page, ".views a[href$='view=sent']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/posts/?view=sent")
    walk_to(page, title)
    looked_at(desk, page, screen, "board-sent")


def see_it_in_the_record(desk: Desk, page: Page, screen: Screen, address: str) -> None:
    """g r, / and the post: every step of it stands there; j and Enter open the newest."""
    go(page, "r", "/record/")
    looked_at(desk, page, screen, "record")
    walk_to(page, "")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/record/\d+/"))
    looked_at(desk, page, screen, "entry")


# --- the keys themselves ----------------------------------------------------------------------------------
def test_single_keys_can_be_switched_off(desk: Desk) -> None:
    page = desk.sign_in("reviewer")
    page.goto(f"{desk.address}/account/")
    page.locator("[name=single_keys]").uncheck()
    page.locator(".narrow-form .btn.act").click()
    page.goto(f"{desk.address}/conversations/")
    page.keyboard.press("j")
    expect(page.locator("[data-item]:focus")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.locator("[data-step='1']").click()
    expect(page.locator("[data-item]:focus")).to_have_count(1)
    page.context.close()


def test_every_key_has_a_button_that_is_seen(desk: Desk) -> None:
    page = desk.sign_in("responder")
    page.goto(f"{desk.address}/conversations/")
    page.locator("[data-item]").first.click()
    expect(page.locator("#head h2")).to_be_focused()
    keys = page.locator("[aria-keyshortcuts]").evaluate_all(SEEN_KEYS)
    assert {"j", "k", "r", "m", "a", "e", "/", "?", "Control+Enter"} <= set(keys)
    page.context.close()
