"""Somebody at the desk who never touches a pointer: how she signs in, walks, goes to a room and waits."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.flows import axe
from tests.flows.desk import Desk

TABS_MAX = 90
ROWS_MAX = 60


@dataclass(frozen=True)
class Screen:
    """A language, a width in CSS pixels and a theme."""

    language: str
    width: int
    dark: bool

    @property
    def name(self) -> str:
        return f"{self.language}-{self.width}-{'dark' if self.dark else 'light'}"

    @property
    def narrow(self) -> bool:
        return self.width < 760


# These two hold each language, width and theme; all eight are for the full size.
SCREENS = [Screen("en", 1280, dark=False), Screen("ko", 390, dark=True)]
OTHER_SCREENS = [
    screen
    for language in ("en", "ko")
    for width in (1280, 390)
    for dark in (False, True)
    if (screen := Screen(language, width, dark=dark)) not in SCREENS
]


def signed_in(desk: Desk, role: str, screen: Screen) -> Page:
    """Signs in, and chooses the language on the account's page where it is another."""
    kept = json.loads((desk.data / "keys" / "invented-bank.json").read_text())
    person = next(one for one in kept if one["role"] == role)
    page = desk.page(width=screen.width, height=844 if screen.narrow else 800, dark=screen.dark)
    page.goto(f"{desk.address}/sign-in/")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type(person["email"])
    page.keyboard.press("Tab")
    page.keyboard.type(person["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    speak(page, screen.language)
    return page


def speak(page: Page, language: str) -> None:
    """Goes to her account by Tab and Enter, and chooses there with the arrows."""
    if page.locator("html").get_attribute("lang") == language:
        return
    tab_to(page, ".rail a.me, .rail a.all")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/account/|/more/"))
    if "/more/" in page.url:
        tab_to(page, ".more-list a[href='/account/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/account/")
    tab_to(page, "[name=language]")
    codes = page.locator("[name=language] option").evaluate_all("all => all.map((one) => one.value)")
    page.keyboard.press("Home")
    for _ in range(codes.index(language)):
        page.keyboard.press("ArrowDown")
    expect(page.locator("[name=language]")).to_have_value(language)
    tab_to(page, ".narrow-form .btn.act")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", language)


def tab_to(page: Page, query: str) -> None:
    """Goes on with Tab until the wanted thing has the focus."""
    for _ in range(TABS_MAX):
        if page.evaluate("(query) => document.activeElement.matches(query)", query):
            return
        page.keyboard.press("Tab")
    at = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    raise AssertionError(f"{query} was not reached by {TABS_MAX} tabs on {page.url}, but {at}")


def walk_to(page: Page, words: str) -> None:
    """Goes on with j until the row with these words has the focus."""
    for _ in range(ROWS_MAX):
        page.keyboard.press("j")
        if words in page.evaluate("document.activeElement.textContent"):
            return
    raise AssertionError(f"{words} was not reached by j on {page.url}")


def go(page: Page, room: str, address: str) -> None:
    """g and the letter of a room."""
    page.keyboard.press("g")
    page.keyboard.press(room)
    page.wait_for_url(f"**{address}")


def looked_at(desk: Desk, page: Page, screen: Screen, name: str) -> None:
    """A page of the way: usable by everybody, nothing beyond the edge, and kept as a picture."""
    axe.check(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= screen.width, f"{page.url} is {wide} px wide on {screen.width}"
    desk.keep(page, f"day-{name}-{screen.name}")
