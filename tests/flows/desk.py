"""A whole desk as a user starts it: bin/run with a data folder of its own, and a browser in front of it."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from psycopg import sql

from tests.ground import WANTED
from tests.servers.postgresql import ADMIN

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / ".build" / "screens"
READY_SECONDS_MAX = 120
FILLED_SECONDS_MAX = 300
# Runs side by side look for free ports from different ones on: a port is chosen long before it is taken.
PORT = 8640 + 4 * (os.getpid() % 400)
# How long a page may take to show what a test expects: the machine may be busy with other things.
EXPECTED_MS_MAX = 15_000
# The roles of the suite may act for one another; those of a desk as a bank sets it up may not.
BANK_OWNER, BANK = "bank_owner", "bank"
CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")
# Nothing that a browser does by itself leaves the machine.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass
class Desk:
    """A running desk with the invented bank."""

    address: str
    data: Path
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, role: str, *, width: int = 1280, height: int = 800, dark: bool = False) -> Page:
        """A page of somebody with that role, signed in through the form."""
        kept = json.loads((self.data / "keys" / "invented-bank.json").read_text())
        one = next(person for person in kept if person["role"] == role)
        page = self.page(width=width, height=height, dark=dark)
        return self.enter(page, one["email"], one["password"])

    def enter(self, page: Page, email: str, password: str) -> Page:
        """Signs somebody in through the form."""
        page.goto(f"{self.address}/sign-in/")
        page.locator("input[name=login]").fill(email)
        page.locator("input[type=password]").fill(password)
        page.locator("form:has(input[type=password]) button.act").click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        return page

    def page(self, *, width: int = 1280, height: int = 800, dark: bool = False) -> Page:
        """An empty page that complains about every script error and every breach of the security policy."""
        context: BrowserContext = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heard(page.url, said.type, said.text))
        return page

    def keep(self, page: Page, name: str) -> None:
        """A screenshot among the build's output, to be looked at beside the looks."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENS / f"{name}.png", caret="initial")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One of our commands on the same data."""
        return subprocess.run(
            [sys.executable, "-m", "bankside", *words], cwd=ROOT, env=on_the_database(self.data),
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def _heard(self, url: str, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(f"{url}: {kind}: {text}")


def follow(page: Page, place: Locator) -> None:
    """Presses what leads to another page, and waits until that one is there.

    A click is over as soon as the browser has been told: what asks at once asks the page before, or half of
    the next one; and what goes elsewhere at once takes back what a form has just sent.
    """
    with page.expect_navigation():
        place.click()


def environment(data: Path) -> dict[str, str]:
    """The machine's environment with nothing of another desk in it: SQLite in the data folder."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
    return {**plain, "BANKSIDE_DATA": str(data)}


def on_the_database(data: Path) -> dict[str, str]:
    """The same on the database of this run of tests (BANKSIDE_TEST_DATABASE).

    Where that is PostgreSQL: an empty database there that goes with the data folder, and two roles, of which
    one owns the tables and the other is the desk's own.
    """
    if os.environ.get(WANTED, "sqlite") != "postgresql":
        return environment(data)
    port = urlsplit(os.environ["BANKSIDE_DATABASE_URL"]).port
    name = f"desk_{hashlib.sha256(str(data).encode()).hexdigest()[:16]}"
    _make_database(f"postgresql://{ADMIN}@127.0.0.1:{port}/postgres", name)
    return {
        **environment(data), "BANKSIDE_DATABASE_URL": f"postgresql://{BANK}@127.0.0.1:{port}/{name}",
        "BANKSIDE_MIGRATE_DATABASE_URL": f"postgresql://{BANK_OWNER}@127.0.0.1:{port}/{name}",
    }  # fmt: skip


def _make_database(address: str, name: str) -> None:
    """Roles and database, unless they are there."""
    with psycopg.connect(address, autocommit=True) as admin:
        for role in (BANK_OWNER, BANK):
            if not admin.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                admin.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
        if not admin.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            words = sql.SQL("create database {} owner {}")
            admin.execute(words.format(sql.Identifier(name), sql.Identifier(BANK_OWNER)))


@contextmanager
def running(data: Path) -> Iterator[Desk]:
    """Starts bin/run and a browser; stops both, whatever happens. What it says is kept: data, run.log.

    One desk at a time: on SQLite they are all furnished alike, at one place to which `data` leads.
    """
    if os.environ.get(WANTED, "sqlite") == "sqlite" and not any(data.iterdir()):
        _furnish(data)
    log = data / "run.log"
    with log.open("w", encoding="utf-8") as said:
        run = subprocess.Popen(
            [sys.executable, "bin/run", "--port", str(PORT)], cwd=ROOT, env=on_the_database(data),
            stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        address = _address(run, log)
        expect.set_options(timeout=EXPECTED_MS_MAX)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            yield Desk(address, data, browser)
            browser.close()
    finally:
        run.terminate()
        run.wait(30)


def _furnish(data: Path) -> None:
    """Has a filled desk in the folder, as bin/run leaves it before it serves for the first time.

    Tables, people and their first customers are made once for all desks of this run. A desk knows the place
    of its data, so every copy lies where the first lay.
    """
    kept = _furnished()
    place = kept.with_name("data")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(kept, place)
    data.rmdir()
    data.symlink_to(place)


@cache
def _furnished() -> Path:
    """A desk that was filled at the place where its copies will lie; taken away with this process."""
    folder = Path(tempfile.mkdtemp(prefix="bankside-furnished-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        [sys.executable, "bin/run", "--no-serve"], cwd=ROOT, env=environment(folder / "data"), check=True,
        capture_output=True, timeout=FILLED_SECONDS_MAX,
    )  # fmt: skip
    return (folder / "data").rename(folder / "kept")


def _address(run: subprocess.Popen[bytes], log: Path) -> str:
    """Where the desk is, once it says that it is ready."""
    until = time.monotonic() + READY_SECONDS_MAX
    while "Ctrl-C stops everything" not in log.read_text(encoding="utf-8"):
        assert run.poll() is None and time.monotonic() < until, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    lines = map(str.split, log.read_text(encoding="utf-8").splitlines())
    return next(words[1] for words in lines if words[:1] == ["Bankside"] and words[1].startswith("http"))
