"""A TOML text into a Programme. Everything that is wrong is found at once, each with its line and column."""

from __future__ import annotations

import hashlib
import re
import tomllib
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bankside.rewards.rules.located import Places
from bankside.rewards.rules.read_earn import earn
from bankside.rewards.rules.read_offer import TIER_MAX, offer, tier
from bankside.rewards.rules.tables import Notes, Table
from bankside.rewards.rules.terms import Earn, Finding, Programme, Tier
from bankside.rewards.rules.trials import trials
from bankside.said import Said

TEXT_CHARACTERS_MAX: Final = 500_000
EARN_MAX, OFFERS_MAX, TESTS_MAX = 200, 1_000, 500
DOTS_MAX: Final = 400
"""In one line: a key of so many parts takes the reader of TOML the square of them."""
PAIRS_KEPT_MAX: Final = 10_000
LANGUAGES: Final = ("en", "ko", "zh", "nl")
HOLD_DAYS_MAX: Final = 90
CURRENCY: Final = re.compile(r"[A-Z]{3}")
WORTH_MAX: Final = 1_000_000
UNIT_CHARACTERS_MAX: Final = 8
NOT_TOML: Final = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.S)


class Earning(dict[tuple[str, str], tuple[Earn, ...]]):
    """(network, kind) -> the rules that look at such acts. A pair that was not asked for yet is found
    once."""

    def __init__(self, rules: tuple[Earn, ...]) -> None:
        super().__init__()
        self.rules = rules

    def __missing__(self, pair: tuple[str, str]) -> tuple[Earn, ...]:
        network, kind = pair
        found = tuple(r for r in self.rules if kind in r.on and (not r.networks or network in r.networks))
        if len(self) < PAIRS_KEPT_MAX:
            self[pair] = found
        return found


def read(text: str) -> tuple[Programme | None, tuple[Finding, ...]]:
    """The programme, or what is wrong: one of them is always empty. Its own tests have not been run yet."""
    if len(text) > TEXT_CHARACTERS_MAX:
        return _refused(Said("A programme has at most %(most)s characters.", most=TEXT_CHARACTERS_MAX))
    if any(line.count(".") > DOTS_MAX for line in text.split("\n")):
        return _refused(Said("This is nested too deeply."))
    try:
        text.encode()
        data = tomllib.loads(text)
        notes = Notes(Places(text))
    except UnicodeEncodeError as wrong:
        line = text.count("\n", 0, wrong.start) + 1
        return _refused(Said("A character here cannot be read."), line)
    except ValueError as wrong:
        return _no_toml(wrong, text)
    except RecursionError:
        return _refused(Said("This is nested too deeply."))
    found = _programme(Table(notes, (), data), text)
    return (None, notes.sorted()) if notes.found else (found, ())


def _refused(words: Said, line: int = 1, column: int = 1) -> tuple[None, tuple[Finding, ...]]:
    return None, (Finding(line=line, column=column, message=words, hint=Said(template="")),)


def _no_toml(wrong: ValueError, text: str) -> tuple[None, tuple[Finding, ...]]:
    match = NOT_TOML.fullmatch(str(wrong))
    why, line, column = match.groups() if match else (str(wrong), None, None)
    last = text.count("\n") + 1 if match else 1
    return _refused(Said("This is not TOML: %(why)s.", why=why), int(line or last), int(column or 1))


def _programme(root: Table, text: str) -> Programme | None:
    head = root.table("programme", needed=True)
    if head is None:
        return None
    named, zone = _head(head), _zone(head)
    languages = named["languages"]
    tiers = [tier(table, n, languages) for n, table in enumerate(root.rows("tier", TIER_MAX), 1)]
    rules = [earn(table, n, languages) for n, table in enumerate(root.rows("earn", EARN_MAX))]
    offers = [offer(table, n, languages, zone) for n, table in enumerate(root.rows("offer", OFFERS_MAX))]
    tests = trials(root.rows("test", TESTS_MAX), root)
    _names_once(root)
    _tiers_rise(root, tiers)
    root.end()
    if root.notes.found:
        return None
    kept: tuple[Earn, ...] = tuple(rule for rule in rules if rule)
    return Programme(
        **named, zone=zone.key, tiers=tuple(one for one in tiers if one), earn=kept, tests=tests,
        offers=tuple(one for one in offers if one), text=text, earning=Earning(kept),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


def _head(head: Table) -> dict[str, Any]:
    """What the `[programme]` table says, by the names of the terms."""
    languages = head.listed("languages", str, len(LANGUAGES)) or LANGUAGES
    if unknown := [language for language in languages if language not in LANGUAGES]:
        words = Said(
            "There is no language %(language)s; there are: en, ko, zh, nl.", language=str(unknown[0])
        )
        head.wrong("languages", words)
    worth = head.table("worth", needed=True)
    named = {
        "id": head.slug("id"),
        "unit": head.slug("unit", most=UNIT_CHARACTERS_MAX),
        "currency": _currency(head),
        "hold_ms": head.span("hold", "72h", most_days=HOLD_DAYS_MAX),
        "life_months": head.months("life", "60M", 1, 120),
        "notice_months": head.months("notice", "6M", 1, 24),
        "languages": tuple(languages),
        "worth_points": worth.number("points", 1, WORTH_MAX) if worth else 1,
        "worth_minor": worth.number("minor", 1, WORTH_MAX) if worth else 1,
    }
    if worth:
        worth.end()
    return named


def _currency(head: Table) -> str:
    currency = head.text("currency")
    if currency and not CURRENCY.fullmatch(currency):
        head.wrong("currency", Said("A currency has three capital letters, such as KRW."))
    return currency


def _zone(head: Table) -> ZoneInfo:
    name = head.text("tz", most=64)
    try:
        zone = ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        head.wrong(
            "tz", Said("There is no time zone %(name)s.", name=name), Said("Write one such as Asia/Seoul.")
        )
        zone = ZoneInfo("UTC")
    head.end()
    return zone


def _names_once(root: Table) -> None:
    """Notes a name that two rules or offers have: it is in every posting for ever."""
    seen: set[object] = set()
    for key in ("earn", "offer"):
        for number, row in enumerate(root.data.get(key, []) if isinstance(root.data.get(key), list) else []):
            name = row.get("id") if isinstance(row, dict) else None
            if isinstance(name, str) and name in seen:
                words = Said("Another rule or offer is called %(name)s.", name=name)
                root.notes.value((key, number, "id"), words)
            seen.add(name)


def _tiers_rise(root: Table, tiers: list[Tier | None]) -> None:
    there = [one for one in tiers if one]
    for low, high in pairwise(there):
        if high.active_days <= low.active_days:
            words = Said("A higher tier needs more active days than the one before it.")
            root.notes.value(("tier", high.number - 1, "active_days"), words)
