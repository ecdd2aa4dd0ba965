"""The examiner's page in the system's Chromium, from a file, without a network: choosing, dropping, keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bankside.record.examiner.page import NAME, page
from bankside.record.log.note import note_bytes, sign
from bankside.record.log.proofs import growth_bytes
from bankside.record.log.proving import Reader, prove_growth
from bankside.record.log.tiles import head_text
from bankside.record.log.trust import trust_text
from tests.flows import axe
from tests.flows.desk import CHROMIUM, FLAGS
from tests.record.log.test_proving import KEY, ORIGIN, publish
from tests.record.log.test_verify import leaf
from tests.record.vectors import LEAVES, LOG_PRIVATE, PROOF, TRUST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.more,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed"),
]
ENTRIES = 300
RESULT = "#result .verdict"
PHONES = [
    ("ko-KR", "항목이 로그에 있습니다."),
    ("zh-CN", "该条目在日志中。"),
    ("nl-NL", "De vermelding staat in het log."),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield made
        made.close()


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an examiner was given: the page, keys, a proof with its entry, and a log."""
    folder = tmp_path_factory.mktemp("given")
    (folder / NAME).write_bytes(page())
    (folder / "keys.txt").write_text(TRUST)
    (folder / "keys of the log").write_text(trust_text([KEY]))
    (folder / "entry.tlog-proof").write_text(PROOF)
    (folder / "entry.json").write_bytes(LEAVES[1])
    log = publish(folder / "log" / "0" / "2026", [leaf(seq) for seq in range(ENTRIES)])
    shutil.rmtree(log.scratch)
    kept = head_text(ORIGIN, 9, Reader(log, ENTRIES).root(9))
    (folder / "kept").write_bytes(note_bytes(kept, [sign(kept, KEY, LOG_PRIVATE)]))
    (folder / "grown").write_bytes(growth_bytes(prove_growth(log, 9)))
    return folder


@pytest.fixture
def opened(browser: Browser, given: Path) -> Iterator[Page]:
    """The page in a browser that has no network; nothing was asked for and nothing complained at the end."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    tab, said = context.new_page(), list[str]()
    tab.on("console", lambda line: said.append(line.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: said.append(request.url))
    tab.goto((given / NAME).as_uri())
    yield tab
    context.close()
    assert said == [(given / NAME).as_uri()]


def drop(tab: Page, *paths: Path) -> None:
    """Drops files and folders as a file manager does."""
    session = tab.context.new_cdp_session(tab)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 420, "data": data})


def test_a_proof_is_checked_when_all_of_it_is_there(opened: Page, given: Path) -> None:
    opened.set_input_files("#files", [given / "entry.tlog-proof"])
    expect(opened.locator(RESULT)).to_contain_text("Nothing was checked yet.")
    expect(opened.locator("#result")).to_contain_text("The file of keys that you trust")
    opened.set_input_files("#keys", given / "keys.txt")
    expect(opened.locator("#result li")).to_have_text(["The entry itself (its leaf, as one line of JSON)"])
    opened.set_input_files("#files", [given / "entry.json"])
    expect(opened.locator(RESULT)).to_contain_text("The entry is in the log.")
    expect(opened.locator("#result")).to_contain_text(
        "Witnessed by witness.example/w1 at 2026-09-21T14:13:21Z"
    )


def test_everything_can_be_dropped_at_once(opened: Page, given: Path) -> None:
    drop(opened, given / "keys.txt", given / "entry.tlog-proof", given / "entry.json")
    expect(opened.locator(RESULT)).to_contain_text("The entry is in the log.")


def test_a_changed_proof_is_refused_and_says_why(opened: Page, given: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tlog-proof"
    bad.write_text(PROOF.replace("index 1", "index 0"))
    drop(opened, given / "keys.txt", bad, given / "entry.json")
    expect(opened.locator(RESULT)).to_contain_text("It is not shown that the entry is in the log.")
    expect(opened.locator(".problems")).to_contain_text("The entry is number 1, the proof is of number 0.")


def test_a_log_is_dropped_and_its_keys_come_with_it_or_not(opened: Page, given: Path) -> None:
    drop(opened, given / "log")
    expect(opened.locator(RESULT)).to_contain_text("The log holds.")
    expect(opened.locator("#result")).to_contain_text("Who signed the heads: no file of keys was given.")
    opened.set_input_files("#keys", given / "keys of the log")
    expect(opened.locator("#result")).to_contain_text(f"Signed by the log itself, {ORIGIN}")
    expect(opened.locator("#result")).not_to_contain_text("What was not checked")


def test_a_log_with_damage_names_the_place(opened: Page, given: Path, tmp_path: Path) -> None:
    bad = tmp_path / "log"
    shutil.copytree(given / "log", bad)
    bundle = bad / "0/2026/tile/entries/001.p/44"
    data = bytearray(bundle.read_bytes())
    data[20] ^= 1
    bundle.write_bytes(data)
    opened.set_input_files("#keys", given / "keys of the log")
    opened.set_input_files("#folder", bad)
    expect(opened.locator(RESULT)).to_contain_text("The log does not hold.")
    expect(opened.locator(".problems code").first).to_have_text("0/2026/tile/entries/001.p/44 #256")


def test_growth_from_a_head_that_was_kept(opened: Page, given: Path) -> None:
    drop(opened, given / "keys of the log", given / "grown", given / "kept")
    expect(opened.locator(RESULT)).to_contain_text("The log only grew since the head that you kept.")
    expect(opened.locator("#result")).to_contain_text("It begins with the 9 entries")


def test_by_keys_alone(opened: Page, given: Path) -> None:
    opened.on("filechooser", lambda _: None)  # asked for early: the browser learns of it a moment later
    order = []
    for _ in range(5):
        opened.keyboard.press("Tab")
        order.append(opened.evaluate("document.activeElement.id"))
    assert order[:4] == ["language", "keys-button", "files-button", "folder-button"]
    opened.locator("#files-button").focus()
    with opened.expect_file_chooser() as chooser:
        opened.keyboard.press("Enter")
    chooser.value.set_files([given / "keys.txt", given / "entry.tlog-proof", given / "entry.json"])
    expect(opened.locator(RESULT)).to_contain_text("The entry is in the log.")
    assert opened.evaluate("document.activeElement.id") == "result"


@pytest.mark.parametrize(("locale", "words"), PHONES)
@pytest.mark.parametrize("dark", [False, True])
def test_languages_on_a_phone(browser: Browser, given: Path, locale: str, words: str, dark: bool) -> None:
    context = browser.new_context(
        offline=True, locale=locale, viewport={"width": 390, "height": 844},
        color_scheme="dark" if dark else "light", bypass_csp=True,
    )  # fmt: skip
    tab = context.new_page()
    tab.goto((given / NAME).as_uri())
    files = [given / name for name in ("keys.txt", "entry.tlog-proof", "entry.json")]
    tab.set_input_files("#files", files)
    expect(tab.locator(RESULT)).to_contain_text(words)
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    axe.check(tab)
    context.close()
